package corosync

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// nodeName are the names that Pacemaker, DNS and pcs all take.
var nodeName = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)

// checkNodes checks names and addresses, each on its own and then together.
func (b *builder) checkNodes() {
	if len(b.nodes) == 0 {
		b.errorf(b.p.Pos["hosts"], "hosts", "", "no hosts: a cluster needs at least one node")
		return
	}
	names, owners := map[string]string{}, map[string]string{}
	most := MaxLinks
	if b.transport != "knet" {
		most = 1
	}
	for _, n := range b.nodes {
		path := "hosts." + n.Name
		switch first, taken := names[n.NodeName]; {
		case !nodeName.MatchString(n.NodeName) || len(n.NodeName) > 255:
			b.errorf(n.Pos, path, "use letters, digits, dots, - and _", "%q cannot be a node's name", n.NodeName)
		case taken:
			b.errorf(n.Pos, path, "set node_name", "the node name %q is already %s's", n.NodeName, first)
		default:
			names[n.NodeName] = n.Name
		}
		addrs := n.Links
		if len(addrs) == 0 {
			addrs = []string{n.Host}
		}
		b.addrs = append(b.addrs, addrs)
		if len(addrs) > most {
			b.errorf(n.Pos, path+".links", "", "%s, but %s has at most %d", plural.Of(len(addrs), "link address"), b.transport, most)
		} else if len(addrs) != len(b.addrs[0]) {
			b.errorf(n.Pos, path+".links", "give every node one address per link",
				"%s has %s, %s has %d", n.NodeName, plural.Of(len(addrs), "link"), b.nodes[0].NodeName, len(b.addrs[0]))
		}
		for i, a := range addrs {
			at := path
			if len(n.Links) > 0 {
				at = fmt.Sprintf("%s.links[%d]", path, i)
			}
			if owner, taken := owners[a]; taken {
				b.errorf(n.Pos, at, "", "address %s is already %s", a, owner)
				continue
			}
			owners[a] = fmt.Sprintf("link %d of %s", i, n.Name)
			b.checkAddr(n, at, a)
		}
	}
	b.checkFamilies()
}

// host are the characters of a host name.
var host = regexp.MustCompile(`^[a-zA-Z0-9_]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?\.?$`)

// checkAddr checks one address. A name is taken as it is: only the nodes can
// tell what it resolves to.
func (b *builder) checkAddr(n inventory.Node, path, addr string) {
	const reach = "set links in the inventory to the address that the other nodes reach"
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		hint := ""
		if strings.EqualFold(addr, "localhost") && len(b.nodes) > 1 {
			b.errorf(n.Pos, path, reach, "%s is this node only: the other nodes cannot reach it", addr)
		}
		if p, err := netip.ParsePrefix(addr); err == nil {
			hint = fmt.Sprintf("write %s, without the prefix length", p.Addr())
		}
		if !host.MatchString(addr) || len(addr) > 253 || hint != "" || digitsAndDots(addr) {
			b.errorf(n.Pos, path, hint, "%q is neither an IP address nor a host name", addr)
		}
		return
	}
	version, _ := b.t.Options.Get("ip_version")
	only := version.Text
	if only == "" && b.transport == "udp" {
		only = "ipv4" // corosync.conf(5): the default of udp
	}
	ip4 := ip.Unmap().Is4()
	switch {
	case ip.Zone() != "":
		b.errorf(n.Pos, path, "", "corosync takes no address with a zone: %s", addr)
	case ip.IsUnspecified() || ip.IsMulticast():
		b.errorf(n.Pos, path, "", "%s is not the address of a node", addr)
	case ip.IsLoopback() && len(b.nodes) > 1:
		b.errorf(n.Pos, path, reach, "%s is a loopback address: the other nodes cannot reach it", addr)
	case only == "ipv4" && !ip4:
		b.errorf(n.Pos, path, "", "%s is an IPv6 address, but transport %s uses IPv4 only", addr, b.transport)
	case only == "ipv6" && ip4:
		b.errorf(n.Pos, path, "", "%s is an IPv4 address, but ip_version is ipv6", addr)
	}
}

