package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

const renderHelp = `Print the Pacemaker configuration that the playbook declares, without going to
any node: for review, and for other programs. It is what apply would make of a
new cluster, in a fixed order, so that two versions can be compared by diff.

No secret is fetched or printed: each stands as *** in the text.

Which operations a resource gets besides the declared ones, only its agent
knows. --metadata DIR has what agents say of themselves, one file for each,
named after the agent: ocf:heartbeat:IPaddr2.xml, as written on a node by
crm_resource --show-metadata ocf:heartbeat:IPaddr2. With it options are checked
too. Of an agent without a file these operations are left out, which the
first lines of the text say.

What the release that --pacemaker names cannot take is an error, with its line.
`

// renderFlags are those of the command.
type renderFlags struct {
	output   *output[rendered]
	release  string
	metadata string
}

func newRender(a *app) *cobra.Command {
	f := renderFlags{output: newOutput(renderFormats)}
	c := &cobra.Command{
		Use:   "render [cluster.yaml]",
		Short: "Print the declared Pacemaker configuration without going to any node",
		Long:  renderHelp,
		Example: `  hadeploy render cluster.yaml
  hadeploy render cluster.yaml --pacemaker 2.1.5 --metadata agents/ > after.xml
  hadeploy render cluster.yaml -o pcs`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: a.onFile(func(_ *cobra.Command, args []string) error {
			if err := f.output.check(); err != nil {
				return err
			}
			return a.render(args, f)
		}),
	}
	a.fileFlags(c)
	f.output.flag(c)
	c.Flags().StringVar(&f.release, "pacemaker", "", "the release of Pacemaker that it is for (default: that of kept.schema, else "+pacemaker.Newest().String()+")")
	c.Flags().StringVar(&f.metadata, "metadata", "", "folder with the metadata of agents, as crm_resource --show-metadata prints it")
	return c
}

// rendered is what render prints.
type rendered struct {
	*cib.Rendered
	release pacemaker.Release
	file    string
	without []string // agents without metadata
}

func (a *app) render(args []string, f renderFlags) error {
	r := rendered{release: pacemaker.ParseRelease(f.release)}
	if !r.release.Known() && f.release != "" {
		return usageError{hinted{fmt.Errorf("--pacemaker %s: this is no release", f.release), "write it as 2.1.5"}}
	}
	if _, err := r.release.Schema(); err != nil && f.release != "" {
		return usageError{fmt.Errorf("--pacemaker %s: %w", f.release, err)}
	}
	d, err := a.load(args)
	if err != nil {
		return err
	}
	_ = diag.Render(a.err, d.warnings, diag.RenderOptions{Color: a.errStyle.Color})
	p := d.playbook
	r.file = p.File
	if f.release == "" {
		r.release = pacemaker.ForSchema(p.Kept.Schema)
	}
	names := agent.Names(p)
	agents, err := metadataFrom(f.metadata, names)
	if err != nil {
		return err
	}
	r.without = slices.DeleteFunc(names, func(name string) bool { return agents[name] != nil })
	noSecret := func(playbook.SecretRef) (secret.Value, bool) { return secret.Value{}, false }
	found := slices.Concat(agent.CheckOptions(p, agents), cib.CheckRelease(p, r.release), cib.CheckKnown(p, r.release))
	if f.release != "" || p.Kept.Schema == "" { // else the CIB had the values, and which release writes that schema is not known
		found = append(found, cib.CheckValues(p, r.release, noSecret)...)
	}
	found = found.Sort()
	if err := located(d.playbook, found).Err(); err != nil {
		return err
	}
	_ = diag.Render(a.err, found, diag.RenderOptions{Color: a.errStyle.Color})
	nodes, err := d.numbered()
	if err != nil {
		return err
	}
	want, err := cib.Build(p, agents, noSecret, cib.Options{Nodes: nodes, Dialect: pcs.DialectFor(r.release), MaskSecrets: true})
	if err != nil {
		return err
	}
	if r.Rendered, err = cib.Render(want, r.release); err != nil {
		return err
	}
	return f.output.write(a.out, a.outStyle, r)
}

// numbered are the members with the ids that a new cluster gives them.
func (d *declared) numbered() (nodes []cib.Node, err error) {
	conf, list := corosync.Build(d.playbook, d.nodes)
	if err := list.Err(); err != nil {
		return nil, err
	}
	for _, n := range conf.Nodes() {
		nodes = append(nodes, cib.Node{Name: n.Name, ID: fmt.Sprint(n.ID)})
	}
	return nodes, nil
}

// maxMetadata bounds a file of metadata, in bytes.
const maxMetadata = 1 << 20

// metadataFrom reads the metadata of the named agents that a folder has.
func metadataFrom(dir string, names []string) (map[string]*agent.Agent, error) {
	agents := map[string]*agent.Agent{}
	if dir == "" {
		return agents, nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, usageError{hinted{fmt.Errorf("--metadata %s: this is no folder", dir), "it holds one file for each agent, such as ocf:heartbeat:IPaddr2.xml"}}
	}
	for _, name := range names {
		for _, file := range []string{name + ".xml", name} {
			path := filepath.Join(dir, file)
			text, _, err := localfile.Read(path, maxMetadata)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s %w", path, err)
			}
			if agents[name], err = agent.Parse(name, text); err != nil {
				return nil, usageError{hinted{fmt.Errorf("%s: %w", path, err), "write it anew on a node: crm_resource --show-metadata " + name}}
			}
			break
		}
	}
	return agents, nil
}

// renderFormats are the ways in which a configuration is printed.
var renderFormats = []report.Format[rendered]{
	{Name: "xml", Write: renderXML},
	{Name: "pcs", Write: renderPcs, Note: ": the commands that make it, in the words of that release's pcs"},
}

// notes are what a reader has to know of it, in lines.
func (r rendered) notes() []string {
	return []string{fmt.Sprintf("%s, for Pacemaker %s (%s)", r.file, r.release, r.Schema), "a secret stands as " + secret.Mask}
}

func renderXML(w io.Writer, _ term.Style, r rendered) error {
	notes := r.notes()
	if len(r.without) > 0 {
		notes = append(notes, fmt.Sprintf("left out, without metadata: the default operations of %s (%s)",
			plural.Of(len(r.without), "agent"), strings.Join(r.without, ", ")))
	}
	for _, line := range notes {
		// no two dashes in a comment
		if _, err := fmt.Fprintf(w, "<!-- %s -->\n", strings.ReplaceAll(term.Clean(line), "--", "- -")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s\n", strings.TrimRight(string(r.Configuration), "\n"))
	return err
}

func renderPcs(w io.Writer, _ term.Style, r rendered) error {
	for _, line := range r.notes() {
		if _, err := fmt.Fprintf(w, "# %s\n", term.Clean(line)); err != nil {
			return err
		}
	}
	for _, line := range r.Pcs {
		if _, err := fmt.Fprintln(w, term.Clean(line)); err != nil {
			return err
		}
	}
	return nil
}
