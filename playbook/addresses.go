package playbook

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Addresses are the declared IPaddr2 primitives that run once, but for those
// that are declared as stopped.
func (p *Playbook) Addresses() (out []*Primitive) {
	for i := range p.Resources {
		r := &p.Resources[i]
		if r.Clone != nil || r.Promotable != nil || r.Bundle != nil {
			continue
		}
		for _, x := range r.Primitives() {
			if ParseAgent(x.Agent).Type == "IPaddr2" && !x.Meta.Disabled() && !r.Meta.Disabled() {
				out = append(out, x)
			}
		}
	}
	return out
}

// Disabled reports whether meta attributes keep a resource stopped, as pcs
// resource disable does.
func (o Options) Disabled() bool {
	v, ok := o.Get("target-role")
	return ok && strings.EqualFold(v.Text, "Stopped")
}

// addressOption is the option that holds the address of an agent which sets one
// up, or uses one that is there.
var addressOption = map[string]string{"IPaddr2": "ip", "IPaddr": "ip", "IPv6addr": "ipv6addr", "IPsrcaddr": "ipaddress"}

// checkAddresses refuses addresses that the agents of ocf:heartbeat cannot set
// up, and one that two of them would. What they take was tried with those of
// resource-agents 4.12.
func (l *loader) checkAddresses(p *Playbook) {
	for path, x := range p.Primitives() {
		ref := x.Ref()
		option := addressOption[ref.Type]
		if ref.Standard != "ocf" || ref.Provider != "heartbeat" || option == "" {
			continue
		}
		at := path.Key("options")
		text, given := x.Options.Get(option)
		if !given || text.Secret != nil {
			continue
		}
		_, hasNIC := x.Options.Get("nic")
		if ip, ok := l.address(text, at.Key(option), ref.Type, hasNIC); ok {
			l.netmask(x, ip, at)
		}
	}
	l.checkTwice(p)
}

// address reads an address that an agent is to set up.
func (l *loader) address(v Value, path yamldoc.Path, agent string, hasNIC bool) (netip.Addr, bool) {
	bad := func(hint, format string, args ...any) (netip.Addr, bool) {
		l.judgeAt(v.Pos, path, hint, format, args...)
		return netip.Addr{}, false
	}
	text := v.Text
	if agent == "IPv6addr" { // it alone takes the length beside the address
		text, _, _ = strings.Cut(text, "/")
	}
	ip, err := netip.ParseAddr(text)
	switch {
	case err == nil && ip.Zone() != "":
		return bad("write the interface in nic", "%s names its interface; %s takes an address alone", quote(text), agent)
	case err == nil && ip.Is4In6():
		return bad("write "+ip.Unmap().String(), "%s is an IPv4 address written as one of IPv6, which %s refuses", quote(text), agent)
	case err == nil && (ip.IsUnspecified() || ip.Is4() && ip.As4()[0] == 0):
		return bad("", "%s is no address that a node can have", quote(text))
	case err == nil && agent == "IPv6addr" && ip.Is4():
		return bad("use ocf:heartbeat:IPaddr2", "%s is an IPv4 address, and IPv6addr sets up those of IPv6", quote(text))
	case err == nil && ip.Is6() && ip.IsLinkLocalUnicast() && !hasNIC && agent == "IPaddr2":
		return bad("name the interface in nic", "%s is a link-local address, which every interface has a network for; IPaddr2 refuses it without nic", quote(text))
	case err == nil && ip.IsMulticast():
		l.warnAt(v.Pos, path, "give an address of its own to the service", "%s is a multicast address, which belongs to no single node", quote(text))
	case err == nil:
	default:
		alone, length, prefixed := strings.Cut(text, "/")
		if _, err := netip.ParseAddr(alone); prefixed && err == nil {
			return bad(fmt.Sprintf("write %s: %s and cidr_netmask: %s", lastKey(path), alone, length), "%s has the length of its network with it; %s takes an address alone", quote(text), agent)
		}
		if decimal := withoutZeros(text); decimal != "" {
			return bad("write "+decimal, "%s is not an address: a number that begins with 0 is octal to some programs and decimal to others", quote(text))
		}
		return bad("write it as 10.0.0.100 or 2001:db8::100", "%s is not an address%s", quote(text), whyNot(text))
	}
	return ip, true
}

