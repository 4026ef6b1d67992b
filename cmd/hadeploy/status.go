package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/steps"
)

func newStatus(a *app) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "status [cluster.yaml]",
		Short: "Show the live cluster as its nodes see it",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("-o", output, "text", "json"); err != nil {
				return err
			}
			s, err := a.open(c.Context(), "status", args, nil)
			defer s.close()
			if err != nil {
				return s.logHint(err)
			}
			views, err := s.run.Status(s.ctx)
			if err != nil {
				return s.logHint(err)
			}
			s.progress.Close()
			return a.showStatus(views, output)
		},
	}
	a.runFlags(c)
	c.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return c
}

// showStatus shows the view of the first node that has one; nodes that have
// none, or another DC, are named.
func (a *app) showStatus(views []steps.NodeStatus, output string) error {
	var st *pcs.Status
	var from string
	for _, v := range views {
		if v.Status != nil && (st == nil || v.Status.Quorum && !st.Quorum) {
			st, from = v.Status, v.Node
		}
	}
	if st == nil {
		err := fmt.Errorf("the cluster does not run on any node: %w", views[0].Err)
		return hinted{err, "hadeploy apply starts it"}
	}
	if output == "json" {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return enc.Encode(st)
	}
	clean := report.Clean
	quorum := "quorum"
	if !st.Quorum {
		quorum = "NO QUORUM"
	}
	fmt.Fprintf(a.out, "Cluster %s, seen from %s: %s, DC %s\n\n", clean(st.Cluster), clean(from), quorum, orDash(clean(st.DC)))
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, n := range st.Nodes {
		fmt.Fprintf(w, "  %s\t%s\n", clean(n.Name), nodeWords(n))
	}
	fmt.Fprintln(w)
	for _, r := range st.Resources {
		inside := r.Group
		if r.Clone != "" {
			inside = r.Clone
		}
		if r.Bundle != "" {
			inside = r.Bundle
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", clean(r.ID), orDash(clean(inside)), orDash(clean(r.Agent)), r.Role+flagWords(r), clean(strings.Join(r.Nodes, " ")))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, f := range st.FailedActions {
		fmt.Fprintf(a.out, "\n  failed: %s of %s on %s: %s %s\n", clean(f.Operation), clean(f.Resource), clean(f.Node), clean(f.RCText), clean(f.ExitReason))
	}
	for _, v := range views {
		switch {
		case v.Status == nil:
			fmt.Fprintf(a.out, "\n  %s: %s\n", clean(v.Node), clean(v.Err.Error()))
		case v.Status.DC != st.DC:
			fmt.Fprintf(a.out, "\n  %s sees another cluster: DC %s\n", clean(v.Node), orDash(clean(v.Status.DC)))
		}
	}
	if st.Unknown() {
		fmt.Fprintf(a.out, "\n  not understood in full: %s\n", clean(st.Problem().Error()))
	}
	return nil
}

func nodeWords(n pcs.Node) string {
	words := []string{"offline"}
	if n.Online {
		words[0] = "online"
	}
	return strings.Join(append(words, marked([]flagged{{n.Standby || n.StandbyOnFail, "standby"}, {n.Maintenance, "maintenance"}, {n.Pending, "pending"}, {n.Unclean, "UNCLEAN"}})...), ", ")
}

// flagged is a word that is said when it is so.
type flagged struct {
	set  bool
	word string
}

func marked(all []flagged) (words []string) {
	for _, f := range all {
		if f.set {
			words = append(words, f.word)
		}
	}
	return words
}

func flagWords(r pcs.Resource) string {
	words := marked([]flagged{{r.Failed, "FAILED"}, {r.Blocked, "blocked"}, {r.Disabled, "disabled"}, {!r.Managed, "unmanaged"}, {r.Orphaned, "orphaned"}})
	if words == nil {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}
