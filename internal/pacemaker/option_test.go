package pacemaker

import (
	"slices"
	"testing"
)

// TestOptionTables: every default is a value that the table itself takes, a name
// stands once, and what replaces an option is there.
func TestOptionTables(t *testing.T) {
	for what, list := range map[string][]Option{"properties": Properties(), "meta": MetaAttributes(), "operation": OperationOptions()} {
		names := Names(list)
		for i, o := range list {
			if slices.Index(names, o.Name) != i {
				t.Errorf("%s: %s stands twice", what, o.Name)
			}
			if o.Use == "" || o.Use[len(o.Use)-1] != '.' {
				t.Errorf("%s: %s has no sentence of its use: %q", what, o.Name, o.Use)
			}
			if (o.Sort == Select) != (len(o.Values) > 0) {
				t.Errorf("%s: %s has values %v", what, o.Name, o.Values)
			}
			if o.Gone.Known() && !o.Since.Before(o.Gone) {
				t.Errorf("%s: %s is gone in %s and came in %s", what, o.Name, o.Gone, o.Since)
			}
		}
	}
	for _, own := range OwnProperties() {
		if Find(Properties(), own) != nil {
			t.Errorf("%s is Pacemaker's own and can be set", own)
		}
	}
}

func TestHas(t *testing.T) {
	pending, after := Find(Properties(), "node-pending-timeout"), Find(Properties(), "remove-after-stop")
	for _, c := range []struct {
		o    *Option
		r    Release
		want bool
	}{
		{pending, Release{2, 1, 5}, false}, {pending, Release{2, 1, 7}, true}, {pending, Release{}, true},
		{after, Release{2, 1, 5}, true}, {after, Release{3, 0, 0}, false},
	} {
		if got := c.o.Has(c.r); got != c.want {
			t.Errorf("%s in %s: %v", c.o.Name, c.r, got)
		}
	}
}
