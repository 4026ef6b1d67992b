package report_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/recap"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

func TestPlanGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		p    *plan.Plan
	}{{"bare", reporttest.BarePlan()}, {"drift", reporttest.DriftPlan()}, {"nothing", reporttest.NothingPlan()}, {"hostile", reporttest.HostilePlan()}} {
		for _, width := range []int{80, 120} {
			reporttest.Golden(t, fmt.Sprintf("plan-%s-%d.txt", c.name, width), func(w io.Writer) error {
				return planreport.Text(w, term.Style{Width: width}, planreport.Report{Plan: c.p})
			})
		}
		reporttest.Golden(t, "plan-"+c.name+".md", func(w io.Writer) error { return planreport.Markdown(w, term.Style{}, planreport.Report{Plan: c.p}) })
	}
	reporttest.Golden(t, "plan-drift-color.txt", func(w io.Writer) error {
		return planreport.Text(w, term.Style{Width: 80, Color: true}, planreport.Report{Plan: reporttest.DriftPlan()})
	})
	reporttest.Golden(t, "plan-bare-full.txt", func(w io.Writer) error {
		return planreport.Text(w, term.Style{Width: 80}, planreport.Report{Plan: reporttest.BarePlan(), Full: true})
	})
	reporttest.Golden(t, "plan-drift.json", func(w io.Writer) error {
		return planreport.JSON(w, term.Style{}, planreport.Report{Plan: reporttest.DriftPlan()})
	})
	reporttest.Golden(t, "plan-nothing.json", func(w io.Writer) error {
		return planreport.JSON(w, term.Style{}, planreport.Report{Plan: reporttest.NothingPlan()})
	})
}

func TestVerifyGolden(t *testing.T) {
	for name, r := range map[string]verifyreport.Report{"ok": goodReport(), "warned": warnedReport(), "bad": badReport(), "unread": unreadReport()} {
		reporttest.Golden(t, "verify-"+name+".txt", func(w io.Writer) error { return verifyreport.Text(w, term.Style{Width: 80}, r) })
		reporttest.Golden(t, "verify-"+name+".md", func(w io.Writer) error { return verifyreport.Markdown(w, term.Style{}, r) })
		reporttest.Golden(t, "verify-"+name+".json", func(w io.Writer) error { return verifyreport.JSON(w, term.Style{}, r) })
		reporttest.Golden(t, "verify-"+name+".xml", func(w io.Writer) error { return verifyreport.JUnit(w, term.Style{}, r) })
	}
}

func TestRecapGolden(t *testing.T) {
	nothing := steps.Summary{Command: "apply", Took: goodSummary().Took, Verified: true, Nodes: []steps.NodeSummary{{Node: "n1"}, {Node: "n2"}}}
	destroyed := steps.Summary{Command: "destroy", Ends: true, Changes: 3, Took: goodSummary().Took, Nodes: []steps.NodeSummary{{Node: "n1", Changes: 1}, {Node: "n2", Changes: 1}, {Node: "n3", Changes: 1}}}
	early := steps.Summary{Command: "apply", Nodes: []steps.NodeSummary{{Node: "n1", FailedAt: "preflight", Error: "disk full"}, {Node: "n2"}}}
	atOnce := steps.Summary{Command: "apply", Interrupted: true, Took: goodSummary().Took, Nodes: []steps.NodeSummary{{Node: "n1"}, {Node: "n2"}},
		Left: []steps.StepLeft{{Step: "packages", Changes: 2}, {Step: "cib", Changes: 9}}}
	between := goodSummary()
	between.Interrupted, between.Verified, between.Left = true, false, []steps.StepLeft{{Step: "cib", Changes: 9}}
	verifying := goodSummary()
	verifying.Interrupted, verifying.Verified = true, false
	twice := cutOff()
	twice.Interrupted, twice.Left = true, []steps.StepLeft{{Step: "cib", Changes: 9}}
	beside := failedSummary()
	beside.Interrupted, beside.Left = true, []steps.StepLeft{{Step: "cib", Changes: 9}}
	for name, sum := range map[string]steps.Summary{
		"interrupted-at-once": atOnce, "interrupted-between": between, "interrupted-verifying": verifying,
		"interrupted-twice": twice, "interrupted-and-failed": beside,
		"good": goodSummary(), "node-failed": failedSummary(), "cluster-failed": clusterFailure(), "cut-off": cutOff(),
		"not-as-declared": notAsDeclared(), "nothing": nothing, "destroyed": destroyed, "early": early, "partly": wrotePartly(),
	} {
		reporttest.Golden(t, "recap-"+name+".txt", func(w io.Writer) error { return recap.Text(w, term.Style{Width: 80}, sum) })
	}
}

