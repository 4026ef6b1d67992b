package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/lab"
	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// labPlace is how every lab command but 'up' finds its lab.
type labPlace struct{ name, dir string }

func (p *labPlace) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.dir, "dir", "lab", "the lab's folder")
	c.Flags().StringVar(&p.name, "name", "", "the lab's name, instead of its folder")
}

func (p *labPlace) open() (*lab.Lab, error) { return lab.Open(p.name, p.dir) }

// newLabCommand is 'hadeploy lab': nodes on this machine.
func newLabCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lab",
		Short: "Boot real nodes on this machine, for demos and tests",
		Long: `Boot real nodes on this machine: Debian with systemd and sshd, with their own
disks and network links, ready to become a cluster. Needs root on Linux.
`,
	}
	onlySubcommands(c)
	c.AddCommand(labUp(), labDown(), labStatus(), labSSH(), labPower(),
		labLinks("cut", "Take a node's cluster links down (a partition); ssh still reaches it", (*lab.Lab).Cut),
		labLinks("heal", "Take a node's cluster links up again", (*lab.Lab).Heal))
	tellExit(c, labExitHelp)
	for _, sub := range c.Commands() {
		text := labExitHelp
		if sub.Name() == "ssh" {
			text = labSSHExitHelp
		}
		tellExit(sub, text)
	}
	return c
}

const labExitHelp = `
Exit status:
  0    fine
  1    an error
  64   wrong usage
  130  interrupted
`

const labSSHExitHelp = `
Exit status:
  that of the command on the node; 255 when ssh failed, 1 when there is no
  such lab or node, 64 on wrong usage
`

// labContext ends on the signals that should stop a command in an orderly way.
func labContext(c *cobra.Command) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
}

func labProgress(c *cobra.Command) lab.Progress {
	return func(line string) { fmt.Fprintln(c.ErrOrStderr(), line) }
}

func labUp() *cobra.Command {
	var o lab.Options
	c := &cobra.Command{
		Use:   "up",
		Short: "Boot nodes and write their inventory, key and known hosts",
		Args:  usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := labContext(c)
			defer stop()
			o.Progress = labProgress(c)
			l, err := lab.Up(ctx, o)
			if err != nil {
				return err
			}
			fmt.Fprint(c.OutOrStdout(), l.Status(ctx))
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&o.Nodes, "nodes", 3, "number of nodes, n1 to nN")
	f.StringVar(&o.Image, "image", "debian12", "one of "+strings.Join(lab.Images(), ", "))
	f.StringVar(&o.Dir, "dir", "lab", "folder for the lab's files")
	f.StringVar(&o.Name, "name", "", "name of the lab (default: from the folder)")
	f.IntVar(&o.Links, "links", 2, "cluster links of each node")
	f.BoolVar(&o.Preinstalled, "preinstalled", false, "with the cluster's packages installed, nothing of them running")
	f.StringVar(&o.Mirror, "mirror", "", "Debian mirror to make an image from (default: this machine's own)")
	f.StringSliceVar(&o.Packages, "packages", nil, "more packages that the nodes can install")
	f.BoolVar(&o.Replace, "replace", false, "end a lab of the same name first")
	f.IntVar(&o.Owner, "owner", 0, "process with which the lab ends: the next 'up' removes it once that has ended")
	return c
}

func labDown() *cobra.Command {
	var p labPlace
	var all bool
	c := &cobra.Command{
		Use:   "down",
		Short: "End a lab and leave nothing of it",
		Args:  usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := labContext(c)
			defer stop()
			var names []string
			switch {
			case all:
				labs, err := lab.All()
				if err != nil {
					return err
				}
				for _, l := range labs {
					names = append(names, l.State().Name)
				}
			case p.name != "":
				names = []string{p.name}
			default:
				l, err := p.open()
				if err != nil {
					return err
				}
				names = []string{l.State().Name}
			}
			var errs []error
			for _, n := range names {
				if err := lab.Down(ctx, n, labProgress(c)); err != nil {
					errs = append(errs, err)
					continue
				}
				fmt.Fprintf(c.OutOrStdout(), "lab %s is down\n", n)
			}
			return errors.Join(errs...)
		},
	}
	p.flags(c)
	c.Flags().BoolVar(&all, "all", false, "end every lab on this machine")
	return c
}

