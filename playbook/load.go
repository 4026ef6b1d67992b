// Package playbook reads cluster.yaml, the desired state of one cluster, into
// plain values, and tells everything that is wrong with it at once.
package playbook

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/schema"
)

// LoadOptions come from the command line.
type LoadOptions struct {
	Vars  map[string]string // -e name=value; taken as they are
	Stdin io.Reader         // read when the path is "-"
}

// Load reads and checks the playbook at path ("-": standard input, relative
// paths are then relative to the working directory). The list holds every
// problem, sorted; it may hold warnings only. The Playbook is nil exactly when
// the list holds an error.
func Load(path string, o LoadOptions) (*Playbook, diag.List) {
	name, dir := path, filepath.Dir(path)
	var src []byte
	var mode fs.FileMode
	var err error
	if path == "-" {
		name, dir = "<stdin>", "."
		if o.Stdin == nil {
			err = errors.New("there is no standard input")
		} else {
			src, err = io.ReadAll(io.LimitReader(o.Stdin, yamldoc.MaxSize+1))
		}
	} else {
		src, mode, err = localfile.Read(path, yamldoc.MaxSize)
	}
	if err != nil {
		hint := ""
		if errors.Is(err, os.ErrNotExist) {
			hint = "hadeploy init writes one to start from"
		} else if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			hint = "name the playbook in it: " + filepath.Join(path, "cluster.yaml")
		}
		return nil, diag.List{{Pos: diag.Pos{File: name}, Message: err.Error(), Hint: hint}}
	}
	p, list := parse(name, dir, src, o.Vars)
	if p != nil && p.Inline != nil {
		p.Inline.Shared = mode.Perm()&0o044 != 0
	}
	return p, list
}

func parse(name, dir string, src []byte, vars map[string]string) (*Playbook, diag.List) {
	doc, list := yamldoc.ParseUnder(name, src, "inventory", inventory.ForeignTags...)
	if doc == nil || doc.Root.Kind != yamldoc.Map {
		const start = "hadeploy init writes one to start from"
		switch {
		case doc == nil && len(strings.TrimSpace(string(src))) == 0 && len(list) > 0:
			list[0].Hint = start
		case doc != nil && len(doc.Root.Items) > 0 && doc.Root.Items[0].Field("hosts") != nil:
			list = append(list, doc.At(doc.Pos(doc.Root), diag.Error, "", "this is a playbook of Ansible, not one of hadeploy",
				start+"; the inventory of Ansible can stay as it is"))
		case doc != nil:
			list = append(list, doc.At(doc.Pos(doc.Root), diag.Error, "",
				"a playbook is a mapping of sections (name, hosts, resources, ...), not "+doc.Root.Kind.String(), start))
		}
		return nil, list.Sort()
	}
	list = append(list, substitute(doc, vars)...)
	violations := schema.ValidatePlaybook(doc)
	l := &loader{doc: doc, dir: dir, list: append(list, violations...), ids: map[string]*declared{}, units: map[string]Primitive{}, templates: map[string]*Primitive{},
		places: map[string]placed{}, within: map[string]placed{}}
	for _, v := range violations {
		l.broken = append(l.broken, yamldoc.Path(v.Path))
	}
	l.characters()
	p := l.playbook(name)
	for _, d := range p.Hidden() { // whoever goes to nodes refuses it
		d.Severity = diag.Warning
		l.list = append(l.list, d)
	}
	l.nesting()
	l.foreignValues()
	if l.list.Err() != nil {
		return nil, l.list.Sort()
	}
	return p, l.list.Sort()
}

// characters refuses control characters in keys and values: none of what is
// set in the cluster can hold one, and in files and on terminals they forge
// lines. Only the text of a file may have line breaks and tabs; vars are
// judged where they are used.
func (l *loader) characters() {
	content := map[*yamldoc.Node]bool{}
	if files := l.doc.Root.Get("files"); files != nil {
		for _, f := range files.Items {
			content[f.Get("content")] = true
		}
	}
	withoutInventory(withoutVars(l.doc.Root)).Walk("", func(path yamldoc.Path, n *yamldoc.Node) {
		for i := range n.Fields {
			f := &n.Fields[i]
			if r, found := unprintable(f.Key, false); found {
				l.errorAt(l.doc.KeyPos(f), path.Key(f.Key), "remove it", "the key holds the control character %U", r)
			}
		}
		if n.Kind != yamldoc.Scalar {
			return
		}
		if r, found := unprintable(n.Text, content[n]); found {
			hint := "remove it"
			if r == '\n' {
				hint = "put the value on one line"
			}
			l.errorAt(l.doc.Pos(n), path, hint, "the value holds the control character %U", r)
		}
	})
}

func unprintable(text string, multiline bool) (rune, bool) {
	for _, r := range text {
		if multiline && (r == '\n' || r == '\t') {
			continue
		}
		if diag.Unprintable(r) {
			return r, true
		}
	}
	return 0, false
}
