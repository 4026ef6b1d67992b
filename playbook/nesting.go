package playbook

import (
	"fmt"
	"slices"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// nesting names what Pacemaker does not put into one another, and resources that
// are named where they are to be declared. What the schema says of the same
// places says less.
func (l *loader) nesting() {
	before := l.list
	l.list = nil
	lines := map[string]int{}
	for _, item := range items(l.doc.Root.Get("resources")) {
		if id := item.Get("id"); text(id) != "" {
			lines[id.Text] = l.doc.Pos(id).Line
		}
	}
	told := map[diag.Pos]bool{}
	for i, item := range items(l.doc.Root.Get("resources")) {
		path := yamldoc.Path("resources").Index(i)
		l.nestedGroup(item, path, lines, told)
		for _, kind := range []string{"clone", "promotable"} {
			l.nestedClone(item.Field(kind), path.Key(kind), lines, told)
		}
	}
	for _, d := range l.list {
		told[d.Pos] = true
	}
	l.list = append(slices.DeleteFunc(before, func(d diag.Diagnostic) bool { return told[d.Pos] }), l.list...)
}

// nestedClone looks at what a clone is to run.
func (l *loader) nestedClone(f *yamldoc.Field, path yamldoc.Path, lines map[string]int, told map[diag.Pos]bool) {
	switch {
	case f == nil:
		return
	case f.Value.Kind == yamldoc.Scalar && f.Value.Text != "":
		l.errorAt(l.doc.Pos(f.Value), path, moveHere(f.Value.Text, lines), "%s is named here, and what the clone runs is declared inside of it", quote(f.Value.Text))
		return
	case f.Value.Kind != yamldoc.Map:
		return
	}
	for _, key := range []string{"clone", "promotable", "bundle"} {
		if inner := f.Value.Field(key); inner != nil {
			l.errorAt(l.doc.KeyPos(inner), path.Key(key), "write the agent, or the group, of the inner one here", "a clone cannot hold a %s: Pacemaker takes a primitive or a group inside of it", kindWord(key))
			told[l.doc.Pos(f.Value)] = true // that nothing is said of what it runs
		}
	}
	l.nestedGroup(f.Value, path, lines, told)
}

// nestedGroup looks at the members of a group.
func (l *loader) nestedGroup(n *yamldoc.Node, path yamldoc.Path, lines map[string]int, told map[diag.Pos]bool) {
	for i, member := range items(n.Get("group")) {
		at := path.Key("group").Index(i)
		if member.Kind == yamldoc.Scalar && member.Text != "" {
			l.errorAt(l.doc.Pos(member), at, moveHere(member.Text, lines), "%s is named here, and members of a group are declared inside of it", quote(member.Text))
			continue
		}
		for _, key := range []string{"group", "clone", "promotable", "bundle"} {
			inner := member.Field(key)
			if inner == nil {
				continue
			}
			hint := "write its members here, in their order"
			if key != "group" {
				hint = "declare it beside the group, and bind the two with a colocation and an order"
			}
			l.errorAt(l.doc.KeyPos(inner), at.Key(key), hint, "a group cannot hold a %s: its members are primitives", kindWord(key))
			told[l.doc.Pos(member)] = true // that it has no agent
		}
	}
}

// moveHere says what to write in place of a name.
func moveHere(id string, lines map[string]int) string {
	if line := lines[id]; line > 0 {
		return fmt.Sprintf("move the declaration of %s on line %d here", id, line)
	}
	return fmt.Sprintf("declare it here, as a whole: {id: %s, agent: ocf:heartbeat:IPaddr2, options: {...}}", id)
}

// kindWord is what a key makes of a resource.
func kindWord(key string) string {
	if key == "promotable" {
		return "promotable clone"
	}
	return key
}
