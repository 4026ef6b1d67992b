package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
	"github.com/hadeploy/hadeploy/schema"
)

func newInit(*app) *cobra.Command {
	return &cobra.Command{
		Use:   "init [folder]",
		Short: "Write a commented cluster.yaml and inventory.yaml to start from",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			cluster, hosts := filepath.Join(dir, "cluster.yaml"), filepath.Join(dir, "inventory.yaml")
			if _, err := os.Lstat(hosts); err == nil {
				return existsAlready(hosts) // before the other is written
			}
			for _, f := range []struct{ path, text string }{{cluster, playbook.Template()}, {hosts, inventory.Template()}} {
				if err := writeNew(f.path, f.text); err != nil {
					return err
				}
				fmt.Fprintln(c.OutOrStdout(), "wrote", f.path)
			}
			fmt.Fprintf(c.OutOrStdout(), "Next: put your hosts into %s, then run: hadeploy plan %s\n", hosts, cluster)
			return nil
		},
	}
}

func existsAlready(path string) error {
	return hinted{fmt.Errorf("%s exists already; it was not touched", path), "name another folder: hadeploy init FOLDER"}
}

// writeNew never overwrites a file.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return existsAlready(path)
	}
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func newValidate(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "validate [cluster.yaml]",
		Short: "Check the playbook and the inventory without going to any node",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
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
			fmt.Fprintf(a.out, "%s is valid: cluster %s, %s, %s, %s.\n", report.Clean(p.File), report.Clean(p.Name),
				counted(len(d.nodes), "node"), counted(primitives, "primitive"), counted(len(p.Stonith.Devices), "fencing device"))
			return nil
		},
	}
	a.fileFlags(c)
	return c
}

func counted(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

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
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", n.Name, n.NodeName, address, orDash(n.User), sudo,
					orDash(strings.Join(n.Links, " ")), orDash(strings.Join(n.Groups, " ")))
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
		out = append(out, nodeView{report.Clean(n.Name), report.Clean(n.NodeName), report.Clean(n.Host), n.Port, report.Clean(n.User), n.Become, n.KeyFile, n.Links, n.Groups})
	}
	return out
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func newSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:       "schema [playbook|inventory|plan]",
		Short:     "Print the JSON Schema of the playbook, of the inventory or of plans",
		Args:      usage(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"playbook", "inventory", "plan"},
		RunE: func(c *cobra.Command, args []string) error {
			text := schema.Playbook
			if len(args) > 0 {
				text = map[string]func() []byte{"playbook": schema.Playbook, "inventory": schema.Inventory, "plan": schema.Plan}[args[0]]
			}
			_, err := a.out.Write(text())
			return err
		},
	}
}
