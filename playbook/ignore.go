package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// ignorable are the parts of a resource that ignore_changes can name.
var ignorable = []string{"options", "meta", "op", "utilization"}

// partNames are words that other tools have for these parts.
var partNames = map[string]string{
	"params": "options", "instance_attributes": "options", "attributes": "options",
	"meta_attributes": "meta", "operations": "op", "ops": "op",
}

// ignored reads ignore_changes of a resource, which is of the kind that its
// key says: agent, group, clone or promotable.
func (l *loader) ignored(n *yamldoc.Node, path yamldoc.Path, kind string) []Ignored {
	var out []Ignored
	for i, item := range items(n.Get("ignore_changes")) {
		entry := text(item)
		if entry == "" {
			continue // the schema has reported it
		}
		at := path.Key("ignore_changes").Index(i)
		fail := func(hint, format string, args ...any) { l.errorAt(l.doc.Pos(item), at, hint, format, args...) }
		part, name, named := strings.Cut(entry, ".")
		switch {
		case !slices.Contains(ignorable, part):
			fail(meantPart(n, part, name, named), "%s matches nothing: it begins neither with options nor with meta, op or utilization", quote(entry))
		case kind != "agent" && part != "meta":
			fail("name it at the primitive inside", "%s matches nothing: a %s has no %s of its own", quote(entry), kind, part)
		case named && !optionName.MatchString(name):
			fail("write "+part+".NAME, or "+part+" for all of them", "%s names nothing", quote(entry))
		case part == "op" && strings.Contains(name, "."):
			operation, _, _ := strings.Cut(name, ".")
			fail(fmt.Sprintf("write op.%s: an operation is left as it is as a whole", operation), "%s matches nothing: no operation has a point in its name", quote(entry))
		case kind == "promotable" && name == "promotable":
			fail("remove it", "whether a clone is promotable is what promotable: says")
		case slices.ContainsFunc(out, func(x Ignored) bool { return x.Part == part && (x.Name == "" || x.Name == name) }):
			l.warnAt(l.doc.Pos(item), at, "remove it", "%s is named already", entry)
		default:
			out = append(out, Ignored{part, name, l.doc.Pos(item)})
		}
	}
	return out
}

// meantPart guesses what an entry was to say: option.nic, params.nic, or the
// name of a declared option alone.
func meantPart(n *yamldoc.Node, part, name string, named bool) string {
	if !named {
		for _, p := range ignorable {
			if n.Get(p).Field(part) != nil {
				return fmt.Sprintf("did you mean %q?", p+"."+part)
			}
		}
	}
	meant := partNames[part]
	if meant == "" {
		meant = diag.Closest(part, ignorable)
	}
	switch {
	case meant == "":
		return "write options.NAME, meta.NAME, op.NAME or utilization.NAME, or one of these words for all of them"
	case named:
		meant += "." + name
	}
	return fmt.Sprintf("did you mean %q?", meant)
}
