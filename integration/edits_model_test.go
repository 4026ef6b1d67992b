//go:build linux

package integration

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"
)

// object is a piece of a playbook.
type object = map[string]any

// edits is a playbook that is edited at random. What an edit makes has e- in its
// name; the group web serves requests all the time.
type edits struct {
	made       int      // names given so far
	primitives []object // in no group or in one of groups
	groups     map[string][]object
	clone      object
	promotable object
	location   []object
	colocation []object
	order      []object
	tags       map[string][]string
	alerts     []object
	acls       object
	attributes object
	stickiness int
	timeout    int
}

func newEdits() *edits {
	m := &edits{groups: map[string][]object{}, tags: map[string][]string{}, acls: object{}, attributes: object{}, stickiness: 100, timeout: 30}
	m.clone = object{"id": "e-clone", "clone": object{"id": "e-cloned", "agent": "ocf:pacemaker:Dummy"}, "meta": object{"interleave": true}}
	m.promotable = object{"id": "e-db-clone", "promotable": object{"id": "e-db", "agent": "ocf:pacemaker:Stateful"}, "meta": object{}}
	for range 4 {
		m.primitives = append(m.primitives, m.primitive())
	}
	m.groups["e-group-a"] = []object{m.primitive(), m.primitive()}
	return m
}

func (m *edits) name() string {
	m.made++
	return fmt.Sprintf("e-%d", m.made)
}

func (m *edits) primitive() object {
	return object{"id": m.name(), "agent": "ocf:pacemaker:Dummy", "options": object{"fake": "a"}, "meta": object{}, "op": object{"monitor": object{"interval": "10s"}}}
}

// tops are the ids that a constraint may name, in the order in which they stand.
// Constraints lead from a later to an earlier one: no circle comes about.
func (m *edits) tops() (ids []string) {
	ids = append(ids, "web", "e-clone", "e-db-clone")
	for _, p := range m.primitives {
		ids = append(ids, p["id"].(string))
	}
	for _, g := range []string{"e-group-a", "e-group-b"} {
		if len(m.groups[g]) > 0 {
			ids = append(ids, g)
		}
	}
	return ids
}

// all are all primitives that edits may change.
func (m *edits) all() (list []object) {
	list = append(list, m.primitives...)
	list = append(list, m.clone["clone"].(object), m.promotable["promotable"].(object))
	for _, g := range []string{"e-group-a", "e-group-b"} {
		list = append(list, m.groups[g]...)
	}
	return list
}

// forget takes out what names a resource that is no longer there.
func (m *edits) forget(id string) {
	names := func(o object) bool {
		return o["resource"] == id || o["with"] == id || o["first"] == id || o["then"] == id
	}
	m.location = slices.DeleteFunc(m.location, names)
	m.colocation = slices.DeleteFunc(m.colocation, names)
	m.order = slices.DeleteFunc(m.order, names)
	for tag, ids := range m.tags {
		left := slices.DeleteFunc(ids, func(s string) bool { return s == id })
		if m.tags[tag] = left; len(left) == 0 {
			delete(m.tags, tag)
		}
	}
}

