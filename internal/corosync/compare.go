package corosync

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Needs says what a cluster needs before a change of its corosync.conf has
// its effect.
type Needs string

// From the cheapest on.
const (
	Start  Needs = "start"  // nothing runs yet: it is read at the start
	Reload Needs = "reload" // corosync-cfgtool -R
	Outage Needs = "outage" // corosync stops on every node at once, and starts again
)

// Disruption is the cost as a plan shows it.
func (n Needs) Disruption() plan.Disruption {
	switch n {
	case Reload:
		return plan.Reload
	case Outage:
		return plan.Outage
	case Start:
	}
	return plan.None
}

// Difference is one setting, or one whole member, that differs.
type Difference struct {
	Path                string // totem.token, nodelist.node[db1].ring0_addr, nodelist.node[db3]
	Before, After       string
	HasBefore, HasAfter bool
	Needs               Needs
}

// Diff is the difference as a plan shows it.
func (d Difference) Diff() plan.Diff {
	return plan.Diff{Name: d.Path, Before: d.Before, After: d.After,
		HasBefore: d.HasBefore, HasAfter: d.HasAfter, Secret: d.Path == "totem.key"}
}

func (d Difference) String() string {
	switch {
	case !d.HasBefore:
		return fmt.Sprintf("%s: %s (%s)", d.Path, d.After, d.Needs)
	case !d.HasAfter:
		return fmt.Sprintf("%s: %s -> absent (%s)", d.Path, d.Before, d.Needs)
	}
	return fmt.Sprintf("%s: %s -> %s (%s)", d.Path, d.Before, d.After, d.Needs)
}

// Compare tells what changes for corosync when next takes the place of live:
// settings first, then members; each in next's order, removals last. Order,
// spacing and comments do not count. A next that Build made is merged into
// live first. A nil live means that there is no cluster yet. The error is
// Merge's.
func Compare(live, next *Config) ([]Difference, error) {
	if next.declared {
		merged, err := Merge(live, next)
		if err != nil {
			return nil, err
		}
		next = merged
	}
	fresh := live == nil
	if fresh {
		live = &Config{}
	}
	out := compareValues(live.values(), next.values(), fresh)
	out = append(out, compareNodes(live, next, fresh)...)
	for i := range out {
		d := &out[i]
		if d.Path == "totem.key" {
			d.Before, d.After = masked(d.Before), masked(d.After)
		}
		if fresh {
			d.Needs = Start
		} else if d.Needs == "" {
			d.Needs = needs(*d, live, next)
		}
	}
	return out, nil
}

// Worst is the highest need of all differences: Outage before Reload before
// Start; "" when there are none.
func Worst(ds []Difference) Needs {
	for _, n := range []Needs{Outage, Reload, Start} {
		if slices.ContainsFunc(ds, func(d Difference) bool { return d.Needs == n }) {
			return n
		}
	}
	return ""
}

// compareNodes pairs the members, each once, and compares each pair.
func compareNodes(live, next *Config, fresh bool) []Difference {
	rest := live.nodeSections()
	var out []Difference
	for _, s := range next.nodeSections() {
		n := s.node()
		path := "nodelist.node[" + nodeKey(n) + "]"
		i := slices.IndexFunc(rest, func(old *section) bool { return old.node().is(n) })
		if i < 0 {
			out = append(out, Difference{Path: path, After: n.String(), HasAfter: true, Needs: Reload})
			continue
		}
		out = append(out, compareValues(rest[i].plain(path+"."), s.plain(path+"."), fresh)...)
		rest = slices.Delete(rest, i, i+1)
	}
	for _, s := range rest {
		n := s.node()
		out = append(out, Difference{Path: "nodelist.node[" + nodeKey(n) + "]", Before: n.String(), HasBefore: true, Needs: Reload})
	}
	return out
}

func compareValues(was, now []value, fresh bool) []Difference {
	before, after := byPath(was), byPath(now)
	noEffect := func(v value, where map[string]value) bool { // to be there, to where it is not
		fallback, known := absentOf(v.path, func(path string) (string, bool) { at, ok := where[path]; return at.text, ok })
		return known && !fresh && same(v.name, fallback, v.text)
	}
	var out []Difference
	for _, v := range now {
		if after[v.path] != v { // repeated: only the last one counts
			continue
		}
		old, ok := before[v.path]
		switch {
		case ok && !same(v.name, old.text, v.text):
			out = append(out, Difference{Path: v.path, Before: old.text, After: v.text, HasBefore: true, HasAfter: true})
		case !ok && !noEffect(v, before):
			out = append(out, Difference{Path: v.path, After: v.text, HasAfter: true})
		}
	}
	for _, v := range was {
		if _, ok := after[v.path]; !ok && before[v.path] == v && !noEffect(v, after) {
			out = append(out, Difference{Path: v.path, Before: v.text, HasBefore: true})
		}
	}
	return out
}

// value is one setting with its full path.
type value struct{ path, name, text string }

func byPath(vs []value) map[string]value {
	out := make(map[string]value, len(vs))
	for _, v := range vs {
		out[v.path] = v
	}
	return out
}

// values are all settings but those of the members, as corosync sees them.
func (c *Config) values() []value { return c.root.flat("") }

// plain are the section's own settings.
func (s *section) plain(path string) []value {
	var out []value
	for _, e := range s.entries {
		if e.kind == setting {
			out = append(out, value{path + e.name, e.name, e.value})
		}
	}
	return out
}

func (s *section) flat(path string) []value {
	var out []value
	for _, e := range s.entries {
		switch {
		case e.kind == setting && slices.Contains(labels[s.name], e.name): // it is in the path
		case e.kind == setting && additive[path+e.name]:
			out = append(out, value{path + e.name + "[" + e.value + "]", e.name, e.value})
		case e.kind == setting:
			out = append(out, value{path + e.name, e.name, e.value})
		case e.kind == group && path+e.sub.name == "nodelist.node":
		case e.kind == group:
			out = append(out, e.sub.flat(path+e.sub.label()+".")...)
		}
	}
	return out
}

// additive settings do not replace an earlier one of the same name.
var additive = map[string]bool{"uidgid.uid": true, "uidgid.gid": true}

// labels are the settings that tell a section from others of its kind.
var labels = map[string][]string{
	"interface":      {"linknumber", "ringnumber"},
	"logger_subsys":  {"subsys"},
	"logging_daemon": {"name", "subsys"},
}

// label is the section's name, with what tells it from others of its kind.
func (s *section) label() string {
	if s.name == "interface" {
		return "interface[" + s.link() + "]"
	}
	var keys []string
	for _, name := range labels[s.name] {
		if v, ok := s.get(name); ok {
			keys = append(keys, v)
		}
	}
	if labels[s.name] == nil {
		return s.name
	}
	return s.name + "[" + strings.Join(keys, ",") + "]"
}

func nodeKey(n Node) string {
	switch {
	case n.Name != "":
		return n.Name
	case n.ID != 0:
		return fmt.Sprintf("nodeid %d", n.ID)
	}
	return n.Addrs[0]
}

// String is a member in words: 10.0.0.3 10.1.0.3, nodeid 3.
func (n Node) String() string {
	var addrs []string
	for _, a := range n.Addrs {
		if a != "" {
			addrs = append(addrs, a)
		}
	}
	return fmt.Sprintf("%s, nodeid %d", strings.Join(addrs, " "), n.ID)
}

func masked(s string) string {
	if s == "" {
		return ""
	}
	return secret.Mask
}
