package main

import (
	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/inventoryreport"
)

func newInventory(a *app) *cobra.Command {
	output := newOutput(inventoryreport.Formats)
	c := &cobra.Command{
		Use:   "inventory [cluster.yaml]",
		Short: "Show the nodes as they were understood",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			d, err := a.load(args)
			if err != nil {
				return err
			}
			return output.write(a.out, a.outStyle, d.nodes)
		},
	}
	a.fileFlags(c)
	output.flag(c)
	return c
}
