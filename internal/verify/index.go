package verify

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// index tells where in a status something stands, so that the reasons of one
// resource are found without a look at all others: a saved text may have tens of
// thousands of them.
type index struct {
	ids    map[string][]int    // places of the entries with an id
	names  map[string][]int    // and of those that pcs.Status.Find gives for a name
	chains map[string][]string // by id: see Judge.chain
}

func newIndex(st *pcs.Status) index {
	x := index{ids: map[string][]int{}, names: map[string][]int{}, chains: map[string][]string{}}
	for i := range st.Resources {
		r := &st.Resources[i]
		x.ids[r.ID] = append(x.ids[r.ID], i)
		for _, name := range namesOf(r) {
			if at := x.names[name]; name != "" && (len(at) == 0 || at[len(at)-1] != i) {
				x.names[name] = append(at, i)
			}
		}
		chain := x.chains[r.ID]
		if chain == nil {
			chain = []string{r.ID}
		}
		group, _, _ := strings.Cut(r.Group, ":")
		for _, in := range []string{group, r.Clone, r.Bundle} {
			if in != "" && !slices.Contains(chain, in) {
				chain = append(chain, in)
			}
		}
		x.chains[r.ID] = chain
	}
	return x
}

// namesOf are the names by which pcs.Status.Find knows a resource; some may be
// empty.
func namesOf(r *pcs.Resource) []string {
	names := []string{r.ID, r.Group, r.Clone, r.Bundle}
	if p := r.Replica; p != nil {
		names = append(names, p.Primitive, p.Container, p.Remote)
	}
	for _, m := range r.Members {
		names = append(names, m.ID)
	}
	return names
}
