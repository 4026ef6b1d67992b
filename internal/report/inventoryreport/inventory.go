// Package inventoryreport shows the nodes of an inventory as they were
// understood.
package inventoryreport

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/inventory"
)

// Formats are the ways to show nodes.
var Formats = []report.Format[[]inventory.Node]{{Name: "text", Write: Text}, {Name: "json", Write: JSON}}

// Text writes a table, a line for each node.
func Text(w io.Writer, _ term.Style, nodes []inventory.Node) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "HOST\tNODE NAME\tADDRESS\tUSER\tSUDO\tLINKS\tGROUPS")
	for _, n := range views(nodes) {
		address := n.Host
		if n.Port != 0 {
			address = fmt.Sprintf("%s port %d", n.Host, n.Port)
		}
		sudo := "no"
		if n.Become {
			sudo = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", n.Name, n.NodeName, address, cmp.Or(n.User, "-"), sudo,
			cmp.Or(strings.Join(n.Links, " "), "-"), cmp.Or(strings.Join(n.Groups, " "), "-"))
	}
	return t.Flush()
}

// JSON writes a list of nodes as one document.
func JSON(w io.Writer, _ term.Style, nodes []inventory.Node) error {
	return term.JSON(w, views(nodes), "  ")
}

// view is what of a node is shown; no password is.
type view struct {
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

func views(nodes []inventory.Node) []view {
	var out []view
	for _, n := range nodes {
		out = append(out, view{term.Clean(n.Name), term.Clean(n.NodeName), term.Clean(n.Host), n.Port, term.Clean(n.User), n.Become, n.KeyFile, n.Links, n.Groups})
	}
	return out
}
