package rolevars

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

func (r *reader) levels() *yamlout.Node {
	return r.each("ha_cluster_stonith_levels", func(v value) *yamlout.Map {
		m := yamlout.NewMap()
		for _, key := range []string{"level", "target", "target_pattern", "target_attribute", "target_value"} {
			m.Set(key, v.get(key).node())
		}
		return m.Set("devices", r.words(v.get("resource_ids")))
	}, "level", "target", "target_pattern", "target_attribute", "target_value", "resource_ids")
}

// words is a list of texts.
func (r *reader) words(v value) *yamlout.Node {
	var list []*yamlout.Node
	for _, item := range v.items() {
		list = append(list, item.node())
	}
	return yamlout.List(list...)
}

func (r *reader) acls() *yamlout.Node {
	v := r.variable("ha_cluster_acls")
	if !v.object("acl_roles", "acl_users", "acl_groups") {
		return nil
	}
	var roles []*yamlout.Node
	for _, role := range v.get("acl_roles").objects("id", "description", "permissions") {
		var permissions []*yamlout.Node
		for _, p := range role.get("permissions").objects("kind", "xpath", "reference") {
			m := yamlout.NewMap().Set("kind", p.get("kind").lower()).Set("xpath", p.get("xpath").node()).Set("reference", p.get("reference").node())
			permissions = append(permissions, p.mark(m.Node()))
		}
		m := yamlout.NewMap().Set("id", role.get("id").node()).Set("description", role.description()).Set("permissions", yamlout.List(permissions...))
		roles = append(roles, role.mark(m.Node()))
	}
	members := func(v value) *yamlout.Node {
		var list []*yamlout.Node
		for _, member := range v.objects("id", "roles") {
			list = append(list, member.mark(yamlout.NewMap().Set("id", member.get("id").node()).Set("roles", r.words(member.get("roles"))).Node()))
		}
		return yamlout.List(list...)
	}
	return yamlout.NewMap().Set("roles", yamlout.List(roles...)).Set("users", members(v.get("acl_users"))).Set("groups", members(v.get("acl_groups"))).Node()
}

func (v value) description() *yamlout.Node {
	if d := v.get("description"); d.given() && d.n.Text != "" {
		return d.node()
	}
	return nil
}

func (r *reader) alerts() *yamlout.Node {
	return r.each("ha_cluster_alerts", func(v value) *yamlout.Map {
		if !v.get("id").given() || !v.get("path").given() {
			r.leave(diag.Error, v, "", "an alert without an id or a path: it is left out")
			return nil
		}
		m := yamlout.NewMap().Set("id", v.get("id").node()).Set("path", v.get("path").node()).Set("description", v.description())
		r.alertOptions(m, v)
		var list []*yamlout.Node
		for _, item := range v.get("recipients").objects("value", "id", "description", "instance_attrs", "meta_attrs") {
			to := yamlout.NewMap().Set("id", item.get("id").node()).Set("value", item.get("value").node()).Set("description", item.description())
			r.alertOptions(to, item)
			list = append(list, item.mark(to.Node()))
		}
		return m.Set("recipients", yamlout.List(list...))
	}, "id", "path", "description", "instance_attrs", "meta_attrs", "recipients")
}

// alertOptions are those of an alert or of a recipient. In a playbook none of them
// can be a secret.
func (r *reader) alertOptions(m *yamlout.Map, v value) {
	var options []pair
	for _, p := range v.get("instance_attrs").set() {
		if secret.Named(p.name) && !strings.HasSuffix(p.name, "_script") && p.given() {
			r.leave(diag.Error, p.value, "let the program read it from a file of its own, which files brings to the nodes", "%s would stand in the playbook as it is, and in the CIB for everybody to read: it is left out", p.name)
			continue
		}
		options = append(options, p)
	}
	m.Set("options", r.settings(options).Node())
	m.Set("meta", r.settings(v.get("meta_attrs").set()).Node())
}
