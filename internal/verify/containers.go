package verify

import (
	"fmt"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/playbook"
)

// remedy is what to do about a failed action, where being "on n1", or "there".
func (j *Judge) remedy(a *pcs.FailedAction, where string) string {
	if j.Playbook != nil {
		for i := range j.Playbook.Resources {
			if r := &j.Playbook.Resources[i]; r.Bundle != nil {
				if do := j.containerRemedy(r, a, where); do != "" {
					return do + "; then pcs resource cleanup " + r.ID
				}
			}
		}
	}
	return remedy(a, where)
}

// containerRemedy is what to do about a failed action of a part of a bundle, ""
// where it is no part of it: Pacemaker names the container of the replica 0
// BUNDLE-podman-0, the connection to it and its node BUNDLE-0, and that node runs
// the primitive.
func (j *Judge) containerRemedy(r *playbook.Resource, a *pcs.FailedAction, where string) string {
	engine := r.Bundle.Container
	container := func(number string) string { return r.ID + "-" + engine + "-" + number }
	id, _, _ := strings.Cut(a.Resource, ":")
	if p := r.Bundle.Primitive; p != nil && p.ID == id {
		number, ok := strings.CutPrefix(a.Node, r.ID+"-")
		if !ok {
			return ""
		}
		where = "on its node"
		for _, e := range j.entries(a.Node) {
			if len(e.Nodes) > 0 {
				where = "on " + e.Nodes[0]
			}
		}
		return fmt.Sprintf("see %s what its container says: %s logs %s", where, engine, container(number))
	}
	rest, ok := strings.CutPrefix(a.Resource, r.ID+"-")
	if !ok {
		return ""
	}
	if isNumber(rest) {
		return fmt.Sprintf("see %s whether its container runs, and with pacemaker-remoted: %s ps -a; %s", where, engine, logOf(engine, container(rest)))
	}
	number, ok := strings.CutPrefix(rest, engine+"-")
	if !ok || !isNumber(number) {
		return ""
	}
	name := container(number)
	switch {
	case strings.Contains(a.ExitReason, "image"): // failed to pull image, base image could not be found
		v, _ := r.Bundle.Options.Get("image")
		return fmt.Sprintf("put the image %s %s: %s pull %s says why it cannot be had, %s load takes it from a file", v.Text, where, engine, v.Text, engine)
	case timedOut(a):
		return fmt.Sprintf("see %s what it waits for (journalctl -u pacemaker; the pull of an image counts), or give it longer by operation_defaults: {timeout: ...}", where)
	case a.RC == 5 || strings.EqualFold(a.RCText, "not installed"):
		return "install " + engine + " " + where
	case a.Operation == "monitor":
		return fmt.Sprintf("see %s why it ended: %s", where, logOf(engine, name))
	}
	return fmt.Sprintf("see %s what %s said: journalctl -u pacemaker; %s ps -a; %s logs %s", where, engine, engine, engine, name)
}

// logOf is where a container's words are after Pacemaker has put another one in its
// place. podman writes into the journal where there is one; docker's log goes with
// the container.
func logOf(engine, container string) string {
	if engine == "podman" {
		return "journalctl CONTAINER_NAME=" + container
	}
	return engine + " logs " + container
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// partsOf are the names that fail counts of a bundle's replicas may have.
func partsOf(r *playbook.Resource, replicas []pcs.Resource) (ids []string) {
	for _, e := range replicas {
		ids = append(ids, e.ID)
		if p := e.Replica; p != nil {
			ids = append(ids, p.Container, p.Remote, p.IP)
		}
	}
	for n := range r.Bundle.Replicas() {
		ids = append(ids, fmt.Sprintf("%s-%s-%d", r.ID, r.Bundle.Container, n))
	}
	if p := r.Bundle.Primitive; p != nil {
		ids = append(ids, p.ID)
	}
	return ids
}
