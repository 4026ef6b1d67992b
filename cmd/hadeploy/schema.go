package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/editor"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/schema"
	"github.com/hadeploy/hadeploy/steps"
)

const schemaHelp = `Print the JSON Schema of the playbook (the default), of the inventory, or of
plans, on one line. Editors complete, explain and check a playbook by it.

With --metadata the nodes are asked which agents they have and what these say of
themselves; the schema then knows these agents, with their options and texts, and
no others. It changes nothing on the nodes. Which nodes are asked is said as for
hadeploy agents: by -f, -i and --hosts.
`

func newSchema(a *app) *cobra.Command {
	var f agentFlags
	metadata := false
	c := &cobra.Command{
		Use:   "schema [playbook|inventory|plan]",
		Short: "Print the JSON Schema of the playbook, of the inventory or of plans",
		Long:  schemaHelp,
		Example: `  hadeploy schema > playbook.schema.json
  hadeploy schema --metadata -f cluster.yaml > playbook.schema.json`,
		Args:      usage(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"playbook", "inventory", "plan"},
		RunE: func(c *cobra.Command, args []string) error {
			of := "playbook"
			if len(args) > 0 {
				of = args[0]
			}
			if metadata {
				if of != "playbook" {
					return usageError{hinted{fmt.Errorf("--metadata is for the schema of the playbook, not of the %s", of), "leave it out"}}
				}
				return a.schemaOfNodes(c.Context(), f)
			}
			text, err := map[string]func() ([]byte, error){
				"playbook":  func() ([]byte, error) { return editor.Schema(nil, false) },
				"inventory": func() ([]byte, error) { return schema.Inventory(), nil },
				"plan":      func() ([]byte, error) { return schema.Plan(), nil },
			}[of]()
			if err != nil {
				return err
			}
			_, err = a.out.Write(text)
			return err
		},
	}
	a.runFlags(c)
	c.Flags().Lookup("file").Usage = "playbook whose nodes are asked (- for standard input)"
	c.Flags().StringVar(&f.hosts, "hosts", "", "ask only these of the inventory: names, groups, patterns")
	c.Flags().BoolVar(&metadata, "metadata", false, "ask the nodes for their agents and the options of these")
	return c
}

// schemaOfNodes prints the playbook's schema with the agents of the nodes. A
// schema that lacks what a node would have told calls right things wrong, so any
// node that did not answer is an error.
func (a *app) schemaOfNodes(ctx context.Context, f agentFlags) error {
	s, reader, err := a.openAgents(ctx, f)
	defer s.close()
	if err != nil {
		return s.logHint(err)
	}
	list, doubts, err := listAgents(s, reader)
	if err == nil {
		err = errors.Join(doubts...)
	}
	if err != nil {
		return s.logHint(err)
	}
	told := reader.MetadataOfAll(s.ctx, list)
	if s.ctx.Err() != nil {
		return s.logHint(steps.ErrInterrupted)
	}
	s.progress.Close()
	have := map[string]*agent.Agent{}
	for _, name := range agent.All(list) {
		have[name] = &agent.Agent{Name: name}
	}
	silent := 0
	for _, t := range told {
		if t.Err != nil {
			silent++
			fmt.Fprintln(a.err, term.Clean(fmt.Sprintf("no options of %s: %s: %v", t.Name, t.Node, t.Err)))
			continue
		}
		have[t.Name] = t.Agent
	}
	if silent > 0 {
		fmt.Fprintf(a.err, "%s told nothing of their options; a library may be missing there. Any option of theirs is taken.\n", plural.Of(silent, "agent"))
	}
	var agents []*agent.Agent
	for _, name := range agent.All(list) {
		agents = append(agents, have[name])
	}
	text, err := editor.Schema(agents, true)
	if err == nil {
		_, err = a.out.Write(text)
	}
	return s.logHint(err)
}
