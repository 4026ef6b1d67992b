package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// app is what the commands share: streams and the flags of every command.
type app struct {
	in       io.Reader
	out, err io.Writer
	outStyle term.Style
	errStyle term.Style

	file           string // of -f: the playbook
	inventories    []string
	vars           []string
	prune          []string
	forks          int
	connectTimeout time.Duration
	timeout        time.Duration
	progress       string
	verbose        int
	logFile        string

	mask *secret.Masker // of the secrets that a run learns
}

// runFlags are the flags of the commands that go to nodes.
func (a *app) runFlags(c *cobra.Command) {
	a.fileFlags(c)
	a.connectFlags(c)
}

// connectFlags say how nodes are reached, and how long all may take.
func (a *app) connectFlags(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&a.forks, "forks", 10, "how many nodes are worked on at once")
	f.DurationVar(&a.connectTimeout, "connect-timeout", 15*time.Second, "how long to wait for a node to let us in")
	f.DurationVar(&a.timeout, "timeout", time.Hour, "how long the whole run may take")
	f.StringVar(&a.logFile, "log-file", "", "where the log goes (default: a new file in the user's state folder; none: no log)")
}

// fileFlags are the flags of the commands that read the playbook.
func (a *app) fileFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&a.file, "file", "f", "", "the playbook, where it is not the argument (- for standard input)")
	f.StringArrayVarP(&a.inventories, "inventory", "i", nil, "inventory: a file, a folder or a list of hosts, as in Ansible; may be repeated (default: the playbook's, else inventory.yaml beside it)")
	f.StringArrayVarP(&a.vars, "extra-vars", "e", nil, "set a variable of the playbook: name=value; may be repeated")
}

// pruneFlag is the flag of the commands that may plan removals.
func (a *app) pruneFlag(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&a.prune, "prune", nil, "remove from the CIB what the playbook does not declare: all, or --prune=KIND or --prune=KIND,ID-PATTERN; may be repeated")
	f.Lookup("prune").NoOptDefVal = "all"
}

// onFile makes a command whose argument is the playbook take it from -f too.
func (a *app) onFile(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if a.file != "" {
			if len(args) > 0 {
				return usageError{hinted{fmt.Errorf("two playbooks are named: %s, and %s with -f", args[0], a.file), "one of them is enough; the inventory goes with -i"}}
			}
			args = []string{a.file}
		}
		return run(c, args)
	}
}

// hinted is an error with a hint for the reader.
type hinted struct {
	error
	hint string
}

func (h hinted) Hint() string { return h.hint }

func (h hinted) Unwrap() error { return h.error }

// usage makes a wrong number of arguments a usageError.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			hint := "see " + c.CommandPath() + " --help"
			if strings.HasPrefix(strings.TrimPrefix(c.Use, c.Name()), " [cluster.yaml") && len(args) > 1 {
				hint = "one argument is the playbook; an inventory goes with -i, a variable with -e"
			}
			return usageError{hinted{err, hint}}
		}
		return nil
	}
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
