package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report/statusreport"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/verify"
	"github.com/hadeploy/hadeploy/steps"
)

const statusHelp = `Show the live cluster as its nodes see it: nodes, quorum and DC, the tree of
resources, failures with their age and reason, fencing, daemons, and where the
cluster differs from the file. Each line that begins with "!" is worth a look.
It changes nothing.

A node that cannot be reached is named, and the others are shown all the same.
Where a node offers XML beside the text, both are read and have to agree.

With --from it reads saved text or XML (pcs status, pcs status --full, pcs
cluster status, pcs status nodes, pcs status xml, crm_mon -1) and needs neither
a playbook nor a cluster: pcs status | hadeploy status --from -

Exit status of this command: 0 when the status was read in full; 1 when the
state is unknown (text that is cut or garbled, or says that the cluster does
not run), which is shown as far as it was read; 4 when no node could be
reached. Whether the cluster is well is not the question here: see hadeploy
verify. Ctrl-C ends --watch with 0.
`

// statusFlags are those of the command.
type statusFlags struct {
	output   *output[statusreport.Report]
	from     string
	watch    bool
	interval time.Duration
}

func newStatus(a *app) *cobra.Command {
	f := statusFlags{output: newOutput(statusreport.Formats)}
	c := &cobra.Command{
		Use:   "status [cluster.yaml]",
		Short: "Show the live cluster as its nodes see it, or a saved status",
		Long:  statusHelp,
		Example: `  hadeploy status cluster.yaml
  hadeploy status cluster.yaml --watch
  hadeploy status --from support-case.txt -o json`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: a.onFile(func(c *cobra.Command, args []string) error {
			if err := f.output.check(); err != nil {
				return err
			}
			saved := c.Flags().Changed("from")
			switch {
			case saved && len(args) > 0:
				return usageError{errors.New("--from reads no cluster: give either it or a playbook")}
			case saved && f.watch:
				return usageError{errors.New("--from and --watch exclude each other: a saved status does not change")}
			case f.interval < 500*time.Millisecond:
				return usageError{fmt.Errorf("--interval must be at least 500ms, not %s", f.interval)}
			case c.Flags().Changed("interval") && !f.watch:
				return usageError{errors.New("--interval is for --watch")}
			case saved:
				return a.savedStatus(f)
			}
			timeout := a.timeout
			if f.watch && !c.Flags().Changed("timeout") {
				timeout = 0
			}
			return a.liveStatus(c.Context(), args, f, timeout)
		}),
	}
	a.runFlags(c)
	f.output.flag(c)
	c.Flags().StringVar(&f.from, "from", "", "read saved text or XML from a file, - for standard input, instead of a cluster")
	c.Flags().BoolVar(&f.watch, "watch", false, "show it again and again until Ctrl-C; in place on a terminal")
	c.Flags().DurationVar(&f.interval, "interval", 2*time.Second, "with --watch: how often")
	return c
}

// maxSaved bounds what is read of a saved status.
const maxSaved = 64 << 20

