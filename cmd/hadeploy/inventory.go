package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/report/inventoryreport"
	"github.com/hadeploy/hadeploy/inventory"
)

func newInventory(a *app) *cobra.Command {
	var hosts string
	output := newOutput(inventoryreport.Formats)
	c := &cobra.Command{
		Use:   "inventory [cluster.yaml]",
		Short: "Show the nodes as they were understood",
		Long: `Show the nodes as they were understood: the hosts that the playbook names, with
what the inventory, group_vars and host_vars say of them. With -i, and without
the name of a playbook, none is read, and every host of the inventory is shown.`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: a.onFile(func(_ *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			d, err := a.inventoryNodes(args, hosts)
			if err != nil {
				return err
			}
			// Those of the playbook are for the commands that read it for its own sake.
			if warnings := append(slices.Clone(d.read), d.inventory.Warnings(d.nodes)...).Sort(); len(warnings) > 0 {
				_ = diag.Render(a.err, warnings, diag.RenderOptions{Color: a.errStyle.Color})
			}
			return output.write(a.out, a.outStyle, d.nodes)
		}),
	}
	a.fileFlags(c)
	c.Flags().StringVar(&hosts, "hosts", "", "show only these: names, groups, patterns (default: those of the playbook, else all)")
	output.flag(c)
	return c
}

// inventoryNodes are those of the playbook, or of an inventory alone.
func (a *app) inventoryNodes(args []string, hosts string) (*declared, error) {
	shown := func(inv *inventory.Inventory) ([]inventory.Node, error) { return take(hosts, inv.Match) }
	a.dropEmptyInventories()
	if len(args) == 0 && a.inventories != nil {
		return a.inventoryAlone(a.inventories, shown)
	}
	d, err := a.load(args)
	if err != nil || hosts == "" {
		return d, err
	}
	d.nodes, err = shown(d.inventory)
	return d, err
}
