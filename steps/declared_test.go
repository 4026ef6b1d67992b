package steps

import (
	"testing"

	"github.com/hadeploy/hadeploy/playbook"
)

// TestOnlyInBundles: the image has the agent of what runs inside of containers
// alone; no node needs it.
func TestOnlyInBundles(t *testing.T) {
	inside := func(agent string) playbook.Resource {
		return playbook.Resource{Bundle: &playbook.Bundle{Primitive: &playbook.Primitive{Agent: agent}}}
	}
	alone := func(agent string) playbook.Resource {
		return playbook.Resource{Primitive: &playbook.Primitive{Agent: agent}}
	}
	p := &playbook.Playbook{Resources: []playbook.Resource{inside("ocf:acme:db"), inside("ocf:acme:both"), alone("ocf:acme:both"), alone("ocf:acme:web"),
		{Bundle: &playbook.Bundle{}}}}
	for agent, want := range map[string]bool{"ocf:acme:db": true, "ocf:acme:both": false, "ocf:acme:web": false} {
		if got := onlyInBundles(p, agent); got != want {
			t.Errorf("%s: got %v, want %v", agent, got, want)
		}
	}
}
