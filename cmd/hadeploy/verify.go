package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/finding"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

const verifyHelp = `Read pcs status on every node and compare it with the file: members and quorum,
links, daemons, fencing, every declared resource in its role and where the
constraints allow it, failed actions, each address on exactly the node that pcs
names, probes answered. It changes nothing.

It does not compare options: with --plan it does, on the same connections, and
whatever apply would change is an error, CONFIG_DRIFT.

It looks once; with --wait it looks again until all is well or the file's
verify.within is over. What it finds has a code in brackets; --explain CODE says
why it matters and how to mend it, --explain list has all codes.

-o junit is for the test reports of GitLab, Jenkins and others, -o markdown for a
pull request or a chat, -o json for programs.

For monitoring, --brief prints exactly one line:
  OK - cluster web_ha: 3 nodes online, quorum, DC n1, 9 resources as declared
and nothing else, no progress and no log either, unless asked for. With --brief
the exit status is that of every command, below. With --nagios, which includes
--brief, it is that of monitoring plugins: 0 OK, 1 WARNING, 2 CRITICAL, and 3
UNKNOWN for all else: no node reached, out of time (50s, --timeout), invalid file.
`

// verifyFlags are those of the command.
type verifyFlags struct {
	output  *output[verifyreport.Report]
	explain string
	wait    bool
	brief   bool
	nagios  bool
	plan    bool
}

func newVerify(a *app) *cobra.Command {
	f := verifyFlags{output: newOutput(verifyreport.Formats)}
	c := &cobra.Command{
		Use:   "verify [cluster.yaml]",
		Short: "Say whether the running cluster does what the file declares",
		Long:  verifyHelp,
		Example: `  hadeploy verify cluster.yaml --wait
  hadeploy verify cluster.yaml --plan
  hadeploy verify cluster.yaml -o junit > verify.xml
  hadeploy verify --nagios cluster.yaml
  hadeploy verify --explain RESOURCE_STOPPED`,
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := usage(cobra.MaximumNArgs(1))(c, args); err != nil {
			return a.verifyUsage(f, err)
		}
		return nil
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return a.verifyUsage(f, flagUsage(c, err))
	})
	c.RunE = a.onFile(func(c *cobra.Command, args []string) error {
		if c.Flags().Changed("explain") {
			return a.explain(f, args)
		}
		if err := f.output.check(); err != nil {
			return a.verifyUsage(f, err)
		}
		if f.oneLine() {
			if !f.output.forPeople() {
				return a.verifyUsage(f, usageError{fmt.Errorf("-o %s and one line for monitoring exclude each other: leave out -o or --brief", f.output.name)})
			}
			a.monitoring(c, f)
		}
		r, err := a.verify(c, args, f)
		return a.tellVerify(f, r, err)
	})
	a.runFlags(c)
	f.output.flag(c)
	c.Flags().BoolVar(&f.wait, "wait", false, "wait for the declared state, at most the file's verify.within")
	c.Flags().BoolVar(&f.plan, "plan", false, "compare the configuration too, as plan does: what differs is a finding")
	c.Flags().BoolVar(&f.brief, "brief", false, "print one line, for monitoring")
	c.Flags().BoolVar(&f.nagios, "nagios", false, "like --brief, with the exit status of monitoring plugins")
	c.Flags().StringVar(&f.explain, "explain", "", "explain a finding's code, or list: all codes; needs no file")
	_ = c.RegisterFlagCompletionFunc("explain", completeCodes) // fails for a flag that does not exist
	return c
}

func (f verifyFlags) oneLine() bool { return f.brief || f.nagios }

// pluginTimeout is less than monitoring systems wait, which then would show
// nothing at all.
const pluginTimeout = 50 * time.Second