// withoutZeros is an IPv4 address whose numbers begin with zeros as it was
// probably meant, "" for what is none.
func withoutZeros(text string) string {
	parts := strings.Split(text, ".")
	for i, part := range parts {
		if parts[i] = strings.TrimLeft(part, "0"); parts[i] == "" && part != "" {
			parts[i] = "0"
		}
	}
	if ip, err := netip.ParseAddr(strings.Join(parts, ".")); err == nil && ip.Is4() {
		return ip.String()
	}
	return ""
}

// whyNot says what is wrong with an IPv4 address, "" for what looks like none.
func whyNot(text string) string {
	parts := strings.Split(text, ".")
	for _, part := range parts {
		n, err := strconv.Atoi(part)
		switch {
		case err != nil && strings.IndexFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' }) >= 0 && !strings.Contains(text, ":"):
			return "; a name is not looked up"
		case err != nil:
			return ""
		case n > 255:
			return fmt.Sprintf(": %d is above 255", n)
		}
	}
	if len(parts) != 4 {
		return fmt.Sprintf(": it has %d numbers, not 4", len(parts))
	}
	return ""
}

// netmask checks the length of an address's network, and what it makes of the
// address.
func (l *loader) netmask(x *Primitive, ip netip.Addr, path yamldoc.Path) {
	at := path.Key("cidr_netmask")
	v, ok := x.Options.Get("cidr_netmask")
	if !ok || v.Secret != nil || v.Text == "" {
		return
	}
	mask, err := netip.ParseAddr(v.Text)
	if err == nil && mask.Is4() && ip.Is4() {
		bits, ok := maskLength(mask)
		if !ok {
			l.judgeAt(v.Pos, at, "write the length of the network, such as 24", "%s is not a netmask", quote(v.Text))
			return
		}
		l.warnAt(v.Pos, at, fmt.Sprintf("write %d", bits), "%s is the old way to write a netmask; the agent warns of it at every start", quote(v.Text))
		l.usable(x, ip, bits, path)
		return
	}
	family := "IPv4"
	if ip.Is6() {
		family = "IPv6"
	}
	bits, err := strconv.Atoi(v.Text)
	switch {
	case err != nil || strings.HasPrefix(v.Text, "+"):
		hint := ""
		if n, err := strconv.Atoi(strings.TrimPrefix(v.Text, "/")); err == nil {
			hint = fmt.Sprintf("write %d", n)
		}
		l.judgeAt(v.Pos, at, hint, "must be the length of the network, a whole number from 1 to %d, not %s", ip.BitLen(), quote(v.Text))
	case bits < 1 || bits > ip.BitLen():
		l.judgeAt(v.Pos, at, "", "must be from 1 to %d, as %s is an address of %s; not %d", ip.BitLen(), ip, family, bits)
	default:
		l.usable(x, ip, bits, path)
	}
}

// maskLength is the length of a netmask written as 255.255.255.0.
func maskLength(mask netip.Addr) (bits int, ok bool) {
	four := mask.As4()
	n := uint32(four[0])<<24 | uint32(four[1])<<16 | uint32(four[2])<<8 | uint32(four[3])
	for ; n&(1<<31) != 0; n <<= 1 {
		bits++
	}
	return bits, n == 0 && bits > 0
}

// usable warns of an address that is its network's own, or reaches all in it.
func (l *loader) usable(x *Primitive, ip netip.Addr, bits int, at yamldoc.Path) {
	if !ip.Is4() || bits > 30 {
		return
	}
	option := addressOption[x.Ref().Type]
	v, _ := x.Options.Get(option)
	net := netip.PrefixFrom(ip, bits).Masked()
	last := net.Addr().As4()
	for i := bits; i < 32; i++ {
		last[i/8] |= 1 << (7 - i%8)
	}
	switch ip {
	case net.Addr():
		l.warnAt(v.Pos, at.Key(option), "correct the address, or cidr_netmask", "%s is the address of the network %s itself; others in it may not reach the service", ip, net)
	case netip.AddrFrom4(last):
		l.warnAt(v.Pos, at.Key(option), "correct the address, or cidr_netmask", "%s is the broadcast address of the network %s; others in it may not reach the service", ip, net)
	}
}

