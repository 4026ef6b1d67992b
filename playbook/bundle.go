package playbook

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Bundle is a number of like containers that Pacemaker makes and runs.
type Bundle struct {
	Container    string // podman, docker or rkt
	ContainerPos diag.Pos
	Options      Options // image, replicas, replicas-per-host, promoted-max, run-command, options, network
	Network      Options // ip-range-start, host-netmask, host-interface, control-port, add-host
	// Ports have port or range, Storage has target-dir and source-dir or
	// source-dir-root.
	Ports, Storage []Mapping
	Primitive      *Primitive // inside of each container, nil: none
}

// Mapping is a port, or a folder, of a node that its containers see.
type Mapping struct {
	ID      string // empty: pcs's own
	Options Options
	Pos     diag.Pos
}

// Replicas is how many containers a bundle has, as Pacemaker counts them.
func (b *Bundle) Replicas() int { return b.number("replicas", max(1, b.PromotedMax())) }

// PromotedMax is how many of them may be promoted at once.
func (b *Bundle) PromotedMax() int { return b.number("promoted-max", 0) }

// ReplicasPerHost is how many of them one node may run.
func (b *Bundle) ReplicasPerHost() int { return b.number("replicas-per-host", 1) }

func (b *Bundle) number(name string, fallback int) int {
	v, _ := b.Options.Get(name)
	if n, err := strconv.Atoi(v.Text); err == nil {
		return n
	}
	return fallback
}

// promotes reports whether instances of r can be promoted.
func (r *Resource) promotes() bool {
	return r.Promotable != nil || r.Bundle != nil && r.Bundle.PromotedMax() > 0
}

// bundleKeys stand beside bundle.
var bundleKeys = []string{"network", "ports", "storage", "primitive"}

// onlyOfBundles refuses at another resource what only bundles have.
func (l *loader) onlyOfBundles(n *yamldoc.Node, path yamldoc.Path, kind string) {
	for _, key := range bundleKeys {
		if f := n.Field(key); f != nil {
			l.errorAt(l.doc.KeyPos(f), path.Key(key), "remove it, or write bundle in place of "+kind, "%s is of bundles", key)
		}
	}
}

// bundle reads what stands in the resource at path.
func (l *loader) bundle(n *yamldoc.Node, path yamldoc.Path) *Bundle {
	inner := n.Get("bundle")
	b := &Bundle{Container: text(inner.Get("container")), ContainerPos: l.doc.Pos(inner.Get("container"))}
	if inner != nil && inner.Kind == yamldoc.Map {
		b.Options = l.options(inner.Without("container"), path+".bundle")
	}
	b.Network = l.options(n.Get("network"), path+".network")
	b.Ports = l.mappings(n.Get("ports"), path+".ports", "port mapping")
	b.Storage = l.mappings(n.Get("storage"), path+".storage", "storage mapping")
	l.declare(n.Get("id"), path+".id", &declared{kind: "bundle", resource: true, promotable: b.PromotedMax() > 0})
	if item := n.Get("primitive"); item != nil {
		p := l.primitive(item, path+".primitive", &declared{kind: "primitive", resource: true, inside: text(n.Get("id"))})
		l.checkResourceAgent(p, path+".primitive")
		b.Primitive = &p
	}
	l.checkBundle(b, path)
	return b
}

func (l *loader) mappings(n *yamldoc.Node, path yamldoc.Path, kind string) (out []Mapping) {
	for i, item := range items(n) {
		if item.Kind != yamldoc.Map {
			continue // the schema has reported it
		}
		at := path.Index(i)
		l.declare(item.Get("id"), at+".id", &declared{kind: kind})
		out = append(out, Mapping{ID: text(item.Get("id")), Options: l.options(item.Without("id"), at), Pos: l.doc.Pos(item)})
	}
	return out
}

