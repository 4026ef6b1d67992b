package corosync

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// option is one setting that a playbook may declare: the names, types and
// ranges that pcs accepts (pcs/lib/corosync: constants.py,
// config_validators.py), with the minimums that corosync itself enforces on
// top (its "may not be less than" errors).
type option struct {
	name string // as a user writes it
	conf string // in corosync.conf, when it differs
	check
}

// check says what a value must be; ok judges a text.
type check struct {
	want    string
	ok      func(string) bool
	integer bool // 05 and 5 are the same
}

func (o option) inConf() string {
	if o.conf != "" {
		return o.conf
	}
	return o.name
}

func number(low, high uint64, want string) check {
	return check{want, func(s string) bool {
		v, err := strconv.ParseUint(s, 10, 64)
		return err == nil && low <= v && v <= high
	}, true}
}

const maxUint32 = 1<<32 - 1

var (
	count   = number(0, maxUint32, "a whole number from 0 to 4294967295")
	port    = number(1, 65535, "a port number from 1 to 65535")
	zeroOne = oneOf("0", "1")
	byte8   = number(0, 255, "a whole number from 0 to 255")
)

// timeout is a time in milliseconds; 0 stands for corosync's default.
func timeout(least uint64) check {
	c := number(0, maxUint32, fmt.Sprintf("a time of at least %d milliseconds (or 0, corosync's default)", least))
	in := c.ok
	c.ok = func(s string) bool {
		v, _ := strconv.ParseUint(s, 10, 64)
		return in(s) && (v == 0 || v >= least)
	}
	return c
}

func oneOf(values ...string) check {
	return check{"one of " + strings.Join(values, ", "), func(s string) bool { return slices.Contains(values, s) }, false}
}

func ipAddress(want string, good func(netip.Addr) bool) check {
	return check{want, func(s string) bool {
		a, err := netip.ParseAddr(s)
		return err == nil && a.Zone() == "" && good(a)
	}, false}
}

// minTimeout is corosync's MINIMUM_TIMEOUT, minHold its minimum for hold.
const (
	minTimeout = 30
	minHold    = 14
)

var totemOptions = []option{
	{"block_unlisted_ips", "", oneOf("yes", "no")},
	{"consensus", "", timeout(minTimeout)},
	{"downcheck", "", timeout(minTimeout)},
	{"fail_recv_const", "", count},
	{"heartbeat_failures_allowed", "", count},
	{"hold", "", timeout(minHold)},
	{"join", "", timeout(minTimeout)},
	{"max_messages", "", count},
	{"max_network_delay", "", timeout(minTimeout)},
	{"merge", "", timeout(minTimeout)},
	{"miss_count_const", "", count},
	{"send_join", "", count},
	{"seqno_unchanged_const", "", count},
	{"token", "", timeout(minTimeout)},
	{"token_coefficient", "", count},
	{"token_retransmit", "", timeout(minTimeout)},
	{"token_retransmits_before_loss_const", "", count},
	{"window_size", "", count},
}

var quorumOptions = []option{
	{"auto_tie_breaker", "", zeroOne},
	{"last_man_standing", "", zeroOne},
	{"last_man_standing_window", "", number(1, maxUint32, "a time of at least 1 millisecond")},
	{"wait_for_all", "", zeroOne},
}

var ipVersions = oneOf("ipv4", "ipv6", "ipv4-6", "ipv6-4")

var knetOptions = []option{
	{"ip_version", "", ipVersions},
	{"knet_pmtud_interval", "", count},
	{"link_mode", "", oneOf("active", "passive", "rr")},
}

var udpOptions = []option{
	{"ip_version", "", ipVersions},
	{"netmtu", "", number(1, maxUint32, "a whole number, at least 1")},
}

var cryptoOptions = []option{
	{"cipher", "crypto_cipher", oneOf("none", "aes256", "aes192", "aes128")},
	{"hash", "crypto_hash", oneOf("none", "md5", "sha1", "sha256", "sha384", "sha512")},
	{"model", "crypto_model", oneOf("nss", "openssl")},
}

