package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

// applyFlags are those of the command.
type applyFlags struct {
	yes     bool
	output  *output[applied]
	allowed []string // names of what may be interrupted
}

func newApply(a *app) *cobra.Command {
	f := applyFlags{output: newOutput(applyFormats)}
	c := &cobra.Command{
		Use:   "apply [cluster.yaml|plan.json]",
		Short: "Plan, ask, bring the nodes to the declared state, and verify it",
		Long: `Show the plan, ask whether to go on, make exactly those changes, and verify the
result by pcs status. While it runs it holds a lock on every node, which ends
with it, however it ends. To resume a run that died, run it again.

What has moved since the plan was made is never overwritten: the run then stops
before the step that it is about, and says what was planned, what is there now,
and who changed it when, as far as the node tells. What is done already is left
out. With a plan that plan --out has saved, it makes exactly the changes of that
plan, or refuses in the same way; the playbook, the inventory and the files that
are shipped have to be the same, and hadeploy too.

Without a terminal, and without --yes, it refuses to change anything. What runs
now and would stop, if only for a moment, is named in the question; with --yes
it has to be named in --allow-disruption.
`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.output.check(); err != nil {
				return err
			}
			if len(args) == 0 && a.file != "" {
				args, a.file = []string{a.file}, ""
			}
			var display progress.Display
			if !f.output.forPeople() {
				var err error
				if display, err = progress.New("json", progress.Options{W: a.out}); err != nil {
					return err
				}
			}
			var saved *plan.Plan
			if len(args) > 0 && isPlanFile(args[0]) {
				path := args[0]
				var err error
				if saved, err = readPlan(path); err != nil {
					return err
				}
				if args, err = a.recall(path, saved); err != nil {
					return err
				}
				d, err := a.load(args)
				if err != nil {
					return err
				}
				if err := d.fits(path, saved); err != nil { // before any node is gone to
					return err
				}
				return a.runApply(c, args, display, saved, f)
			}
			return a.onFile(func(c *cobra.Command, args []string) error { return a.runApply(c, args, display, nil, f) })(c, args)
		},
	}
	a.runFlags(c)
	a.pruneFlag(c)
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	c.Flags().StringSliceVar(&f.allowed, "allow-disruption", nil, "what may be interrupted without being asked about: ids of resources, units, or all")
	c.Flags().Lookup("file").Usage = "the playbook, where it is not the argument, or not where a saved plan says"
	f.output.flag(c)
	return c
}

// runApply is apply once it is known of what: a playbook, or a saved plan and
// its playbook.
func (a *app) runApply(c *cobra.Command, args []string, display progress.Display, saved *plan.Plan, f applyFlags) error {
	s, err := a.open(c.Context(), steps.Apply, args, display)
	defer s.close()
	if err == nil {
		err = a.apply(s, saved, f)
	}
	return a.end(s, err)
}

func (a *app) apply(s *session, saved *plan.Plan, f applyFlags) error {
	p, err := s.run.Prepare(s.ctx, saved)
	if err != nil {
		return err
	}
	if err := f.output.write(a.out, a.outStyle, applied{plan: p}); err != nil {
		return err
	}
	if len(p.Changes) > 0 {
		if err := a.agree(s, p, f); err != nil {
			return err
		}
	}
	sum, err := s.run.Apply(s.ctx, p)
	end := applied{sum: &sum, told: p.Findings}
	var v *steps.Verification
	if err == nil {
		if v, err = s.run.VerifyApplied(s.ctx); err != nil {
			sum.Interrupted = errors.Is(err, steps.ErrInterrupted)
		}
	}
	if err == nil && v != nil {
		sum = s.run.Summary()
		sum.Verified, sum.Findings = v.OK, v.Findings
		if v.OK {
			r := verifyReport(s.playbook.Name, v)
			end.verdict = &r
		} else {
			err = &steps.VerifyError{Findings: v.Findings}
		}
	}
	s.recap(sum)
	_ = f.output.write(a.out, a.outStyle, end) // how the run ends is told by err all the same
	return err
}

// applied is what apply says: its plan, before the question, or how it ended.
type applied struct {
	plan *plan.Plan

	sum     *steps.Summary
	verdict *verifyreport.Report // of a cluster that is as declared
	told    []plan.Finding       // by the plan, on the same screen
}

// applyFormats are the ways in which apply says it. In JSON the events of the
// run are all.
var applyFormats = []report.Format[applied]{
	{Name: "text", Write: appliedText},
	{Name: "json", Write: func(io.Writer, term.Style, applied) error { return nil }, Note: ": one JSON object a line, the last one a summary"},
}

func appliedText(w io.Writer, s term.Style, x applied) error {
	if x.plan != nil {
		return planreport.Text(w, s, planreport.Report{Plan: x.plan})
	}
	sum := *x.sum
	sum.Findings = verifyreport.Untold(sum.Findings, x.told)
	if x.verdict != nil {
		sum.Findings = nil // the verdict has them
	}
	if err := recapText(w, s, sum); err != nil || x.verdict == nil {
		return err
	}
	return verifyreport.Text(w, s, x.verdict.AfterApply(x.told))
}

// agree gets a person's consent to a plan, or finds it in the flags. What is
// interrupted has to be named either way.
func (a *app) agree(s *session, p *plan.Plan, f applyFlags) error {
	stops := plan.NotAllowed(p.Interruptions, f.allowed)
	if f.yes {
		if len(stops) > 0 {
			return hinted{fmt.Errorf("the plan interrupts what runs now, and nothing was changed: %s", planreport.Interrupted(stops)),
				"if that is right at this hour: --allow-disruption=" + strings.Join(planreport.InterruptedNames(stops), ",")}
		}
		return nil
	}
	question := "Do you want to make these changes?"
	if len(stops) > 0 {
		question = "This interrupts what runs now: " + planreport.Interrupted(stops) + ".\nDo you want to make these changes?"
	}
	asked := time.Now()
	if err := a.confirm(s, question+" Only 'yes' will be accepted: ", "yes", "--yes"); err != nil {
		return err
	}
	s.run.Paused(time.Since(asked))
	return nil
}
