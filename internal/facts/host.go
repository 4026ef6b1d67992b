package facts

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Host is the machine itself.
type Host struct {
	// OS is /etc/os-release: ID, VERSION_ID, PRETTY_NAME, ...
	OS        map[string]string
	Name      string // uname -n
	UID       string // that commands run with
	MachineID string // empty: there is no /etc/machine-id
	BootID    string
	Watchdog  bool // there is a /dev/watchdog
	// ClockSkew is the node's clock less this machine's, and ClockError how far
	// that may be off (half of the round trip).
	ClockSkew, ClockError time.Duration
	// Zone is how far the node's time is from UTC now; nil: it did not say.
	Zone      *time.Location
	Disks     map[string]int64 // mount point -> free KiB; nil: not known
	Addresses []netip.Prefix   // on its interfaces
	// Resolves are the addresses of the names asked for. A name that is not in
	// it could not be asked; one without addresses does not resolve.
	Resolves map[string][]netip.Addr
}

// Is reports whether the distribution is, or is derived from, id.
func (h Host) Is(id string) bool {
	return h.OS["ID"] == id || slices.Contains(strings.Fields(h.OS["ID_LIKE"]), id)
}

func takeHost(f *Facts, a *answers) {
	var h Host
	var ok bool
	if h.Name, ok = a.line("uname", "uname -n"); ok && !isName.MatchString(h.Name) {
		a.fail("uname -n", a.frames["uname"], "%s", garbled(h.Name))
	}
	h.UID, _ = a.line("uid", "id -u")
	if _, err := strconv.ParseUint(h.UID, 10, 32); h.UID != "" && err != nil {
		a.fail("id -u", a.frames["uid"], "%s", garbled(h.UID))
	}
	if c, ok := a.file("machine-id", "/etc/machine-id"); ok {
		h.MachineID = strings.TrimSpace(string(c.data))
	}
	if id, ok := a.line("boot-id", "cat /proc/sys/kernel/random/boot_id"); ok {
		if h.BootID = id; !isUUID.MatchString(id) {
			a.fail("cat /proc/sys/kernel/random/boot_id", a.frames["boot-id"], "%s", garbled(id))
		}
	}
	h.OS = a.release()
	h.Watchdog = a.either("watchdog", "looking for /dev/watchdog", "yes", "no")
	if at, ok := a.line("clock", "date"); ok {
		at, zone, _ := strings.Cut(at, " ")
		sec, err := strconv.ParseFloat(at, 64)
		if err != nil {
			a.fail("date", a.frames["clock"], "%s", garbled(at))
		}
		if z, err := time.Parse("-0700", zone); err == nil {
			_, seconds := z.Zone()
			h.Zone = time.FixedZone("", seconds)
		}
		h.ClockError = a.when.Took / 2
		h.ClockSkew = time.UnixMicro(int64(sec * 1e6)).Sub(a.when.Began.Add(a.when.Took / 2))
	}
	f.Unread = nil
	var noDisks, noNames *Error // a run can do without them
	h.Disks, noDisks = a.disks()
	h.Resolves, noNames = a.resolved()
	for _, e := range []*Error{noDisks, noNames} {
		if e != nil {
			f.Unread = append(f.Unread, e)
		}
	}
	h.Addresses = a.addresses()
	f.Host = h
}

// isName is what the kernel calls a host, "(none)" before it has a name.
var isName = regexp.MustCompile(`^([A-Za-z0-9_][A-Za-z0-9_.-]*|\(none\))$`)

var isUUID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// release is /etc/os-release.
func (a *answers) release() map[string]string {
	c, ok := a.file("os-release", "/etc/os-release")
	if !ok {
		return nil
	}
	os := map[string]string{}
	for line := range strings.Lines(string(c.data)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			os[key] = strings.Trim(value, `"'`)
		}
	}
	return os
}

// diskPaths are those that host.sh asks df of.
const diskPaths = 5

