package steps

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote/remotetest"
	"github.com/hadeploy/hadeploy/inventory"
)

// TestPackagesThatNobodyHas: two nodes are asked once about what is to be
// installed, and what their lists do not have is told with the nodes.
func TestPackagesThatNobodyHas(t *testing.T) {
	asks := func(stdout string) remotetest.Script {
		return remotetest.Script{{Label: "apt offers", Args: []string{"offers", "pcs", "ngnix"}, Stdout: stdout}}
	}
	const slip = "what ngnix\nnear nginx\nnear ng-utils\ndone\n"
	for _, c := range []struct {
		name   string
		n1, n2 remotetest.Script
		have   []string // installed on both
		want   string
	}{
		{name: "all there", n1: asks("done\n"), n2: asks("done\n")},
		{name: "nothing is to be installed", have: []string{"pcs", "ngnix"}},
		{name: "on both", n1: asks(slip), n2: asks(slip),
			want: "warning PACKAGE_UNKNOWN ngnix: no package list of n1, n2 has the package ngnix; apply reads the lists anew, and fails before it installs anything if it is not there then; did you mean \"nginx\"? Else give the nodes the repository that has it\n"},
		{name: "on one, whose lists are old", n1: asks("done\n"), n2: asks("stale\n" + slip),
			want: "warning PACKAGE_UNKNOWN n2 ngnix: no package list of n2 has the package ngnix; apply reads the lists anew, and fails before it installs anything if it is not there then (they may be out of date); did you mean \"nginx\"? Else give the nodes the repository that has it\n"},
		{name: "without lists, and without an answer", n1: asks("none\ndone\n"), n2: remotetest.Script{{Label: "apt offers", Err: errors.New("it hangs")}},
			want: "info PACKAGE_LISTS n1 : there are no package lists yet: whether there is pcs, ngnix is seen when apply reads them; nothing; to see it now, read the lists on the node\n" +
				"warning PACKAGE_LISTS n2 : the package lists could not be asked, so it is not known whether there is pcs, ngnix: it hangs; run the package manager there by hand\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cluster := &Cluster{Playbook: with([]string{"pcs"}, []string{"ngnix"}), forks: 2, emit: func(Event) {}}
			for i, script := range []remotetest.Script{c.n1, c.n2} {
				name := fmt.Sprintf("n%d", i+1)
				f := &facts.Facts{Host: facts.Host{OS: debian12}, Packages: facts.Packages{Known: map[string]facts.Package{}}}
				for _, have := range c.have {
					f.Packages.Known[have] = facts.Package{Installed: true}
				}
				cluster.Nodes = append(cluster.Nodes, &Node{Node: inventory.Node{Name: name, NodeName: name}, Facts: f, Conn: remotetest.New(t, script)})
			}
			for range 2 { // the second time nobody is asked
				if err := (packages{}).Survey(t.Context(), cluster); err != nil {
					t.Fatal(err)
				}
			}
			got := ""
			for _, f := range cluster.findings {
				at := f.Node
				if at != "" {
					at += " "
				}
				got += fmt.Sprintf("%s %s %s%s: %s; %s\n", f.Severity, f.Code, at, f.Object, f.Message, f.Fix)
			}
			if got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}