// floats tells the agents that set up an address of a service; IPsrcaddr and
// those of clouds use one that another has set up.
func floats(x *Primitive) bool {
	ref := x.Ref()
	return ref.Standard == "ocf" && ref.Provider == "heartbeat" && (ref.Type == "IPaddr2" || ref.Type == "IPaddr" || ref.Type == "IPv6addr")
}

// Address is the address that a primitive sets up on the node that runs it, one
// at a time. That on a loopback interface, or of a director's real servers
// (lvs_support), is on many nodes at once and none.
func (p *Primitive) Address() (netip.Addr, bool) {
	if !floats(p) {
		return netip.Addr{}, false
	}
	text, ok := p.Options.Get(addressOption[p.Ref().Type])
	nic, _ := p.Options.Get("nic")
	lvs, _ := p.Options.Get("lvs_support")
	if !ok || text.Secret != nil || pacemaker.True(lvs.Text) || nic.Text == "lo" {
		return netip.Addr{}, false
	}
	alone, _, _ := strings.Cut(text.Text, "/")
	ip, err := netip.ParseAddr(alone)
	return ip, err == nil && !ip.IsLoopback()
}

// floating are the primitives that hold an address, each alone in the cluster,
// with their paths; those that are declared as stopped are left out.
func (p *Playbook) floating(visit func(yamldoc.Path, *Primitive, netip.Addr)) {
	once := map[string]bool{}
	for i := range p.Resources {
		r := &p.Resources[i]
		for _, x := range r.Primitives() {
			once[x.ID] = r.Clone == nil && r.Promotable == nil && r.Bundle == nil && !r.Meta.Disabled() && !x.Meta.Disabled()
		}
	}
	for path, x := range p.Primitives() {
		if ip, ok := x.Address(); ok && once[x.ID] {
			visit(path, x, ip)
		}
	}
}

// checkTwice refuses an address that two resources hold, however it is written:
// on two nodes it would answer twice, and on one each of the two stops what the
// other has started.
func (l *loader) checkTwice(p *Playbook) {
	first := map[netip.Addr]*Primitive{}
	p.floating(func(path yamldoc.Path, x *Primitive, ip netip.Addr) {
		v, _ := x.Options.Get(addressOption[x.Ref().Type])
		if ip.IsLinkLocalUnicast() {
			return // each interface has its own
		}
		if y := first[ip]; y != nil {
			other, _ := y.Options.Get(addressOption[y.Ref().Type])
			l.judgeAt(v.Pos, path.Key("options").Key(addressOption[x.Ref().Type]), "give each its own address, or keep one of the two; what else needs the address goes into a group with it",
				"%s holds the address %s already (line %d): on two nodes it would answer twice, and on one each would stop what the other has started", y.ID, ip, other.Pos.Line)
			return
		}
		first[ip] = x
	})
}

// checkNodeAddresses refuses addresses that are a node's own: the cluster would
// take them from the node, and the node out of the cluster.
func (p *Playbook) checkNodeAddresses(nodes []Member, fail func(diag.Pos, yamldoc.Path, string, string)) {
	whose := map[netip.Addr]string{}
	for _, n := range nodes {
		for i, link := range n.Links {
			note(whose, link, fmt.Sprintf("Corosync's link %d of the node %s", i, n.Name))
		}
		note(whose, n.Host, fmt.Sprintf("the node %s (ansible_host)", n.Name))
	}
	p.floating(func(path yamldoc.Path, x *Primitive, ip netip.Addr) {
		if who := whose[ip]; who != "" {
			option := addressOption[x.Ref().Type]
			v, _ := x.Options.Get(option)
			fail(v.Pos, path.Key("options").Key(option), fmt.Sprintf("%s is the address of %s: when the resource %s moves, the node loses it", ip, who, x.ID),
				"give the service an address of its own, which no machine has")
		}
	})
}

// note remembers whose an address is; a name is none.
func note(whose map[netip.Addr]string, text, who string) {
	if ip, err := netip.ParseAddr(text); err == nil && whose[ip] == "" {
		whose[ip] = who
	}
}
