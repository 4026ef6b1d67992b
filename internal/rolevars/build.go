package rolevars

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// sectionVariables are those of which sections of the playbook are made.
var sectionVariables = []string{
	"ha_cluster_cluster_name", "ha_cluster_cluster_present", "ha_cluster_start_on_boot", "ha_cluster_hacluster_password",
	"ha_cluster_fence_agent_packages", "ha_cluster_extra_packages", "ha_cluster_transport", "ha_cluster_totem", "ha_cluster_quorum",
	"ha_cluster_node_options", "ha_cluster_cluster_properties", "ha_cluster_resource_defaults", "ha_cluster_resource_operation_defaults",
	"ha_cluster_resource_primitives", "ha_cluster_resource_groups", "ha_cluster_resource_clones", "ha_cluster_resource_bundles", "ha_cluster_stonith_levels",
	"ha_cluster_constraints_location", "ha_cluster_constraints_colocation", "ha_cluster_constraints_order", "ha_cluster_constraints_ticket",
	"ha_cluster_acls", "ha_cluster_alerts",
}

// absent is the error of variables that want no cluster.
func (r *reader) absent() error {
	v := r.variable("ha_cluster_cluster_present")
	switch {
	case v.n == nil || v.given() && v.on(true):
		return nil
	case !v.given():
		r.leave(diag.Warning, v, "", "with null the role would leave the cluster as it is; the playbook is made of the other variables")
		return nil
	}
	hint := "to take a cluster apart: hadeploy destroy"
	if q := r.variable("ha_cluster_qnetd").get("present"); q.on(false) {
		hint = "they are for the host of a quorum device, which is no member of a cluster: leave it to the role"
	}
	return diag.List{r.at(r.doc.Pos(v.n), diag.Error, v.path, "these variables are for hosts without a cluster: a playbook has nothing to say of them", hint)}
}

// build makes the sections, in the order of the documentation.
func (r *reader) build() {
	name := r.variable("ha_cluster_cluster_name")
	if node := name.node(); node != nil {
		r.m.Set("name", node)
	} else {
		r.m.SetText("name", "my-cluster") // the role's default
	}
	vars := r.m.Len()
	r.inventory()
	r.m.Set("packages", r.packages())
	r.m.Set("hacluster", yamlout.NewMap().Set("password", r.password()).Node())
	r.m.Set("cluster", r.cluster())
	r.m.Set("nodes", r.nodeSection())
	properties := r.settings(r.variable("ha_cluster_cluster_properties").set())
	r.m.Set("properties", properties.Node())
	r.m.Set("resource_defaults", r.defaults("ha_cluster_resource_defaults"))
	r.m.Set("operation_defaults", r.defaults("ha_cluster_resource_operation_defaults"))
	devices, resources := r.resources()
	r.m.Set("stonith", yamlout.NewMap().Set("devices", devices).Set("levels", r.levels()).Node())
	r.m.Set("resources", resources)
	r.m.Set("alerts", r.alerts())
	r.m.Set("constraints", r.constraints())
	r.m.Set("acls", r.acls())
	r.m.Insert(vars, "vars", r.ownVars.Node())
	r.byHand()
}

func (r *reader) password() *yamlout.Node {
	v := r.variable("ha_cluster_hacluster_password")
	return v.mark(r.secret("hacluster_password", "hacluster.password", v))
}

// packages are those on top of the distribution's. Without a word the role
// installs all fence agents; of those hadeploy knows itself which are needed.
func (r *reader) packages() *yamlout.Node {
	var names []string
	var list []*yamlout.Node
	for _, variable := range []string{"ha_cluster_fence_agent_packages", "ha_cluster_extra_packages"} {
		for _, item := range r.variable(variable).items() {
			name := item.text()
			if name == "" || slices.Contains(names, name) {
				continue
			}
			names = append(names, name)
			list = append(list, item.mark(yamlout.Text(name)))
		}
	}
	return yamlout.NewMap().Set("install", yamlout.List(list...)).Node()
}

