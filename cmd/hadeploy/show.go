package main

import (
	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/planreport"
)

func newShow(a *app) *cobra.Command {
	output := newOutput(planreport.Formats)
	var full bool
	c := &cobra.Command{
		Use:   "show plan.json",
		Short: "Show a saved plan",
		Long: `Show a plan that plan --out has saved, as plan shows it. It goes to no node, and
needs neither the playbook nor the inventory.
`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			return output.write(a.out, a.outStyle, planreport.Report{Plan: p, Full: full})
		},
	}
	output.flag(c)
	c.Flags().BoolVar(&full, "full", false, "show the whole text of files")
	return c
}
