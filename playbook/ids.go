package playbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// refer looks up the resource that a constraint names, nil when it cannot be
// had.
func (l *loader) refer(n *yamldoc.Node, path yamldoc.Path) *declared {
	d := l.named(n, path, func(d *declared) bool { return d.inside == "" })
	if d != nil && d.inside != "" {
		around := "clone"
		if box := l.ids[d.inside]; box != nil && box.kind == "bundle" {
			around = box.kind
		}
		l.judgeAt(l.doc.Pos(n), path, fmt.Sprintf("write %q", d.inside), "%s has many instances; a constraint takes the %s around it", text(n), around)
		return nil
	}
	return d
}

// named looks up the resource that n names, and reports what is none. Those
// that fit are hinted at.
func (l *loader) named(n *yamldoc.Node, path yamldoc.Path, fits func(*declared) bool) *declared {
	id := text(n)
	if id == "" {
		return nil
	}
	d := l.ids[id]
	switch {
	case d != nil && d.resource:
		return d
	case d != nil:
		l.judgeAt(l.doc.Pos(n), path, "", "%s is a %s, not a resource", id, d.kind)
	case !l.sound("resources") || !l.sound("stonith"):
		// The resource may be one that could not be read.
	default:
		hint := ""
		if l.hints++; l.hints <= maxHints {
			hint = diag.DidYouMean(id, l.resourceIDs(fits))
		}
		l.errorAt(l.doc.Pos(n), path, hint, "no resource has the id %s", quote(id))
	}
	return nil
}

// resourceIDs are the ids of the resources that fit, sorted.
func (l *loader) resourceIDs(fits func(*declared) bool) []string {
	var out []string
	for id, d := range l.ids {
		if d.resource && fits(d) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// idText is what pcs takes as an id: the ASCII part of XML's NCName.
var idText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// declare registers the id at n, and reports a bad or a repeated one.
func (l *loader) declare(n *yamldoc.Node, path yamldoc.Path, d *declared) {
	id := text(n)
	if id == "" {
		return
	}
	pos := l.doc.Pos(n)
	d.line = pos.Line
	switch first := l.ids[id]; {
	case !idText.MatchString(id):
		l.errorAt(pos, path, "start with a letter or _, and go on with letters, digits, _ . -", "%s cannot be an id", quote(id))
	case first != nil:
		hint := "every id is unique in the whole configuration"
		if strings.Contains(string(path), ".group[") && first.resource {
			hint = "a resource is in one group, or in none; " + hint
		}
		l.errorAt(pos, path, hint, "the id %q names a %s already, on line %d", id, first.kind, first.line)
		return
	}
	l.ids[id] = d
}
