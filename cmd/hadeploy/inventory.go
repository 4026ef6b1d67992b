package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/inventory"
)

func newInventory(a *app) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "inventory [cluster.yaml]",
		Short: "Show the nodes as they were understood",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("-o", output, "text", "json"); err != nil {
				return err
			}
			d, err := a.load(args)
			if err != nil {
				return err
			}
			if output == "json" {
				enc := json.NewEncoder(a.out)
				enc.SetIndent("", "  ")
				return enc.Encode(inventoryView(d.nodes))
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "HOST\tNODE NAME\tADDRESS\tUSER\tSUDO\tLINKS\tGROUPS")
			for _, n := range inventoryView(d.nodes) {
				address := n.Host
				if n.Port != 0 {
					address = fmt.Sprintf("%s port %d", n.Host, n.Port)
				}
				sudo := "no"
				if n.Become {
					sudo = "yes"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", n.Name, n.NodeName, address, cmp.Or(n.User, "-"), sudo,
					cmp.Or(strings.Join(n.Links, " "), "-"), cmp.Or(strings.Join(n.Groups, " "), "-"))
			}
			return w.Flush()
		},
	}
	a.fileFlags(c)
	c.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return c
}

// nodeView is what of a node is shown; no password is.
type nodeView struct {
	Name     string   `json:"name"`
	NodeName string   `json:"node_name"`
	Host     string   `json:"host"`
	Port     int      `json:"port,omitempty"`
	User     string   `json:"user,omitempty"`
	Become   bool     `json:"become"`
	KeyFile  string   `json:"key_file,omitempty"`
	Links    []string `json:"links"`
	Groups   []string `json:"groups"`
}

func inventoryView(nodes []inventory.Node) []nodeView {
	var out []nodeView
	for _, n := range nodes {
		out = append(out, nodeView{term.Clean(n.Name), term.Clean(n.NodeName), term.Clean(n.Host), n.Port, term.Clean(n.User), n.Become, n.KeyFile, n.Links, n.Groups})
	}
	return out
}
