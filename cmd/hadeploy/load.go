package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
	"github.com/hadeploy/hadeploy/steps"
)

// declared is a playbook with the nodes that it is for.
type declared struct {
	playbook  *playbook.Playbook
	inventory *inventory.Inventory
	nodes     []inventory.Node
	remotes   []inventory.Node // the hosts of remote and guest nodes, which are no members
	warnings  diag.List
	read      diag.List         // those of them that reading the inventory gave, whatever the nodes
	vars      map[string]string // of -e
}

// untold are the warnings that a run has no other way to tell: where it shows
// findings, the file's own are among them, and nobody reads the same warning
// twice.
func (d *declared) untold(op steps.Operation) diag.List {
	if !op.ShowsFindings() {
		return d.warnings
	}
	return slices.DeleteFunc(slices.Clone(d.warnings), func(w diag.Diagnostic) bool { return w.Code != "" })
}

// playbookPath is the argument, else $HADEPLOY_FILE, else cluster.yaml or
// cluster.yml here.
func playbookPath(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	if p := os.Getenv("HADEPLOY_FILE"); p != "" {
		return p, nil
	}
	for _, p := range []string{"cluster.yaml", "cluster.yml"} {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		}
	}
	return "", usageError{hinted{errors.New("no playbook: there is no cluster.yaml here, and none was named"),
		"hadeploy init writes one; or give its path, or set HADEPLOY_FILE"}}
}

// load reads the playbook and its inventory; the error is a diag.List with
// everything that is wrong with either.
func (a *app) load(args []string) (*declared, error) {
	a.dropEmptyInventories()
	path, err := playbookPath(args)
	if err != nil {
		return nil, err
	}
	vars, err := a.variables()
	if err != nil {
		return nil, err
	}
	p, list := playbook.Load(path, playbook.LoadOptions{Vars: vars, Stdin: a.in})
	if p == nil {
		if path != "-" && inventory.Like(path) {
			return nil, diag.List{{Pos: diag.Pos{File: path}, Message: "this is an inventory, not a playbook",
				Hint: "name the playbook, and this one behind -i: cluster.yaml -i " + path + "; what is understood of it shows: hadeploy inventory -i " + path}}
		}
		if a.inventories != nil { // else the playbook might name another one
			inv, more := inventory.Load(a.inventories, filepath.Dir(path))
			if inv != nil { // which hosts are meant cannot be known
				_, err := inv.Match("all")
				if wrong, ok := errors.AsType[diag.List](err); ok {
					more = append(more, wrong...)
				}
			}
			list = append(list, more...)
		}
		return nil, list.Sort()
	}
	inv, read := a.inventoryOf(p)
	more := read
	list = append(list, more...)
	if err := list.Sort().Err(); err != nil {
		return nil, err
	}
	nodes, err := inv.Select(cmp.Or(p.Hosts, "all"))
	if err != nil {
		if errors.As(err, &more) {
			return nil, append(list, more...).Sort()
		}
		pos, ok := p.Pos["hosts"]
		if !ok {
			pos = diag.Pos{File: strings.Join(inv.Sources, ", ")}
		}
		return nil, append(list, diag.Diagnostic{Pos: pos, Path: "hosts", Message: err.Error(), Source: p.Line(pos.Line)})
	}
	remotes, more := remoteHosts(p, inv, nodes)
	list = append(list, more...)
	list = append(list, inv.Warnings(append(slices.Clone(nodes), remotes...))...)
	list = append(list, playbook.CheckNodes(p, members(nodes))...)
	_, more = corosync.Build(p, nodes)
	list = located(p, append(list, more...).Sort())
	if err := list.Err(); err != nil {
		return nil, err
	}
	for _, text := range a.prune {
		rule, hint, err := playbook.ParsePruneRule(text)
		if err != nil {
			return nil, usageError{hinted{fmt.Errorf("--prune=%s: %w", text, err), hint}}
		}
		p.Prune = append(p.Prune, rule)
	}
	return &declared{playbook: p, inventory: inv, nodes: nodes, remotes: remotes, warnings: list, read: read, vars: vars}, nil
}

