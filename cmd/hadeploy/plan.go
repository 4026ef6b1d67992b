package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

func newPlan(a *app) *cobra.Command {
	output := newOutput(planreport.Formats)
	var out string
	var detailed, full bool
	c := &cobra.Command{
		Use:   "plan [cluster.yaml]",
		Short: "Show what apply would change, and change nothing",
		Long: `Show what apply would change, on each node and in the cluster's configuration,
with before and after and the pcs command that a person would type. On a
running cluster it also shows what Pacemaker would start, stop or move.

What the playbook does not declare is listed and left alone; with --prune, or
prune: in the playbook, it is among the changes, first of all.

The connections of a plan refuse every command that could change a node.

--out FILE saves the plan. apply FILE then makes exactly these changes, or
refuses and says what has moved since; show FILE shows it again.
`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: a.onFile(func(c *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			if out != "" && len(args) > 0 && args[0] == "-" {
				return usageError{hinted{errors.New("a plan of a playbook from standard input cannot be saved: apply reads the playbook again"), "give the playbook as a file"}}
			}
			s, err := a.open(c.Context(), steps.Plan, args, nil)
			defer s.close()
			if err != nil {
				return s.logHint(err)
			}
			p, err := s.run.Prepare(s.ctx, nil)
			if err != nil {
				return s.logHint(err)
			}
			s.progress.Close()
			if out != "" {
				if err := savePlan(out, p); err != nil {
					return s.logHint(err)
				}
			}
			if err := output.write(a.out, a.outStyle, planreport.Report{Plan: p, Full: full}); err != nil {
				return err
			}
			if out != "" {
				fmt.Fprintf(a.err, "\nThe plan is saved in %s. To make exactly these changes: hadeploy apply %s\n", term.Clean(out), term.Clean(out))
			}
			if detailed && p.Counts.Changes() > 0 {
				return errChanges
			}
			return nil
		}),
	}
	a.runFlags(c)
	a.pruneFlag(c)
	output.flag(c)
	c.Flags().StringVar(&out, "out", "", "save the plan to this file, for apply and show")
	c.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 2 when there are changes")
	c.Flags().BoolVar(&full, "full", false, "show the whole text of files")
	return c
}
