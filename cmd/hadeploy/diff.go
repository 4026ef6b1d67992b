package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/crmsh"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
	"github.com/hadeploy/hadeploy/steps"
)

const diffHelp = `Compare two configurations of Pacemaker by what they mean: is the lab like
production, did last night's backup differ, what has the playbook that the
cluster has not? It changes nothing. A and B are each one of

  cluster.yaml        a playbook: what it declares, without going to any node
  cib.xml             a CIB: of cibadmin --query, of a backup, of crm_report, or
                      the configuration alone, as render prints it
  crm.txt             the text of crm configure show
  live                the running cluster of the other one's playbook, else of
                      -f, $HADEPLOY_FILE or cluster.yaml here
  live:cluster.yaml   the running cluster of that playbook
  live:NODE           that of a host, or of a group, of the inventory -i
  -                   a playbook or a CIB from standard input

What only A has is marked -, what only B has +, what both have otherwise ~. Ids
that pcs makes, the order of what is no list, defaults of operations and
constraints, and other forms of a time, a score, a role or a boolean are no
differences.

What operators keep (standby, maintenance, target-role and the like, constraints
that begin with cli-) is left out, and listed where it differs; where a playbook
says it, it counts. The status, and what Pacemaker writes itself, are never
compared.

No secret is fetched or shown: those of a playbook are listed as not compared,
those of two CIBs are. Which operations a resource has besides the declared ones,
only its agent knows: a live cluster on the other side tells it, or --metadata DIR
as for render; else they are listed as not compared.

Exit status of this command: 0 when nothing differs of what could be compared, 2
when something does.
`

// diffFlags are those of the command.
type diffFlags struct {
	output   *output[planreport.Differences]
	metadata string
}

func newDiff(a *app) *cobra.Command {
	f := diffFlags{output: newOutput(planreport.DifferencesFormats)}
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two of a playbook, a CIB and a running cluster",
		Long:  diffHelp,
		Example: `  hadeploy diff live:lab.yaml live:production.yaml
  hadeploy diff backup/cib.xml live
  ssh n1 cibadmin --query | hadeploy diff cluster.yaml -`,
		Args: usage(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.output.check(); err != nil {
				return err
			}
			return a.diff(c.Context(), args, f)
		},
	}
	a.runFlags(c)
	c.Flags().Lookup("file").Usage = "the playbook whose cluster live is"
	f.output.flag(c)
	c.Flags().StringVar(&f.metadata, "metadata", "", "folder with the metadata of agents, as crm_resource --show-metadata prints it")
	return c
}

// diffSide is one of the two: a playbook, or a CIB that was read or is to be.
type diffSide struct {
	given string
	is    string
	book  *declared // a playbook
	live  *declared // the nodes of a running cluster
	cib   *cib.CIB
	lacks diag.List // what of the text of crmsh the CIB does not have
	side  *cib.Configuration
}

// name is what the side is called.
func (s *diffSide) name() string {
	if s.given == "-" {
		return "standard input"
	}
	return s.given
}

func (a *app) diff(ctx context.Context, args []string, f diffFlags) error {
	if args[0] == "-" && args[1] == "-" {
		return usageError{errors.New("both are standard input, which is read once")}
	}
	sides := make([]*diffSide, len(args))
	for i, given := range args {
		var err error
		if sides[i], err = a.diffFile(given); err != nil {
			return err
		}
	}
	for i, s := range sides {
		if err := a.diffNodes(s, sides[1-i]); err != nil {
			return err
		}
	}
	var names []string
	for _, s := range sides {
		if s.book != nil {
			names = append(names, agent.Names(s.book.playbook)...)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	agents, err := metadataFrom(f.metadata, names)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return agents[name] != nil })
	for _, s := range sides {
		if s.live == nil {
			continue
		}
		told, err := a.readLive(ctx, s, missing)
		if err != nil {
			return err
		}
		maps.Copy(agents, told)
	}
	release := pacemaker.Newest()
	for _, s := range sides {
		if s.cib != nil {
			version, _ := s.cib.Property("dc-version")
			if r := pacemaker.ParseRelease(version); r.Known() {
				release = r
			}
			a.mask.Add(s.cib.Secrets(secret.Named)...)
			s.side = s.cib.Configuration()
		}
	}
	for _, s := range sides {
		if s.book != nil {
			if s.side, err = a.declaredSide(s.book, agents, release); err != nil {
				return err
			}
		}
	}
	first, second := sides[0].name(), sides[1].name()
	d := cib.DifferencesOf(sides[0].side, sides[1].side, first, second)
	for _, s := range sides {
		for _, l := range s.lacks {
			d.NotCompared = append(d.NotCompared, plan.Object{Kind: "statement", ID: l.InFile(), Why: l.Message})
		}
	}
	if err := f.output.write(a.out, a.outStyle, planreport.Differences{
		A: planreport.Side{Name: first, Is: sides[0].is}, B: planreport.Side{Name: second, Is: sides[1].is},
		Changes: d.Changes, NotCompared: d.NotCompared, LeftOut: d.Kept}); err != nil {
		return err
	}
	if len(d.Changes) > 0 {
		return errChanges
	}
	return nil
}

