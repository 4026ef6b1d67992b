package playbook

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// PruneRule selects objects that stand in the live configuration and are not
// declared: they are to go.
type PruneRule struct {
	Kind string // as a plan calls it, or one of PruneFamilies; empty: any
	ID   string // with * and ? for what varies; empty: any
}

// PruneKinds are the kinds that a rule can name: what plans call objects that
// are not declared, less what follows an "of".
var PruneKinds = []string{
	"property", "property set", "resource default", "resource default set", "operation default", "operation default set",
	"primitive", "fencing device", "group", "clone", "promotable clone", "bundle", "template",
	"option", "utilization", "instance attributes", "meta attributes", "node attribute", "node utilization",
	"location constraint", "colocation constraint", "order constraint", "ticket constraint",
	"fencing level", "tag", "acl target", "acl group", "acl role", "alert",
}

// PruneFamilies are words for several kinds.
var PruneFamilies = map[string][]string{
	"resource":   {"primitive", "group", "clone", "promotable clone", "bundle", "template"},
	"constraint": {"location constraint", "colocation constraint", "order constraint", "ticket constraint"},
	"acl":        {"acl target", "acl group", "acl role"},
}

// pruneAll is how a rule is written that selects everything.
const pruneAll = "all"

// ParsePruneRule reads KIND, KIND,ID-PATTERN, or all. In the kind - and _ stand
// for blanks, and location for location constraint. The error says what to write.
func ParsePruneRule(text string) (r PruneRule, hint string, err error) {
	kind, id, two := strings.Cut(text, ",")
	kind, id = strings.NewReplacer("-", " ", "_", " ").Replace(strings.TrimSpace(kind)), strings.TrimSpace(id)
	known := slices.Concat(PruneKinds, []string{"resource", "constraint", "acl", "location", "colocation", "order", "ticket", pruneAll})
	switch {
	case slices.Contains(PruneKinds, kind+" constraint"):
		kind += " constraint"
	case kind == "" && !two, !slices.Contains(known, kind) && kind != "":
		if near := diag.Closest(kind, known); near != "" {
			return r, fmt.Sprintf("did you mean %q?", near), fmt.Errorf("%s is no kind of object", quote(kind))
		}
		return r, "write all, or one of " + strings.Join(known, ", ") + ", and perhaps an id with * and ? behind a comma", fmt.Errorf("%s is no kind of object", quote(kind))
	}
	if two && id == "" {
		return r, "write it as location,old-*, or leave out the comma", fmt.Errorf("there is no id behind the comma in %s", quote(text))
	}
	if kind == pruneAll {
		kind = ""
	}
	return PruneRule{kind, id}, "", nil
}

func (r PruneRule) String() string {
	switch {
	case r.ID != "":
		return r.Kind + "," + r.ID
	case r.Kind == "":
		return pruneAll
	}
	return r.Kind
}

// Names reports whether the rule itself names the kind, whatever the id.
func (r PruneRule) Names(kind string) bool {
	kind, _, _ = strings.Cut(kind, " of ")
	return r.Kind != "" && (r.Kind == kind || slices.Contains(PruneFamilies[r.Kind], kind))
}

// Selects reports whether the rule selects an object.
func (r PruneRule) Selects(kind, id string) bool {
	if r.Kind != "" && !r.Names(kind) {
		return false
	}
	// Nothing but * and ? is special.
	pattern := strings.NewReplacer(`\`, `\\`, `[`, `\[`).Replace(r.ID)
	match, err := path.Match(pattern, id)
	return r.ID == "" || err == nil && match
}

// prune reads true, false, or a list of rules.
func (l *loader) prune(n *yamldoc.Node) (rules []PruneRule) {
	if flag(n, false) {
		return []PruneRule{{}}
	}
	for i, item := range items(n) {
		at := yamldoc.Path("prune").Index(i)
		if text(item) == "" {
			continue // the schema has reported it
		}
		r, hint, err := ParsePruneRule(text(item))
		if err != nil {
			l.errorAt(l.doc.Pos(item), at, hint, "%s", err.Error())
			continue
		}
		rules = append(rules, r)
	}
	return rules
}
