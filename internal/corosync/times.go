package corosync

import (
	"fmt"
	"strconv"
)

// Corosync's defaults, since 3.1 (exec/totemconfig.c). Times are milliseconds.
const (
	defaultToken       = 3000
	defaultCoefficient = 650
	defaultRetransmits = 4
	defaultJoin        = 50
	defaultMerge       = 200
	defaultDowncheck   = 1000
	defaultDelay       = 50
)

// times are the settings in totem that depend on each other, as Corosync counts
// with them: each with its default, in 32 bits.
type times struct {
	given       func(name string) (string, bool)
	token       uint32 // with what the coefficient adds for each member after the second
	retransmits uint32
	retransmit  uint32
	hold        uint32
	join        uint32
	consensus   uint32
}

// countTimes makes the sums of totem_volatile_config_read.
func countTimes(given func(name string) (string, bool), members int) times {
	t := times{given: given}
	t.retransmits = t.value("token_retransmits_before_loss_const", defaultRetransmits)
	t.token = t.value("token", defaultToken)
	if members > 2 {
		coefficient := uint32(defaultCoefficient)
		if v, ok := given("token_coefficient"); ok {
			coefficient = number32(v) // 0 is none, and not the default
		}
		t.token += uint32(members-2) * coefficient //nolint:gosec // nodes are no billions
	}
	t.retransmit = t.value("token_retransmit", toInt(float64(t.token)/(float64(t.retransmits)+0.2)))
	t.hold = t.value("hold", toInt(float64(t.retransmit)*0.8-10))
	t.join = t.value("join", defaultJoin)
	t.consensus = t.value("consensus", toInt(float64(float32(1.2*float64(t.token)))))
	return t
}

// value is a setting; one that is not there, or 0, has its default.
func (t times) value(name string, otherwise uint32) uint32 {
	if v, ok := t.given(name); ok && number32(v) != 0 {
		return number32(v)
	}
	return otherwise
}

func number32(s string) uint32 {
	v, _ := strconv.ParseUint(s, 10, 32)
	return uint32(v)
}

// toInt is C's conversion to an int of 32 bits, as amd64 does it.
func toInt(f float64) uint32 {
	if f < -1<<31 || f >= 1<<31 {
		return 1 << 31
	}
	return uint32(int32(f)) //nolint:gosec // as in C
}

// fault is what makes Corosync refuse to start, and to reload.
type fault struct {
	names         []string // the settings it comes from, the likeliest first
	message, hint string
}

// fault is the first thing that Corosync finds wrong, in its own order
// (totem_volatile_config_validate); nil when it would start.
func (t times) fault() *fault {
	least := func(name string, v, least uint32) *fault {
		if v >= least {
			return nil
		}
		return &fault{names: []string{name}, message: fmt.Sprintf("%s (%d ms) is less than %d ms", name, v, least)}
	}
	if f := least("max_network_delay", t.value("max_network_delay", defaultDelay), minTimeout); f != nil {
		return f
	}
	if f := least("token", t.token, minTimeout); f != nil {
		return f
	}
	if _, given := t.given("token_retransmit"); t.retransmit < minTimeout && !given {
		return &fault{
			names: []string{"token_retransmits_before_loss_const", "token", "token_coefficient"},
			message: fmt.Sprintf("less than %d ms are left between retransmits of the token (%d ms / (%d + 0.2))",
				minTimeout, t.token, t.retransmits),
			hint: "raise token or lower token_retransmits_before_loss_const",
		}
	}
	for _, f := range []*fault{
		least("token_retransmit", t.retransmit, minTimeout),
		least("hold", t.hold, minHold),
		least("join", t.join, minTimeout),
		least("consensus", t.consensus, minTimeout),
	} {
		if f != nil {
			return f
		}
	}
	if t.consensus < t.join {
		return &fault{
			names:   []string{"consensus", "join", "token", "token_coefficient"},
			message: fmt.Sprintf("consensus (%s) is less than join (%s)", t.say("consensus", t.consensus, "1.2 * token"), t.say("join", t.join, "")),
			hint:    "lower join, or raise consensus or token",
		}
	}
	if f := least("merge", t.value("merge", defaultMerge), minTimeout); f != nil {
		return f
	}
	return least("downcheck", t.value("downcheck", defaultDowncheck), minTimeout)
}

// say is a time in words, and whether it is a default.
func (t times) say(name string, v uint32, sum string) string {
	text := fmt.Sprintf("%d ms", v)
	if t.value(name, 0) != 0 {
		return text
	}
	text += ", corosync's default"
	if sum != "" {
		text += " of " + sum
	}
	return text
}

// CheckTimes makes the sums between times that Corosync makes when it starts
// and at a reload, and says why it would refuse the file. What else it checks
// only a node can tell.
func (c *Config) CheckTimes() error {
	members := 0
	for _, n := range c.Nodes() {
		if n.Addrs[0] != "" {
			members++
		}
	}
	f := countTimes(func(name string) (string, bool) { return c.Get("totem." + name) }, members).fault()
	if f == nil {
		return nil
	}
	return fmt.Errorf("corosync would not start with this file: in totem, %s", f.message)
}
