// Package inventory reads who the nodes are: an ordinary Ansible inventory in
// YAML, of which it takes what concerns a cluster.
package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/schema"
)

// Inventory is what a file says of hosts and groups.
type Inventory struct {
	File  string
	Dir   string // paths inside the inventory are relative to it
	Nodes []Node // every host, in the order of the file

	groups map[string][]int // group -> indexes of its hosts in Nodes, subgroups included
	names  []string         // groups in the order of the file
	doc    *yamldoc.Document
}

// Groups are the names of all groups but all and ungrouped, in the order of
// the file.
func (inv *Inventory) Groups() []string { return slices.Clone(inv.names) }

// Load reads and checks the inventory at path. The list holds every problem,
// sorted; the Inventory is nil exactly when it holds an error.
func Load(path string) (*Inventory, diag.List) {
	src, mode, err := localfile.Read(path, yamldoc.MaxSize)
	if err != nil {
		hint := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			hint = "name it with inventory: in the playbook, or with --inventory"
		case errors.Is(err, localfile.ErrDirectory):
			hint = "hadeploy reads one YAML file"
		}
		return nil, diag.List{{Pos: diag.Pos{File: path}, Message: err.Error(), Hint: hint}}
	}
	return parse(path, src, mode.Perm()&0o044 != 0)
}

// parse reads src; shared says that others than the owner may read the file.
func parse(file string, src []byte, shared bool) (*Inventory, diag.List) {
	doc, list := yamldoc.Parse(file, src)
	if doc == nil {
		for i := range list {
			if len(src) > 0 && src[0] == '[' {
				list[i].Hint = "is it an INI inventory? convert it: ansible-inventory -i " + file + " --list --yaml"
			}
		}
		return nil, list
	}
	list = append(list, schema.ValidateInventory(doc)...)
	l := &loader{doc: doc, dir: filepath.Dir(file), shared: shared, list: list,
		groups: map[string]*group{}, hosts: map[string]*host{}}
	if doc.Root.Kind == yamldoc.Map {
		l.tree()
	}
	inv := &Inventory{File: file, Dir: l.dir, doc: doc, groups: map[string][]int{}}
	for i, h := range l.order {
		inv.Nodes = append(inv.Nodes, l.node(h))
		for _, g := range h.chain() {
			inv.groups[g.name] = append(inv.groups[g.name], i)
		}
	}
	for _, g := range l.named {
		if g.name != "all" && g.name != "ungrouped" {
			inv.names = append(inv.names, g.name)
		}
		if inv.groups[g.name] == nil {
			inv.groups[g.name] = []int{}
		}
	}
	if len(inv.Nodes) == 0 && l.list.Err() == nil {
		l.errorAt(diag.Pos{File: file}, "", "add hosts: {NAME: {ansible_host: ADDRESS}} to a group", "the inventory has no host")
	}
	if l.list.Err() != nil {
		return nil, l.list.Sort()
	}
	return inv, l.list.Sort()
}

// loader builds the groups and hosts of one file.
type loader struct {
	doc    *yamldoc.Document
	dir    string
	shared bool
	list   diag.List

	groups map[string]*group
	named  []*group // in the order of the file
	hosts  map[string]*host
	order  []*host // in the order of the file

	expanded int // hosts named so far, each time counted
}

func (l *loader) errorAt(pos diag.Pos, path yamldoc.Path, hint, format string, args ...any) {
	l.list = append(l.list, l.doc.At(pos, diag.Error, path, fmt.Sprintf(format, args...), hint))
}

func (l *loader) warnAt(pos diag.Pos, path yamldoc.Path, hint, format string, args ...any) {
	l.list = append(l.list, l.doc.At(pos, diag.Warning, path, fmt.Sprintf(format, args...), hint))
}

// under is where a path of the inventory leads: ~/ is the home, a relative one
// starts at the inventory's folder.
func (l *loader) under(path string) string { return secret.Path(l.dir, path) }
