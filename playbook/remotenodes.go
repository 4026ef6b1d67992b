package playbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// RemoteNode is a node without Corosync that is set up here: a remote node, which
// a resource of its own name connects to, or a guest node, which runs inside of a
// resource. What the cluster's configuration has of it stands in the primitive.
type RemoteNode struct {
	Name  string // Pacemaker's name for it
	Guest string // id of the primitive that it runs inside of; "": a remote node
	Pos   diag.Pos

	resource *Primitive // of the remote node, or the one that it runs inside of
	given    bool       // the playbook says where the members reach it
	path     yamldoc.Path
}

// remoteName is what Pacemaker and the inventory take as the name of a node.
var remoteName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// guestOptions are what pcs cluster node add-guest takes, and how Pacemaker calls
// them as meta attributes of the resource.
var guestOptions = []string{"remote-addr", "remote-port", "remote-connect-timeout"}

// connection is the agent that connects to a remote node.
const connection = "ocf:pacemaker:remote"

// remoteNodes reads the nodes and makes of each what pcs cluster node add-remote
// and add-guest make: a primitive of the node's name, or meta attributes of the
// one that it runs inside of.
func (l *loader) remoteNodes(n *yamldoc.Node, p *Playbook) {
	for i, item := range items(n) {
		path := yamldoc.Path("remote_nodes").Index(i)
		r := RemoteNode{Name: text(item.Get("name")), Guest: text(item.Get("guest")), Pos: l.doc.Pos(item.Get("name")), path: path}
		if r.Name == "" {
			continue // the schema has said so
		}
		if !remoteName.MatchString(r.Name) {
			l.errorAt(r.Pos, path+".name", "use letters, digits, _ . -", "%s cannot be the name of a node", quote(r.Name))
			continue
		}
		options := l.options(item.Get("options"), path+".options")
		if item.Get("guest") != nil {
			r.resource = l.guest(item, &r, options, p)
		} else {
			r.resource = l.connection(item, &r, options, p)
		}
		if r.resource != nil {
			p.Remotes = append(p.Remotes, r)
		}
	}
}

// connection adds the resource that connects to a remote node.
func (l *loader) connection(item *yamldoc.Node, r *RemoteNode, options Options, p *Playbook) *Primitive {
	l.declare(item.Get("name"), r.path+".name", &declared{kind: "remote node", resource: true})
	if o, ok := options.Get("server"); ok {
		l.errorAt(o.Pos, r.path+".options.server", "write server: beside name:", "the address has a place of its own")
		return nil
	}
	at := r.Pos
	address := r.Name
	if server := item.Get("server"); text(server) != "" {
		address, at, r.given = text(server), l.doc.Pos(server), true
	}
	options = append(options, Option{Name: "server", Value: Value{Text: address, Pos: at}, Pos: at})
	x := l.primitive(item, r.path, nil) // which has no id: and no agent:
	x.ID, x.Agent, x.AgentPos, x.Options = r.Name, connection, r.Pos, options
	p.Resources = append(p.Resources, Resource{ID: r.Name, Primitive: &x, Pos: x.Pos})
	return &x
}