// savedStatus shows a saved text or document.
func (a *app) savedStatus(f statusFlags) error {
	name := "standard input"
	var data []byte
	var err error
	if f.from == "-" {
		data, err = io.ReadAll(io.LimitReader(a.in, maxSaved+1))
	} else {
		name = f.from
		data, err = localfile.ReadPipe(name, maxSaved)
	}
	if err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	if len(data) > maxSaved {
		return fmt.Errorf("%s is larger than %d MiB: this is no status of a cluster", name, maxSaved>>20)
	}
	st, err := pcs.ParseSaved(data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := f.output.write(a.out, a.outStyle, statusreport.Report{Saved: name, Views: []statusreport.View{{Status: st, Resources: verify.Saved(st).Resources()}}}); err != nil {
		return err
	}
	if err := st.Problem(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// liveStatus shows what the nodes say, once or again and again.
func (a *app) liveStatus(parent context.Context, args []string, f statusFlags, timeout time.Duration) error {
	s, reader, err := a.openStatus(parent, args, timeout)
	defer s.close()
	if err != nil {
		return s.logHint(err)
	}
	if f.watch {
		return s.logHint(a.watchStatus(s, reader, f))
	}
	all := reader.Read(s.ctx)
	if s.ctx.Err() != nil {
		return s.logHint(steps.ErrInterrupted) // or --timeout, which logHint knows
	}
	s.progress.Close()
	return s.logHint(a.tellStatus(s, reader, all, f))
}

// openStatus loads the files and prepares to read. Unlike the other commands
// it goes on when a node cannot be reached, and the files' warnings, which
// apply shows, are not in the way. Whatever it returns, close must
// be called.
func (a *app) openStatus(parent context.Context, args []string, timeout time.Duration) (*session, *steps.StatusReader, error) {
	s := &session{op: steps.Status, mask: a.mask}
	d, err := a.load(args)
	if err != nil {
		return s, nil, err
	}
	if err := a.begin(s, d); err != nil {
		return s, nil, err
	}
	s.endsAtOnce(parent, timeout)
	cfg, err := a.config(s)
	if err != nil {
		return s, nil, err
	}
	reader, err := steps.NewStatusReader(cfg)
	if err != nil {
		return s, nil, err
	}
	s.closers = append(s.closers, reader.Close)
	return s, reader, nil
}

// statusReport is what the nodes said, for the renderer.
func statusReport(s *session, reader *steps.StatusReader, all []verify.NodeStatus) statusreport.Report {
	r := statusreport.Report{File: filepath.Base(s.playbook.File), Findings: reader.Differences(all)}
	for _, n := range all {
		r.Views = append(r.Views, statusreport.View{Node: n.Node, Status: n.Status, Resources: reader.Resources(n), Err: n.Err, Now: n.Now, Links: n.Links})
	}
	return secret.Words(s.mask, r)
}

// tellStatus shows one reading. Its error says what of it is missing.
func (a *app) tellStatus(s *session, reader *steps.StatusReader, all []verify.NodeStatus, f statusFlags) error {
	r := statusReport(s, reader, all)
	var unread steps.NodeErrors
	var doubts []error
	down := 0
	for i, n := range all {
		var not *pcs.NotRunningError
		switch {
		case errors.As(n.Err, &not):
			down++
		case n.Err != nil:
			err := steps.NodeError{Node: n.Node, Err: n.Err}
			unread = append(unread, err)
			if exitCode(n.Err) != 4 {
				doubts = append(doubts, err)
			}
		case n.Status.Problem() != nil:
			doubts = append(doubts, steps.NodeError{Node: n.Node, Err: n.Status.Problem()})
		}
		if n.Disagreement != nil {
			note, err := saveDisagreement(s.mask, n)
			r.Views[i].Note = note
			doubts = append(doubts, err)
		}
	}
	if r.Main() != nil || !f.output.forPeople() {
		if err := f.output.write(a.out, a.outStyle, r); err != nil {
			return err
		}
	}
	switch {
	case r.Main() != nil: // an unreachable node is shown, the others were read
		return errors.Join(doubts...)
	case down == 0:
		return unread
	case down < len(all):
		return hinted{fmt.Errorf("the cluster runs on no node that tells its state: %w", unread), "hadeploy status --watch asks again and again"}
	}
	return hinted{fmt.Errorf("the cluster does not run on any node: %w", all[0].Err), "hadeploy apply starts it"}
}

// saveDisagreement keeps both documents for a report of the bug, and says
// where: in a few words for the page, and as the error of the run.
func saveDisagreement(mask *secret.Masker, n verify.NodeStatus) (note string, err error) {
	n = secret.Words(mask, n)
	differ := strings.Join(n.Disagreement.Differences, "; ")
	err = fmt.Errorf("%s: the text and the XML of its status do not say the same, which is a bug of hadeploy: %s", n.Node, differ)
	dir, saving := os.MkdirTemp("", "hadeploy-status-")
	text, xml := filepath.Join(dir, "status.txt"), filepath.Join(dir, "status.xml")
	if saving == nil {
		saving = errors.Join(os.WriteFile(text, n.Disagreement.Text, 0o600), os.WriteFile(xml, n.Disagreement.XML, 0o600))
	}
	hint := fmt.Sprintf("please report it with both: %s and %s", text, xml)
	if saving != nil {
		hint = fmt.Sprintf("both could not be saved: %v", saving)
	}
	return "its text and its XML do not say the same (a bug of hadeploy, see below): this may be wrong", hinted{err, hint}
}

// watchStatus shows the status until it is interrupted.
func (a *app) watchStatus(s *session, reader *steps.StatusReader, f statusFlags) error {
	out := term.File(a.out)
	screen := &statusreport.Screen{W: a.out,
		TTY: f.output.forPeople() && term.IsTerminal(out) && os.Getenv("TERM") != "dumb",
		Size: func() (int, int) {
			if w, h, ok := term.Size(out); ok {
				return w, h
			}
			return 80, 24
		}}
	err := reader.Watch(s.ctx, f.interval, func(all []verify.NodeStatus) error {
		s.progress.Close() // from here on the screen is ours
		r := statusReport(s, reader, all)
		if !f.output.forPeople() {
			r.Compact = true
			return f.output.write(a.out, a.outStyle, r)
		}
		if screen.TTY {
			a.outStyle = term.StyleFor(out, os.Getenv) // its size may be another now
		}
		var b bytes.Buffer
		now := time.Now()
		if screen.TTY {
			fmt.Fprintf(&b, "%s, every %s; Ctrl-C ends\n\n", now.Format("15:04:05"), f.interval)
		}
		if err := f.output.write(&b, a.outStyle, r); err != nil {
			return err
		}
		return screen.Show(now, b.String())
	})
	return errors.Join(err, screen.End())
}
