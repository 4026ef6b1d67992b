package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/steps"
)

const historyHelp = `Show which backups the nodes keep. Before apply or destroy changes the cluster's
configuration, the CIB and corosync.conf that are there are kept on the node
that the change is made from: in /var/lib/hadeploy/backups, for root alone, the
last ten. They hold passwords and stay there. It changes nothing.

A node that cannot be reached is named, and the others are shown all the same.

Exit status of this command: 0 when every node that was reached told of its
backups, 3 when one did not, 4 when no node could be reached.
`

func newHistory(a *app) *cobra.Command {
	output := newOutput(historyFormats)
	c := &cobra.Command{
		Use:   "history [cluster.yaml]",
		Short: "Show which backups of the cluster's configuration the nodes keep",
		Long:  historyHelp,
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: a.onFile(func(c *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			return a.history(c, args, output)
		}),
	}
	a.runFlags(c)
	output.flag(c)
	return c
}

func (a *app) history(c *cobra.Command, args []string, output *output[[]steps.NodeHistory]) error {
	s := &session{op: steps.History, mask: a.mask}
	defer s.close()
	d, err := a.load(args)
	if err != nil {
		return err
	}
	if err := a.begin(s, d); err != nil {
		return err
	}
	s.endsAtOnce(c.Context(), a.timeout)
	cfg, err := a.config(s)
	if err != nil {
		return s.logHint(err)
	}
	reader, err := steps.NewHistoryReader(cfg)
	if err != nil {
		return s.logHint(err)
	}
	s.closers = append(s.closers, reader.Close)
	all := reader.Read(s.ctx)
	if s.ctx.Err() != nil {
		return s.logHint(steps.ErrInterrupted)
	}
	s.progress.Close()
	var unread steps.NodeErrors
	var doubts []error
	for _, n := range all {
		if n.Err != nil {
			unread = append(unread, steps.NodeError{Node: n.Node, Err: n.Err})
			doubts = append(doubts, unread[len(unread)-1])
		}
	}
	if len(unread) == len(all) {
		return s.logHint(unread)
	}
	return s.logHint(errors.Join(output.write(a.out, a.outStyle, secret.Words(s.mask, all)), hard(doubts, nil)))
}

// historyFormats are the ways to show backups.
var historyFormats = []report.Format[[]steps.NodeHistory]{{Name: "text", Write: historyText}, {Name: "json", Write: historyJSON}}

func historyText(w io.Writer, _ term.Style, all []steps.NodeHistory) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tID\tBEFORE\tPLAYBOOK\tCIB\tBY")
	found := false
	for _, n := range all {
		for _, b := range n.Backups {
			found = true
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", term.Clean(n.Node), term.Clean(b.ID), term.Clean(b.Command), term.Clean(b.Playbook), term.Clean(b.CIB), term.Clean(b.By))
		}
	}
	if found {
		if err := t.Flush(); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintln(w, "There are no backups."); err != nil {
		return err
	}
	for _, n := range all {
		if n.Err != nil {
			if _, err := fmt.Fprintf(w, "! %s: not known: %s\n", term.Clean(n.Node), term.Clean(n.Err.Error())); err != nil {
				return err
			}
		}
	}
	return nil
}

// historyNode is one node's backups as a program reads them.
type historyNode struct {
	Node    string         `json:"node"`
	Backups []steps.Backup `json:"backups"`
	Error   string         `json:"error,omitempty"` // why they are not all known
}

func historyJSON(w io.Writer, _ term.Style, all []steps.NodeHistory) error {
	list := make([]historyNode, len(all))
	for i, n := range all {
		list[i] = historyNode{Node: n.Node, Backups: append([]steps.Backup{}, n.Backups...)}
		if n.Err != nil {
			list[i].Error = n.Err.Error()
		}
	}
	return term.JSON(w, list, "  ")
}
