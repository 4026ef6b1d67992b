package rolevars

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/playbook"
)

// part is a resource on its way into the playbook.
type part struct {
	id      string
	kind    string // primitive, group, bundle
	fence   bool
	m       *yamlout.Map
	in      string // what it stands in, empty: nothing
	clone   value
	cloned  bool
	members []*part
	of      value
}

// resources are the fencing devices, and all others as pcs makes a tree of them:
// bundles, primitives, groups, and clones in the place of what they run.
func (r *reader) resources() (devices, resources *yamlout.Node) {
	byID := map[string]*part{}
	var primitives, groups, bundles []*part
	add := func(list *[]*part, p *part) {
		if first := byID[p.id]; first != nil {
			r.leave(diag.Error, p.of, "give it an id of its own", "the id %s is used already: it is left out", p.id)
			return
		}
		byID[p.id] = p
		*list = append(*list, p)
	}
	for _, v := range r.variable("ha_cluster_resource_primitives").objects("id", "agent", "instance_attrs", "meta_attrs", "copy_operations_from_agent", "operations", "utilization") {
		if p := r.primitive(v); p != nil {
			add(&primitives, p)
		}
	}
	for _, v := range r.variable("ha_cluster_resource_bundles").objects("id", "resource_id", "container", "network_options", "port_map", "storage_map", "meta_attrs") {
		if p := r.bundle(v, byID); p != nil {
			add(&bundles, p)
		}
	}
	for _, v := range r.variable("ha_cluster_resource_groups").objects("id", "resource_ids", "meta_attrs") {
		if p := r.group(v, byID); p != nil {
			add(&groups, p)
		}
	}
	for _, v := range r.variable("ha_cluster_resource_clones").objects("resource_id", "promotable", "id", "meta_attrs") {
		r.clone(v, byID)
	}
	var fences, others []*yamlout.Node
	for _, p := range slices.Concat(bundles, primitives, groups) {
		switch {
		case p.fence:
			fences = append(fences, p.of.mark(p.m.Node()))
		case p.in == "":
			others = append(others, r.whole(p))
		}
	}
	return yamlout.List(fences...), yamlout.List(others...)
}

func (r *reader) primitive(v value) *part {
	id, agent := v.get("id").text(), v.get("agent").text()
	if id == "" || agent == "" {
		r.leave(diag.Error, v, "", "a resource without an id or an agent: it is left out")
		return nil
	}
	p := &part{id: id, kind: "primitive", of: v, m: yamlout.NewMap()}
	r.missing = nil
	p.m.Set("id", v.get("id").node())
	if name, ok := strings.CutPrefix(agent, "stonith:"); ok {
		p.fence, agent = true, name
	} else if strings.HasPrefix(agent, "fence_") {
		r.leave(diag.Warning, v.get("agent"), "write stonith:"+agent, "%s is a fencing agent: the playbook has a fencing device of it, where the role would look for a resource agent", agent)
		p.fence = true
	} else {
		agent = r.agent(agent, v.get("agent"))
	}
	p.m.Set("agent", v.get("agent").mark(yamlout.Text(agent)))
	p.m.Set("options", r.options(v.get("instance_attrs").set(), id).Node())
	p.m.Set("meta", r.settings(v.get("meta_attrs").set()).Node())
	op := r.operations(v)
	// Of a fencing device pcs adds a monitor only, whatever is said here.
	if c := v.get("copy_operations_from_agent"); !p.fence && !c.truthy(true) {
		p.m.Set("op", r.withMonitor(op, v).Node())
		p.m.Set("default_operations", c.mark(yamlout.Text("false")))
	} else {
		p.m.Set("op", op.Node())
	}
	p.m.Set("utilization", r.settings(v.get("utilization").set()).Node())
	if len(r.missing) > 0 {
		p.m.Comment("id", "Left out, to be written by hand: "+strings.Join(r.missing, ", ")+" of "+r.doc.File)
	}
	return p
}

