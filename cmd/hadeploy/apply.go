package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/steps"
)

func newApply(a *app) *cobra.Command {
	var yes bool
	var output string
	c := &cobra.Command{
		Use:   "apply [cluster.yaml]",
		Short: "Plan, ask, bring the nodes to the declared state, and verify it",
		Long: `Show the plan, ask whether to go on, make exactly those changes, and verify the
result by pcs status. While it runs it holds a lock on every node, which ends
with it, however it ends. To resume a run that died, run it again.

Without a terminal, and without --yes, it refuses to change anything.
`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("-o", output, "text", "json"); err != nil {
				return err
			}
			var progress report.Progress
			if output == "json" {
				var err error
				if progress, err = report.NewProgress("json", report.ProgressOptions{W: a.out}); err != nil {
					return err
				}
			}
			s, err := a.open(c.Context(), "apply", args, progress)
			defer s.close()
			if err != nil {
				return s.logHint(err)
			}
			return s.logHint(a.apply(s, yes, output))
		},
	}
	a.runFlags(c)
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	c.Flags().StringVarP(&output, "output", "o", "text", "text, or json: one JSON object a line, the last one a summary")
	return c
}

func (a *app) apply(s *session, yes bool, output string) error {
	if err := s.run.Lock(s.ctx); err != nil {
		return err
	}
	if err := s.run.Observe(s.ctx); err != nil {
		return err
	}
	p, err := s.run.Plan(s.ctx)
	if err != nil {
		return err
	}
	if err := refuseOutage(p); err != nil {
		return err
	}
	if output == "text" {
		if err := a.showPlan(p, output, false); err != nil {
			return err
		}
	}
	var sum steps.Summary
	if len(p.Changes) > 0 {
		if !yes {
			asked := time.Now()
			if err := a.confirm(s, "Do you want to make these changes? Only 'yes' will be accepted: ", "yes", "--yes"); err != nil {
				return err
			}
			s.run.Paused(time.Since(asked))
		}
		if sum, err = s.run.Apply(s.ctx); err != nil {
			a.recap(s, sum, output)
			return err
		}
	} else {
		sum = s.run.Summary()
	}
	if s.playbook.Cluster.Start || s.run.Running() {
		v, err := s.run.Verify(s.ctx, s.playbook.Verify.Within)
		if err != nil {
			a.recap(s, sum, output)
			return err
		}
		sum = s.run.Summary()
		sum.Verified, sum.Findings = v.OK, v.Findings
		if output == "text" { // the plan on the same screen has told its own
			sum.Findings = report.Untold(v.Findings, p.Findings)
		}
		if !v.OK {
			a.recap(s, sum, output)
			return &steps.VerifyError{Findings: v.Findings}
		}
		if output == "text" {
			sum.Findings = nil
			defer func() {
				_ = report.VerifyText(a.out, a.outStyle, verifyReport(s.playbook.Name, v).AfterApply(p.Findings))
			}()
		}
	}
	a.recap(s, sum, output)
	return nil
}

// recap ends the progress and says what was done.
func (a *app) recap(s *session, sum steps.Summary, output string) {
	s.progress.Event(steps.RunDone{Summary: sum})
	s.progress.Close()
	if output == "text" {
		fmt.Fprintln(a.out)
		_ = report.Recap(a.out, a.outStyle, sum)
	}
}

// refuseOutage stops what would stop the whole cluster.
func refuseOutage(p *plan.Plan) error {
	for _, c := range p.Changes {
		if c.Disruption == plan.Outage {
			return hinted{fmt.Errorf("%s on %s cannot change while the cluster runs, and hadeploy does not stop a cluster by itself", c.ID, c.Node),
				"in a maintenance window: pcs cluster stop --all, then apply, which starts it again"}
		}
	}
	return nil
}

// confirm asks for a word. Without a terminal it refuses instead of hanging.
func (a *app) confirm(s *session, question, word, flag string) error {
	f, ok := a.in.(*os.File)
	if !ok || !report.IsTerminal(f) {
		return hinted{errors.New("there is no terminal to ask on, and nothing was changed"), "give " + flag + " to go on without asking"}
	}
	answer := make(chan string, 1)
	s.progress.Suspend(func() {
		fmt.Fprint(a.err, "\n"+question)
		go func() { // ends with the line, or with the program
			line, _ := bufio.NewReader(f).ReadString('\n')
			answer <- strings.TrimSpace(line)
		}()
		select {
		case line := <-answer:
			answer <- line
		case <-s.stop:
			fmt.Fprintln(a.err)
		case <-s.ctx.Done():
		}
	})
	select {
	case line := <-answer:
		if line == word {
			return nil
		}
		return errors.New("not confirmed; nothing was changed")
	default:
		return fmt.Errorf("%w; nothing was changed", steps.ErrInterrupted)
	}
}
