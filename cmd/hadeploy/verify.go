package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/steps"
)

func newVerify(a *app) *cobra.Command {
	var output string
	var wait bool
	c := &cobra.Command{
		Use:   "verify [cluster.yaml]",
		Short: "Say whether the running cluster does what the file declares",
		Long: `Read pcs status on every node and compare it with the file: members, quorum, DC,
daemons, every declared resource in its role, failed actions, each address on
exactly the node that pcs names, probes answered. It changes nothing.

It looks once; with --wait it looks again until all is well or the file's
verify.within is over.
`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("-o", output, "text", "json", "markdown"); err != nil {
				return err
			}
			s, err := a.open(c.Context(), "verify", args, nil)
			defer s.close()
			if err != nil {
				return s.logHint(err)
			}
			var within time.Duration
			if wait {
				within = s.playbook.Verify.Within
			}
			v, err := s.run.Verify(s.ctx, within)
			if err != nil {
				return s.logHint(err)
			}
			s.progress.Close()
			r := verifyReport(s.playbook.Name, v)
			switch output {
			case "json":
				err = report.VerifyJSON(a.out, r)
			case "markdown":
				err = report.VerifyMarkdown(a.out, r)
			default:
				err = report.VerifyText(a.out, a.outStyle, r)
			}
			if err == nil && !v.OK {
				err = &steps.VerifyError{Findings: v.Findings}
			}
			return err
		},
	}
	a.runFlags(c)
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json or markdown")
	c.Flags().BoolVar(&wait, "wait", false, "wait for the declared state, at most the file's verify.within")
	return c
}

func verifyReport(cluster string, v *steps.Verification) report.VerifyReport {
	return report.VerifyReport{Cluster: cluster, OK: v.OK, Checks: v.Checks, Findings: v.Findings, Took: v.Took}
}
