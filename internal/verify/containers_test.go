package verify

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestContainerRemedies: what failed of a bundle is told by the commands of its
// engine, and cleaned up as a whole.
func TestContainerRemedies(t *testing.T) {
	bundle := func(id, engine string, p *playbook.Primitive) playbook.Resource {
		return playbook.Resource{ID: id, Bundle: &playbook.Bundle{Container: engine, Primitive: p,
			Options: playbook.Options{{Name: "image", Value: playbook.Value{Text: "registry/" + id + ":7"}}}}}
	}
	p := &playbook.Playbook{Resources: []playbook.Resource{
		{ID: "web", Primitive: &playbook.Primitive{ID: "web"}},
		bundle("box", "podman", nil), bundle("crate", "docker", nil), bundle("app-bundle", "podman", &playbook.Primitive{ID: "app"})}}
	st := &pcs.Status{Quorum: true, Resources: []pcs.Resource{
		{ID: "app-bundle-0", Bundle: "app-bundle", Role: pcs.Started, Nodes: []string{"n2"}, Replica: &pcs.Replica{Container: "app-bundle-podman-0", Remote: "app-bundle-0", Primitive: "app"}}}}
	j := New(Input{Playbook: p, Nodes: []inventory.Node{{NodeName: "n1"}}, Said: []NodeStatus{{Node: "n1", Status: st}}})
	for _, c := range []struct {
		failed pcs.FailedAction
		want   string
	}{
		{pcs.FailedAction{Resource: "box-podman-1", Operation: "start", RC: 1, RCText: "error", ExitReason: "failed to pull image registry/box:7"},
			"put the image registry/box:7 there: podman pull registry/box:7 says why it cannot be had, podman load takes it from a file; then pcs resource cleanup box"},
		{pcs.FailedAction{Resource: "crate-docker-0", Operation: "start", RC: 6, RCText: "not configured", ExitReason: "base image, registry/crate:7, could not be found."},
			"put the image registry/crate:7 there: docker pull registry/crate:7 says why it cannot be had, docker load takes it from a file; then pcs resource cleanup crate"},
		{pcs.FailedAction{Resource: "box-podman-0", Operation: "start", RC: 198, RCText: "OCF_TIMEOUT", Status: "Timed Out"},
			"see there what it waits for (journalctl -u pacemaker; the pull of an image counts), or give it longer by operation_defaults: {timeout: ...}; then pcs resource cleanup box"},
		{pcs.FailedAction{Resource: "box-podman-0", Operation: "monitor", RC: 5, RCText: "not installed"},
			"install podman there; then pcs resource cleanup box"},
		{pcs.FailedAction{Resource: "box-podman-0", Operation: "monitor", IntervalMS: 60000, RC: 7, RCText: "not running"},
			"see there why it ended: journalctl CONTAINER_NAME=box-podman-0; then pcs resource cleanup box"},
		{pcs.FailedAction{Resource: "crate-docker-0", Operation: "monitor", IntervalMS: 60000, RC: 7, RCText: "not running"},
			"see there why it ended: docker logs crate-docker-0; then pcs resource cleanup crate"},
		{pcs.FailedAction{Resource: "box-podman-0", Operation: "start", RC: 1, RCText: "error", ExitReason: "podman failed to launch container"},
			"see there what podman said: journalctl -u pacemaker; podman ps -a; podman logs box-podman-0; then pcs resource cleanup box"},
		{pcs.FailedAction{Resource: "app-bundle-0", Operation: "monitor", RC: 1, ExitReason: "Lost connection to remote executor"},
			"see there whether its container runs, and with pacemaker-remoted: podman ps -a; journalctl CONTAINER_NAME=app-bundle-podman-0; then pcs resource cleanup app-bundle"},
		{pcs.FailedAction{Resource: "app", Node: "app-bundle-0", Operation: "monitor", RC: 7, RCText: "not running"},
			"see on n2 what its container says: podman logs app-bundle-podman-0; then pcs resource cleanup app-bundle"},
		{pcs.FailedAction{Resource: "app:0", Node: "app-bundle-3", Operation: "start", RC: 1},
			"see on its node what its container says: podman logs app-bundle-podman-3; then pcs resource cleanup app-bundle"},
		// What only looks like a part of a bundle.
		{pcs.FailedAction{Resource: "box-docker-0", Operation: "start", RC: 42}, "see why there: journalctl -u pacemaker; then pcs resource cleanup box-docker-0"},
		{pcs.FailedAction{Resource: "box-podman-x", Operation: "start", RC: 42}, "see why there: journalctl -u pacemaker; then pcs resource cleanup box-podman-x"},
		{pcs.FailedAction{Resource: "app", Node: "n1", Operation: "start", RC: 42}, "see why there: journalctl -u pacemaker; then pcs resource cleanup app"},
		{pcs.FailedAction{Resource: "web", Node: "n1", Operation: "start", RC: 42}, "see why there: journalctl -u pacemaker; then pcs resource cleanup web"},
	} {
		if got := j.remedy(&c.failed, "there"); got != c.want {
			t.Errorf("%s of %s: got\n%q, want\n%q", c.failed.Operation, c.failed.Resource, got, c.want)
		}
	}
}

// TestBundleThatCannotStart: the container, the node and the reason stand in the
// message, and what to do is that of the reason.
func TestBundleThatCannotStart(t *testing.T) {
	p := &playbook.Playbook{Resources: []playbook.Resource{{ID: "box", Bundle: &playbook.Bundle{Container: "podman",
		Options: playbook.Options{{Name: "image", Value: playbook.Value{Text: "registry/box:7"}}, {Name: "replicas", Value: playbook.Value{Text: "2"}}}}}}}
	st := &pcs.Status{Quorum: true, Nodes: []pcs.Node{{Name: "n1", Kind: pcs.Member, Online: true, Health: "green"}, {Name: "n2", Kind: pcs.Member, Online: true, Health: "green"}},
		Resources: []pcs.Resource{
			{ID: "box-podman-0", Bundle: "box", Role: pcs.Started, Nodes: []string{"n1"}, Managed: true},
			{ID: "box-podman-1", Bundle: "box", Role: pcs.Stopped, Managed: true}},
		FailedActions: []pcs.FailedAction{{Resource: "box-podman-1", Node: "n2", Operation: "start", RC: 1, RCText: "error", ExitReason: "failed to pull image registry/box:7"}}}
	j := New(Input{Playbook: p, Nodes: []inventory.Node{{NodeName: "n1"}, {NodeName: "n2"}}, Said: []NodeStatus{{Node: "n1", Status: st}}})
	j.failCounts = []cib.FailCount{{Node: "n2", Resource: "box-podman-1", Count: "INFINITY"}}
	found := j.checkBundle(&p.Resources[0])
	if len(found) != 1 || found[0].Code != "RESOURCE_STOPPED" ||
		found[0].Message != "box runs 1 container, of 2: start of box-podman-1 failed on n2: error: failed to pull image registry/box:7 (fail count INFINITY)" ||
		!strings.HasPrefix(found[0].Fix, "put the image registry/box:7 on n2: ") {
		t.Errorf("got %+v", found)
	}
}
