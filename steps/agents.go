package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/playbook"
)

// agents installs the user's own OCF resource agents. An agent that does not
// answer meta-data is of no use to Pacemaker and is an error here, where it
// can be seen, not at the first probe.
type agents struct{}

func (agents) Name() string { return "agents" }
func (agents) OnRemotes()   {}
func (agents) Touches() []facts.Section {
	return []facts.Section{facts.SectionFiles, facts.SectionAgents}
}

func (agents) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	var changes []plan.Change
	coming := comes(t, "") // a package may bring the file
	for _, a := range t.Playbook.Agents {
		c, err := compareFile(t.Node.Facts, "agent", agentFile(a))
		if err != nil {
			return nil, err
		}
		if c != nil {
			c.At = declaredAt(a.Pos)
			if coming {
				c.Open = fileAttributes
			}
			if used := usersOf(t, a.Name); c.Action == plan.Update && t.Node.serves() && len(used) > 0 {
				c.Note = "the cluster runs here: " + excerpt.List(used) + " will use it from the next operation on; nothing is restarted"
			}
			changes = append(changes, *c)
		}
	}
	return changes, nil
}

func (agents) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	for _, a := range t.Playbook.Agents {
		f := agentFile(a)
		if !hasChange(changes, f.Path) {
			continue
		}
		if err := t.Node.Conn.WriteFile(ctx, f); err != nil {
			return err
		}
		res, err := t.Node.Conn.Run(ctx, remote.Cmd{
			Script:  `OCF_ROOT=/usr/lib/ocf; OCF_RESOURCE_INSTANCE=metadata; export OCF_ROOT OCF_RESOURCE_INSTANCE; exec "$1" meta-data`,
			Args:    []string{f.Path},
			Timeout: 20 * time.Second,
			Limit:   1 << 20,
			Label:   f.Path + " meta-data",
		})
		if err != nil {
			return err
		}
		if err := res.Err(f.Path + " meta-data"); err != nil {
			return fmt.Errorf("the agent %s does not answer: %w", a.Name, err)
		}
		if _, err := agent.Parse(a.Name, res.Stdout); err != nil {
			return fmt.Errorf("the agent %s answers meta-data with something else: %w", a.Name, err)
		}
	}
	return nil
}

func agentFile(a playbook.Agent) remote.File {
	return remote.File{Path: a.Path(), Content: a.Content, Mode: "0755", Owner: "root:root"}
}
