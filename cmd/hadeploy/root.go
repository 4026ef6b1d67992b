package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/steps"
)

// app is what the commands share: streams and the flags of every command.
type app struct {
	in       io.Reader
	out, err io.Writer
	outStyle term.Style
	errStyle term.Style

	inventory      string
	vars           []string
	forks          int
	connectTimeout time.Duration
	timeout        time.Duration
	progress       string
	verbose        int
	logFile        string

	mask *secret.Masker // of the secrets that a run learns
}

// run is the whole program; it returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	mask := secret.NewMasker()
	a := &app{in: stdin, out: mask.Writer(stdout), err: mask.Writer(stderr), mask: mask}
	outFile, _ := stdout.(*os.File)
	errFile, _ := stderr.(*os.File)
	a.outStyle, a.errStyle = term.StyleFor(outFile, os.Getenv), term.StyleFor(errFile, os.Getenv)

	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(context.Background())
	if err != nil && !silent(err) {
		_ = failure.Text(mask.Writer(stderr), a.errStyle, cancelled(err))
	}
	return exitCode(err)
}

// cancelled says of a command that a signal ended, such as lab up, what it was
// doing, in the words that every other one uses.
func cancelled(err error) error {
	if !errors.Is(err, context.Canceled) || errors.Is(err, steps.ErrInterrupted) {
		return err
	}
	doing := strings.TrimSuffix(strings.TrimSuffix(err.Error(), context.Canceled.Error()), ": ")
	if doing == "" {
		return steps.ErrInterrupted
	}
	return fmt.Errorf("%w: %s", steps.ErrInterrupted, doing)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "hadeploy",
		Short: "Declare a Pacemaker cluster in YAML, review the plan, apply it, verify it",
		Long: `hadeploy brings Linux hosts to the Pacemaker/Corosync cluster that one YAML
file declares: packages, authentication, set-up, resources, constraints,
fencing. It shows what it would change, changes exactly that in parallel over
ssh, and verifies it by reading pcs status. A second run changes nothing.

  hadeploy init                     write a cluster.yaml to start from
  hadeploy plan cluster.yaml        what would change; changes nothing
  hadeploy apply cluster.yaml       plan, ask, apply, verify
  hadeploy lab up                   three real nodes on this machine to try it on
`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	onlySubcommands(root)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{hinted{flagError(err), "see " + c.CommandPath() + " --help"}}
	})
	f := root.PersistentFlags()
	f.CountVarP(&a.verbose, "verbose", "v", "show the commands that are run; twice: their output too")
	f.StringVar(&a.progress, "progress", "auto", "how to show progress: auto, tty, plain, json or quiet")
	root.AddCommand(newInit(a), newValidate(a), newPlan(a), newShow(a), newApply(a), newVerify(a), newStatus(a),
		newDestroy(a), newInventory(a), newAgents(a), newSchema(a), newVersion(a), newLabCommand())
	root.SetHelpCommand(newHelp(root))
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "lab":
			continue // has its own
		case "completion":
			onlySubcommands(c)
			for _, shell := range c.Commands() {
				shell.Args = usage(cobra.NoArgs)
				tellExit(shell, exitHelp)
			}
		}
		tellExit(c, exitHelp)
	}
	root.Long += exitHelp
	return root
}

// tellExit puts the exit status into a command's help.
func tellExit(c *cobra.Command, text string) {
	if c.Long == "" {
		c.Long = c.Short + ".\n"
	}
	c.Long = strings.TrimRight(c.Long, "\n") + "\n" + text
}

// onlySubcommands makes a command that does nothing by itself show its help,
// and refuse what is none of its commands.
func onlySubcommands(c *cobra.Command) {
	c.SuggestionsMinimumDistance = 2
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		err := error(usageError{fmt.Errorf("unknown command %q", c.CommandPath()+" "+args[0])})
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			return hinted{err, "did you mean " + strings.Join(near, " or ") + "?"}
		}
		return hinted{err, "see " + c.CommandPath() + " --help"}
	}
}

// newHelp is cobra's help command, but for an unknown command it fails.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usageError{hinted{fmt.Errorf("unknown command %q", "hadeploy "+strings.Join(args, " ")), "see hadeploy --help"}}
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// runFlags are the flags of the commands that go to nodes.
func (a *app) runFlags(c *cobra.Command) {
	a.fileFlags(c)
	f := c.Flags()
	f.IntVar(&a.forks, "forks", 10, "how many nodes are worked on at once")
	f.DurationVar(&a.connectTimeout, "connect-timeout", 15*time.Second, "how long to wait for a node to let us in")
	f.DurationVar(&a.timeout, "timeout", time.Hour, "how long the whole run may take")
	f.StringVar(&a.logFile, "log-file", "", "where the log goes (default: a new file in the user's state folder; none: no log)")
}

// fileFlags are the flags of the commands that read the playbook.
func (a *app) fileFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&a.inventory, "inventory", "i", "", "inventory file (default: the playbook's, else inventory.yaml beside it)")
	f.StringArrayVarP(&a.vars, "extra-vars", "e", nil, "set a variable of the playbook: name=value; may be repeated")
}

// hinted is an error with a hint for the reader.
type hinted struct {
	error
	hint string
}

func (h hinted) Hint() string  { return h.hint }
func (h hinted) Unwrap() error { return h.error }

// usage makes a wrong number of arguments a usageError.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{hinted{err, "see " + c.CommandPath() + " --help"}}
		}
		return nil
	}
}
