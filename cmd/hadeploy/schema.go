package main

import (
	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/schema"
)

func newSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:       "schema [playbook|inventory|plan]",
		Short:     "Print the JSON Schema of the playbook, of the inventory or of plans",
		Args:      usage(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"playbook", "inventory", "plan"},
		RunE: func(_ *cobra.Command, args []string) error {
			text := schema.Playbook
			if len(args) > 0 {
				text = map[string]func() []byte{"playbook": schema.Playbook, "inventory": schema.Inventory, "plan": schema.Plan}[args[0]]
			}
			_, err := a.out.Write(text())
			return err
		},
	}
}