// agent is the whole name of a resource agent. pcs looks for a short one among
// those of the node.
func (r *reader) agent(name string, v value) string {
	ref := playbook.ParseAgent(name)
	if ref.Standard != "" {
		return ref.String()
	}
	var meant []string
	for _, known := range playbook.WellKnownAgents() {
		if ref := playbook.ParseAgent(known); ref.Standard == "ocf" && strings.EqualFold(ref.Type, name) {
			meant = append(meant, known)
		}
	}
	switch len(meant) {
	case 0:
		r.leave(diag.Error, v, "write the whole name into the playbook, such as ocf:heartbeat:"+name+" or systemd:"+name, "%s is no whole name of an agent: which one the nodes have is not known here", name)
		return "ocf:heartbeat:" + name
	case 1:
		r.leave(diag.Warning, v, "", "%s is taken for %s", name, meant[0])
		return meant[0]
	}
	r.leave(diag.Error, v, "write the one that is meant into the playbook", "%s can be %s, and the role would refuse it: the first one is taken", name, strings.Join(meant, " or "))
	return meant[0]
}

// operations are those of a primitive by their names.
func (r *reader) operations(v value) *yamlout.Map {
	var names []string
	byName := map[string][]*yamlout.Node{}
	for _, item := range v.get("operations").objects("action", "attrs") {
		name := item.get("action").text()
		if name == "" {
			r.leave(diag.Error, item, "", "an operation without an action: it is left out")
			continue
		}
		m := yamlout.NewMap()
		for _, a := range item.get("attrs").pairs() {
			switch {
			case !a.given() || a.n.Kind == yamldoc.Scalar && a.n.Text == "":
				r.leave(diag.Warning, a.value, "", "%s has no value: it is left out", a.name)
			case a.name == "role":
				m.Set(a.name, a.role())
			default:
				m.Set(a.name, r.option(a))
			}
		}
		if m.Len() == 0 {
			r.leave(diag.Error, item, "", "an operation without options, which pcs refuses: it is left out")
			continue
		}
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], item.mark(m.Node()))
	}
	m := yamlout.NewMap()
	for _, name := range names {
		if list := byName[name]; len(list) == 1 {
			m.Set(name, list[0])
		} else {
			m.Set(name, yamlout.List(list...))
		}
	}
	return m
}

// withMonitor adds the monitor that pcs gives a primitive in any case. What its
// agent advises for it is not known here.
func (r *reader) withMonitor(op *yamlout.Map, v value) *yamlout.Map {
	if op.Get("monitor") != nil {
		return op
	}
	c := v.get("copy_operations_from_agent")
	op.Set("monitor", c.mark(yamlout.NewMap().SetText("interval", "60s").Node()))
	op.Comment("monitor", "pcs adds it by what the agent advises: write that here.")
	r.leave(diag.Warning, c, "see hadeploy agents describe, and write the agent's interval and timeout",
		"of the agent's operations pcs takes the monitor all the same, with an interval that only the agent knows: the playbook has one of 60s")
	return op
}

// role is the name that a role has today.
func (v value) role() *yamlout.Node {
	text := v.text()
	if text == "" {
		return nil
	}
	return v.mark(yamlout.Text(pacemaker.Role(text)))
}

func (r *reader) bundle(v value, byID map[string]*part) *part {
	id, container := v.get("id").text(), v.get("container")
	if id == "" || !container.object("type", "options") {
		r.leave(diag.Error, v, "", "a bundle without an id or a container: it is left out")
		return nil
	}
	p := &part{id: id, kind: "bundle", of: v, m: yamlout.NewMap()}
	p.m.Set("id", v.get("id").node())
	b := yamlout.NewMap().Set("container", container.get("type").node())
	for _, o := range container.get("options").pairs() {
		name := o.name
		if name == "masters" { // of before Pacemaker 2.0
			name = "promoted-max"
		}
		b.Set(name, o.node())
	}
	p.m.Set("bundle", container.mark(b.Node()))
	network := yamlout.NewMap()
	for _, o := range v.get("network_options").pairs() {
		if o.name == "add-host" {
			r.leave(diag.Warning, o.value, "", "the role leaves add-host aside, as pcs does not know it; so does the playbook")
			continue
		}
		network.Set(o.name, o.node())
	}
	p.m.Set("network", network.Node())
	p.m.Set("ports", r.mappings(v.get("port_map"))).Set("storage", r.mappings(v.get("storage_map")))
	if inside := r.inside(v.get("resource_id"), p, byID, "primitive"); inside != nil {
		p.members = []*part{inside}
	}
	return p
}

