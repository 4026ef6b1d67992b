package playbook

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Tag is a name for several resources.
type Tag struct {
	ID        string
	Resources []string // ids of primitives, groups, clones and fencing devices
	Pos       diag.Pos
}

// tags: pcs takes every resource, those inside of clones too, and each once; no
// constraint and no other tag.
func (l *loader) tags(n *yamldoc.Node) (out []Tag) {
	for i, item := range items(n) {
		path := yamldoc.Path("tags").Index(i)
		t := Tag{ID: text(item.Get("id")), Pos: l.doc.Pos(item)}
		l.declare(item.Get("id"), path+".id", &declared{kind: "tag"})
		lines := map[string]int{}
		for j, ref := range items(item.Get("resources")) {
			at := (path + ".resources").Index(j)
			if l.named(ref, at, func(*declared) bool { return true }) == nil {
				continue
			}
			if line := lines[ref.Text]; line > 0 {
				l.judgeAt(l.doc.Pos(ref), at, "remove it", "%s is named already, on line %d", ref.Text, line)
				continue
			}
			lines[ref.Text] = l.doc.Pos(ref).Line
			t.Resources = append(t.Resources, ref.Text)
		}
		out = append(out, t)
	}
	return out
}