// labFormats are the ways to show labs.
var labFormats = []report.Format[[]lab.Status]{
	{Name: "text", Write: func(w io.Writer, _ term.Style, list []lab.Status) (err error) {
		for _, st := range list {
			_, e := fmt.Fprint(w, st)
			err = errors.Join(err, e)
		}
		return err
	}},
	{Name: "json", Write: func(w io.Writer, _ term.Style, list []lab.Status) error { return term.JSON(w, list, "  ") }},
}

func labStatus() *cobra.Command {
	var p labPlace
	var all bool
	output := newOutput(labFormats)
	c := &cobra.Command{
		Use:   "status",
		Short: "Show a lab and its nodes",
		Args:  usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := output.check(); err != nil {
				return err
			}
			ctx, stop := labContext(c)
			defer stop()
			var labs []*lab.Lab
			if all {
				var err error
				if labs, err = lab.All(); err != nil {
					return err
				}
			} else {
				l, err := p.open()
				if err != nil {
					return err
				}
				labs = []*lab.Lab{l}
			}
			list := []lab.Status{}
			for _, l := range labs {
				list = append(list, l.Status(ctx))
			}
			return output.write(c.OutOrStdout(), term.Style{}, list)
		},
	}
	p.flags(c)
	c.Flags().BoolVar(&all, "all", false, "show every lab on this machine")
	output.flag(c)
	return c
}

func labSSH() *cobra.Command {
	var p labPlace
	var user string
	c := &cobra.Command{
		Use:   "ssh NODE [-- COMMAND...]",
		Short: "Log in to a node, or run a command there",
		Args:  usage(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := p.open()
			if err != nil {
				return err
			}
			argv, err := l.SSHCommand(args[0], user, args[1:])
			if err != nil {
				return err
			}
			path, err := exec.LookPath(argv[0])
			if err != nil {
				return fmt.Errorf("no ssh client on this machine; install the package openssh-client: %w", err)
			}
			// The client takes this process's place: its terminal, signals and
			// exit code are the user's.
			return syscall.Exec(path, argv, os.Environ())
		},
	}
	p.flags(c)
	c.Flags().StringVarP(&user, "user", "l", "root", "user on the node: root, ops or deploy")
	return c
}

func labPower() *cobra.Command {
	var p labPlace
	verbs := map[string]func(*lab.Lab, context.Context, string, lab.Progress) error{
		"off": (*lab.Lab).PowerOff, "on": (*lab.Lab).PowerOn, "cycle": (*lab.Lab).PowerCycle,
	}
	c := &cobra.Command{
		Use:       "power off|on|cycle NODE...",
		Short:     "Take a node's power away, or give it back; its disk stays",
		Args:      usage(cobra.MinimumNArgs(2)),
		ValidArgs: []string{"off", "on", "cycle"},
		RunE: func(c *cobra.Command, args []string) error {
			do, ok := verbs[args[0]]
			if !ok {
				return usageError{fmt.Errorf("unknown verb %q; there are off, on and cycle", args[0])}
			}
			return labEach(c, p, args[1:], "power "+args[0], do)
		},
	}
	p.flags(c)
	return c
}

func labLinks(verb, short string, do func(*lab.Lab, context.Context, string, []int, lab.Progress) error) *cobra.Command {
	var p labPlace
	var links []int
	c := &cobra.Command{
		Use:   verb + " NODE...",
		Short: short,
		Args:  usage(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return labEach(c, p, args, verb, func(l *lab.Lab, ctx context.Context, node string, say lab.Progress) error {
				return do(l, ctx, node, links, say)
			})
		},
	}
	p.flags(c)
	c.Flags().IntSliceVar(&links, "link", nil, "only these links (0, 1, ...); default all")
	return c
}

// labEach does one thing to each node named, one after the other.
func labEach(c *cobra.Command, p labPlace, nodes []string, what string, do func(*lab.Lab, context.Context, string, lab.Progress) error) error {
	ctx, stop := labContext(c)
	defer stop()
	l, err := p.open()
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if err := do(l, ctx, n, labProgress(c)); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s: %s done\n", n, what)
	}
	return nil
}
