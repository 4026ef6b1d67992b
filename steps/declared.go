package steps

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// agentPos is where an agent is declared first.
func agentPos(p *playbook.Playbook, agent string) diag.Pos {
	for _, r := range p.Primitives() {
		if r.Ref().String() == agent {
			return r.AgentPos
		}
	}
	return diag.Pos{File: p.File}
}

// systemdResources are the units that the cluster is declared to run, with the
// ids of their primitives.
func systemdResources(p *playbook.Playbook) map[string][]string {
	units := map[string][]string{}
	for _, r := range p.Primitives() {
		if ref := r.Ref(); ref.Standard == "systemd" && !strings.Contains(ref.Type, "@") {
			unit := ref.Unit()
			units[unit] = append(units[unit], r.ID)
		}
	}
	return units
}

// resourceAt is where a primitive is declared.
func resourceAt(p *playbook.Playbook, id string) string {
	for _, r := range p.Primitives() {
		if r.ID == id {
			return declaredAt(r.Pos)
		}
	}
	return ""
}

// declaredAt is a place in the playbook as a plan names it.
// Empty: nowhere in particular.
func declaredAt(pos diag.Pos) string {
	if pos.Line == 0 {
		return ""
	}
	pos.Column = 0
	return pos.String()
}

// publicNames are words that stand in the playbook as names.
func publicNames(p *playbook.Playbook) []string {
	names := []string{p.Name, "hacluster", "root"}
	for i := range p.Resources {
		names = append(names, p.Resources[i].ID)
	}
	for _, r := range p.Primitives() {
		names = append(names, r.ID)
		names = append(names, strings.Split(r.Agent, ":")...)
	}
	return names
}

// linksOf are a node's Corosync addresses: its links, else its host.
func linksOf(n inventory.Node) []string {
	if len(n.Links) > 0 {
		return n.Links
	}
	return []string{n.Host}
}

// memberNames are the members that a corosync.conf has.
func memberNames(c *corosync.Config) (names []string) {
	for _, n := range c.Nodes() {
		names = append(names, n.Name)
	}
	return names
}

// onlyInBundles reports whether an agent runs nowhere but inside of containers.
func onlyInBundles(p *playbook.Playbook, agent string) bool {
	inside := map[*playbook.Primitive]bool{}
	for i := range p.Resources {
		if b := p.Resources[i].Bundle; b != nil {
			inside[b.Primitive] = true
		}
	}
	for _, r := range p.Primitives() {
		if r.Ref().String() == agent && !inside[r] {
			return false
		}
	}
	return true
}

// reachesContainers reports whether the cluster is to reach into containers, which
// get its key for that: those of a bundle with a primitive inside.
func reachesContainers(p *playbook.Playbook) bool {
	return slices.ContainsFunc(p.Resources, func(r playbook.Resource) bool { return r.Bundle != nil && r.Bundle.Primitive != nil })
}
