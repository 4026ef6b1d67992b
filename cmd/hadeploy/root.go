package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/steps"
)

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
	root.SetFlagErrorFunc(flagUsage)
	root.SetGlobalNormalizationFunc(otherNames)
	root.Version = hadeployVersion()
	root.SetVersionTemplate(versionLine())
	f := root.PersistentFlags()
	f.CountVarP(&a.verbose, "verbose", "v", "show the commands that are run; twice: their output too")
	f.StringVar(&a.progress, "progress", "auto", "how to show progress: auto, tty, plain, json or quiet")
	root.AddCommand(newInit(a), newValidate(a), newRender(a), newPlan(a), newShow(a), newApply(a), newVerify(a), newStatus(a), newHistory(a), newRestore(a), newDiff(a), newImport(a),
		newDestroy(a), newInventory(a), newAgents(a), newSchema(a), newVersion(a), newMan(), newLabCommand())
	for _, c := range root.Commands() {
		c.SuggestFor = strings.Fields(otherCommands[c.Name()])
	}
	a.completions(root)
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

// otherCommands are what people type who come from other tools.
var otherCommands = map[string]string{
	"plan": "check preview dry-run dryrun", "apply": "run deploy up playbook create setup install provision converge",
	"validate": "check lint syntax", "destroy": "delete remove down teardown", "status": "state mon crm_mon",
	"inventory": "hosts nodes list", "agents": "agent resources", "init": "new", "verify": "test",
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
