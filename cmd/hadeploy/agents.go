package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/report/agentreport"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/steps"
)

const agentsHelp = `Show the resource and fencing agents that the nodes have: first those that are
not on every node. It changes nothing.

FILTER is a text that the name STANDARD:PROVIDER:TYPE holds, or a pattern with
* and ? for the whole name or for its last part; upper and lower case are the
same. Without it systemd's units and the scripts of lsb are only counted.
Pacemaker's standard service, which stands for either, is left out unless
FILTER begins with it.

The nodes are those of the playbook that -f names. With -i and no -f they are
all that the inventory has, and no playbook is read. With neither they are
those of $HADEPLOY_FILE, else of cluster.yaml, else of inventory.yaml here.
--hosts chooses among them.

A node that cannot be reached is named, and the others are shown all the same.
`

const agentsExit = `
Exit status of this command: 0 when agents were found; 1 when there is none of
that name, or a node's answer was no answer; 4 when no node could be reached.
`

const describeHelp = `Show what an agent says of itself: what it is for, its options (required ones
first), the actions with the times that it advises, and how it stands in a
playbook. It changes nothing.

AGENT is STANDARD:PROVIDER:TYPE as in ocf:heartbeat:IPaddr2, stonith:fence_xvm
or systemd:nginx; the type alone does where only one agent has it. Where the
nodes have different versions, shown is that of the first one, and how the
others differ.

Deprecated and advanced options, and each option's long description, are shown
with --full.
`

// agentFlags are those of agents and of agents describe.
type agentFlags struct {
	hosts string
	full  bool
}

func newAgents(a *app) *cobra.Command {
	var f agentFlags
	list, description := newOutput(agentreport.ListFormats), newOutput(agentreport.DescriptionFormats)
	c := &cobra.Command{
		Use:   "agents [FILTER]",
		Short: "Show which resource and fencing agents the nodes have",
		Long:  agentsHelp + agentsExit,
		Example: `  hadeploy agents                         what is there, and what is not on every node
  hadeploy agents nginx                   which nodes lack ocf:heartbeat:nginx?
  hadeploy agents 'systemd:*' -o json
  hadeploy agents describe IPaddr2`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			filter := ""
			if len(args) > 0 {
				filter = args[0]
			}
			return a.agents(c.Context(), filter, f, list)
		},
	}
	describe := &cobra.Command{
		Use:   "describe AGENT",
		Short: "Show what an agent says of itself: its options and actions",
		Long:  describeHelp + agentsExit,
		Example: `  hadeploy agents describe ocf:heartbeat:IPaddr2
  hadeploy agents describe stonith:fence_ipmilan --full`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.describeAgent(c.Context(), args[0], f, description)
		},
	}
	for _, each := range []*cobra.Command{c, describe} {
		a.runFlags(each)
		each.Flags().Lookup("inventory").Usage = "inventory: a file, a folder or a list of hosts; may be repeated; without -f all its nodes are asked, and no playbook is read"
		each.Flags().Lookup("file").Usage = "playbook whose nodes are asked (- for standard input)"
		each.Flags().StringVar(&f.hosts, "hosts", "", "ask only these of the inventory: names, groups, patterns")
	}
	list.flag(c)
	description.flag(describe)
	describe.Flags().BoolVar(&f.full, "full", false, "deprecated and advanced options and all long descriptions too")
	tellExit(describe, exitHelp)
	c.AddCommand(describe)
	return c
}

// agents lists what the nodes have.
func (a *app) agents(ctx context.Context, filter string, f agentFlags, output *output[agentreport.List]) error {
	if ext := strings.ToLower(filepath.Ext(filter)); ext == ".yaml" || ext == ".yml" {
		return usageError{hinted{fmt.Errorf("%s is no name of an agent", filter), "the playbook is named with -f, the inventory with -i"}}
	}
	if err := output.check(); err != nil {
		return err
	}
	s, reader, err := a.openAgents(ctx, f)
	defer s.close()
	if err != nil {
		return s.logHint(err)
	}
	list, doubts, err := listAgents(s, reader)
	if errors.Is(err, steps.ErrInterrupted) {
		return s.logHint(err)
	}
	all, chosen := agent.All(list), agent.NewFilter(filter)
	l := agentreport.List{Filter: filter, Nodes: list}
	l.Agents = slices.DeleteFunc(slices.Clone(all), func(x string) bool { return !chosen.Match(x) })
	if err == nil && len(l.Agents) == 0 {
		what := "there is no agent"
		if filter != "" {
			what = fmt.Sprintf("no agent matches %q", filter)
		}
		err = notFound(what, filter, list, all)
	}
	err = errors.Join(output.write(a.out, a.outStyle, l), err)
	return s.logHint(errors.Join(err, hard(doubts, err)))
}

// describeAgent shows what an agent says of itself.
func (a *app) describeAgent(ctx context.Context, name string, f agentFlags, output *output[agentreport.Description]) error {
	if err := output.check(); err != nil {
		return err
	}
	s, reader, err := a.openAgents(ctx, f)
	defer s.close()
	if err != nil {
		return s.logHint(err)
	}
	list, doubts, err := listAgents(s, reader)
	if err != nil {
		return s.logHint(err)
	}
	all := agent.All(list)
	full, found := agent.Find(name, all)
	switch {
	case len(found) > 0:
		return s.logHint(hinted{fmt.Errorf("%d agents are named %s: %s", len(found), name, strings.Join(found, ", ")), "give the whole name of one of them"})
	case full == "":
		return s.logHint(errors.Join(notFound(fmt.Sprintf("there is no agent %q", name), name, list, all), hard(doubts, nil)))
	}
	told := reader.Metadata(s.ctx, full, list)
	if s.ctx.Err() != nil {
		return s.logHint(steps.ErrInterrupted)
	}
	s.progress.Close()
	d, more := description(full, list, told)
	if d.Agent == nil {
		return s.logHint(errors.Join(more...))
	}
	d.Full = f.full
	err = output.write(a.out, a.outStyle, d)
	return s.logHint(errors.Join(err, hard(append(doubts, more...), nil)))
}

