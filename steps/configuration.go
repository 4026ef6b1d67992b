package steps

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// configuration puts the declared resources, constraints, properties and
// fencing devices into the CIB: as one patch, so that nothing starts before
// its constraints exist.
type configuration struct{}

func (configuration) Name() string             { return "cib" }
func (configuration) ClusterWide()             {}
func (configuration) Touches() []facts.Section { return []facts.Section{facts.SectionCIB} }

//go:embed cibpush.sh
var cibPushScript string

func (configuration) Check(ctx context.Context, t *Target) ([]plan.Change, error) {
	delta, err := compareCIB(ctx, t.Cluster, t.knownCIB())
	if err != nil {
		return nil, err
	}
	t.delta, t.unmanaged = delta, secret.Words(t.mask, delta.LeftAlone)
	if !t.Playbook.Cluster.Start && t.liveCIB() == nil && len(delta.Changes) > 0 {
		t.report(plan.Finding{Code: "CIB_NOT_COMPARED", Severity: plan.Warning,
			Message: "the cluster does not run and cluster.start is false: its configuration is neither compared nor changed",
			Fix:     "start it, or set cluster.start: true"})
		t.unmanaged = nil
		return nil, nil
	}
	return slices.Clone(delta.Changes), nil
}

// compareCIB holds the playbook against a CIB; nil is a cluster to come.
func compareCIB(ctx context.Context, c *Cluster, have *cib.CIB) (*cib.Delta, error) {
	agents, err := agentsOf(c)
	if err != nil {
		return nil, err
	}
	if err := agent.CheckOptions(c.Playbook, agents).Err(); err != nil {
		return nil, err
	}
	for _, f := range agent.Deprecated(c.Playbook, agents) {
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
	if err := keptByAll(c, have, secrets); err != nil {
		return nil, err
	}
	want, err := cib.Build(c.Playbook, agents, secrets, cib.Options{Nodes: cibNodes(c), Dialect: c.Nodes[0].Facts.Packages.Pcs, WithoutSecrets: !c.strict})
	if err != nil {
		return nil, err
	}
	return cib.Compare(have, want)
}

// knownCIB is the live CIB or, of a cluster that does not run, the one that it
// would start with.
func (c *Cluster) knownCIB() *cib.CIB {
	if live := c.liveCIB(); live != nil {
		return live
	}
	for _, n := range c.Nodes {
		if n.Facts.CIB.Disk != nil {
			return n.Facts.CIB.Disk
		}
	}
	return nil
}

// agentsOf returns the metadata of the declared agents, by name, without those
// that are not known before packages and agents are installed. An agent that
// will still be missing on a node then is an error of the file; one that is
// there and does not answer is the node's.
func agentsOf(c *Cluster) (map[string]*agent.Agent, error) {
	var missing diag.List
	var unread facts.Errors
	known := map[string]*agent.Agent{}
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
		case without != nil && !coming:
			missing = append(missing, diag.Diagnostic{Pos: pos, Severity: diag.Error,
				Message: fmt.Sprintf("the agent %s is not installed on %s", name, strings.Join(without, ", ")),
				Hint:    "install its package there (packages.install), or declare it under agents"})
		case without == nil && known[name] == nil && !comes(&Target{Node: c.Nodes[0], Cluster: c}, ""): // else Pacemaker may be still to come
			unread = append(unread, cmp.Or(c.Nodes[0].Facts.Agents.Err[name], &facts.Error{Command: "crm_resource --show-metadata " + name, Why: "was not asked"}))
		}
	}
	if unread != nil { // the node's fault, not the file's
		return nil, NodeErrors{{Node: c.Nodes[0].Name, Err: unread}}
	}
	return known, missing.Sort().Err()
}

// willInstall reports whether an earlier step of this run may bring the agent.
func willInstall(c *Cluster, n *Node, agent string) bool {
	if slices.ContainsFunc(c.Playbook.Agents, func(a playbook.Agent) bool { return a.Name == agent }) {
		return true
	}
	return comes(&Target{Node: n, Cluster: c}, "")
}

