package steps

import (
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

func TestNotStarted(t *testing.T) {
	stopped := playbook.Options{{Name: "target-role", Value: playbook.Value{Text: "Stopped"}}}
	p := &playbook.Playbook{
		Resources: []playbook.Resource{
			{ID: "runs", Primitive: &playbook.Primitive{ID: "runs"}},
			{ID: "big", Primitive: &playbook.Primitive{ID: "big"}},
			{ID: "off", Primitive: &playbook.Primitive{ID: "off", Meta: stopped}},
			{ID: "g", Group: []playbook.Primitive{{ID: "g1"}, {ID: "g2"}}},
			{ID: "g-off", Group: []playbook.Primitive{{ID: "g3"}}, Meta: stopped},
			{ID: "c", Clone: &playbook.Cloned{Primitive: &playbook.Primitive{ID: "inst"}}},
			{ID: "old", Primitive: &playbook.Primitive{ID: "old"}},
			{ID: "site", Primitive: &playbook.Primitive{ID: "site"}},
			{ID: "held", Primitive: &playbook.Primitive{ID: "held"}},
		},
		Constraints: playbook.Constraints{Ticket: []playbook.Ticket{{Ticket: "north", Resource: "site"}}},
	}
	var changes []plan.Change
	for _, id := range []string{"runs", "big", "off", "g1", "g2", "g3", "inst", "site", "held"} {
		changes = append(changes, plan.Change{Action: plan.Create, Kind: "primitive", ID: id})
	}
	impact := []plan.Impact{{Action: "Start", Resource: "runs", Detail: "n1"}, {Action: "Start", Resource: "g1", Detail: "n1"},
		{Action: "Start", Resource: "inst:1", Detail: "n2"}, {Action: "Start", Resource: "held", Detail: "n1 due to a start (blocked)"}}
	found := notStarted(p, changes, impact)
	if want := "3 primitives are created that Pacemaker would start on no node as things are now: big, g2, held"; len(found) != 1 || found[0].Message != want {
		t.Errorf("got %+v", found)
	}
	p.ResourceDefaults = []playbook.OptionSet{{Options: stopped}}
	if found := notStarted(p, changes, impact); found != nil {
		t.Errorf("all are to be stopped: %+v", found)
	}
}