// description is what the nodes told of an agent, by its versions: the first
// one is shown. The errors are those of nodes that have it and did not tell.
func description(name string, list []agent.OnNode, told []agent.Told) (d agentreport.Description, errs []error) {
	for _, n := range list {
		switch {
		case n.Err != nil:
			d.Unread = append(d.Unread, steps.NodeError{Node: n.Node, Err: n.Err})
		case !n.Has(name):
			d.Lacking = append(d.Lacking, n.Node)
		}
	}
	for _, m := range told {
		if m.Err != nil {
			err := steps.NodeError{Node: m.Node, Err: m.Err}
			d.Unread, errs = append(d.Unread, err), append(errs, err)
			continue
		}
		if d.Agent == nil {
			d.Agent = m.Agent
		}
		differ := d.Differences(m.Agent)
		i := slices.IndexFunc(d.Others, func(o agentreport.Version) bool { return slices.Equal(o.Differences, differ) })
		switch {
		case len(differ) == 0:
			d.Nodes = append(d.Nodes, m.Node)
		case i >= 0:
			d.Others[i].Nodes = append(d.Others[i].Nodes, m.Node)
		default:
			d.Others = append(d.Others, agentreport.Version{Nodes: []string{m.Node}, Differences: differ})
		}
	}
	return d, errs
}

// listAgents asks every node. The doubts are what nodes failed with; with none
// left that answered, or an interruption, there is an error too.
func listAgents(s *session, reader *steps.AgentReader) (list []agent.OnNode, doubts []error, err error) {
	list = reader.List(s.ctx)
	if s.ctx.Err() != nil {
		return list, nil, steps.ErrInterrupted // or --timeout, which logHint knows
	}
	s.progress.Close()
	var unread steps.NodeErrors
	for _, n := range list {
		if n.Err != nil {
			unread = append(unread, steps.NodeError{Node: n.Node, Err: n.Err})
			doubts = append(doubts, unread[len(unread)-1])
		}
	}
	if len(unread) == len(list) {
		return list, doubts, unread
	}
	return list, doubts, nil
}

// hard leaves out the nodes that could not be reached: they were shown, and
// the others were read. With an error that tells of every node nothing is left.
func hard(doubts []error, told error) error {
	if errors.As(told, new(steps.NodeErrors)) {
		return nil
	}
	return errors.Join(slices.DeleteFunc(slices.Clone(doubts), func(err error) bool { return exitCode(err) == 4 })...)
}

// notFound says where an agent is not, and what might have been meant.
func notFound(what, name string, list []agent.OnNode, all []string) error {
	var asked, not []string
	for _, n := range list {
		if n.Err == nil {
			asked = append(asked, n.Node)
		} else {
			not = append(not, n.Node)
		}
	}
	err := fmt.Errorf("%s on %s", what, strings.Join(asked, ", "))
	if len(not) > 0 { // in words, for this is no failure to reach a node
		err = fmt.Errorf("%w; not known of %s, which did not tell", err, strings.Join(not, ", "))
	}
	if near := agent.Near(name, all); len(near) > 0 {
		return hinted{err, "did you mean " + strings.Join(near, " or ") + "?"}
	}
	return err
}

// openAgents loads the files and prepares to ask. Whatever it returns, close
// must be called.
func (a *app) openAgents(parent context.Context, f agentFlags) (*session, *steps.AgentReader, error) {
	s := &session{op: steps.Agents, mask: a.mask}
	d, err := a.agentNodes(f)
	if err != nil {
		return s, nil, err
	}
	if err := a.begin(s, d); err != nil {
		return s, nil, err
	}
	s.endsAtOnce(parent, a.timeout)
	cfg, err := a.config(s)
	if err != nil {
		return s, nil, err
	}
	reader, err := steps.NewAgentReader(d.playbook.Name, cfg)
	if err != nil {
		return s, nil, err
	}
	s.closers = append(s.closers, reader.Close)
	return s, reader, nil
}

// agentNodes finds out whom to ask: see agentsHelp.
func (a *app) agentNodes(f agentFlags) (d *declared, err error) {
	a.dropEmptyInventories()
	file, inv := a.file, a.inventories
	if file == "" && inv == nil {
		if file, err = playbookPath(nil); err != nil {
			inv = []string{"inventory.yaml"}
			if _, err := os.Stat(inv[0]); err != nil {
				return nil, usageError{hinted{errors.New("no nodes to ask: there is neither a cluster.yaml nor an inventory.yaml here"),
					"name a playbook with -f, or an inventory with -i"}}
			}
		}
	}
	if file != "" {
		if d, err = a.load([]string{file}); err != nil {
			return nil, hinted{err, "with -i and without -f only the inventory has to be right"}
		}
	} else {
		return a.inventoryAlone(inv, func(inv *inventory.Inventory) ([]inventory.Node, error) { return take(f.hosts, inv.Select) })
	}
	if f.hosts != "" {
		if d.nodes, err = take(f.hosts, d.inventory.Select); err != nil {
			return nil, err
		}
	}
	return d, nil
}