// checkFamilies refuses IPv4 and IPv6 on one link: knet cannot mix them.
func (b *builder) checkFamilies() {
	for link := range b.maxLinks() {
		first := ""
		for i, addrs := range b.addrs {
			if link >= len(addrs) {
				continue
			}
			ip, err := netip.ParseAddr(addrs[link])
			if err != nil {
				continue
			}
			if first == "" {
				first = addrs[link]
			} else if was, _ := netip.ParseAddr(first); was.Unmap().Is4() != ip.Unmap().Is4() {
				n := b.nodes[i]
				b.errorf(n.Pos, "hosts."+n.Name+".links", "use one address family per link",
					"link %d mixes IPv4 and IPv6: %s and %s", link, first, addrs[link])
				break
			}
		}
	}
}

func digitsAndDots(s string) bool { return strings.Trim(s, "0123456789.") == "" }

// checkTimes makes the sums between times that corosync makes when it starts,
// so that it does not have to refuse there.
func (b *builder) checkTimes() {
	t := countTimes(func(name string) (string, bool) { v, ok := b.totem[name]; return v, ok }, len(b.nodes))
	if f := t.fault(); f != nil {
		name := f.names[0]
		for _, n := range f.names {
			if _, ok := b.totem[n]; ok {
				name = n
				break
			}
		}
		b.errorf(b.totemPos(name), "cluster.totem."+name, f.hint, "%s; corosync would not start", f.message)
	} else if least := 1.2 * float64(t.token); t.value("consensus", 0) != 0 && float64(t.consensus) < least {
		b.warnf(b.totemPos("consensus"), "cluster.totem.consensus", "leave consensus out: corosync then takes 1.2 * token",
			"consensus (%d ms) is less than 1.2 * token (%.0f ms), the least that corosync.conf(5) allows", t.consensus, least)
	}
}

// leastPing is the shortest timeout of a link that the knet of Debian 13 takes;
// it refuses a shorter one when Corosync starts, and corosync -t does not tell.
const leastPing = 200

// checkPings warns of links with a timeout that not every release starts with.
func (b *builder) checkPings() {
	if b.transport != "knet" {
		return
	}
	token := countTimes(func(name string) (string, bool) { v, ok := b.totem[name]; return v, ok }, len(b.nodes)).token
	links := b.links
	if len(links) == 0 {
		links = []link{{}}
	}
	for _, l := range links {
		count, timeout := number32(l.values["knet_pong_count"]), number32(l.values["knet_ping_timeout"])
		if count == 0 {
			count = 2 // corosync's defaults
		}
		pos, path, from := b.t.Pos, "cluster.transport.links", ""
		if timeout == 0 {
			timeout, from = token/count, ", token / pong_count"
			if v, ok := b.p.Cluster.Totem.Get("token"); ok && len(b.links) == 0 {
				pos, path = v.Pos, "cluster.totem.token"
			}
		}
		if timeout < leastPing {
			b.warnf(pos, path, "raise ping_timeout or token", "the timeout of link %d (%d ms%s) is less than %d ms: Corosync of Debian 13 does not start with it",
				l.number, timeout, from, leastPing)
		}
	}
}

func (b *builder) checkQuorum() {
	opt := b.quorum
	if opt["last_man_standing_window"] != "" && opt["last_man_standing"] != "1" {
		b.errorf(b.quorumPos("last_man_standing_window"), "cluster.quorum.options.last_man_standing_window",
			"add last_man_standing: 1", "last_man_standing_window has no effect without last_man_standing: 1")
	}
	if len(b.nodes) == 2 && opt["wait_for_all"] == "0" && opt["auto_tie_breaker"] != "1" {
		b.warnf(b.quorumPos("wait_for_all"), "cluster.quorum.options.wait_for_all", "leave it out: two nodes wait for each other by default",
			"with two nodes and wait_for_all: 0 a node that starts while the link is cut fences its peer, in turn")
	}
}

func (b *builder) totemPos(name string) diag.Pos  { return valuePos(b.p.Cluster.Totem, name) }
func (b *builder) quorumPos(name string) diag.Pos { return valuePos(b.p.Cluster.Quorum, name) }

func valuePos(opts playbook.Options, name string) diag.Pos {
	v, _ := opts.Get(name)
	return v.Pos
}