// located gives diagnostics the text of the line that they point at.
func located(p *playbook.Playbook, list diag.List) diag.List {
	for i, x := range list {
		if x.Source == "" && x.File == p.File {
			list[i].Source = p.Line(x.Line)
		}
	}
	return list
}

// inventoryOf reads the inventory for a playbook: that of -i, else the one that
// stands in it, else see inventoriesOf.
func (a *app) inventoryOf(p *playbook.Playbook) (*inventory.Inventory, diag.List) {
	switch {
	case a.inventories != nil:
		return inventory.Load(a.inventories, p.Dir)
	case p.Inline != nil:
		return p.Inline.Load()
	}
	return inventory.Load(inventoriesOf(p), p.Dir)
}

// inventoriesOf are the inventories of a playbook for which none is named with
// -i: the one that it names, else inventory.yaml beside it, else those that
// ansible.cfg names.
func inventoriesOf(p *playbook.Playbook) []string {
	if p.Inventory != "" {
		return []string{p.Inventory}
	}
	beside := filepath.Join(p.Dir, "inventory.yaml")
	if _, err := os.Lstat(beside); errors.Is(err, fs.ErrNotExist) {
		if named := inventory.Configured(p.Dir); named != nil {
			return named
		}
	}
	return []string{beside}
}

// variables are those of -e.
func (a *app) variables() (map[string]string, error) {
	vars := map[string]string{}
	for _, v := range a.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return nil, usageError{hinted{fmt.Errorf("-e %s: expected name=value", v), varsHint(v)}}
		}
		vars[name] = value
	}
	return vars, nil
}

// varsHint is what to do instead of the other forms that Ansible's -e has.
func varsHint(given string) string {
	switch {
	case strings.HasPrefix(given, "@"):
		return "hadeploy reads no file of variables; put them under vars: in the playbook, or give each with an -e of its own"
	case strings.HasPrefix(strings.TrimSpace(given), "{"):
		return "give each variable with an -e of its own: -e name=value -e other=value"
	}
	return "write -e " + given + "=VALUE"
}

// members are nodes as the playbook's checks need them.
func members(nodes []inventory.Node) (out []playbook.Member) {
	for _, n := range nodes {
		out = append(out, playbook.Member{Name: n.NodeName, Host: n.Host, Links: n.Links})
	}
	return out
}

// dropEmptyInventories takes -i "" for none, as a script gives it that has no
// inventory to name.
func (a *app) dropEmptyInventories() {
	a.inventories = slices.DeleteFunc(a.inventories, func(path string) bool { return path == "" })
	if len(a.inventories) == 0 {
		a.inventories = nil
	}
}

// inventoryAlone takes nodes of an inventory, without a playbook.
func (a *app) inventoryAlone(sources []string, take func(*inventory.Inventory) ([]inventory.Node, error)) (*declared, error) {
	if len(a.vars) > 0 {
		return nil, usageError{errors.New("-e sets a variable of a playbook, and none is read: name it with -f")}
	}
	inv, list := inventory.Load(sources, "")
	if err := list.Err(); err != nil {
		return nil, err
	}
	nodes, err := take(inv)
	if err != nil {
		return nil, err
	}
	first := sources[0]
	name := strings.TrimSuffix(filepath.Base(first), filepath.Ext(first))
	return &declared{playbook: &playbook.Playbook{Name: name, File: first}, inventory: inv, nodes: nodes, read: list,
		warnings: append(slices.Clone(list), inv.Warnings(nodes)...).Sort()}, nil
}

// take selects the nodes of --hosts, all without it.
func take(hosts string, choose func(string) ([]inventory.Node, error)) ([]inventory.Node, error) {
	nodes, err := choose(cmp.Or(hosts, "all"))
	var wrong diag.List
	if err != nil && hosts != "" && !errors.As(err, &wrong) {
		return nil, usageError{fmt.Errorf("--hosts: %w", err)}
	}
	return nodes, err
}
