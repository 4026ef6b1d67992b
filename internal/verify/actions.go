package verify

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/plan"
)

func (j *Judge) checkFailedActions() answer {
	var found []plan.Finding
	for i := range j.st.FailedActions {
		a := &j.st.FailedActions[i]
		found = append(found, plan.Finding{Code: "FAILED_ACTION", Severity: plan.Error, Node: a.Node, Object: a.Resource,
			Expected: "no failed action", Seen: a.Operation + " failed",
			Message: fmt.Sprintf("%s of %s failed%s (%s)", a.Operation, a.Resource, at(a.LastChange), cause(a)), Fix: j.remedy(a, "there")})
	}
	return answer{seen: "no failed action", found: found}
}

// at says when, where it is known.
func at(when string) string {
	if when == "" {
		return ""
	}
	return " at " + when
}
