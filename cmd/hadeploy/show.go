package main

import (
	"github.com/spf13/cobra"
)

func newShow(a *app) *cobra.Command {
	var output string
	var full bool
	c := &cobra.Command{
		Use:   "show plan.json",
		Short: "Show a saved plan",
		Long: `Show a plan that plan --out has saved, as plan shows it. It goes to no node, and
needs neither the playbook nor the inventory.
`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("-o", output, "text", "json", "markdown"); err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			return a.showPlan(p, output, full)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json or markdown")
	c.Flags().BoolVar(&full, "full", false, "show the whole text of files")
	return c
}