// monitoring sets what is right for a run that is started each minute, where
// nothing else was asked for.
func (a *app) monitoring(c *cobra.Command, f verifyFlags) {
	if a.verbose == 0 && !c.Flags().Changed("progress") {
		a.err, a.progress = io.Discard, "quiet"
	}
	if !c.Flags().Changed("log-file") {
		a.logFile = "none"
	}
	if f.nagios && !c.Flags().Changed("timeout") {
		a.timeout = pluginTimeout
	}
}

// verify looks at the cluster. The report has its name as soon as that is
// known; the error of a cluster that is not as declared is a
// *steps.VerifyError, with the whole report.
func (a *app) verify(c *cobra.Command, args []string, f verifyFlags) (verifyreport.Report, error) {
	began := time.Now()
	s, err := a.open(c.Context(), steps.Verify, args, nil)
	defer s.close()
	var r verifyreport.Report
	if s.declared != nil {
		r.Cluster = s.playbook.Name
	} else if path, err := playbookPath(args); err == nil {
		r.File = path
	}
	if err == nil {
		var within time.Duration
		if f.wait {
			within = s.playbook.Verify.Within
		}
		var v *steps.Verification
		if v, err = s.run.Verify(s.ctx, within); err == nil && f.plan {
			err = s.run.Compare(s.ctx, v)
		}
		if err == nil {
			s.progress.Close()
			r = verifyReport(s.playbook.Name, v)
			if !v.OK {
				err = &steps.VerifyError{Findings: v.Findings, Unknown: r.State() == verifyreport.StateUnknown}
			}
			return r, err
		}
	}
	r.Took, r.Err = time.Since(began), s.logHint(err)
	return r, r.Err
}

func verifyReport(cluster string, v *steps.Verification) verifyreport.Report {
	return verifyreport.Report{Cluster: cluster, OK: v.OK, Checks: v.Checks, Findings: v.Findings, Took: v.Took}
}

// tellVerify writes a report, or that there is none, and returns how the run
// ends.
func (a *app) tellVerify(f verifyFlags, r verifyreport.Report, err error) error {
	if f.oneLine() {
		return a.tellBrief(f, r, err)
	}
	if writing := f.output.write(a.out, a.outStyle, r); writing != nil {
		return writing
	}
	return err
}

// tellBrief writes the one line for monitoring.
func (a *app) tellBrief(f verifyFlags, r verifyreport.Report, err error) error {
	if writing := verifyreport.Brief(a.out, a.outStyle, r); writing != nil {
		return writing
	}
	if f.nagios {
		err = nil
		if state := r.State(); state != verifyreport.StateOK {
			err = monitored{state}
		}
	}
	if err != nil {
		err = told{err}
	}
	return err
}

// verifyUsage is a wrong call, which a monitoring system is told in its way.
func (a *app) verifyUsage(f verifyFlags, err error) error {
	if !f.oneLine() {
		return err
	}
	return a.tellBrief(f, verifyreport.Report{Err: err}, err)
}

// explain writes what the catalogue says of a code, or all codes.
func (a *app) explain(f verifyFlags, args []string) error {
	if len(args) > 0 {
		return usageError{hinted{fmt.Errorf("--explain takes one code and no playbook, not %q as well", args[0]), "hadeploy verify --explain list has all codes"}}
	}
	if strings.EqualFold(f.explain, listCodes) {
		return verifyreport.ExplainList(a.out, a.outStyle, finding.All())
	}
	e, ok := finding.Find(strings.Trim(f.explain, "[]")) // as it stands in the output
	if ok {
		return verifyreport.Explain(a.out, a.outStyle, e)
	}
	hint := "hadeploy verify --explain list has all codes"
	if near := finding.Near(f.explain); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, ", ") + "? " + hint
	}
	return usageError{hinted{fmt.Errorf("no finding has the code %q", f.explain), hint}}
}

// listCodes is the word for all codes.
const listCodes = "list"

func completeCodes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	words := []string{listCodes + "\tall codes"}
	for _, e := range finding.All() {
		words = append(words, e.Code+"\t"+strings.ReplaceAll(e.Meaning, "`", ""))
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
