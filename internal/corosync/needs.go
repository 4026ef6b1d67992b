package corosync

import (
	"slices"
	"strings"
)

// needs classifies a difference of a running cluster. What is not known to be
// taken over by a reload needs a stop, for a reload that cannot take a value
// over need not say so.
//
// Measured with corosync 3.1.7 and knet on three nodes, by its effect:
//
//   - token, encryption (to none and back, too), the priority and ping times of
//     a link, adding and removing a link: taken over, the ring stays as it is;
//   - the address or the knet_transport of a link: refused (reload_status 7);
//   - cluster_name, netmtu: ignored, with "cannot be changed at run-time" in
//     the log (corosync exec/cfg.c, remove_ro_entries, has the whole list);
//   - mcastport, wait_for_all: ignored without a word, though the cmap shows
//     the new value: the socket keeps its port, votequorum its flags.
//
// Of quorum, "only votes, quorum_votes, expected_votes and two_node can be
// changed at runtime" (votequorum(5)). Pcs draws nearly the same line
// (pcs/lib/corosync/config_facade.py, need_stopped_cluster); it also wants a
// stop for the options of a link that a reload does take over.
func needs(d Difference, live, next *Config) Needs {
	section, name := split(d.Path)
	switch {
	case section == "totem":
		return pick(reloadTotem[name])
	case strings.HasPrefix(section, "totem.interface["):
		return pick(reloadLink[name] || newLink(section, live, next))
	case section == "quorum":
		return pick(reloadQuorum[name])
	case strings.HasPrefix(section, "quorum.device"):
		// The daemon that speaks to the quorum device reads it at its start.
		return Outage
	case strings.HasPrefix(section, "nodelist.node["):
		return nodeNeeds(name, d, live, next)
	case section == "logging" || strings.HasPrefix(section, "logging."):
		return Reload
	case section == "uidgid":
		return Reload
	}
	return Outage
}

func pick(reload bool) Needs {
	if reload {
		return Reload
	}
	return Outage
}

// split divides a path at its last dot, outside brackets.
func split(path string) (section, name string) {
	at := strings.LastIndexByte(path, '.')
	if end := strings.LastIndexByte(path, ']'); end > at {
		at = strings.LastIndexByte(path[:max(strings.LastIndexByte(path, '['), 0)], '.')
	}
	if at < 0 {
		return "", path
	}
	return path[:at], path[at+1:]
}

// reloadTotem are the settings in totem that a reload takes over. Not among
// them: version, cluster_name, transport, ip_version, netmtu, threads,
// secauth, key, keyfile and all that is unknown here.
var reloadTotem = set("token", "token_coefficient", "token_retransmit", "token_retransmits_before_loss_const",
	"token_warning", "hold", "join", "send_join", "consensus", "merge", "downcheck", "fail_recv_const",
	"seqno_unchanged_const", "heartbeat_failures_allowed", "max_network_delay", "window_size", "max_messages",
	"miss_count_const", "block_unlisted_ips", "cancel_token_hold_on_retransmit",
	"knet_pmtud_interval", "knet_mtu", "link_mode",
	"knet_compression_model", "knet_compression_threshold", "knet_compression_level",
	"crypto_cipher", "crypto_hash", "crypto_model",
	"cluster_uuid") // corosync does not know it

var reloadLink = set("knet_link_priority", "knet_ping_interval", "knet_ping_timeout", "knet_ping_precision", "knet_pong_count")

var reloadQuorum = set("two_node", "expected_votes", "votes")

func set(names ...string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

// nodeNeeds classifies a change of a member that stays. A reload adds and
// removes links of knet, but it cannot move a link to another address.
func nodeNeeds(name string, d Difference, live, next *Config) Needs {
	switch {
	case name == "quorum_votes":
		return Reload
	case name == "name" && !d.HasBefore:
		return Reload
	}
	link, ok := linkOf(name)
	if !ok || live.Transport() != "knet" {
		return Outage
	}
	kept := slices.ContainsFunc(live.Links(), func(l int) bool { return slices.Contains(next.Links(), l) })
	switch {
	case !kept: // no link stays to carry the change
		return Outage
	case !d.HasBefore && !slices.Contains(live.Links(), link):
		return Reload
	case !d.HasAfter && !slices.Contains(next.Links(), link):
		return Reload
	}
	return Outage
}

// newLink reports whether an interface section is about a link that is added,
// or removed, as a whole.
func newLink(section string, live, next *Config) bool {
	link := strings.TrimSuffix(strings.TrimPrefix(section, "totem.interface["), "]")
	i, ok := linkOf("ring" + link + "_addr")
	return ok && live.Transport() == "knet" &&
		slices.Contains(live.Links(), i) != slices.Contains(next.Links(), i)
}

// linkOf is the link number in ringN_addr.
func linkOf(name string) (int, bool) {
	for i := range MaxLinks {
		if name == ringAddr(i) {
			return i, true
		}
	}
	return 0, false
}

// RefusesReload reports whether one of the differences makes Corosync refuse a
// reload as a whole: a link that has another address or another transport.
func RefusesReload(ds []Difference) bool {
	return slices.ContainsFunc(ds, func(d Difference) bool {
		section, name := split(d.Path)
		_, address := linkOf(name)
		return d.Needs == Outage && d.HasBefore && d.HasAfter && strings.HasPrefix(section, "nodelist.node[") && address ||
			d.Needs == Outage && strings.HasPrefix(section, "totem.interface[") && name == "knet_transport"
	})
}
