package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/steps"
)

const restoreHelp = `Make the cluster's configuration that of a backup, which history lists: show what
differs and what Pacemaker would do, ask, and push it as one change. What the
backup does not have is stopped before it is removed.

What Pacemaker, operators and agents keep is left as it is now: standby and
maintenance, target-role and the like, constraints that begin with cli-,
attributes of nodes. corosync.conf is restored where Corosync can take it as it
runs and the members are the same; else the plan says why it is not.

The playbook only names the cluster and its nodes. Where it declares something
else than the backup has, the next apply makes that so again.

As with apply, it refuses without a terminal and without --yes, and what would be
interrupted has to be allowed.
`

func newRestore(a *app) *cobra.Command {
	f := applyFlags{output: newOutput(applyFormats)}
	c := &cobra.Command{
		Use:   "restore ID [cluster.yaml]",
		Short: "Bring the cluster's configuration back to a backup",
		Long:  restoreHelp,
		Args:  usage(cobra.RangeArgs(1, 2)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.output.check(); err != nil {
				return err
			}
			if !steps.IsBackupID(args[0]) {
				return usageError{hinted{fmt.Errorf("%q is no id of a backup", args[0]), "hadeploy history lists them"}}
			}
			var display progress.Display
			if !f.output.forPeople() {
				var err error
				if display, err = progress.New("json", progress.Options{W: a.out}); err != nil {
					return err
				}
			}
			return a.onFile(func(c *cobra.Command, book []string) error { return a.restore(c, args[0], book, display, f) })(c, args[1:])
		},
	}
	a.runFlags(c)
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	c.Flags().StringSliceVar(&f.allowed, "allow-disruption", nil, "what may be interrupted without being asked about: ids of resources, units, or all")
	f.output.flag(c)
	return c
}

func (a *app) restore(c *cobra.Command, id string, book []string, display progress.Display, f applyFlags) error {
	s, err := a.open(c.Context(), steps.Restore, book, display)
	defer s.close()
	if err == nil {
		err = s.run.TakeBackup(s.ctx, id)
	}
	if err == nil {
		err = a.apply(s, nil, f)
	}
	return a.end(s, err)
}
