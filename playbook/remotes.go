package playbook

import (
	"fmt"
	"slices"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// remote is a node without Corosync: a remote node, which a resource connects
// to, or a guest node, which runs inside of one.
type remote struct {
	name, id string // of the node, of the resource
	guest    bool
	setUp    bool     // it stands under remote_nodes
	pos      diag.Pos // of what makes it one
	path     yamldoc.Path
}

// remotes are the remote and guest nodes that resources make: one of
// ocf:pacemaker:remote has its own id as the node's name, a guest node is named
// by the meta attribute remote-node.
func (p *Playbook) remotes() (list []remote) {
	for path, x := range p.Primitives() {
		if ref := x.Ref(); ref.Standard == "ocf" && ref.Provider == "pacemaker" && ref.Type == "remote" {
			list = append(list, remote{name: x.ID, id: x.ID, pos: x.AgentPos, path: path.Key("agent")}.declaredIn(p))
		}
		for _, m := range x.Meta {
			if m.Name == "remote-node" && m.Value.Text != "" {
				list = append(list, remote{name: m.Value.Text, id: x.ID, guest: true, pos: m.Value.Pos, path: path.Key("meta").Key(m.Name)}.declaredIn(p))
			}
		}
	}
	return list
}

// declaredIn gives the node its place where it stands under remote_nodes.
func (r remote) declaredIn(p *Playbook) remote {
	for i := range p.Remotes {
		if d := &p.Remotes[i]; d.Name == r.name && d.Resource() == r.id {
			r.setUp, r.pos, r.path = true, d.Pos, d.path+".name"
		}
	}
	return r
}

// RemoteNodes are the names of the remote and guest nodes that resources make.
func (p *Playbook) RemoteNodes() (names []string) {
	for _, r := range p.remotes() {
		names = append(names, r.name)
	}
	return names
}

// checkRemotes refuses a node that would be there twice: Pacemaker takes two of
// one name for one.
func (p *Playbook) checkRemotes(nodes []string, fail func(diag.Pos, yamldoc.Path, string, string)) {
	seen := map[string]remote{}
	for _, r := range p.remotes() {
		first, twice := seen[r.name]
		switch {
		case slices.Contains(nodes, r.name):
			fail(r.pos, r.path, fmt.Sprintf("%s is a member of the cluster already, and would be a %s too", quote(r.name), r.sort()), r.otherwise(p))
		case twice:
			fail(r.pos, r.path, fmt.Sprintf("%s is the name of two nodes: %s makes it already, on line %d", quote(r.name), first.id, first.pos.Line), "choose another name")
		case r.guest && p.primitive(r.name) != nil:
			fail(r.pos, r.path, fmt.Sprintf("the guest node %s has the name of a resource", quote(r.name)), "choose another name: Pacemaker makes a resource of the node's own name for it")
		}
		seen[r.name] = r
	}
}

// otherwise is what to do about a member of that name.
func (r remote) otherwise(p *Playbook) string {
	if !r.setUp || p.Hosts != "" {
		return "choose another name, or take the node out of the inventory's hosts"
	}
	return fmt.Sprintf("name the members with hosts: at present all of the inventory are; say a group of them, or hosts: \"all:!%s\"", r.name)
}

func (r remote) sort() string {
	if r.guest {
		return "guest node"
	}
	return "remote node"
}

// starts is the resource that connects to the node.
func (r remote) starts() string {
	if r.guest {
		return "the connection to it"
	}
	return r.id
}

// primitive is the one with that id, nil when there is none.
func (p *Playbook) primitive(id string) *Primitive {
	for _, x := range p.Primitives() {
		if x.ID == id {
			return x
		}
	}
	return nil
}

// remotesToProvision names the nodes that the file makes and nobody sets up.
func (p *Playbook) remotesToProvision() (out []remark) {
	for _, r := range p.remotes() {
		if r.setUp {
			continue
		}
		out = append(out, remark{pos: r.pos, path: r.path, Finding: plan.Finding{Code: "REMOTE_NOT_PROVISIONED", Severity: plan.Warning, Object: r.id,
			Message: fmt.Sprintf("%s makes the %s %s, which nobody sets up as it does not stand under remote_nodes: without pacemaker_remote and the cluster's key there, %s fails to start", r.id, r.sort(), r.name, r.starts()),
			Fix:     "declare it under remote_nodes and hadeploy sets it up; or, on " + r.name + ": install pacemaker-remote, copy /etc/pacemaker/authkey from a member, systemctl enable --now pacemaker_remote"}})
	}
	return out
}
