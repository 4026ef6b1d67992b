package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

func newDestroy(a *app) *cobra.Command {
	var confirm string
	c := &cobra.Command{
		Use:   "destroy [cluster.yaml]",
		Short: "Remove the cluster from its nodes",
		Long: `Stop the cluster on all its nodes and remove its configuration and keys there.
Packages, files, resource agents and the hacluster account stay; apply makes a
cluster again. A node that belongs to another cluster is refused.

It wants the cluster's name typed, or given with --confirm.
`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: a.onFile(func(c *cobra.Command, args []string) error {
			s, err := a.open(c.Context(), steps.Destroy, args, nil)
			defer s.close()
			if err == nil {
				err = a.destroy(s, confirm)
			}
			return a.end(s, err)
		}),
	}
	a.runFlags(c)
	c.Flags().StringVar(&confirm, "confirm", "", "the cluster's name, instead of typing it")
	return c
}

func (a *app) destroy(s *session, confirm string) error {
	name := s.playbook.Name
	if confirm != "" && confirm != name {
		return usageError{fmt.Errorf("--confirm %s: the playbook's cluster is named %s", confirm, name)}
	}
	p, err := s.run.Prepare(s.ctx, nil)
	if err != nil {
		return err
	}
	if len(p.Changes) == 0 {
		s.progress.Close()
		fmt.Fprintf(a.out, "Nothing to destroy: no node has anything of cluster %s.\n", term.Clean(name))
		return nil
	}
	if err := planreport.Text(a.out, a.outStyle, planreport.Report{Plan: p}); err != nil {
		return err
	}
	if err := planreport.DestroyNotice(a.out, a.outStyle, p); err != nil {
		return err
	}
	if confirm == "" {
		asked := time.Now()
		err := a.confirm(s, fmt.Sprintf("This stops cluster %s and everything that it runs. Type its name to go on: ", name), name, "--confirm "+name)
		if err != nil {
			return err
		}
		s.run.Paused(time.Since(asked))
	}
	sum, err := s.run.Apply(s.ctx, p)
	s.recap(sum)
	_ = recapText(a.out, a.outStyle, sum) // how the run ends is told by err all the same
	return err
}