// isLive takes what stands behind live: of an argument, and whether it is one.
func isLive(given string) (of string, live bool) {
	if given == "live" {
		return "", true
	}
	return strings.CutPrefix(given, "live:")
}

// maxCIBFile bounds a CIB, in bytes: that of the largest clusters is a few MiB.
const maxCIBFile = 64 << 20

// diffFile reads a side that is a file.
func (a *app) diffFile(given string) (*diffSide, error) {
	s := &diffSide{given: given}
	if of, live := isLive(given); live {
		if of == "" && given != "live" {
			return nil, usageError{hinted{errors.New("live: names no cluster"), "write live:cluster.yaml, or live alone"}}
		}
		return s, nil
	}
	var text []byte
	var err error
	if given == "-" {
		text, err = readAll(a.in, maxCIBFile)
		a.in = bytes.NewReader(text)
	} else if text, _, err = localfile.Read(given, 4096); err == nil && (looksLikeXML(text) || crmsh.Is(text)) {
		text, err = localfile.ReadPipe(given, maxCIBFile)
	} else if err != nil && filepath.Ext(given) != ".xml" {
		err = nil // who reads the playbook tells it
	}
	switch {
	case err != nil:
		return nil, usageError{hinted{fmt.Errorf("%s %w", given, err), "a CIB is written by: cibadmin --query > " + given}}
	case plan.IsPlan(text):
		return nil, planNotCompared(given)
	case looksLikeXML(text) || filepath.Ext(given) == ".xml":
		if s.cib, err = cib.ParseConfiguration(bytes.TrimSpace(text)); err != nil {
			return nil, usageError{hinted{fmt.Errorf("%s: %w", given, err), "write it anew: cibadmin --query > " + cmp.Or(strings.TrimPrefix(given, "-"), "FILE")}}
		}
		s.is = cibIs(s.cib)
		return s, nil
	case crmsh.Is(text):
		return s, a.diffCrmsh(s, text)
	}
	if s.book, err = a.load([]string{given}); err != nil {
		return nil, err
	}
	s.is = "the playbook of the cluster " + s.book.playbook.Name
	_ = diag.Render(a.err, s.book.warnings, diag.RenderOptions{Color: a.errStyle.Color})
	return s, nil
}

// readAll reads a stream to its end, which has to come in time.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(text)) > limit {
		return nil, fmt.Errorf("is longer than the %d bytes that are read", limit)
	}
	return text, err
}

// diffCrmsh reads a side that is the text of crmsh.
func (a *app) diffCrmsh(s *diffSide, text []byte) error {
	made, lacks, err := crmsh.CIB(s.name(), text)
	if err == nil {
		s.cib, err = cib.ParseConfiguration(made)
	}
	if err != nil {
		return usageError{hinted{err, "write it anew: crm configure show > FILE"}}
	}
	for i := range lacks {
		lacks[i].Severity = diag.Warning
	}
	s.lacks, s.is = lacks, "the text of crm configure show"
	_ = diag.Render(a.err, lacks, diag.RenderOptions{Color: a.errStyle.Color})
	return nil
}

func looksLikeXML(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n"), []byte("<"))
}

