package playbook

import (
	"strings"
	"testing"
)

func TestPruneRules(t *testing.T) {
	for _, c := range []struct {
		rule, kind, id string
		want           bool
	}{
		{"all", "primitive", "x", true},
		{"location", "location constraint", "x", true},
		{"location", "colocation constraint", "x", false},
		{"constraint,old-*", "order constraint", "old-1", true},
		{"constraint,old-*", "order constraint", "new-old-1", false},
		{"constraint,old-*", "tag", "old-1", false},
		{"resource", "promotable clone", "x", true},
		{"resource", "fencing device", "x", false},
		{"meta-attributes", "meta attributes of web", "set-1", true},
		{"all,web-?", "primitive", "web-1", true},
		{"all,web-?", "primitive", "web-10", false},
		{",web-?", "tag", "web-1", true},
		{"property,[ab]", "property", "a", false}, // only * and ? are special
		{"node-attribute,n1 *", "node attribute", "n1 rack", true},
	} {
		r, _, err := ParsePruneRule(c.rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Selects(c.kind, c.id); got != c.want {
			t.Errorf("%s selects %s %q: %v", c.rule, c.kind, c.id, got)
		}
		if again, _, err := ParsePruneRule(r.String()); err != nil || again != r {
			t.Errorf("%s is written as %q, which is read as %v, %v", c.rule, r, again, err)
		}
	}
	for _, bad := range []string{"", "x", "lcoation", "tag,", "primitives,x"} {
		if _, hint, err := ParsePruneRule(bad); err == nil || strings.TrimSpace(hint) == "" {
			t.Errorf("%q is taken, or nothing is said about it: %v", bad, err)
		}
	}
}