// guest makes a guest node of a primitive.
func (l *loader) guest(item *yamldoc.Node, r *RemoteNode, options Options, p *Playbook) *Primitive {
	at := l.doc.Pos(item.Get("guest"))
	for _, key := range []string{"server", "op", "meta"} {
		if f := item.Field(key); f != nil {
			hint := "move it to the resource " + r.Guest
			if key == "server" {
				hint = "write options: {remote-addr: ADDRESS}"
			}
			l.errorAt(l.doc.KeyPos(f), r.path.Key(key), hint, "a guest node has no %s of its own", key)
			return nil
		}
	}
	d := l.named(item.Get("guest"), r.path+".guest", func(d *declared) bool { return d.inside == "" && d.kind == "primitive" })
	if d == nil {
		return nil
	}
	x := p.primitive(r.Guest)
	switch {
	case x == nil:
		l.errorAt(at, r.path+".guest", "name a primitive, such as one of ocf:heartbeat:VirtualDomain", "%s is a %s, and a guest node runs inside of a primitive", r.Guest, d.kind)
		return nil
	case d.inside != "":
		l.errorAt(at, r.path+".guest", "declare the primitive outside of "+d.inside, "%s has many instances, and a node is one", r.Guest)
		return nil
	case x.Ref().Standard == "stonith":
		l.errorAt(at, r.path+".guest", "name the resource that starts it, such as one of ocf:heartbeat:VirtualDomain", "%s is a fencing device, and no node runs inside of one", r.Guest)
		return nil
	case x.Ref().String() == connection:
		l.errorAt(at, r.path+".guest", "name the resource that starts it, such as one of ocf:heartbeat:VirtualDomain", "%s is the connection to a remote node", r.Guest)
		return nil
	}
	for _, o := range options {
		if !slices.Contains(guestOptions, o.Name) {
			hint := diag.DidYouMean(o.Name, guestOptions)
			if hint == "" {
				hint = "possible are " + strings.Join(guestOptions, ", ")
			}
			l.errorAt(o.Pos, (r.path + ".options").Key(o.Name), hint, "a guest node has no option %s", quote(o.Name))
			return nil
		}
	}
	for i := range p.Remotes {
		if other := &p.Remotes[i]; other.resource == x {
			l.errorAt(at, r.path+".guest", "name another resource", "%s is the guest node %s already, on line %d", r.Guest, other.Name, other.Pos.Line)
			return nil
		}
	}
	for _, name := range append([]string{"remote-node"}, guestOptions...) {
		if v, ok := x.Meta.Get(name); ok {
			l.errorAt(v.Pos, r.path+".guest", fmt.Sprintf("remove it there: remote_nodes sets it, as the node %s is declared on line %d", r.Name, r.Pos.Line),
				"%s has the meta attribute %s already", r.Guest, name)
			return nil
		}
	}
	l.check(options, r.path+".options", metaRules)
	x.Meta = append(x.Meta, Option{Name: "remote-node", Value: Value{Text: r.Name, Pos: r.Pos}, Pos: r.Pos})
	if _, r.given = options.Get("remote-addr"); !r.given {
		x.Meta = append(x.Meta, Option{Name: "remote-addr", Value: Value{Text: r.Name, Pos: r.Pos}, Pos: r.Pos})
	}
	x.Meta = append(x.Meta, options...)
	return x
}

// address is where the members look for the node, which pcs always writes.
func (r *RemoteNode) address() *Value {
	name, set := "server", r.resource.Options
	if r.Guest != "" {
		name, set = "remote-addr", r.resource.Meta
	}
	for i := range set {
		if set[i].Name == name {
			return &set[i].Value
		}
	}
	return &Value{Text: r.Name}
}

// Locate gives the node the address of its host, where the playbook gives none: as
// long as that is not known, the members look for it by its name.
func (r *RemoteNode) Locate(address string) {
	if !r.given {
		r.address().Text = address
	}
}

// Address is where the members look for the node.
func (r *RemoteNode) Address() string { return r.address().Text }

// Resource is the id of the resource that has to run for the node to be online.
func (r *RemoteNode) Resource() string {
	if r.Guest != "" {
		return r.Guest
	}
	return r.Name
}

// checkRemoteAddresses refuses a node at the address of another one, as pcs does.
func (p *Playbook) checkRemoteAddresses(members []Member, fail func(diag.Pos, yamldoc.Path, string, string)) {
	taken := map[string]string{} // address: node
	for _, m := range members {
		for _, a := range append(slices.Clone(m.Links), m.Host) {
			taken[strings.ToLower(a)] = m.Name
		}
	}
	for i := range p.Remotes {
		r := &p.Remotes[i]
		address := strings.ToLower(r.Address())
		if other := taken[address]; other != "" && other != r.Name {
			fail(r.Pos, r.path+".name", fmt.Sprintf("the members would look for %s at %s, which is an address of %s", r.Name, r.Address(), other),
				"give it the address of its own host")
		}
		taken[address] = r.Name
	}
}