// cibIs says what a CIB is.
func cibIs(c *cib.CIB) string {
	if c.Schema() == "" && c.FeatureSet() == "" {
		return "a configuration"
	}
	is := "CIB " + c.Epoch()
	if name, ok := c.Property("cluster-name"); ok {
		is += " of the cluster " + term.Clip(name, term.MaxValue)
	}
	return is
}

// planNotCompared says why a saved plan is no side.
func planNotCompared(path string) error {
	hint := "compare the playbook that it was made from"
	if p, err := readPlan(path); err == nil {
		hint += ", " + p.Playbook
	}
	return usageError{hinted{fmt.Errorf("%s is a saved plan, which has what is to change and not the whole configuration that would come of it", path), hint + "; hadeploy show prints the plan"}}
}

// diffNodes finds the nodes of a side that is a running cluster.
func (a *app) diffNodes(s, other *diffSide) (err error) {
	of, live := isLive(s.given)
	if !live {
		return nil
	}
	if _, statErr := os.Stat(of); of != "" && statErr != nil && !isYAML(of) {
		a.dropEmptyInventories()
		sources := a.inventories
		if sources == nil {
			sources = []string{"inventory.yaml"}
			if _, err := os.Stat(sources[0]); err != nil {
				return usageError{hinted{fmt.Errorf("%s: there is no playbook %s, and no inventory that could have a host of that name", s.given, of),
					"write live:cluster.yaml, or name the inventory with -i"}}
			}
		}
		inv, list := inventory.Load(sources, "")
		if err := list.Err(); err != nil {
			return err
		}
		nodes, err := inv.Select(of)
		if err != nil {
			return usageError{fmt.Errorf("%s: %w", s.given, err)}
		}
		s.live = &declared{playbook: &playbook.Playbook{Name: of, File: sources[0]}, inventory: inv, nodes: nodes, read: list}
		return nil
	}
	switch {
	case of != "":
		s.live, err = a.load([]string{of})
	case other.book != nil:
		s.live = other.book
	case a.file != "":
		s.live, err = a.load([]string{a.file})
	default:
		s.live, err = a.load(nil)
	}
	return err
}

func isYAML(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".yaml" || ext == ".yml"
}

// readLive reads the configuration of a running cluster, and the metadata of the
// named agents.
func (a *app) readLive(ctx context.Context, side *diffSide, agents []string) (map[string]*agent.Agent, error) {
	s := &session{op: steps.Diff, mask: a.mask}
	defer s.close()
	if err := a.begin(s, side.live); err != nil {
		return nil, err
	}
	s.endsAtOnce(ctx, a.timeout)
	cfg, err := a.config(s)
	if err != nil {
		return nil, s.logHint(err)
	}
	reader, err := steps.NewConfigReader(side.live.playbook.Name, cfg)
	if err != nil {
		return nil, s.logHint(err)
	}
	s.closers = append(s.closers, reader.Close)
	read, err := reader.Read(s.ctx, agents)
	if err != nil {
		return nil, s.logHint(err)
	}
	s.progress.Close()
	for _, n := range read.Unread {
		fmt.Fprintf(a.err, "! %s: not asked; the configuration is the other nodes': %s\n", term.Clean(n.Node), term.Clean(n.Err.Error()))
	}
	side.cib, side.is = read.CIB, cibIs(read.CIB)+", as it runs"
	return read.Agents, nil
}

// declaredSide is what a playbook declares. Its secrets are not fetched; those
// that stand in it are compared.
func (a *app) declaredSide(d *declared, agents map[string]*agent.Agent, r pacemaker.Release) (*cib.Configuration, error) {
	nodes, err := d.numbered()
	if err != nil {
		return nil, err
	}
	notFetched := func(playbook.SecretRef) (secret.Value, bool) { return secret.New(secret.Mask), true }
	for o := range d.playbook.Secrets() {
		a.mask.Add(o.Value.Secret.Plain)
	}
	want, err := cib.Build(d.playbook, agents, notFetched, cib.Options{Nodes: nodes, Dialect: pcs.DialectFor(r)})
	if err != nil {
		return nil, err
	}
	return want.Configuration(r)
}
