package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// checkUndeclared tells of trouble with what the file does not declare.
func (j *Judge) checkUndeclared() (found []plan.Finding) {
	ours := map[string]bool{}
	for _, r := range j.Playbook.Primitives() {
		ours[r.ID] = true
	}
	for i := range j.Playbook.Resources {
		r := &j.Playbook.Resources[i]
		ours[r.ID] = true
		for _, c := range []*playbook.Cloned{r.Clone, r.Promotable} {
			if c != nil {
				ours[c.GroupID] = true
			}
		}
	}
	told := map[string]bool{}
	for _, r := range j.st.Resources {
		if ours[r.ID] || r.Bundle != "" && ours[r.Bundle] || told[r.ID] {
			continue
		}
		var what []string
		for word, is := range map[string]bool{"failed": r.Failed, "blocked": r.Blocked, "orphaned": r.Orphaned} {
			if is {
				what = append(what, word)
			}
		}
		if what == nil {
			continue
		}
		slices.Sort(what)
		told[r.ID] = true
		found = append(found, plan.Finding{Code: "RESOURCE_UNDECLARED", Severity: plan.Warning, Object: r.ID, Expected: "no failure", Seen: strings.Join(what, ", ") + ", " + seenAs([]pcs.Resource{r}),
			Message: fmt.Sprintf("%s, which the file does not declare, is %s", r.ID, strings.Join(what, " and ")), Fix: "mend the cause, then pcs resource cleanup " + r.ID})
	}
	return found
}
