// Package recap says what a run did, once it is over.
package recap

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// Text writes what a run did: a line per node, root causes, what was skipped
// for them, what verify found, and one last line that says it all.
func Text(w io.Writer, s term.Style, sum steps.Summary) error {
	out := &page{term.Page{Style: s}}
	if len(sum.Nodes) > 0 {
		out.nodeTable(sum)
	}
	if sum.Failure != "" {
		out.Line()
		out.cause("failed in the cluster", sum.Failure)
	}
	if len(sum.Skipped) > 0 {
		out.Line()
		out.Line(out.Paint(term.Bold, "Skipped"))
		for _, l := range byReason(sum.Skipped) {
			out.Line("  ", term.Clean(term.Clip(l, 2*term.MaxValue)))
		}
	}
	if len(sum.Unknown) > 0 {
		out.Line()
		out.Line(out.Paint(term.Bold, "Not known, for the run was cut off"))
		for _, l := range sum.Unknown {
			out.Line("  ", term.Clean(term.Clip(l, 2*term.MaxValue)))
		}
	}
	out.leftOver(sum.Left)
	out.alreadyDone(sum.Done)
	out.sincePlan(sum.Since)
	if len(sum.Findings) > 0 {
		out.Line()
		findings.Write(&out.Page, sum.Findings)
	}
	out.Line()
	out.Line(out.Paint(term.Bold, recapSum(sum)))
	return out.To(w)
}

// page is the page of a recap.
type page struct{ term.Page }

// byReason joins "auth: n2 failed", "cib: n2 failed" to "auth, cib: n2 failed".
func byReason(skipped []string) []string {
	var reasons []string
	steps := map[string]string{}
	for _, l := range skipped {
		step, reason, ok := strings.Cut(l, ": ")
		if !ok {
			step, reason = l, ""
		}
		if steps[reason] == "" {
			reasons = append(reasons, reason)
			steps[reason] = step
		} else {
			steps[reason] += ", " + step
		}
	}
	for i, r := range reasons {
		reasons[i] = strings.TrimSuffix(steps[r]+": "+r, ": ")
	}
	return reasons
}

func (p *page) nodeTable(sum steps.Summary) {
	column, any := len("NODE"), false
	for _, n := range sum.Nodes {
		column = max(column, term.Cells(term.Clean(n.Node)))
		any = any || n.FailedAt != ""
	}
	p.Line(p.Paint(term.Dim, term.Pad("NODE", column)+"  CHANGES  RESULT"))
	onNodes := 0
	for _, n := range sum.Nodes {
		onNodes += n.Changes
		head := term.Pad(term.Clean(n.Node), column) + fmt.Sprintf("  %7d  ", n.Changes)
		switch {
		case n.FailedAt != "":
			p.Line(head, p.Paint(term.Red, "failed"), " at ", term.Clean(n.FailedAt))
		case any || sum.Failure != "" || sum.Stopped != "" || sum.Interrupted || len(sum.Unknown) > 0:
			p.Line(head, "ok so far") // the run did not get to its end
		default:
			p.Line(head, p.Paint(term.Green, "ok"))
		}
		if n.Error != "" {
			lines := failure.LinesOf(n.Error, p.Columns())
			for _, l := range lines {
				p.Line("  ", l)
			}
		}
	}
	if rest := sum.Changes - onNodes; rest > 0 {
		p.Line(term.Pad("cluster", column), fmt.Sprintf("  %*d  ", 7-max(0, len("cluster")-column), rest), clusterResult(sum, p.Style))
	}
}

func (p *page) cause(head, text string) {
	p.Line(p.Paint(term.Red, head))
	for _, l := range failure.LinesOf(text, p.Columns()) {
		p.Line("  ", l)
	}
}

// again is what to do after a failure: running again is resuming.
const again = "run the same command again when it is mended"