// TestNoVerdictGolden: what the formats of verify say when there is no verdict.
func TestNoVerdictGolden(t *testing.T) {
	stopped := &steps.VerifyInterruptedError{Looked: true, Findings: []plan.Finding{{Code: "RESOURCE_STOPPED", Severity: plan.Error, Message: "web is stopped"}}}
	for name, err := range map[string]error{"interrupted": stopped, "no-verdict": &remote.UnreachableError{Node: "n1", Addr: "10.0.0.1:22", Err: errors.New("connection refused"), Hint: "is sshd running?"}} {
		reporttest.Golden(t, "verify-"+name+".json", func(w io.Writer) error {
			return verifyreport.JSON(w, term.Style{}, verifyreport.Report{Cluster: "web_ha", Err: err})
		})
		reporttest.Golden(t, "verify-"+name+".md", func(w io.Writer) error {
			return verifyreport.Markdown(w, term.Style{}, verifyreport.Report{Cluster: "web_ha", Err: err})
		})
		reporttest.Golden(t, "verify-"+name+".xml", func(w io.Writer) error {
			return verifyreport.JUnit(w, term.Style{}, verifyreport.Report{Cluster: "web_ha", Err: err})
		})
		reporttest.Golden(t, "verify-"+name+".txt", func(w io.Writer) error {
			return verifyreport.Brief(w, term.Style{}, verifyreport.Report{Cluster: "web_ha", Err: err})
		})
	}
}

func TestErrorGolden(t *testing.T) {
	reporttest.Golden(t, "errors.txt", func(w io.Writer) error {
		for _, e := range someErrors() {
			if err := failure.Text(w, term.Style{Width: 80}, e); err != nil {
				return err
			}
			_, _ = io.WriteString(w, "----\n")
		}
		return nil
	})
}

func TestErrorOfNothingWritesNothing(t *testing.T) {
	var b strings.Builder
	if err := failure.Text(&b, term.Style{}, nil); err != nil || b.Len() > 0 {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

// A closed pipe is told by renderers of results, and ends no run.
func TestBrokenPipe(t *testing.T) {
	w := reporttest.BrokenPipe{}
	for name, err := range map[string]error{
		"plan text":     planreport.Text(w, term.Style{}, planreport.Report{Plan: reporttest.BarePlan()}),
		"plan json":     planreport.JSON(w, term.Style{}, planreport.Report{Plan: reporttest.BarePlan()}),
		"plan markdown": planreport.Markdown(w, term.Style{}, planreport.Report{Plan: reporttest.BarePlan()}),
		"recap":         recap.Text(w, term.Style{}, goodSummary()),
		"verify":        verifyreport.Text(w, term.Style{}, goodReport()),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, mode := range []string{"tty", "plain", "json", "quiet"} {
		p, err := progress.New(mode, progress.Options{W: w})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range aRun(testStart) {
			p.Event(e.event)
		}
		p.Close()
	}
}

// wrotePartly is a run that failed in a step that had written something.
func wrotePartly() steps.Summary {
	sum := clusterFailure()
	sum.Changes, sum.Failure = 0, "corosync: n1: corosync-cfgtool -R: exit status 1"
	for i := range sum.Nodes {
		sum.Nodes[i].Changes = 0
	}
	sum.Partly = []string{"/etc/corosync/authkey on n2", "/etc/corosync/corosync.conf on n1, n2, n3"}
	return sum
}
