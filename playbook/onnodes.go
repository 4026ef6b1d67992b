package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Member is a node that the inventory names: its name in the cluster, where ssh
// finds it, and its Corosync links, if they are given.
type Member struct {
	Name, Host string
	Links      []string
}

// remark is a finding with its place in the file.
type remark struct {
	plan.Finding
	pos  diag.Pos
	path yamldoc.Path
}

// CheckNodes checks what the playbook says of single nodes against the nodes of
// the inventory. Its warnings have the code of the finding that says the same of
// a run.
func CheckNodes(p *Playbook, nodes []Member) diag.List {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
	}
	var list diag.List
	add := func(d diag.Diagnostic) {
		d.Source = p.Line(d.Line)
		list = append(list, d)
	}
	fail := func(pos diag.Pos, path yamldoc.Path, message, hint string) {
		list = append(list, p.Judge(diag.List{{Pos: pos, Path: string(path), Message: message, Hint: hint, Source: p.Line(pos.Line)}})...)
	}
	known := slices.Clone(names)
	for _, name := range p.RemoteNodes() {
		if !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	check := func(name string, pos diag.Pos, path yamldoc.Path) {
		if name != "" && !slices.Contains(known, name) {
			fail(pos, path, fmt.Sprintf("the cluster has no node %s", quote(name)), nodesHint(name, known))
		}
	}
	for _, n := range p.Nodes {
		check(n.Name, n.Pos, yamldoc.Path("nodes").Key(n.Name))
	}
	for _, n := range p.Kept.Nodes {
		check(n.Name, n.Pos, yamldoc.Path("kept.nodes").Key(n.Name))
	}
	for i, c := range p.Constraints.Location {
		check(c.Node, c.NodePos, yamldoc.Path("constraints.location").Index(i)+".node")
	}
	for i, f := range p.Stonith.Levels {
		check(f.Target, f.TargetPos, yamldoc.Path("stonith.levels").Index(i)+".target")
	}
	p.checkRemotes(names, fail)
	p.checkRemoteAddresses(nodes, fail)
	p.checkNodeAddresses(nodes, fail)
	for _, r := range p.remarks(names, nil) {
		add(diag.Diagnostic{Pos: r.pos, Severity: diag.Warning, Path: string(r.path), Message: r.Message + " [" + r.Code + "]", Hint: r.Fix, Code: r.Code})
	}
	return list.Sort()
}

// NodeFindings are what the file gives a reader to think about once it is known
// which nodes it is for: their names in the cluster. remotes are those of remote
// and guest nodes that the cluster has and the file does not make.
func (p *Playbook) NodeFindings(nodes, remotes []string) []plan.Finding {
	var found []plan.Finding
	for _, r := range p.remarks(nodes, remotes) {
		found = append(found, r.Finding)
	}
	return found
}

func (p *Playbook) remarks(nodes, remotes []string) []remark {
	remotes = slices.Concat(p.RemoteNodes(), remotes)
	return slices.Concat(p.remotesToProvision(), p.fencingGaps(nodes, remotes), p.levelGaps(slices.Concat(nodes, remotes)), p.nowhere(nodes, remotes), p.tooBig(nodes, remotes))
}

// nodesHint names the nodes where they are few: names that differ by a digit
// alone are no slips of each other.
func nodesHint(name string, nodeNames []string) string {
	if len(nodeNames) > 12 {
		return diag.DidYouMean(name, nodeNames)
	}
	var once []string
	for _, n := range nodeNames {
		if !slices.Contains(once, n) {
			once = append(once, n)
		}
	}
	return "its nodes are " + strings.Join(once, ", ")
}
