package rolevars

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

func (r *reader) constraints() *yamlout.Node {
	m := yamlout.NewMap()
	m.Set("location", r.each("ha_cluster_constraints_location", r.location, "resource", "node", "rule", "id", "options"))
	m.Set("colocation", r.each("ha_cluster_constraints_colocation", r.colocation, "resource_follower", "resource_leader", "resource_sets", "id", "options"))
	m.Set("order", r.each("ha_cluster_constraints_order", r.order, "resource_first", "resource_then", "resource_sets", "id", "options"))
	m.Set("ticket", r.each("ha_cluster_constraints_ticket", r.ticket, "resource", "ticket", "resource_sets", "id", "options"))
	return m.Node()
}

// each makes a list of a variable that is one; what gives nil is left out.
func (r *reader) each(name string, one func(value) *yamlout.Map, keys ...string) *yamlout.Node {
	var list []*yamlout.Node
	for _, v := range r.variable(name).objects(keys...) {
		if m := one(v); m != nil {
			list = append(list, v.mark(m.Node()))
		}
	}
	return yamlout.List(list...)
}

// begun is a constraint with its id.
func begun(v value) *yamlout.Map { return yamlout.NewMap().Set("id", v.get("id").node()) }

// end is the id of one end of a constraint, and what else is said of it.
func (v value) end(keys ...string) (id value, ok bool) {
	if !v.object(append(slices.Clone(keys), "id")...) {
		return id, false
	}
	id = v.get("id")
	return id, id.given()
}

func (r *reader) unfinished(v value, what string) *yamlout.Map {
	r.leave(diag.Error, v, "", "%s: the constraint is left out", what)
	return nil
}

func (r *reader) location(v value) *yamlout.Map {
	m := begun(v)
	resource := v.get("resource")
	if !resource.object("id", "pattern", "role") {
		return r.unfinished(v, "it is not said which resource it is for")
	}
	if pattern := resource.get("pattern"); pattern.given() {
		m.Set("resource_pattern", pattern.node())
	} else if id := resource.get("id"); id.given() {
		m.Set("resource", id.node())
	} else {
		return r.unfinished(v, "it is not said which resource it is for")
	}
	rule, node, role := v.get("rule"), v.get("node"), resource.get("role")
	switch {
	case rule.given():
		m.Set("role", role.role()).Set("rule", rule.rule())
	case !node.given():
		return r.unfinished(v, "it has neither a node nor a rule")
	default:
		m.Set("node", node.node())
		if role.given() {
			r.leave(diag.Warning, role, "", "the role leaves role aside where there is no rule; so does the playbook")
		}
	}
	options := yamlout.NewMap()
	for _, o := range v.get("options").pairs() {
		switch {
		case o.name == "score":
			m.Set("score", o.score())
		case o.name == "score-attribute" && rule.given():
			m.Set("score_attribute", o.node())
		case o.name == "id" && rule.given():
			r.leave(diag.Warning, o.value, "", "the id of the rule itself: a rule in a playbook has the id that pcs gives it")
		default:
			options.Set(o.name, o.node())
		}
	}
	return m.Set("options", options.Node())
}

func (r *reader) colocation(v value) *yamlout.Map {
	m := begun(v)
	if r.sets(m, v, "sequential", "role") {
		return r.colocated(m, v)
	}
	follower, ok := v.get("resource_follower").end("role")
	leader, also := v.get("resource_leader").end("role")
	if !ok || !also {
		return r.unfinished(v, "it needs resource_follower and resource_leader, each with an id, or resource_sets")
	}
	m.Set("resource", follower.node()).Set("role", v.get("resource_follower").get("role").role())
	m.Set("with", leader.node()).Set("with_role", v.get("resource_leader").get("role").role())
	return r.colocated(m, v)
}

func (r *reader) colocated(m *yamlout.Map, v value) *yamlout.Map {
	options := yamlout.NewMap()
	for _, o := range v.get("options").pairs() {
		if o.name == "score" {
			m.Set("score", o.score())
			continue
		}
		options.Set(o.name, o.node())
	}
	return m.Set("options", options.Node())
}