// checkBundle holds a bundle against what Pacemaker takes: what it does not, it
// leaves aside with a line in its log, and runs nothing, or something else.
func (l *loader) checkBundle(b *Bundle, path yamldoc.Path) {
	for _, o := range b.Options {
		at := path + ".bundle"
		switch o.Name {
		case "replicas", "replicas-per-host":
			l.wholeFrom(1, o, at)
		case "promoted-max":
			l.wholeFrom(0, o, at)
		}
	}
	if v, ok := b.Options.Get("promoted-max"); ok && b.PromotedMax() > b.Replicas() {
		l.errorAt(v.Pos, path+".bundle.promoted-max", "raise replicas", "%d containers cannot have %d promoted ones", b.Replicas(), b.PromotedMax())
	}
	for _, o := range b.Network {
		at := (path + ".network").Key(o.Name)
		switch o.Name {
		case "ip-range-start":
			ip, err := netip.ParseAddr(o.Value.Text)
			if err != nil {
				l.errorAt(o.Value.Pos, at, "give the first address: 10.0.0.150", "%s is no IP address", quote(o.Value.Text))
			} else if !ip.Is4() && b.Replicas() > 1 { // next_ip in Pacemaker's bundle.c
				l.warnAt(o.Value.Pos, at, "give an IPv4 address, or a bundle for each container", "Pacemaker counts on from IPv4 addresses only: of %d containers one gets an address", b.Replicas())
			}
		case "host-netmask":
			if n, err := strconv.Atoi(o.Value.Text); err != nil || n < 0 || n > 128 {
				l.errorAt(o.Value.Pos, at, "give the length of the prefix: 24", "%s is no length of a prefix", quote(o.Value.Text))
			}
		case "control-port":
			l.port(o, at)
		case "add-host":
			if !pacemaker.True(o.Value.Text) && !pacemaker.False(o.Value.Text) {
				l.errorAt(o.Value.Pos, at, "write true or false", "%s is neither true nor false", quote(o.Value.Text))
			} else if _, addresses := b.Network.Get("ip-range-start"); addresses && pacemaker.False(o.Value.Text) && b.Container != "rkt" { // allocate_ip in bundle.c
				l.warnAt(o.Value.Pos, at, "remove it", "Pacemaker then gives %s the option --hosts-entry, which only rkt knows: no container will start", b.Container)
			}
		}
	}
	_, addresses := b.Network.Get("ip-range-start")
	_, control := b.Network.Get("control-port")
	if b.Primitive != nil && !addresses && !control {
		l.errorAt(b.Primitive.Pos, path+".primitive", "give network: {ip-range-start: ADDRESS}, or {control-port: PORT} where the containers use the network of their node",
			"Pacemaker could not reach %s inside of the containers: it needs an address or a port for that", b.Primitive.ID)
	}
	if v, ok := b.Options.Get("replicas-per-host"); ok && b.ReplicasPerHost() > 1 && !addresses {
		l.errorAt(v.Pos, path+".bundle.replicas-per-host", "give network: {ip-range-start: ADDRESS}, or leave it out", "several containers on one node need an address each")
	}
	l.checkPorts(b, path)
	l.checkStorage(b, path)
}

func (l *loader) checkPorts(b *Bundle, path yamldoc.Path) {
	var seen []string
	for i, m := range b.Ports {
		at := (path + ".ports").Index(i)
		port, one := m.Options.Get("port")
		span, many := m.Options.Get("range")
		inside, mapped := m.Options.Get("internal-port")
		switch {
		case one == many:
			l.errorAt(m.Pos, at, "give port: 80, or range: 8000-8010", "a mapping has one of port and range")
			continue
		case many && mapped:
			l.errorAt(inside.Pos, at+".internal-port", "remove it, or give single ports", "a range of ports is the same inside")
		case many:
			first, last, _ := strings.Cut(span.Text, "-")
			from, errFrom := strconv.ParseUint(first, 10, 16)
			to, errTo := strconv.ParseUint(last, 10, 16)
			if errFrom != nil || errTo != nil || from == 0 || from > to {
				l.errorAt(span.Pos, at+".range", "write FIRST-LAST: 8000-8010", "%s is no range of ports", quote(span.Text))
			}
		default:
			for _, o := range m.Options {
				l.port(o, at.Key(o.Name))
			}
		}
		if key := port.Text + span.Text; slices.Contains(seen, key) {
			l.errorAt(m.Pos, at, "remove one of them", "%s is mapped twice", key)
		} else {
			seen = append(seen, key)
		}
	}
}

func (l *loader) checkStorage(b *Bundle, at yamldoc.Path) {
	var seen []string
	for i, m := range b.Storage {
		at := (at + ".storage").Index(i)
		_, dir := m.Options.Get("source-dir")
		_, root := m.Options.Get("source-dir-root")
		if dir == root {
			l.errorAt(m.Pos, at, "give source-dir for what all containers share, or source-dir-root for a folder each", "a mapping has one of source-dir and source-dir-root")
		}
		for _, o := range m.Options {
			if strings.HasPrefix(o.Name, "source-dir") || o.Name == "target-dir" {
				if !path.IsAbs(o.Value.Text) {
					l.errorAt(o.Value.Pos, at.Key(o.Name), "start it with /", "%s is no absolute path", quote(o.Value.Text))
				}
			}
		}
		target, _ := m.Options.Get("target-dir")
		if slices.Contains(seen, path.Clean(target.Text)) {
			l.errorAt(target.Pos, at+".target-dir", "remove one of them", "%s is mounted twice", target.Text)
		}
		seen = append(seen, path.Clean(target.Text))
	}
}

func (l *loader) port(o Option, at yamldoc.Path) {
	if n, err := strconv.ParseUint(o.Value.Text, 10, 16); err != nil || n == 0 {
		l.errorAt(o.Value.Pos, at, "give a number from 1 to 65535", "%s is no port", quote(o.Value.Text))
	}
}

func (l *loader) wholeFrom(least int, o Option, path yamldoc.Path) {
	if n, err := strconv.ParseInt(o.Value.Text, 10, 32); err != nil || int(n) < least {
		l.errorAt(o.Value.Pos, path.Key(o.Name), fmt.Sprintf("give a whole number from %d on", least), "%s is no number of containers", quote(o.Value.Text))
	}
}
