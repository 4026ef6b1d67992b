package steps

import (
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// movedOn is the error of a plan that no longer fits, with what the nodes tell
// of who changed what and when.
func (c *Cluster) movedOn(step string, moved []plan.Moved, impact []plan.Interruption) *MovedOnError {
	e := &MovedOnError{Step: step, Moved: moved, Impact: impact, PlannedCIB: c.approved.CIB}
	inCIB := len(impact) > 0
	told := map[string]bool{}
	for _, m := range moved {
		if m.Now.Step == "cib" {
			inCIB = true
			continue
		}
		path := m.Now.ID
		for _, n := range c.Nodes {
			if at, ok := n.Facts.Modified(path); n.Name == m.Now.Node && ok && !told[n.Name+path] {
				told[n.Name+path] = true
				e.Who = append(e.Who, fmt.Sprintf("%s on %s was last modified %s", path, n.Name, at.UTC().Format(time.RFC3339)))
			}
		}
	}
	live := c.liveCIB()
	if live == nil {
		return e
	}
	e.NowCIB = live.Epoch()
	if inCIB && e.NowCIB != e.PlannedCIB {
		e.Who = append(e.Who, whoWrote(live))
	}
	return e
}

// whoWrote puts what the CIB says of its last writer in words. A client is a
// program (crm_resource, cibadmin, crmd), the origin a node.
func whoWrote(live *cib.CIB) string {
	w := live.LastWritten()
	words := []string{"the CIB was last written"}
	for _, part := range [][2]string{{"", w.Time}, {"by user ", w.User}, {"with ", w.Client}, {"on ", w.Origin}} {
		if part[1] != "" {
			words = append(words, part[0]+part[1])
		}
	}
	if len(words) == 1 {
		return "the CIB does not say who wrote it last"
	}
	return strings.Join(words, " ")
}