func (r *reader) order(v value) *yamlout.Map {
	m := begun(v)
	sets := r.sets(m, v, "sequential", "require-all", "action")
	if !sets {
		first, ok := v.get("resource_first").end("action")
		then, also := v.get("resource_then").end("action")
		if !ok || !also {
			return r.unfinished(v, "it needs resource_first and resource_then, each with an id, or resource_sets")
		}
		m.Set("first", first.node()).Set("first_action", v.get("resource_first").get("action").lower())
		m.Set("then", then.node()).Set("then_action", v.get("resource_then").get("action").lower())
	}
	kind, options := false, v.get("options").pairs()
	for _, o := range options {
		kind = kind || o.name == "kind"
	}
	for _, o := range options {
		switch o.name {
		case "kind":
			m.Set("kind", o.title())
		case "symmetrical":
			m.Set("symmetrical", o.flag())
		case "require-all":
			m.Set("require_all", o.flag())
		case "score":
			// Pacemaker takes 0 for Optional and anything else for Mandatory, where no
			// kind is given.
			if n, _ := pacemaker.Score(o.text()); n == 0 && !kind {
				m.Set("kind", o.mark(yamlout.Text("Optional")))
			}
			r.leave(diag.Warning, o.value, "", "an order has a kind and no score: Pacemaker takes 0 for Optional, all others for Mandatory, and so does the playbook")
		default:
			r.leave(diag.Error, o.value, "", "an order has no option %s in a playbook: it is left out", o.name)
		}
	}
	return m
}

func (r *reader) ticket(v value) *yamlout.Map {
	m := begun(v)
	ticket := v.get("ticket")
	if !ticket.given() {
		return r.unfinished(v, "it is not said which ticket it is for")
	}
	m.Set("ticket", ticket.node())
	if !r.sets(m, v, "role") {
		id, ok := v.get("resource").end("role")
		if !ok {
			return r.unfinished(v, "it needs resource with an id, or resource_sets")
		}
		m.Set("resource", id.node()).Set("role", v.get("resource").get("role").role())
	}
	for _, o := range v.get("options").pairs() {
		if o.name == "loss-policy" {
			m.Set("loss_policy", o.lower())
			continue
		}
		r.leave(diag.Error, o.value, "", "a ticket constraint has no option %s in a playbook: it is left out", o.name)
	}
	return m
}

// sets adds the sets of a constraint, if it has such, with options of these names.
func (r *reader) sets(m *yamlout.Map, v value, names ...string) bool {
	sets := v.get("resource_sets")
	if len(sets.items()) == 0 {
		return false
	}
	var list []*yamlout.Node
	for _, s := range sets.objects("resource_ids", "options") {
		var ids []*yamlout.Node
		for _, id := range s.get("resource_ids").items() {
			ids = append(ids, id.node())
		}
		one := yamlout.NewMap().Set("resources", yamlout.List(ids...))
		for _, o := range s.get("options").pairs() {
			switch {
			case !slices.Contains(names, o.name):
				r.leave(diag.Error, o.value, "", "a set here has no option %s in a playbook: it is left out", o.name)
			case o.name == "role":
				one.Set("role", o.role())
			case o.name == "action":
				one.Set("action", o.lower())
			default:
				one.Set(strings.ReplaceAll(o.name, "-", "_"), o.flag())
			}
		}
		list = append(list, s.mark(one.Node()))
	}
	m.Set("sets", yamlout.List(list...))
	return true
}

// lower is a word in small letters.
func (v value) lower() *yamlout.Node {
	if text := v.text(); text != "" {
		return v.mark(yamlout.Text(strings.ToLower(text)))
	}
	return nil
}

// title is a word with a capital in front.
func (v value) title() *yamlout.Node {
	text := strings.ToLower(v.text())
	if text == "" {
		return nil
	}
	return v.mark(yamlout.Text(strings.ToUpper(text[:1]) + text[1:]))
}

// flag is a switch of a constraint, which Pacemaker reads.
func (v value) flag() *yamlout.Node {
	text := v.text()
	switch {
	case pacemaker.True(text):
		text = "true"
	case pacemaker.False(text):
		text = "false"
	case text == "":
		return nil
	}
	return v.mark(yamlout.Text(text))
}
