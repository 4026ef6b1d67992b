package editor

import (
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/playbook"
)

// corosyncOptions are those of corosync.conf that pcs takes, with what
// corosync.conf(5) says of them. Times are milliseconds.
var corosyncOptions = map[string][]pacemaker.Option{
	"totem": {
		{Name: "token", Sort: pacemaker.Integer, Use: "How long, in ms, until a node that is not heard is declared lost. Default: 3000, and token_coefficient for each node above two."},
		{Name: "token_coefficient", Sort: pacemaker.Integer, Default: "650", Use: "What each node above two adds to token, in ms."},
		{Name: "consensus", Sort: pacemaker.Integer, Use: "How long, in ms, nodes may take to agree on a new membership. Default: 1.2 times token."},
		{Name: "join", Sort: pacemaker.Integer, Default: "50", Use: "How long to wait for join messages, in ms."},
		{Name: "token_retransmit", Sort: pacemaker.Integer, Use: "After how long, in ms, the token is sent again. Better left to be computed."},
		{Name: "token_retransmits_before_loss_const", Sort: pacemaker.Integer, Default: "4", Use: "How many times the token is sent again before it counts as lost."},
		{Name: "hold", Sort: pacemaker.Integer, Use: "How long, in ms, the token is held when there is little to do. Better left to be computed."},
		{Name: "merge", Sort: pacemaker.Integer, Default: "200", Use: "How long to wait before looking for a partition, in ms."},
		{Name: "downcheck", Sort: pacemaker.Integer, Default: "1000", Use: "How often, in ms, it is looked whether a network interface is back."},
		{Name: "fail_recv_const", Sort: pacemaker.Integer, Default: "2500", Use: "How many rotations of the token without a message mean a new membership."},
		{Name: "seqno_unchanged_const", Sort: pacemaker.Integer, Default: "30", Use: "How many rotations without a message before merge detection."},
		{Name: "heartbeat_failures_allowed", Sort: pacemaker.Integer, Default: "0", Use: "How many heartbeats may fail; 0: no heartbeat beside the token."},
		{Name: "max_network_delay", Sort: pacemaker.Integer, Default: "50", Use: "Delay of the network, in ms, for the heartbeat."},
		{Name: "window_size", Sort: pacemaker.Integer, Default: "50", Use: "How many messages may be sent in one rotation of the token."},
		{Name: "max_messages", Sort: pacemaker.Integer, Default: "17", Use: "How many messages one node may send when it has the token."},
		{Name: "miss_count_const", Sort: pacemaker.Integer, Default: "5", Use: "How many times a message may be missing before it is asked for again."},
		{Name: "send_join", Sort: pacemaker.Integer, Default: "0", Use: "Up to this, in ms, join messages wait by chance, against floods in large clusters."},
		{Name: "block_unlisted_ips", Sort: pacemaker.Select, Values: []string{"yes", "no"}, Default: "yes", Use: "Whether packets of nodes that are not listed are dropped."},
	},
	"quorum": {
		{Name: "wait_for_all", Sort: pacemaker.Select, Values: []string{"0", "1"}, Use: "Whether a cluster that starts has quorum only when all nodes were seen at once. Default: 1 with two nodes."},
		{Name: "auto_tie_breaker", Sort: pacemaker.Select, Values: []string{"0", "1"}, Default: "0", Use: "Whether half of the nodes may keep quorum: the half with the lowest id."},
		{Name: "last_man_standing", Sort: pacemaker.Select, Values: []string{"0", "1"}, Default: "0", Use: "Whether the votes that are expected go down with the nodes that leave."},
		{Name: "last_man_standing_window", Sort: pacemaker.Integer, Default: "10000", Use: "After how long, in ms."},
	},
	"crypto": {
		{Name: "cipher", Sort: pacemaker.Select, Values: []string{"none", "aes256", "aes192", "aes128"}, Use: "How packets are encrypted. pcs sets aes256 for knet."},
		{Name: "hash", Sort: pacemaker.Select, Values: []string{"none", "md5", "sha1", "sha256", "sha384", "sha512"}, Use: "How packets are authenticated. pcs sets sha256 for knet."},
		{Name: "model", Sort: pacemaker.Select, Values: []string{"nss", "openssl"}, Default: "nss", Use: "Which library does it."},
	},
	"transport knet": {
		{Name: "link_mode", Sort: pacemaker.Select, Values: []string{"active", "passive", "rr"}, Default: "passive", Use: "active: over all links at once; passive: over the best; rr: in turn."},
		{Name: "ip_version", Sort: pacemaker.Select, Values: []string{"ipv4", "ipv6", "ipv4-6", "ipv6-4"}, Default: "ipv6-4", Use: "To which kind of address names are resolved."},
		{Name: "knet_pmtud_interval", Sort: pacemaker.Integer, Default: "30", Use: "How often the size of packets is looked into, in s."},
	},
	"transport udp": {
		{Name: "ip_version", Sort: pacemaker.Select, Values: []string{"ipv4", "ipv6", "ipv4-6", "ipv6-4"}, Default: "ipv6-4", Use: "To which kind of address names are resolved."},
		{Name: "netmtu", Sort: pacemaker.Integer, Default: "1500", Use: "The size of packets."},
	},
	"link knet": {
		{Name: "linknumber", Sort: pacemaker.Integer, Use: "Which link it is, from 0 to 7. Default: by its place in the list."},
		{Name: "link_priority", Sort: pacemaker.Integer, Default: "1", Use: "With passive, the link with the highest is used."},
		{Name: "mcastport", Sort: pacemaker.Integer, Least: 1, Default: "5405", Use: "The port of UDP."},
		{Name: "ping_interval", Sort: pacemaker.Integer, Use: "How often the link is tried, in ms; with ping_timeout."},
		{Name: "ping_timeout", Sort: pacemaker.Integer, Use: "When a ping of the link counts as lost, in ms; with ping_interval."},
		{Name: "ping_precision", Sort: pacemaker.Integer, Default: "2048", Use: "How many values the latency of the link is made of."},
		{Name: "pong_count", Sort: pacemaker.Integer, Default: "2", Use: "How many answers a link needs to be up."},
		{Name: "transport", Sort: pacemaker.Select, Values: []string{"udp", "sctp"}, Default: "udp", Use: "The protocol of the link."},
	},
	"link udp": {
		{Name: "linknumber", Sort: pacemaker.Integer, Default: "0", Use: "There is one link only: 0."},
		{Name: "bindnetaddr", Sort: pacemaker.Text, Use: "The network of the link."},
		{Name: "broadcast", Sort: pacemaker.Select, Values: []string{"0", "1"}, Default: "0", Use: "Whether broadcast takes the place of multicast."},
		{Name: "mcastaddr", Sort: pacemaker.Text, Use: "The multicast address."},
		{Name: "mcastport", Sort: pacemaker.Integer, Least: 1, Default: "5405", Use: "The port of UDP."},
		{Name: "ttl", Sort: pacemaker.Integer, Default: "1", Use: "How many routers a multicast may pass."},
	},
}