// disks reads df -Pk: device blocks used available capacity mount, below a
// heading.
func (a *answers) disks() (map[string]int64, *Error) {
	const command = "df -Pk / /etc /var /var/lib /run"
	ans, e := a.look("disk", command)
	if e != nil {
		return nil, e
	}
	disks := map[string]int64{}
	lines := strings.Split(strings.TrimSuffix(string(ans.Out), "\n"), "\n")
	if len(lines) != 1+diskPaths {
		return nil, ans.wrong(command, fmt.Sprintf("told of %d file systems, and was asked for %d", len(lines)-1, diskPaths))
	}
	for _, line := range lines[1:] {
		w := strings.Fields(line)
		if len(w) < 6 {
			return nil, ans.wrong(command, garbled(line))
		}
		free, err := strconv.ParseInt(w[len(w)-3], 10, 64)
		if err != nil {
			return nil, ans.wrong(command, garbled(line))
		}
		disks[w[len(w)-1]] = free
	}
	return disks, nil
}

// resolved reads getent ahosts, which writes each address three times: for
// STREAM, DGRAM and RAW. It ends with 2 for a name that does not resolve.
func (a *answers) resolved() (map[string][]netip.Addr, *Error) {
	names := map[string][]netip.Addr{}
	ans, e := a.look("names", "getent ahosts")
	if e != nil {
		return names, e
	}
	var addrs []netip.Addr
	kinds := map[string]int{}
	var bad *Error
	for line := range strings.Lines(string(ans.Out)) {
		w := strings.Fields(line)
		if len(w) == 3 && w[0] == "status" {
			command := "getent ahosts " + w[2]
			status := number(w[1:2], -1)
			each := kinds["STREAM"]
			whole := kinds["DGRAM"] == each && kinds["RAW"] == each
			switch {
			case status == 2 && len(kinds) == 0:
				names[w[2]] = nil
			case status != 0:
				bad = &Error{Command: command, Status: status, Said: lastWords(ans.Said)}
			case !whole || len(addrs) == 0:
				bad = &Error{Command: command, Why: "the answer is not whole"}
			default:
				names[w[2]] = addrs
			}
			addrs, kinds = nil, map[string]int{}
			continue
		}
		if len(w) < 2 {
			return names, ans.wrong("getent ahosts", garbled(line))
		}
		addr, err := netip.ParseAddr(w[0])
		if err != nil {
			return names, ans.wrong("getent ahosts", garbled(line))
		}
		if kinds[w[1]]++; !slices.Contains(addrs, addr) {
			addrs = append(addrs, addr)
		}
	}
	for _, name := range a.ask.Names {
		if _, ok := names[name]; !ok && bad == nil {
			bad = &Error{Command: "getent ahosts " + name, Why: "the answer is not there"}
		}
	}
	return names, bad
}

// addresses reads ip -j addr show or, of an iproute2 that knows no JSON,
// ip -o addr show. There is one at least, that of lo.
func (a *answers) addresses() []netip.Prefix {
	const command = "ip -j addr show"
	old := strings.Contains(a.frames["addresses"].Said, "-j")
	if _, asked := a.frames["addresses-text"]; asked && old {
		ans, ok := a.got("addresses-text", "ip -o addr show")
		if !ok {
			return nil
		}
		out, err := addressesOfText(string(ans.Out))
		if err != "" {
			a.fail("ip -o addr show", ans, "%s", err)
		}
		return out
	}
	ans, ok := a.got("addresses", command)
	if !ok {
		return nil
	}
	var links []struct {
		Addrs []struct {
			Local  string `json:"local"`
			Prefix int    `json:"prefixlen"`
		} `json:"addr_info"`
	}
	if err := json.Unmarshal(ans.Out, &links); err != nil {
		a.fail(command, ans, "answered with something else than JSON")
		return nil
	}
	var out []netip.Prefix
	for _, l := range links {
		for _, x := range l.Addrs {
			addr, err := netip.ParseAddr(x.Local)
			if err != nil {
				continue // a tunnel's end has none of its own
			}
			out = append(out, netip.PrefixFrom(addr, x.Prefix))
		}
	}
	if len(out) == 0 {
		a.fail(command, ans, "told no address, not even that of lo")
	}
	return out
}

// addressesOfText reads ip -o addr show.
func addressesOfText(text string) (out []netip.Prefix, wrong string) {
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		if len(w) < 4 || !strings.HasSuffix(w[0], ":") {
			return nil, garbled(line)
		}
		for i := 2; i+1 < len(w); i++ {
			if w[i] == "inet" || w[i] == "inet6" {
				if p, err := netip.ParsePrefix(w[i+1]); err == nil {
					out = append(out, p)
				}
			}
		}
	}
	if out == nil {
		return nil, "told no address, not even that of lo"
	}
	return out, ""
}
