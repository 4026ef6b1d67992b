package playbook

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// checkRoles holds meta attributes against what the resource is: a role that
// only promotable clones have, which crm_verify refuses, and what is of clones
// alone, which Pacemaker leaves aside in a primitive or a group.
func (l *loader) checkRoles(r Resource, path yamldoc.Path) {
	check := func(meta Options, at yamldoc.Path, what string) {
		for _, o := range meta {
			at := at.Key("meta").Key(o.Name)
			switch k := pacemaker.Find(pacemaker.MetaAttributes(), o.Name); {
			case o.Name == "target-role" && !r.promotes() && onlyPromotable(o.Value.Text):
				l.judgeAt(o.Value.Pos, at, "use Started, or promotable: in place of what is around it",
					"the role %s is only of promotable clones: Pacemaker would leave this target-role aside", quote(o.Value.Text))
			case k != nil && k.Clones && what != "clone":
				l.warnAt(o.Pos, at, "move it to the meta of the clone, or remove it", "%s is of clones: a %s does nothing with it", o.Name, what)
			}
		}
	}
	what := "group"
	switch {
	case r.Clone != nil || r.Promotable != nil:
		what = "clone"
	case r.Bundle != nil:
		what = "bundle"
	}
	check(r.Meta, path, what)
	if r.Clone != nil {
		check(r.Clone.Meta, path+".clone", "group")
	}
	if r.Promotable != nil {
		check(r.Promotable.Meta, path+".promotable", "group")
	}
	r.each(path, func(at yamldoc.Path, p *Primitive) bool {
		check(p.Meta, at, "primitive")
		return true
	})
}

// checkOperationRoles refuses operations for a role that the resource never
// has.
func (l *loader) checkOperationRoles(r Resource, path yamldoc.Path) {
	if r.promotes() {
		return
	}
	for _, p := range r.Primitives() {
		for _, o := range p.Operations {
			if v, ok := o.Options.Get("role"); ok && onlyPromotable(v.Text) {
				hint := "use promotable: in place of what is around it, or remove the role"
				if r.Bundle != nil {
					hint = "give the bundle promoted-max, or remove the role"
				}
				l.judgeAt(v.Pos, path, hint, "the operation %s of %s is for the role %s, which only a promotable clone has", o.Name, p.ID, v.Text)
			}
		}
	}
}

// onlyPromotable reports whether a role is one that only promotable clones have.
// Its name of before 2.1 is an error of its own.
func onlyPromotable(role string) bool {
	return strings.EqualFold(role, "Promoted") || strings.EqualFold(role, "Unpromoted")
}
