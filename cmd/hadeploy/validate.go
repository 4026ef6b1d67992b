package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

func newValidate(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "validate [cluster.yaml]",
		Short: "Check the playbook and the inventory without going to any node",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: a.onFile(func(_ *cobra.Command, args []string) error {
			d, err := a.load(args)
			if err != nil {
				return err
			}
			if len(d.warnings) > 0 {
				_ = diag.Render(a.err, d.warnings, diag.RenderOptions{Color: a.errStyle.Color})
			}
			p := d.playbook
			primitives := 0
			for i := range p.Resources {
				primitives += len(p.Resources[i].Primitives())
			}
			fmt.Fprintf(a.out, "%s is valid: cluster %s, %s, %s, %s.\n", term.Clean(p.File), term.Clean(p.Name),
				plural.Of(len(d.nodes), "node"), plural.Of(primitives, "primitive"), plural.Of(len(p.Stonith.Devices), "fencing device"))
			return nil
		}),
	}
	a.fileFlags(c)
	return c
}
