package steps

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// MovedOnError says that what is there is no longer what was planned from. The
// step that it names, and those after it, were not begun.
type MovedOnError struct {
	Step   string
	Moved  []plan.Moved
	Impact []plan.Interruption // what Pacemaker would stop, and the plan does not say
	Who    []string            // changed it, and when, as far as the nodes tell
	// The versions of the CIB, admin_epoch.epoch; empty: none.
	PlannedCIB, NowCIB string
}

func (e *MovedOnError) Error() string {
	lines := []string{"what is there now is not what was planned, and nothing of step " + e.Step + " was changed:"}
	for i, m := range e.Moved {
		if i == maxMoved {
			lines = append(lines, fmt.Sprintf("  and %d more", len(e.Moved)-i))
			break
		}
		lines = append(lines, movedLines(m)...)
	}
	for _, i := range e.Impact {
		lines = append(lines, fmt.Sprintf("  %s %s, and the plan does not say so", i.What, i.How))
	}
	if e.NowCIB != "" && e.NowCIB != e.PlannedCIB {
		lines = append(lines, fmt.Sprintf("the CIB was at %s when the plan was made, and is at %s", cmp.Or(e.PlannedCIB, "nothing"), e.NowCIB))
	}
	return strings.Join(append(lines, e.Who...), "\n")
}

// Hint says what to do.
func (e *MovedOnError) Hint() string { return "plan again, and look at what changed" }

// maxMoved is how many differences the error tells.
const maxMoved = 12

// movedLines show one object: what was planned, and what is there.
func movedLines(m plan.Moved) []string {
	c := m.Now
	head := "  " + c.Kind + " " + c.ID
	if c.Node != "" {
		head += " on " + c.Node
	}
	if m.Planned == nil {
		head += ": not in the plan"
	}
	lines := []string{head}
	planned := func(name string) string {
		for _, d := range m.Planned.Diffs {
			if d.Name == name {
				return diffWords(d)
			}
		}
		return "no change"
	}
	for _, d := range c.Diffs {
		now := diffWords(d)
		if m.Planned == nil {
			lines = append(lines, "    "+d.Name+"  "+now)
		} else if p := planned(d.Name); p != now || d.Secret {
			lines = append(lines, "    "+d.Name, "      planned  "+p, "      now      "+now)
		}
	}
	if m.Planned != nil && m.Planned.Action != c.Action {
		lines = append(lines, fmt.Sprintf("    planned to %s it, and now it would %s it", m.Planned.Action, c.Action))
	}
	for _, i := range c.Interrupts {
		lines = append(lines, fmt.Sprintf("    %s %s", i.What, i.How))
	}
	if c.Note != "" {
		lines = append(lines, "    "+c.Note)
	}
	return lines
}

// maxMovedValue bounds a value in the error, in bytes.
const maxMovedValue = 200

// diffWords put one attribute's difference on a line.
func diffWords(d plan.Diff) string {
	side := func(has bool, text string) string {
		switch {
		case !has:
			return "(none)"
		case d.Secret:
			return "(secret)"
		case d.Lines:
			return fmt.Sprintf("a text of %d lines", strings.Count(text, "\n"))
		case text == "":
			return `""`
		}
		return text[:min(len(text), maxMovedValue)]
	}
	return side(d.HasBefore, d.Before) + " -> " + side(d.HasAfter, d.After)
}

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
		for _, n := range c.All() {
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

// OtherClusterError says that a plan is of another cluster than the one that
// the nodes are members of.
type OtherClusterError struct{ Planned, Now string }

func (e *OtherClusterError) Error() string {
	return fmt.Sprintf("the plan is of the cluster with the id %s, and the nodes belong to one with %s", e.Planned, cmp.Or(e.Now, "no id"))
}

// Hint says what to do.
func (e *OtherClusterError) Hint() string {
	return "nothing was changed; check the inventory, and plan again"
}