var knetLinkOptions = []option{
	{"linknumber", "", number(0, MaxLinks-1, "a link number from 0 to 7")},
	{"link_priority", "knet_link_priority", byte8},
	{"mcastport", "", port},
	{"ping_interval", "knet_ping_interval", count},
	{"ping_precision", "knet_ping_precision", count},
	{"ping_timeout", "knet_ping_timeout", count},
	{"pong_count", "knet_pong_count", count},
	{"transport", "knet_transport", oneOf("sctp", "udp")},
}

var udpLinkOptions = []option{
	{"linknumber", "", number(0, 0, "0: udp and udpu have one link")}, // never written: pcs does not take it
	{"bindnetaddr", "", ipAddress("an IP address", func(netip.Addr) bool { return true })},
	{"broadcast", "", zeroOne},
	{"mcastaddr", "", ipAddress("a multicast address", netip.Addr.IsMulticast)},
	{"mcastport", "", port},
	{"ttl", "", byte8},
}

// elsewhere says where a setting belongs that somebody put into totem, quorum
// or a link, or why it is not theirs to set.
var elsewhere = map[string]string{
	"version":             "it is always 2",
	"cluster_name":        `the cluster's name is "name" at the top of the playbook`,
	"cluster_uuid":        "pcs makes it and it is kept as it is",
	"transport":           "write it as cluster.transport.type",
	"ip_version":          "write it under cluster.transport.options",
	"netmtu":              "write it under cluster.transport.options (only udp and udpu have it)",
	"link_mode":           "write it under cluster.transport.options",
	"knet_pmtud_interval": "write it under cluster.transport.options",
	"crypto_cipher":       "write it as cluster.transport.crypto.cipher",
	"crypto_hash":         "write it as cluster.transport.crypto.hash",
	"crypto_model":        "write it as cluster.transport.crypto.model",
	"secauth":             "encryption is set by cluster.transport.crypto",
	"rrp_mode":            "it is corosync 2's; since corosync 3 it is link_mode under cluster.transport.options",
	"interface":           "options of a link stand in cluster.transport.links",
	"two_node":            "it follows the number of nodes: 1 with exactly two nodes and no auto_tie_breaker, else absent",
	"expected_votes":      "it follows the number of nodes",
	"provider":            "it is always corosync_votequorum",
	"knet_link_priority":  "write it as link_priority",
	"knet_ping_interval":  "write it as ping_interval",
	"knet_ping_precision": "write it as ping_precision",
	"knet_ping_timeout":   "write it as ping_timeout",
	"knet_pong_count":     "write it as pong_count",
	"knet_transport":      "write it as transport",
	"priority":            "write it as link_priority",
}

// otherTransport says so when an option of the transport or of its links
// exists, but with another transport.
func otherTransport(what, name string) string {
	in := func(list []option) bool {
		return slices.ContainsFunc(list, func(o option) bool { return o.name == name })
	}
	switch {
	case what == "knet transport" && in(udpOptions), what == "knet link" && in(udpLinkOptions):
		return "only udp and udpu have it"
	case what == "udp and udpu transport" && in(knetOptions), what == "udp and udpu link" && in(knetLinkOptions):
		return "only knet has it"
	}
	return ""
}

// integers are the settings that corosync reads as numbers, by their name in
// corosync.conf: 05 and 5 are the same there.
var integers = func() map[string]bool {
	out := map[string]bool{"nodeid": true, "quorum_votes": true, "two_node": true, "expected_votes": true}
	for _, list := range [][]option{totemOptions, quorumOptions, knetOptions, udpOptions, knetLinkOptions, udpLinkOptions} {
		for _, o := range list {
			if o.integer || o.ok("0") {
				out[o.inConf()] = true
			}
		}
	}
	delete(out, "broadcast") // yes in the file
	return out
}()
