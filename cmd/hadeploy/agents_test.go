package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/steps"
)

// The first version is shown, and nodes of another one stand together.
func TestDescription(t *testing.T) {
	version := func(option string) *agent.Agent {
		return &agent.Agent{Name: "ocf:a:b", Parameters: []agent.Parameter{{Name: option}}}
	}
	has := []string{"ocf:a:b"}
	unreached := &remote.UnreachableError{Node: "n6", Err: errors.New("refused")}
	list := []agent.OnNode{{Node: "n1", Agents: has}, {Node: "n2", Agents: has}, {Node: "n3", Agents: has}, {Node: "n4", Agents: has}, {Node: "n5"},
		{Node: "n6", Err: unreached}, {Node: "n7", Agents: has}}
	d, errs := description("ocf:a:b", list, []agent.Told{{Node: "n1", Err: errors.New("it printed nothing")}, {Node: "n2", Agent: version("x")},
		{Node: "n3", Agent: version("y")}, {Node: "n4", Agent: version("x")}, {Node: "n7", Agent: version("y")}})
	var others []string
	for _, o := range d.Others {
		others = append(others, strings.Join(o.Nodes, " ")+": "+strings.Join(o.Differences, ", "))
	}
	got := fmt.Sprintf("on %v, not on %v, others %q, unread %v, errors %v", d.Nodes, d.Lacking, others, d.Unread, errs)
	want := "on [n2 n4], not on [n5], others [\"n3 n7: no option x, one more option: y\"], unread [" + steps.NodeError{Node: "n6", Err: unreached}.Error() +
		" n1: it printed nothing], errors [n1: it printed nothing]"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	if d, errs := description("ocf:a:b", list[:1], []agent.Told{{Node: "n1", Err: errors.New("no")}}); d.Agent != nil || len(errs) != 1 {
		t.Errorf("nobody told: %+v, %v", d, errs)
	}
}

// A name that no node has is an error of its own, whatever else could not be
// reached; a node that answered nonsense is one beside what the others said.
func TestAgentErrors(t *testing.T) {
	gone := steps.NodeError{Node: "n2", Err: &remote.UnreachableError{Node: "n2", Err: errors.New("refused")}}
	odd := steps.NodeError{Node: "n3", Err: errors.New("the answer ends early")}
	list := []agent.OnNode{{Node: "n1", Agents: []string{"ocf:heartbeat:nginx"}}, {Node: "n2", Err: gone.Err}}

	err := notFound("no agent matches \"ngnix\"", "ngnix", list, agent.All(list))
	if exitCode(err) != 1 || err.Error() != `no agent matches "ngnix" on n1; not known of n2, which did not tell` {
		t.Errorf("%d: %v", exitCode(err), err)
	}
	if h, ok := errors.AsType[hinted](err); !ok || h.Hint() != "did you mean ocf:heartbeat:nginx?" {
		t.Errorf("%#v", err)
	}
	for _, c := range []struct {
		doubts []error
		told   error
		code   int
	}{
		{nil, nil, 0},
		{[]error{gone}, nil, 0},
		{[]error{gone, odd}, nil, 1},
		{[]error{gone, odd}, steps.NodeErrors{gone, odd}, 0}, // which says it all
	} {
		if got := exitCode(hard(c.doubts, c.told)); got != c.code {
			t.Errorf("%v, %v: %d", c.doubts, c.told, got)
		}
	}
}
