package steps

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestBehindOthers: a member whose CIB is older than another's does not speak for
// the cluster.
func TestBehindOthers(t *testing.T) {
	at := func(admin, epoch int) *cib.CIB {
		c, err := cib.Parse(fmt.Appendf(nil, `<cib admin_epoch="%d" epoch="%d" num_updates="3" validate-with="pacemaker-3.9"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`, admin, epoch))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	of := func(name string) *corosync.Config {
		c, err := corosync.Parse([]byte("totem {\n version: 2\n cluster_name: " + name + "\n}\n"))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for name, c := range map[string]struct {
		cibs    []*cib.CIB
		cluster [3]string
		failed  int // a node that told nothing
		newest  string
		behind  []int
	}{
		"all the same":             {cibs: []*cib.CIB{at(0, 8), at(0, 8), at(0, 8)}, newest: "n1"},
		"the first is behind":      {cibs: []*cib.CIB{at(0, 7), at(0, 8), at(0, 8)}, newest: "n2", behind: []int{0}},
		"by more than nine":        {cibs: []*cib.CIB{at(0, 9), at(0, 10), at(0, 10)}, newest: "n2", behind: []int{0}},
		"the admin's number first": {cibs: []*cib.CIB{at(1, 1), at(0, 90), at(1, 1)}, newest: "n1", behind: []int{1}},
		"one does not run":         {cibs: []*cib.CIB{nil, at(0, 8), at(0, 7)}, newest: "n2", behind: []int{2}},
		"one of another cluster":   {cibs: []*cib.CIB{at(0, 7), at(0, 7), at(0, 80)}, cluster: [3]string{"", "", "erp"}, newest: "n1"},
		"the newest told nothing":  {cibs: []*cib.CIB{at(0, 7), at(0, 7), at(0, 8)}, failed: 3, newest: "n1"},
		"none runs":                {cibs: []*cib.CIB{nil, nil, nil}},
	} {
		cluster := &Cluster{Playbook: &playbook.Playbook{Name: "web"}}
		errs := make([]error, 3)
		for i := range 3 {
			f := &facts.Facts{CIB: facts.CIB{Live: c.cibs[i]}, Corosync: facts.Corosync{Config: of("web")}}
			if c.cluster[i] != "" {
				f.Corosync.Config = of(c.cluster[i])
			}
			cluster.Nodes = append(cluster.Nodes, &Node{Node: inventory.Node{Name: fmt.Sprintf("n%d", i+1)}, Facts: f})
		}
		if c.failed > 0 {
			errs[c.failed-1] = errors.New("no answer")
		}
		newest, behind := cluster.behindOthers(cluster.Nodes, errs)
		got := ""
		if newest != nil {
			got = newest.Name
		}
		if got != c.newest || !reflect.DeepEqual(behind, c.behind) {
			t.Errorf("%s: got %s, %v", name, got, behind)
		}
	}
}
