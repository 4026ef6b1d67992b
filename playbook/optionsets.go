package playbook

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/rule"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// OptionSet is one set of cluster properties, or of resource or operation
// defaults. Where several hold, that of the highest score wins.
type OptionSet struct {
	ID      string     // empty: pcs's own name for the set
	Score   string     // empty: 0
	Rule    *rule.Rule // nil: it holds always
	Options Options
	Pos     diag.Pos
}

// Ruled reports whether the set is declared as a whole, with a rule or a score.
// Of others each option is declared for itself.
func (s *OptionSet) Ruled() bool { return s.Rule != nil || s.Score != "" }

// optionSets says what stands in the sets of a section.
type optionSets struct {
	kind  string // what is set: defaults
	key   string // of the options
	known []pacemaker.Option
	rules rules
	what  string // one of them
	uses  rule.Uses
}

var (
	propertySets = optionSets{"properties", "options", pacemaker.Properties(), propertyRules, "property", rule.Uses{}}
	resourceSets = optionSets{"defaults", "meta", pacemaker.MetaAttributes(), metaRules, "meta attribute", rule.Uses{Resources: true}}
	// What holds for an operation may depend on its resource, too.
	operationSets = optionSets{"defaults", "meta", pacemaker.OperationOptions(), operationRules, "option of operations", rule.Uses{Resources: true, Operations: true}}
)

func (l *loader) optionSets(n *yamldoc.Node, path yamldoc.Path, of optionSets) (out []OptionSet) {
	type place struct{ set, name string }
	lines := map[place]int{}
	once := map[string]int{}
	for i, item := range items(n) {
		at := path.Index(i)
		if item.Kind != yamldoc.Map {
			continue // the schema has reported it
		}
		s := OptionSet{ID: text(item.Get("id")), Pos: l.doc.Pos(item)}
		l.declare(item.Get("id"), at+".id", &declared{kind: "set of " + of.kind})
		s.Score = l.setScore(item.Get("score"), at+".score")
		if f := item.Field("rule"); f != nil && f.Value.Kind == yamldoc.Scalar {
			r := l.rule(f.Value, at+".rule", of.uses)
			s.Rule = &r
		}
		s.Options = l.options(item.Get(of.key), at.Key(of.key))
		l.checkNames(notOwn(s.Options), at.Key(of.key), of.known, of.what)
		l.check(s.Options, at.Key(of.key), of.rules)
		if s.Ruled() {
			l.ruledSet(s, at, of, once)
		} else {
			for _, o := range s.Options {
				if line := lines[place{s.ID, o.Name}]; line > 0 {
					l.errorAt(o.Pos, at.Key(of.key).Key(o.Name), "keep one of them, or give one set an id and a score", "%s stands in the same set on line %d already", o.Name, line)
				}
				lines[place{s.ID, o.Name}] = o.Pos.Line
			}
		}
		out = append(out, s)
	}
	return out
}

func (l *loader) ruledSet(s OptionSet, path yamldoc.Path, of optionSets, once map[string]int) {
	said := ""
	if s.Rule != nil {
		said = s.Rule.String()
	}
	if len(s.Options) == 0 && l.sound(path) {
		l.errorAt(s.Pos, path, "give "+of.key+": {NAME: VALUE}", "the set holds nothing")
	}
	if s.ID != "" || s.Rule != nil && said == "" {
		return
	}
	key := s.Score + " " + said
	if line := once[key]; line > 0 {
		l.errorAt(s.Pos, path, "write their options into one, or give each an id", "the set on line %d has the same rule and score", line)
	}
	once[key] = s.Pos.Line
}

// setScore reads the score of a set, as Pacemaker writes it; of a set it is a
// number.
func (l *loader) setScore(n *yamldoc.Node, path yamldoc.Path) string {
	if n == nil || n.Kind != yamldoc.Scalar {
		return ""
	}
	return l.score(n, path)
}

// properties reads the properties in cib-bootstrap-options.
func (l *loader) properties(n *yamldoc.Node) (sets []OptionSet) {
	if n == nil {
		return nil
	}
	o := l.options(n, "properties")
	l.checkNames(notOwn(o), "properties", pacemaker.Properties(), "property")
	l.check(o, "properties", propertyRules)
	l.notOwned(o, "properties")
	return []OptionSet{{Options: o, Pos: l.doc.Pos(n)}}
}

// propertySets reads the others, of which each is declared as a whole.
func (l *loader) propertySets(n *yamldoc.Node) []OptionSet {
	sets := l.optionSets(n, "property_sets", propertySets)
	for i := range sets {
		path := yamldoc.Path("property_sets").Index(i)
		l.notOwned(sets[i].Options, path+".options")
		if !sets[i].Ruled() && sets[i].ID == "" && l.sound(path) {
			l.errorAt(sets[i].Pos, path, "write them under properties, or give the set an id, a rule or a score", "a set without an id, a rule and a score is that of properties")
		}
	}
	return sets
}

func (l *loader) notOwned(o Options, path yamldoc.Path) {
	for _, p := range o {
		if ownedProperty(p.Name) {
			l.errorAt(p.Pos, path.Key(p.Name), "remove it", "%s is set by Pacemaker itself", p.Name)
		}
	}
}

func notOwn(o Options) Options {
	return slices.DeleteFunc(slices.Clone(o), func(p Option) bool { return ownedProperty(p.Name) })
}

func ownedProperty(name string) bool { return slices.Contains(pacemaker.OwnProperties(), name) }

// inForce are the options of sets that hold always, those that win first.
func inForce(sets []OptionSet) (all Options) {
	list := slices.DeleteFunc(slices.Clone(sets), func(s OptionSet) bool { return s.Rule != nil })
	slices.SortStableFunc(list, func(a, b OptionSet) int {
		x, _ := pacemaker.Score(a.Score)
		y, _ := pacemaker.Score(b.Score)
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for _, s := range list {
		all = append(all, s.Options...)
	}
	return all
}
