package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// ResourceSet is one set of resources of a constraint.
type ResourceSet struct {
	Resources []string
	Options   Options // sequential, require-all, action, role, in the words of the CIB
	Pos       diag.Pos
}

// setsWord is a text for sets that say the same.
func setsWord(sets []ResourceSet) string {
	var b strings.Builder
	for _, s := range sets {
		fmt.Fprintf(&b, "set %q", s.Resources)
		for _, o := range s.Options {
			fmt.Fprintf(&b, " %s=%q", o.Name, o.Value.Text)
		}
	}
	return b.String()
}

// resourceSets are those of a constraint. A resource stands in them once: it
// can neither wait for itself nor be apart from itself.
//
// keys are those that such a set may have.
func (l *loader) resourceSets(n *yamldoc.Node, path yamldoc.Path, keys ...string) (sets []ResourceSet) {
	lines := map[string]int{}
	for i, item := range items(n) {
		at := path.Index(i)
		s := ResourceSet{Pos: l.doc.Pos(item)}
		for _, key := range keys {
			f := item.Field(key)
			if f == nil || f.Value.Kind != yamldoc.Scalar {
				continue
			}
			v := Value{Text: f.Value.Text, Pos: l.doc.Pos(f.Value)}
			if key == "sequential" || key == "require_all" {
				v.Text = fmt.Sprint(flag(f.Value, true))
			}
			s.Options = append(s.Options, Option{Name: strings.ReplaceAll(key, "_", "-"), Value: v, Pos: l.doc.KeyPos(f)})
		}
		for j, ref := range items(item.Get("resources")) {
			refAt := (at + ".resources").Index(j)
			id := text(ref)
			d := l.refer(ref, refAt)
			if line := lines[id]; id != "" && line > 0 {
				l.judgeAt(l.doc.Pos(ref), refAt, "remove it", "%s stands in the sets of this constraint already, on line %d", id, line)
				continue
			}
			lines[id] = l.doc.Pos(ref).Line
			for _, key := range keys {
				l.promotes(item.Get(key), text(item.Get(key)), d, id, at.Key(key))
			}
			s.Resources = append(s.Resources, id)
		}
		sets = append(sets, s)
	}
	return sets
}

// binds reports sets that bind nothing to anything: one resource alone, or one
// set whose members do not depend on one another.
func (l *loader) binds(sets []ResourceSet, pos diag.Pos, path yamldoc.Path) {
	if len(sets) != 1 || len(sets[0].Resources) == 0 {
		return
	}
	sequential, _ := sets[0].Options.Get("sequential")
	switch {
	case len(sets[0].Resources) == 1:
		l.judgeAt(pos, path, "name the others, or remove the constraint", "%s stands alone in the only set: the constraint binds it to nothing", sets[0].Resources[0])
	case sequential.Text == "false":
		l.judgeAt(sequential.Pos, path.Index(0)+".sequential", "remove it, or add the set that these resources are bound to",
			"the members of a set that is not sequential do not depend on one another, and there is no other set: the constraint binds nothing")
	}
}

// oneForm reports a constraint with sets and ends of its own, or with neither.
// required and others are the keys of the simple form.
func (l *loader) oneForm(n *yamldoc.Node, path yamldoc.Path, required, others []string) {
	if n.Kind != yamldoc.Map {
		return
	}
	if n.Get("sets") == nil {
		if !l.sound(path) {
			return // it may stand there under another name
		}
		for _, key := range required {
			if n.Field(key) == nil {
				l.errorAt(l.doc.Pos(n), path, "add "+key+": an id of a resource, or write the constraint with sets", "the key %q is missing", key)
			}
		}
		return
	}
	for _, key := range slices.Concat(required, others) {
		if f := n.Field(key); f != nil {
			l.errorAt(l.doc.KeyPos(f), path.Key(key), "remove it, or the sets", "%s does not go with sets; what holds for a set stands in the set", key)
		}
	}
}