func (r *reader) mappings(v value) *yamlout.Node {
	var list []*yamlout.Node
	for _, item := range v.items() {
		list = append(list, item.mark(r.settings(item.pairs()).Node()))
	}
	return yamlout.List(list...)
}

func (r *reader) group(v value, byID map[string]*part) *part {
	id := v.get("id").text()
	if id == "" {
		r.leave(diag.Error, v, "", "a group without an id: it is left out")
		return nil
	}
	p := &part{id: id, kind: "group", of: v, m: yamlout.NewMap()}
	p.m.Set("id", v.get("id").node())
	for _, item := range v.get("resource_ids").items() {
		if member := r.inside(item, p, byID, "primitive"); member != nil {
			p.members = append(p.members, member)
		}
	}
	if len(p.members) == 0 {
		r.leave(diag.Error, v, "", "the group %s has no members: it is left out", id)
		return nil
	}
	return p
}

// inside is the resource that goes into another; what cannot is named.
func (r *reader) inside(v value, around *part, byID map[string]*part, kinds ...string) *part {
	id := v.text()
	if id == "" {
		return nil
	}
	p := byID[id]
	switch {
	case p == nil:
		r.leave(diag.Error, v, "", "%s is no resource of these variables: %s is without it", id, around.id)
	case p.fence:
		r.leave(diag.Error, v, "", "%s is a fencing device, which stands in nothing: %s is without it", id, around.id)
	case p.in != "":
		r.leave(diag.Error, v, "", "%s stands in %s already: %s is without it", id, p.in, around.id)
	case !slices.Contains(kinds, p.kind):
		r.leave(diag.Error, v, "", "%s is a %s, which cannot stand in %s", id, p.kind, around.id)
	default:
		p.in = around.id
		return p
	}
	return nil
}

func (r *reader) clone(v value, byID map[string]*part) {
	id := v.get("resource_id")
	p := byID[id.text()]
	switch {
	case id.text() == "":
		r.leave(diag.Error, v, "", "a clone of nothing: it is left out")
	case p == nil:
		r.leave(diag.Error, id, "", "%s is no resource of these variables: the clone is left out", id.text())
	case p.fence, p.in != "", p.kind == "bundle":
		r.leave(diag.Error, id, "", "%s stands in %s, and cannot be cloned by itself: the clone is left out", p.id, cmp.Or(p.in, "no clone ever"))
	case p.cloned:
		r.leave(diag.Error, id, "", "%s is cloned already: this clone is left out", p.id)
	default:
		p.clone, p.cloned = v, true
	}
}

// whole is a resource with all that is in it and around it.
func (r *reader) whole(p *part) *yamlout.Node {
	var inside []*yamlout.Node
	for _, member := range p.members {
		inside = append(inside, member.of.mark(member.m.Node()))
	}
	switch p.kind {
	case "group":
		p.m.Set("group", yamlout.List(inside...))
	case "bundle":
		if len(inside) == 1 {
			p.m.Set("primitive", inside[0])
		}
	}
	meta := r.settings(nil)
	if p.kind != "primitive" {
		meta = r.settings(p.of.get("meta_attrs").set())
	}
	if !p.cloned {
		p.m.Set("meta", meta.Node())
		return p.of.mark(p.m.Node())
	}
	if meta.Len() > 0 {
		// A group in a clone has no meta attributes of its own here; as the clone's
		// they hold for the same resources.
		r.leave(diag.Warning, p.of.get("meta_attrs"), "", "a group in a clone has no meta attributes of its own in a playbook: they stand at the clone, and hold for the same resources")
	}
	key := "clone"
	if p.clone.get("promotable").truthy(false) {
		key = "promotable"
	}
	m := yamlout.NewMap()
	if own := p.clone.get("id").node(); own != nil {
		m.Set("id", own)
	} else {
		m.Set("id", p.clone.mark(yamlout.Text(p.id+"-clone")))
	}
	m.Set(key, p.of.mark(p.m.Node()))
	all := r.settings(p.clone.get("meta_attrs").set())
	for _, name := range meta.Keys() {
		if slices.Contains(all.Keys(), name) {
			r.leave(diag.Error, p.of.get("meta_attrs"), "", "%s of the group %s is left out: the clone has one, too", name, p.id)
			continue
		}
		all.Set(name, meta.Get(name))
	}
	m.Set("meta", all.Node())
	return p.clone.mark(m.Node())
}
