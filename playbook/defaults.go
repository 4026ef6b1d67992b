package playbook

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Defaults is one set of resource or operation defaults.
type Defaults struct {
	ID   string // empty: pcs's own name for the set
	Meta Options
	Pos  diag.Pos
}

func (l *loader) defaults(f *yamldoc.Field, known []pacemaker.Option, rules rules, what string) []Defaults {
	var out []Defaults
	for i, item := range items(value(f)) {
		at := yamldoc.Path(f.Key).Index(i)
		d := Defaults{ID: text(item.Get("id")), Pos: l.doc.Pos(item)}
		l.declare(item.Get("id"), at.Key("id"), &declared{kind: "set of defaults"})
		d.Meta = l.options(item.Get("meta"), at+".meta")
		l.checkNames(d.Meta, at+".meta", known, what)
		l.check(d.Meta, at+".meta", rules)
		out = append(out, d)
	}
	return out
}
