package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

func TestExitCode(t *testing.T) {
	locked := &remote.LockedError{Node: "n1", Holder: "ann@ops"}
	unreachable := &steps.UnreachableError{Nodes: steps.NodeErrors{{Node: "n1", Err: &remote.UnreachableError{Node: "n1"}}}}
	for name, tc := range map[string]struct {
		err  error
		want int
	}{
		"all is well":                 {nil, 0},
		"anything":                    {errors.New("x"), 1},
		"the lock":                    {locked, 1},
		"a refusal of preflight":      {&steps.RefusedError{Findings: []plan.Finding{{Code: "DISK_FULL"}}}, 1},
		"changes":                     {errChanges, 2},
		"a step failed":               {&steps.FailedError{}, 3},
		"a node is unreachable":       {unreachable, 4},
		"no login":                    {&remote.AuthError{Node: "n1"}, 4},
		"a host key":                  {&remote.HostKeyError{Node: "n1"}, 4},
		"verify":                      {&steps.VerifyError{}, 5},
		"verify, told in one line":    {told{&steps.VerifyError{}}, 5},
		"verify --nagios: warning":    {told{monitored{verifyreport.StateWarning}}, 1},
		"verify --nagios: critical":   {told{monitored{verifyreport.StateCritical}}, 2},
		"verify --nagios: unknown":    {told{monitored{verifyreport.StateUnknown}}, 3},
		"usage":                       {usageError{errors.New("x")}, 64},
		"an invalid file":             {diag.List{{Message: "x"}}.Err(), 64},
		"interrupted":                 {steps.ErrInterrupted, 130},
		"cancelled":                   {context.Canceled, 130},
		"wrapped":                     {hinted{fmt.Errorf("x: %w", unreachable), "hint"}, 4},
		"interrupted while it failed": {errors.Join(steps.ErrInterrupted, &steps.FailedError{}), 130},
	} {
		if got := exitCode(tc.err); got != tc.want {
			t.Errorf("%s: exit status %d, want %d", name, got, tc.want)
		}
	}
}

func TestCancelled(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{context.Canceled, "interrupted"},
		{fmt.Errorf("lab demo: %w", context.Canceled), "interrupted: lab demo"},
		{errors.New("x"), "x"},
		{&steps.InterruptedError{While: "planning"}, "interrupted while planning; nothing was changed"},
	} {
		if got := cancelled(c.err).Error(); got != c.want {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
	}
}

// commands are all commands below c that a user can call.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if !sub.Hidden && sub.Name() != "help" {
			all = append(all, commands(sub)...)
		}
	}
	return all
}

func TestEveryHelpTellsTheExitStatus(t *testing.T) {
	all := commands(newRoot(&app{}))
	if len(all) < 20 {
		t.Fatalf("only %d commands", len(all))
	}
	for _, c := range all {
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		var out, errs strings.Builder
		if code := run(args, strings.NewReader(""), &out, &errs); code != 0 {
			t.Errorf("%q: exit status %d: %s", args, code, errs.String())
		}
		if text := out.String(); strings.Count(text, "Exit status:") != 1 || !strings.Contains(text, c.Short) && c.Long == "" {
			t.Errorf("%q says\n%s", args, text)
		}
		if strings.HasSuffix(c.Short, ".") || c.Short == "" {
			t.Errorf("%q: the short text is one phrase without a full stop, not %q", args, c.Short)
		}
	}
}