// recapSum is the last line: what happened, where, and what to do.
func recapSum(sum steps.Summary) string {
	name := "Run"
	if c := term.Clean(sum.Command); c != "" {
		name = strings.ToUpper(c[:1]) + c[1:]
	}
	var failed []string
	for _, n := range sum.Nodes {
		if n.FailedAt != "" {
			failed = append(failed, term.Clean(n.Node)+" at "+term.Clean(n.FailedAt))
		}
	}
	if sum.Failure != "" {
		step, _, ok := strings.Cut(sum.Failure, ":")
		if !ok || strings.ContainsAny(step, " \n") {
			step = "a cluster-wide step"
		}
		failed = append(failed, "the cluster at "+term.Clean(step))
	}
	made := madeWhere(sum)
	took := term.Duration(sum.Took)
	switch {
	case sum.Stopped != "":
		return fmt.Sprintf("%s stopped: %s. %s before it.", name, term.Clean(sum.Stopped), made+" made")
	case sum.Interrupted && len(sum.Unknown) == 0:
		return interruptedSum(name, sum, failed)
	case len(sum.Unknown) > 0:
		how := "cut off"
		if sum.Interrupted {
			how = "interrupted and cut off"
		}
		return fmt.Sprintf("%s %s after %s: %s known to be made; run the same command again, it finds out how far this one came.", name, how, took, made)
	case len(failed) > 0 && len(sum.Partly) > 0:
		before := ""
		if sum.Changes > 0 {
			before = made + " made in " + took + ", and the"
		}
		return fmt.Sprintf("%s failed: %s. %s step that failed had written %s, which stays; %s.", name, strings.Join(failed, ", "),
			cmp.Or(before, "The"), term.Clean(strings.Join(sum.Partly, ", ")), again)
	case len(failed) > 0 && sum.Changes > 0:
		return fmt.Sprintf("%s failed: %s. %s in %s; %s.", name, strings.Join(failed, ", "), made+" made", took, again)
	case len(failed) > 0:
		return fmt.Sprintf("%s failed: %s. No change was completed; %s.", name, strings.Join(failed, ", "), again)
	case !sum.Verified && findings.Count(sum.Findings, plan.Error) > 0:
		return fmt.Sprintf("%s made %s in %s, but the cluster is not as declared: %s.", name, made, took,
			plural.Of(findings.Count(sum.Findings, plan.Error), "error"))
	}
	verified := "; verified"
	if !sum.Verified {
		verified = "; not verified"
	}
	if sum.Ends {
		verified = ""
	}
	if sum.Changes == 0 {
		return fmt.Sprintf("%s complete: nothing had to be changed (%s)%s.", name, took, verified)
	}
	return fmt.Sprintf("%s complete: %s in %s%s.", name, made, took, verified)
}

// interruptedSum is the last line of a run that the user asked to stop, and that
// finished what was under way.
func interruptedSum(name string, sum steps.Summary, failed []string) string {
	text := fmt.Sprintf("%s interrupted after %s: %s", name, term.Duration(sum.Took), madeWhere(sum)+" made")
	left := 0
	for _, l := range sum.Left {
		left += l.Changes
	}
	switch {
	case len(failed) > 0:
		return fmt.Sprintf("%s, %d left; failed: %s. %s.", text, left, strings.Join(failed, ", "), strings.ToUpper(again[:1])+again[1:])
	case left == 0:
		return text + ", none left, and the result is not verified; hadeploy verify looks at it."
	}
	return fmt.Sprintf("%s, %d left. Run the same command again, it goes on where this one stopped.", text, left)
}

// leftOver names what an interrupted run has not begun.
func (p *page) leftOver(left []steps.StepLeft) {
	if len(left) == 0 {
		return
	}
	p.Line()
	p.Line(p.Paint(term.Bold, "Left"))
	for _, l := range left {
		p.Line("  ", term.Clean(l.Step), ": ", plural.Of(l.Changes, "change"))
	}
}

// madeWhere says "57 changes on 3 nodes and 23 in the cluster".
func madeWhere(sum steps.Summary) string {
	nodes, onNodes := 0, 0
	for _, n := range sum.Nodes {
		if n.Changes > 0 {
			nodes++
			onNodes += n.Changes
		}
	}
	switch rest := sum.Changes - onNodes; {
	case onNodes == 0 && rest > 0:
		return plural.Of(rest, "change") + " in the cluster"
	case onNodes == 0:
		return "no change"
	case rest > 0:
		return fmt.Sprintf("%s on %s and %d in the cluster", plural.Of(onNodes, "change"), plural.Of(nodes, "node"), rest)
	}
	return plural.Of(onNodes, "change") + " on " + plural.Of(nodes, "node")
}

// clusterResult is what became of the steps that belong to no single node.
func clusterResult(sum steps.Summary, s term.Style) string {
	switch {
	case sum.Failure != "":
		return s.Paint(term.Red, "failed")
	case sum.Stopped != "" || sum.Interrupted || len(sum.Unknown) > 0 || len(sum.Skipped) > 0:
		return "ok so far"
	}
	return s.Paint(term.Green, "ok")
}