func (r *reader) cluster() *yamlout.Node {
	m := yamlout.NewMap()
	if v := r.variable("ha_cluster_start_on_boot"); !v.on(true) {
		m.Set("enable", v.mark(yamlout.Text("false")))
	}
	m.Set("transport", r.transport())
	if v := r.variable("ha_cluster_totem"); v.object("options") {
		m.Set("totem", r.settings(v.get("options").pairs()).Node())
	}
	options := yamlout.NewMap()
	if v := r.variable("ha_cluster_quorum"); v.object("options", "device") {
		options = r.settings(v.get("options").pairs())
		if d := v.get("device"); d.given() {
			r.leave(diag.Error, d, "go on with pcs quorum device add; verify shows it as pcs does", "hadeploy sets up no quorum device: the playbook has none")
		}
	}
	r.tieBreaker(options)
	m.Set("quorum", yamlout.NewMap().Set("options", options.Node()).Node())
	return m.Node()
}

// tieBreaker adds what the role adds for sbd without a disk: of an even number of
// nodes one half has to go on.
func (r *reader) tieBreaker(options *yamlout.Map) {
	sbd := r.variable("ha_cluster_sbd_enabled")
	if !sbd.on(false) || r.variable("ha_cluster_quorum").get("device").given() || len(r.nodes)%2 != 0 {
		return
	}
	for _, entry := range r.variable("ha_cluster_node_options").items() {
		if d := entry.get("sbd_devices"); d.given() && (d.n.Kind != yamldoc.Seq || len(d.n.Items) > 0) {
			return
		}
	}
	if options.Get("auto_tie_breaker") != nil {
		return
	}
	if len(r.nodes) == 0 {
		r.leave(diag.Warning, sbd, "with an even number of nodes and no disk: cluster.quorum.options: {auto_tie_breaker: 1}", "for sbd without a disk, and an even number of nodes, the role sets auto_tie_breaker")
		return
	}
	options.Set("auto_tie_breaker", sbd.mark(yamlout.Text("1")))
	options.Comment("auto_tie_breaker", "The role sets it for sbd without a disk. With disks remove it.")
}

func (r *reader) transport() *yamlout.Node {
	v := r.variable("ha_cluster_transport")
	if !v.object("type", "options", "links", "compression", "crypto") {
		return nil
	}
	m := yamlout.NewMap()
	if kind := v.get("type"); kind.given() && kind.text() != "knet" {
		m.Set("type", kind.node())
	}
	m.Set("options", r.settings(v.get("options").pairs()).Node())
	var links []*yamlout.Node
	for _, link := range v.get("links").items() {
		links = append(links, link.mark(r.settings(link.pairs()).Node()))
	}
	m.Set("links", yamlout.List(links...))
	if c := v.get("compression"); len(c.items()) > 0 {
		r.leave(diag.Error, c, "leave it out, or set it with pcs cluster config update", "hadeploy does not set the compression of knet yet: the playbook has none")
	}
	m.Set("crypto", r.settings(v.get("crypto").pairs()).Node())
	return m.Node()
}

// defaults are the sets of defaults of resources, or of operations.
func (r *reader) defaults(name string) *yamlout.Node {
	v := r.variable(name)
	if v.given() && v.n.Kind == yamldoc.Seq && len(v.n.Items) == 0 || !v.object("meta_attrs") {
		return nil
	}
	var list []*yamlout.Node
	for _, set := range v.get("meta_attrs").objects("id", "rule", "score", "attrs") {
		meta := r.settings(set.get("attrs").pairs())
		if meta.Len() == 0 {
			r.leave(diag.Warning, set, "", "a set of defaults that sets nothing: it is left out")
			continue
		}
		m := yamlout.NewMap().Set("id", set.get("id").node())
		if score := set.get("score"); score.given() && (score.n.Quoted || score.text() != "0") {
			m.Set("score", score.score())
		}
		m.Set("rule", set.get("rule").rule()).Set("meta", meta.Node())
		list = append(list, set.mark(m.Node()))
	}
	return yamlout.List(list...)
}

// rule is the text of a rule, on one line.
func (v value) rule() *yamlout.Node {
	if !v.given() {
		return nil
	}
	text, ok := v.scalar()
	if !ok {
		return nil
	}
	return v.mark(yamlout.Text(escaped(strings.Join(strings.Fields(text), " "))))
}

// score is a score as a playbook writes it.
func (v value) score() *yamlout.Node {
	text, ok := v.scalar()
	if !ok {
		return nil
	}
	text = strings.TrimPrefix(text, "+")
	if upper := strings.ToUpper(text); upper == "INFINITY" || upper == "-INFINITY" {
		text = upper
	}
	return v.mark(yamlout.Text(text))
}