func agentPos(p *playbook.Playbook, agent string) diag.Pos {
	for _, r := range p.Primitives() {
		if r.Ref().String() == agent {
			return r.AgentPos
		}
	}
	return diag.Pos{File: p.File}
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

// How long, and how often, a change of the CIB is tried while others keep
// changing it.
const (
	pushLimit   = time.Minute
	firstPush   = 50 * time.Millisecond
	slowestPush = 5 * time.Second
	tellFromTry = 2
)

// Apply pushes the difference to the CIB of this moment, as long as that is
// still the difference that is to be made. While others keep changing other
// things, it tries again, with growing pauses.
func (configuration) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	if err := secretsAtHand(ctx, t.Cluster); err != nil {
		return err
	}
	if err := awaitMembers(ctx, t.Cluster, "cib"); err != nil {
		return err
	}
	began, pause := time.Now(), firstPush
	for try := 1; ; try++ {
		node := t.Nodes[0]
		live, text, err := readCIB(ctx, node)
		if err != nil {
			return err
		}
		delta, err := compareCIB(ctx, t.Cluster, live)
		if err != nil {
			return err
		}
		node.Facts.CIB.Live = live
		c := plan.Cover(changes, delta.Changes)
		if c.Moved != nil {
			return t.movedOn("cib", c.Moved, nil)
		}
		if len(c.Due) == 0 {
			return nil // somebody else has made it so
		}
		if live.Epoch() != t.simulated && !t.bringsMembers {
			if err := t.sameImpact(ctx, live, delta); err != nil {
				return err
			}
		}
		next, err := nextCIB(delta)
		if err != nil {
			return err
		}
		err = pushCIB(ctx, node, text, next)
		switch {
		case err == nil && delta.Handover() == cib.StopFirst:
			if changes, err = stopRenamed(ctx, t.Cluster, delta, next); err != nil {
				return err
			}
			continue
		case err == nil:
			return finishRenames(ctx, t.Cluster)
		case !errors.Is(err, errStale):
			return err
		case time.Since(began)+pause > pushLimit:
			return fmt.Errorf("the CIB was changed by others %d times within %s, each time while the patch was being made; it was not pushed (%s)",
				try, time.Since(began).Round(time.Second), whoWrote(live))
		}
		if try >= tellFromTry {
			t.emit(Working{Step: "cib", Text: fmt.Sprintf("others change the CIB while the patch is made; trying again (%d)", try)})
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		pause = min(2*pause, slowestPush)
	}
}

// errStale says that the CIB changed between reading and patching.
var errStale = errors.New("the CIB changed while it was being patched")

// staleStatus is the exit status by which cibpush.sh says so.
const staleStatus = 75

// pushCIB has the new CIB judged by crm_verify and patched in, guarded by the
// version of the old one.
func pushCIB(ctx context.Context, n *Node, old []byte, next secret.Value) error {
	mark := "--hadeploy-new-cib--"
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script: cibPushScript, Args: []string{mark},
		Stdin:   strings.NewReader(string(old) + "\n" + mark + "\n" + next.Reveal() + "\n"),
		Timeout: 2 * time.Minute, Label: "cibadmin --patch",
	})
	if err != nil {
		return err
	}
	if res.Status == staleStatus {
		return errStale
	}
	return res.Err("cibadmin --patch")
}

// maxCIB bounds a CIB, in bytes: a thousand resources on sixteen nodes, with
// the history of each on each, take half of it.
const maxCIB = 32 << 20

// readCIB reads the live CIB, as text too: the patch is made against it.
func readCIB(ctx context.Context, n *Node) (*cib.CIB, []byte, error) {
	res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"cibadmin", "--query"}, Reads: true, Sensitive: true, Limit: maxCIB, Timeout: time.Minute, Label: "cibadmin --query"})
	if err != nil {
		return nil, nil, err
	}
	if err := res.Err("cibadmin --query"); err != nil {
		return nil, nil, err
	}
	live, err := cib.Parse(res.Stdout)
	if err != nil {
		return nil, nil, err
	}
	return live, res.Stdout, nil
}

// secretsAtHand resolves every secret of the configuration, so that a missing
// one is named before anything is pushed.
func secretsAtHand(ctx context.Context, c *Cluster) error {
	for o := range c.Playbook.Secrets() {
		if _, err := c.Secret(ctx, *o.Value.Secret); err != nil {
			return err
		}
	}
	return nil
}

// simulate asks Pacemaker's own simulator what the cluster would do with the
// planned CIB. It changes nothing.
func simulate(ctx context.Context, c *Cluster) ([]plan.Impact, error) {
	if c.delta == nil || len(c.delta.Changes) == 0 || c.liveCIB() == nil {
		return nil, nil
	}
	next, err := c.delta.Foreseen()
	if err != nil {
		return nil, err
	}
	return transition(ctx, c, next)
}

// transition is what the cluster would do with a CIB, as crm_simulate says on
// the first node that runs.
func transition(ctx context.Context, c *Cluster, next secret.Value) ([]plan.Impact, error) {
	for _, n := range c.Nodes {
		if n.Facts.CIB.Live == nil {
			continue
		}
		res, err := n.Conn.Run(ctx, remote.Cmd{
			Argv: []string{"crm_simulate", "--simulate", "--xml-pipe"}, Stdin: strings.NewReader(next.Reveal()),
			Reads: true, Sensitive: true, Limit: 8 << 20, Timeout: time.Minute, Label: "crm_simulate",
		})
		if err != nil {
			return nil, err
		}
		if err := res.Err("crm_simulate"); err != nil {
			return nil, err
		}
		impact, err := cib.ParseTransition(res.Stdout)
		if err != nil {
			return nil, NodeErrors{{Node: n.Name, Err: &facts.Error{Command: "crm_simulate --simulate", Why: err.Error()}}}
		}
		return secret.Words(c.mask, impact), nil
	}
	return nil, nil
}
