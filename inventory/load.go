// Package inventory reads who the nodes are: ordinary inventories of Ansible,
// in YAML and INI, with the group_vars and host_vars beside them, of which it
// takes what concerns a cluster.
package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Inventory is what its sources say of hosts and groups.
type Inventory struct {
	Sources []string // as they were named
	Nodes   []Node   // every host, in the order in which they are named

	groups map[string][]int     // group -> indexes of its hosts in Nodes, subgroups included
	names  []string             // groups in the order in which they are named
	told   map[string]diag.List // host -> what is to be said of its variables
	from   map[string]*source   // host -> the file that names it
}

// Groups are the names of all groups but all and ungrouped, in the order in
// which they are named.
func (inv *Inventory) Groups() []string { return slices.Clone(inv.names) }

// Warnings are those of the variables of some nodes, sorted.
func (inv *Inventory) Warnings(nodes []Node) diag.List {
	var list diag.List
	for _, n := range nodes {
		for _, d := range inv.told[n.Name] {
			if d.Severity == diag.Warning {
				list = append(list, d)
			}
		}
	}
	return list.Sort()
}

// Load reads the inventory that sources make up together: files, folders of
// files, and lists of hosts with a comma in them, as Ansible's -i takes them.
// Variables of group_vars and host_vars count that stand beside a source or in
// playbookDir; "" means that there is no playbook. The list, sorted, holds
// what is wrong with the files; the Inventory is nil exactly when it holds an
// error. What is wrong with the variables of a host is told when it is
// selected, by Match and Warnings. Of the ansible.cfg that counts (see
// readConfig) the settings are taken that variables have too.
func Load(sources []string, playbookDir string) (*Inventory, diag.List) {
	l := newLoader()
	sources = slices.DeleteFunc(slices.Clone(sources), func(path string) bool { return path == "" })
	if len(sources) == 0 {
		return nil, diag.List{{Message: "no inventory is named", Hint: "give -i the name of a file or a folder, or a list of hosts: n1,n2"}}
	}
	for _, path := range sources {
		l.read(path)
	}
	if playbookDir != "" {
		l.beside(playbookDir)
	}
	return l.complete(sources, playbookDir)
}

// complete adds what ansible.cfg says to what has been read.
func (l *loader) complete(sources []string, playbookDir string) (*Inventory, diag.List) {
	l.config = readConfig(append([]string{playbookDir}, l.varsDirs...))
	l.list = append(l.list, l.config.list...)
	return l.inventory(sources)
}

// loader builds the groups and hosts of all files.
type loader struct {
	notes

	groups map[string]*group
	named  []*group // in the order in which they are named
	hosts  map[string]*host
	order  []*host // in the order in which they are named

	namings  int             // hosts named so far, each time counted
	settings int             // variables of hosts set so far, each time counted
	laid     int             // variables that were laid over each other so far
	searches int             // of groups around a group so far
	full     map[string]bool // limits that are passed, and said to be

	lastLine, lastHidden string // see hideIn

	config config  // ansible.cfg
	inline *source // the playbook that has the inventory in it, nil for files

	varsDirs []string                      // folders with group_vars and host_vars, the first read first
	varsOf   map[string]*varsDir           // path of a group_vars or host_vars folder -> what is in it
	varsRead int                           // files of variables that were read
	meant    map[string]string             // name of a variable -> the one of ours that it is, or is a slip of
	checked  map[*yamldoc.Field]*diag.List // what the schema says of a variable
}

func newLoader() *loader {
	l := &loader{groups: map[string]*group{}, hosts: map[string]*host{}, varsOf: map[string]*varsDir{}, full: map[string]bool{},
		meant: map[string]string{}, checked: map[*yamldoc.Field]*diag.List{}}
	l.group("all")
	l.group("ungrouped")
	return l
}

// notes collects what is to be said.
type notes struct{ list diag.List }

func (n *notes) errorAt(from *source, pos diag.Pos, path yamldoc.Path, hint, format string, args ...any) {
	n.list = append(n.list, from.at(pos, diag.Error, path, fmt.Sprintf(format, from.shownArgs(pos.Line, args)...), hint))
}

func (n *notes) warnAt(from *source, pos diag.Pos, path yamldoc.Path, hint, format string, args ...any) {
	n.list = append(n.list, from.at(pos, diag.Warning, path, fmt.Sprintf(format, from.shownArgs(pos.Line, args)...), hint))
}

func (s *source) at(pos diag.Pos, severity diag.Severity, path yamldoc.Path, message, hint string) diag.Diagnostic {
	if s.doc == nil {
		return diag.Diagnostic{Pos: pos, Severity: severity, Path: string(path), Message: message, Hint: hint}
	}
	return s.doc.At(pos, severity, path, message, hint)
}

// under is where a path in the source leads: ~/ is the home, a relative one
// starts at the source's folder.
func (s *source) under(path string) string { return secret.Path(s.dir, path) }

// inventory is what has been read, once all of it has.
func (l *loader) inventory(sources []string) (_ *Inventory, list diag.List) {
	defer func() { l.hideIn(list) }()
	if l.list.Err() != nil {
		return nil, l.list.Sort()
	}
	if l.settle(); l.list.Err() != nil {
		return nil, l.list.Sort()
	}
	inv := &Inventory{Sources: sources, groups: map[string][]int{}, told: map[string]diag.List{}, from: map[string]*source{}}
	for i, h := range l.order {
		n, told := l.node(h)
		l.hideIn(told)
		if l.laid > maxLaid {
			l.tooMany(h.from, h.pos, "", "the hosts have more than %d variables, counted together, with those of their groups", maxLaid)
			return nil, l.list.Sort()
		}
		inv.Nodes = append(inv.Nodes, n)
		inv.told[h.name], inv.from[h.name] = told, h.from
		for _, g := range h.chain {
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
	l.strays()
	if len(inv.Nodes) == 0 && l.list.Err() == nil {
		from, pos := &source{}, diag.Pos{File: strings.Join(sources, ", ")}
		if l.inline != nil {
			from, pos = l.inline, l.inline.doc.Pos(l.inline.doc.Root)
		}
		l.errorAt(from, pos, from.place, "add hosts: {NAME: {ansible_host: ADDRESS}} to a group", "the inventory has no host")
	}
	if l.list.Err() != nil {
		return nil, l.list.Sort()
	}
	return inv, l.list.Sort()
}

// cannotRead says why a file or folder was not read.
func (l *loader) cannotRead(path string, err error) {
	hint := ""
	if errors.Is(err, fs.ErrNotExist) {
		hint = "name it with inventory: in the playbook, or with --inventory"
	}
	l.list = append(l.list, diag.Diagnostic{Pos: diag.Pos{File: path}, Message: err.Error(), Hint: hint})
}
