package statusreport

import "github.com/hadeploy/hadeploy/internal/pcs"

// setIndex finds sets; of several with one name the first.
type setIndex struct {
	byName map[setName]*pcs.Set
	groups map[string]string // the group that a clone is of
}

type setName struct{ kind, id string }

func indexSets(sets []pcs.Set) setIndex {
	x := setIndex{map[setName]*pcs.Set{}, map[string]string{}}
	for i := range sets {
		s := &sets[i]
		if name := (setName{s.Kind, s.ID}); x.byName[name] == nil {
			x.byName[name] = s
		}
		if _, ok := x.groups[s.Clone]; s.Kind == "group" && !ok {
			x.groups[s.Clone] = s.ID
		}
	}
	return x
}