// pair are two resources, the later one first.
func (m *edits) pair(r *rand.Rand) (later, earlier string) {
	ids := m.tops()
	a := 1 + r.IntN(len(ids)-1)
	return ids[a], ids[r.IntN(a)]
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// edit makes one edit and says which.
func (m *edits) edit(r *rand.Rand) string {
	for {
		e := pick(r, everyEdit)
		if e.do(m, r) {
			return e.name
		}
	}
}

// everyEdit: each reports whether there was anything to edit.
var everyEdit = []struct {
	name string
	do   func(m *edits, r *rand.Rand) bool
}{
	{"a new primitive", func(m *edits, _ *rand.Rand) bool {
		if len(m.primitives) > 8 {
			return false
		}
		m.primitives = append(m.primitives, m.primitive())
		return true
	}},
	{"a primitive goes", func(m *edits, r *rand.Rand) bool {
		if len(m.primitives) < 3 {
			return false
		}
		i := r.IntN(len(m.primitives))
		id := m.primitives[i]["id"].(string)
		m.primitives = slices.Delete(m.primitives, i, i+1)
		m.forget(id)
		return true
	}},
	{"an option", func(m *edits, r *rand.Rand) bool {
		p := pick(r, m.all())
		p["options"] = object{pick(r, []string{"op_sleep", "envfile"}): fmt.Sprint(r.IntN(2)), "fake": pick(r, []string{"a", "b", "c"})}
		if p["agent"] == "ocf:pacemaker:Stateful" {
			p["options"] = object{"notify_delay": r.IntN(2)}
		}
		return true
	}},
	{"a meta attribute", func(m *edits, r *rand.Rand) bool {
		p := pick(r, m.primitives)
		p["meta"] = object{pick(r, []string{"priority", "resource-stickiness", "migration-threshold"}): 1 + r.IntN(5)}
		return true
	}},
	{"stopped or started", func(m *edits, r *rand.Rand) bool {
		p := pick(r, m.primitives)
		id := p["id"].(string)
		names := func(o object) bool {
			return o["resource"] == id || o["with"] == id || o["first"] == id || o["then"] == id
		}
		if slices.ContainsFunc(m.colocation, names) || slices.ContainsFunc(m.order, names) {
			return false // what depends on it would stop too
		}
		meta := p["meta"].(object)
		if meta["target-role"] == "Stopped" {
			delete(meta, "target-role")
		} else {
			meta["target-role"] = "Stopped"
		}
		return true
	}},
	{"a monitor", func(m *edits, r *rand.Rand) bool {
		pick(r, m.primitives)["op"] = object{"monitor": object{"interval": pick(r, []string{"10s", "15s", "1min"}), "timeout": "25s"}}
		return true
	}},
	{"into a group", func(m *edits, r *rand.Rand) bool {
		if len(m.primitives) < 3 {
			return false
		}
		i := r.IntN(len(m.primitives))
		p := m.primitives[i]
		if p["meta"].(object)["target-role"] != nil {
			return false
		}
		m.primitives = slices.Delete(m.primitives, i, i+1)
		m.forget(p["id"].(string))
		g := pick(r, []string{"e-group-a", "e-group-b"})
		m.groups[g] = slices.Insert(m.groups[g], r.IntN(len(m.groups[g])+1), p)
		return true
	}},
	{"out of a group", func(m *edits, r *rand.Rand) bool {
		g := pick(r, []string{"e-group-a", "e-group-b"})
		if len(m.groups[g]) == 0 {
			return false
		}
		i := r.IntN(len(m.groups[g]))
		m.primitives = append(m.primitives, m.groups[g][i])
		if m.groups[g] = slices.Delete(m.groups[g], i, i+1); len(m.groups[g]) == 0 {
			m.forget(g)
		}
		return true
	}},
	{"a location", func(m *edits, r *rand.Rand) bool {
		c := object{"resource": pick(r, m.tops()[1:]), "node": pick(r, nodes), "score": pick(r, []any{10, 200, -50})}
		for i, old := range m.location {
			if old["resource"] == c["resource"] && old["node"] == c["node"] {
				m.location = slices.Delete(m.location, i, i+1)
				break
			}
		}
		m.location = append(m.location, c)
		return true
	}},
	{"a location by a rule", func(m *edits, r *rand.Rand) bool {
		c := object{"resource": pick(r, m.tops()[1:]), "rule": pick(r, []string{"#uname eq n2", "e-site eq north or not_defined e-site", "date gt 2020-01-01 and #uname ne n1"}), "score": pick(r, []any{15, 250})}
		if slices.ContainsFunc(m.location, func(old object) bool { return old["resource"] == c["resource"] && old["rule"] == c["rule"] }) {
			return false
		}
		m.location = append(m.location, c)
		return true
	}},
	{"an acl", func(m *edits, r *rand.Rand) bool {
		m.acls = object{
			"roles": []object{{"id": "e-role", "permissions": []object{{"kind": pick(r, []string{"read", "write", "deny"}), "xpath": "/cib"}}}},
			"users": []object{{"id": "e-user", "roles": []string{"e-role"}[:r.IntN(2)]}},
		}
		return true
	}},
	{"never on a node", func(m *edits, r *rand.Rand) bool {
		c := object{"resource": pick(r, m.tops()[1:]), "node": "n3", "score": "-INFINITY"}
		if slices.ContainsFunc(m.location, func(old object) bool { return old["resource"] == c["resource"] && old["node"] == c["node"] }) {
			return false
		}
		m.location = append(m.location, c)
		return true
	}},
	{"a location goes", func(m *edits, r *rand.Rand) bool { return drop(r, &m.location) }},
	{"a colocation", func(m *edits, r *rand.Rand) bool {
		later, earlier := m.pair(r)
		if slices.ContainsFunc(m.colocation, func(o object) bool { return o["resource"] == later }) {
			return false
		}
		m.colocation = append(m.colocation, object{"resource": later, "with": earlier, "score": pick(r, []any{50, -50, "INFINITY"})})
		return m.running(later, earlier)
	}},
	{"a colocation goes", func(m *edits, r *rand.Rand) bool { return drop(r, &m.colocation) }},
	{"an order", func(m *edits, r *rand.Rand) bool {
		later, earlier := m.pair(r)
		if slices.ContainsFunc(m.order, func(o object) bool { return o["then"] == later && o["first"] == earlier }) {
			return false
		}
		m.order = append(m.order, object{"first": earlier, "then": later, "kind": pick(r, []string{"Mandatory", "Optional", "Serialize"})})
		return m.running(later, earlier)
	}},
	{"an order goes", func(m *edits, r *rand.Rand) bool { return drop(r, &m.order) }},
	{"meta of the clone", func(m *edits, r *rand.Rand) bool {
		m.clone["meta"] = object{"interleave": r.IntN(2) == 0, "clone-max": 2 + r.IntN(2)}
		return true
	}},
	{"meta of the promotable clone", func(m *edits, r *rand.Rand) bool {
		m.promotable["meta"] = object{"promoted-max": 1 + r.IntN(2), "notify": r.IntN(2) == 0}
		return true
	}},
	{"a tag", func(m *edits, r *rand.Rand) bool {
		m.tags[pick(r, []string{"e-tag-a", "e-tag-b"})] = []string{pick(r, m.tops())}
		return true
	}},
	{"an alert", func(m *edits, r *rand.Rand) bool {
		if len(m.alerts) > 0 && r.IntN(2) == 0 {
			m.alerts = nil
			return true
		}
		m.alerts = []object{{"id": "e-alert", "path": "/bin/true", "options": object{"a": r.IntN(9)}}}
		return true
	}},
	{"an attribute of a node", func(m *edits, r *rand.Rand) bool {
		m.attributes[pick(r, nodes)] = object{"attributes": object{"e-site": pick(r, []string{"north", "south"})}}
		return true
	}},
	{"a default", func(m *edits, r *rand.Rand) bool {
		m.stickiness, m.timeout = pick(r, []int{1, 100, 300}), pick(r, []int{25, 30, 40})
		return true
	}},
}

// running takes care that what others depend on is not meant to be stopped.
func (m *edits) running(ids ...string) bool {
	for _, p := range m.primitives {
		if slices.Contains(ids, p["id"].(string)) {
			delete(p["meta"].(object), "target-role")
		}
	}
	return true
}

func drop(r *rand.Rand, list *[]object) bool {
	if len(*list) == 0 {
		return false
	}
	i := r.IntN(len(*list))
	*list = slices.Delete(*list, i, i+1)
	return true
}

// playbook is the playbook as it is now.
func (m *edits) playbook(t *testing.T) string {
	t.Helper()
	resources := []any{
		object{"id": "web", "group": []object{
			{"id": "web-ip", "agent": "ocf:heartbeat:IPaddr2", "options": object{"ip": "${vip}", "cidr_netmask": 24}, "op": object{"monitor": object{"interval": "10s"}}},
			{"id": "web-server", "agent": "systemd:nginx"},
		}},
		m.clone, m.promotable,
	}
	for _, p := range m.primitives {
		resources = append(resources, p)
	}
	for _, g := range []string{"e-group-a", "e-group-b"} {
		if len(m.groups[g]) > 0 {
			resources = append(resources, object{"id": g, "group": m.groups[g]})
		}
	}
	tags := []object{}
	for _, id := range []string{"e-tag-a", "e-tag-b"} {
		if len(m.tags[id]) > 0 {
			tags = append(tags, object{"id": id, "resources": m.tags[id]})
		}
	}
	text, err := yaml.Marshal(object{
		"name": "edits", "inventory": "inventory.yaml", "vars": object{"vip": "192.0.2.1"},
		"hacluster":  object{"password": object{"file": "secret"}},
		"packages":   object{"install": []string{"nginx"}},
		"files":      []object{{"path": "/etc/nginx/conf.d/quickstart.conf", "source": "files/quickstart.conf"}},
		"cluster":    object{"start": true, "enable": true},
		"properties": object{"stonith-enabled": false}, "nodes": m.attributes,
		"resource_defaults":  []object{{"meta": object{"resource-stickiness": m.stickiness}}},
		"operation_defaults": []object{{"meta": object{"timeout": fmt.Sprintf("%ds", m.timeout)}}},
		"resources":          resources,
		"constraints":        object{"location": m.location, "colocation": m.colocation, "order": m.order},
		"tags":               tags, "alerts": m.alerts, "acls": m.acls,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