// corosync names what stands in the section cluster. Which of two transports'
// options are right depends on its type; an editor offers both.
func (s *editor) corosync() {
	only := func(description string, parts ...string) object {
		var known []pacemaker.Option
		for _, part := range parts {
			for _, name := range playbook.CorosyncNames(part) {
				o := pacemaker.Find(corosyncOptions[part], name)
				if o != nil && pacemaker.Find(known, name) == nil {
					known = append(known, *o)
				}
			}
		}
		o := settings(description, known)
		o["additionalProperties"] = false
		return o
	}
	cluster := s.at("properties", "cluster", "properties")
	cluster["totem"] = only("Options of totem: how Corosync's nodes find out who is there. Times are in milliseconds.", "totem")
	s.at("properties", "cluster", "properties", "quorum", "properties")["options"] = only("Options of votequorum. two_node and expected_votes follow from the number of nodes.", "quorum")
	transport := s.at("properties", "cluster", "properties", "transport", "properties")
	transport["crypto"] = only("Encryption, of knet only.", "crypto")
	transport["options"] = only("Options of the transport.", "transport knet", "transport udp")
	link := only("Options of one link. Addresses stand in the inventory.", "link knet", "link udp")
	for name, most := range map[string]int{"linknumber": 7, "link_priority": 255, "mcastport": 65535, "ttl": 255} {
		more(within(link, "properties", name), "allOf", object{"maximum": most})
	}
	link["dependencies"] = object{"ping_interval": []any{"ping_timeout"}, "ping_timeout": []any{"ping_interval"}}
	within(transport, "links")["items"] = link
}
