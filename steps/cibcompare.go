package steps

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// compareCIB holds the playbook against a CIB; nil is a cluster to come.
func compareCIB(ctx context.Context, c *Cluster, have *cib.CIB) (*cib.Delta, error) {
	if c.target != nil {
		return cib.CompareTo(have, c.target)
	}
	agents, missing, err := agentsOf(c)
	if err != nil {
		return nil, err
	}
	oldest := oldestPacemaker(c, have)
	wrong := slices.Concat(missing, agent.CheckOptions(c.Playbook, agents), cib.CheckRelease(c.Playbook, oldest), cib.CheckKnown(c.Playbook, oldest), c.Playbook.Hidden())
	if err := wrong.Sort().Err(); err != nil {
		return nil, err
	}
	for _, f := range append(agent.Deprecated(c.Playbook, agents), agent.Advice(c.Playbook, agents)...) {
		c.report(f)
	}
	secrets := func(ref playbook.SecretRef) (secret.Value, bool) {
		v, err := c.Secret(ctx, ref)
		if err != nil && !c.strict { // it can be made where the secret is not
			c.report(plan.Finding{Code: "SECRET_MISSING", Severity: plan.Warning,
				Message: "a secret of the configuration was not compared: " + err.Error(), Fix: "apply needs it"})
		}
		return v, err == nil
	}
	if err := keptByAll(c, oldest, secrets); err != nil {
		return nil, err
	}
	want, err := cib.Build(c.Playbook, agents, secrets, cib.Options{Nodes: cibNodes(c), Dialect: c.Nodes[0].Facts.Packages.Pcs, WithoutSecrets: !c.strict, Now: nodeTime(c.Nodes[0])})
	if err != nil {
		return nil, err
	}
	return cib.Compare(have, want)
}

// agentsOf returns the metadata of the declared agents, by name, without those
// that are not known before packages and agents are installed. An agent that
// will still be missing on a node then is an error of the file; one that is
// there and does not answer is the node's.
func agentsOf(c *Cluster) (known map[string]*agent.Agent, missing diag.List, err error) {
	var unread facts.Errors
	known = map[string]*agent.Agent{}
	for _, name := range agent.Names(c.Playbook) {
		if m := c.Nodes[0].Facts.Agents.Metadata[name]; m != nil {
			known[name] = m
		}
		var without []string
		coming := false
		for _, n := range c.Nodes {
			if n.Facts.Agents.Installed[name] {
				continue
			}
			without = append(without, n.Name)
			coming = coming || willInstall(c, n, name)
		}
		pos := agentPos(c.Playbook, name)
		switch {
		case without != nil && onlyInBundles(c.Playbook, name): // the image has it
		case without != nil && !coming:
			missing = append(missing, diag.Diagnostic{Pos: pos, Severity: diag.Error,
				Message: fmt.Sprintf("the agent %s is not installed on %s", name, strings.Join(without, ", ")),
				Hint:    missingAgentHint(name)})
		case without == nil && known[name] == nil && !comes(&Target{Node: c.Nodes[0], Cluster: c}, ""): // else Pacemaker may be still to come
			unread = append(unread, cmp.Or(c.Nodes[0].Facts.Agents.Err[name], &facts.Error{Command: "crm_resource --show-metadata " + name, Why: "was not asked"}))
		}
	}
	if unread != nil { // the node's fault, not the file's
		return nil, nil, NodeErrors{{Node: c.Nodes[0].Name, Err: unread}}
	}
	return known, missing, nil
}

// missingAgentHint is what to do about an agent that a node lacks: a name that
// is none of the well-known ones may be a slip.
func missingAgentHint(name string) string {
	const install = "install its package there (packages.install), or declare it under agents"
	known := playbook.WellKnownAgents()
	if near := agent.Near(name, known); len(near) > 0 && !slices.Contains(known, name) {
		return "did you mean " + strings.Join(near, " or ") + "? else " + install
	}
	return install
}

// willInstall reports whether an earlier step of this run may bring the agent.
func willInstall(c *Cluster, n *Node, agent string) bool {
	if slices.ContainsFunc(c.Playbook.Agents, func(a playbook.Agent) bool { return a.Name == agent }) {
		return true
	}
	return comes(&Target{Node: n, Cluster: c}, "")
}

// cibNodes are the members with their ids in the cluster, as far as known.
func cibNodes(c *Cluster) []cib.Node {
	ids := map[string]string{}
	if w, err := wantedCorosync(c); err == nil {
		for _, n := range w.next.Nodes() {
			ids[n.Name] = strconv.FormatUint(uint64(n.ID), 10)
		}
	}
	var out []cib.Node
	for _, name := range c.NodeNames() {
		out = append(out, cib.Node{Name: name, ID: ids[name]})
	}
	return out
}

// keptByAll refuses values that the oldest Pacemaker of the members would damage.
// Before it is installed everywhere that is not known, which is a finding; the
// step asks again before it pushes anything.
func keptByAll(c *Cluster, oldest pacemaker.Release, secrets func(playbook.SecretRef) (secret.Value, bool)) error {
	list := cib.CheckValues(c.Playbook, oldest, secrets)
	for _, d := range list {
		if d.Severity == diag.Warning {
			c.report(plan.Finding{Code: "VALUE_MAY_CHANGE", Severity: plan.Warning, Message: d.Pos.String() + ": " + d.Message, Fix: d.Hint})
		}
	}
	return list.Sort().Err()
}

// oldestPacemaker is the oldest release among the members and the DC that wrote
// the CIB, the zero Release while one of them has none yet.
func oldestPacemaker(c *Cluster, have *cib.CIB) (oldest pacemaker.Release) {
	for i, n := range c.Nodes {
		r := pacemaker.ParseRelease(n.Facts.Packages.Known["pacemaker"].Version)
		if i == 0 || r.Before(oldest) {
			oldest = r
		}
	}
	if have == nil {
		return oldest
	}
	written, _ := have.Property("dc-version")
	if r := pacemaker.ParseRelease(written); r.Known() && (!oldest.Known() || r.Before(oldest)) {
		return r
	}
	return oldest
}

// nodeTime is the time on a node, in its zone; zero where it did not say.
func nodeTime(n *Node) time.Time {
	h := n.Facts.Host
	if h.Zone == nil {
		return time.Time{}
	}
	return time.Now().Add(h.ClockSkew).In(h.Zone)
}
