package cib

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// pcs takes neither the connection to a remote node nor the meta attribute that
// makes a guest node where it takes other resources and attributes: it has
// commands of their own for them.

func (p *primitive) connects() bool { return p.agentName() == "ocf:pacemaker:remote" }

// guestMeta reports whether a meta attribute is set by pcs cluster node add-guest.
func guestMeta(name string) bool {
	return name == "remote-node" || name == "remote-addr" || name == "remote-port" || name == "remote-connect-timeout"
}

// pcsAddRemote is the beginning of the command that makes the connection to a
// remote node: its address is no option there.
func pcsAddRemote(p *primitive) string {
	line := "pcs cluster node add-remote " + p.id
	var options []pair
	for _, o := range p.options {
		if o.name == "server" && !o.secret {
			line += " " + shellWord(o.value)
		} else {
			options = append(options, o)
		}
	}
	return pcsLine(line, options...)
}

// pcsAddGuest is the command that makes a guest node of a primitive which is
// there, and the meta attributes that are then left to set; "" for one that is to
// be none. pcs adds an address where none is declared.
func pcsAddGuest(p *primitive) (command string, rest []pair) {
	node := slices.IndexFunc(p.meta, func(m pair) bool { return m.name == "remote-node" && m.value != "" && !m.secret })
	if node < 0 {
		return "", p.meta
	}
	command = "pcs cluster node add-guest " + shellWord(p.meta[node].value) + " " + p.id
	if !hasPair(p.meta, "remote-addr") {
		command = pcsLine("pcs --force resource meta "+p.id, p.meta[node])
	}
	for i, m := range p.meta {
		switch {
		case !guestMeta(m.name):
			rest = append(rest, m)
		case i != node:
			command = pcsLine(command, m)
		}
	}
	return command, rest
}

// pcsGuestChanges are the commands for a guest node that comes, goes or gets
// another name, and the changes of meta attributes that are left.
func pcsGuestChanges(p *primitive, meta []plan.Diff) (list []string, rest []plan.Diff) {
	at := slices.IndexFunc(meta, func(d plan.Diff) bool { return d.Name == "meta.remote-node" })
	if at < 0 {
		return nil, meta
	}
	if meta[at].HasBefore {
		list = append(list, "pcs cluster node remove-guest "+shellWord(meta[at].Before))
	}
	if meta[at].HasAfter {
		add, _ := pcsAddGuest(p)
		list = append(list, add)
	}
	return list, slices.DeleteFunc(slices.Clone(meta), func(d plan.Diff) bool { return guestMeta(strings.TrimPrefix(d.Name, "meta.")) })
}
