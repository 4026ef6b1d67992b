package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// completions are what the shell is offered while somebody types. Everything
// comes from the files at hand: no node is gone to, no secret is fetched, and
// what cannot be read offers nothing.
func (a *app) completions(root *cobra.Command) {
	for _, c := range root.Commands() {
		switch c.Name() {
		case "plan", "validate", "verify", "status", "destroy", "inventory", "render", "history":
			c.ValidArgsFunction = firstOnly("yaml", "yml")
		case "apply":
			c.ValidArgsFunction = firstOnly("yaml", "yml", "json")
		case "diff":
			c.ValidArgsFunction = firstTwo("yaml", "yml", "xml")
		case "show":
			c.ValidArgsFunction = firstOnly("json")
		case "agents":
			c.ValidArgsFunction = a.offer(agentNames)
			for _, describe := range c.Commands() {
				describe.ValidArgsFunction = a.offer(agentNames)
				a.completeFlags(describe)
			}
		}
		a.completeFlags(c)
	}
	_ = root.RegisterFlagCompletionFunc("progress", cobra.FixedCompletions([]string{"auto", "tty", "plain", "json", "quiet"}, cobra.ShellCompDirectiveNoFileComp))
}

// completeFlags completes the flags that take names of a playbook or of an
// inventory. Registering fails for a flag that does not exist alone.
func (a *app) completeFlags(c *cobra.Command) {
	for name, find := range map[string]func(*declared) []string{
		"allow-disruption": func(d *declared) []string { return append(resourceIDs(d.playbook), "all") },
		"hosts":            hostNames,
		"confirm":          func(d *declared) []string { return []string{d.playbook.Name} },
	} {
		if c.Flags().Lookup(name) == nil {
			continue
		}
		offered := a.offer(find)
		if name == "allow-disruption" {
			offered = listed(offered)
		}
		_ = c.RegisterFlagCompletionFunc(name, offered)
	}
	if c.Flags().Lookup("file") != nil {
		_ = c.RegisterFlagCompletionFunc("file", cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt))
	}
}

// completion is how cobra asks for what is offered.
type completion = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// firstOnly offers files for the first argument, and nothing after it.
func firstOnly(endings ...string) completion { return filesFor(1, endings) }

// firstTwo offers files for the first two arguments.
func firstTwo(endings ...string) completion { return filesFor(2, endings) }

func filesFor(arguments int, endings []string) completion {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= arguments {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
}

// offer offers what is found in the files that the line so far names.
func (a *app) offer(find func(*declared) []string) completion {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return find(a.atHand(c, args)), cobra.ShellCompDirectiveNoFileComp
	}
}

// listed offers the last name of a list with commas.
func listed(offer completion) completion {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		words, directive := offer(c, args, typed)
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		taken := strings.Split(before, ",")
		words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(taken, w) })
		for i := range words {
			words[i] = before + words[i]
		}
		return words, directive | cobra.ShellCompDirectiveNoSpace
	}
}

// atHand is what can be read of the playbook and of the inventory, whatever is
// wrong with the other one: while somebody types, files are often half done.
func (a *app) atHand(c *cobra.Command, args []string) *declared {
	d := &declared{playbook: &playbook.Playbook{}, inventory: &inventory.Inventory{}}
	switch {
	case a.file != "":
		args = []string{a.file}
	case c.Name() == "agents" || c.Name() == "describe":
		args = nil // its argument is no playbook
	}
	a.dropEmptyInventories()
	if path, err := playbookPath(args); err == nil && path != "-" {
		if vars, err := a.variables(); err == nil {
			if p, _ := playbook.Load(path, playbook.LoadOptions{Vars: vars}); p != nil {
				d.playbook = p
			}
		}
		if d.playbook.Dir == "" {
			d.playbook.Dir = filepath.Dir(path)
		}
	}
	if inv, _ := a.inventoryOf(d.playbook); inv != nil {
		d.inventory = inv
	}
	return d
}

// resourceIDs are the ids of the resources, groups and clones, and of what is
// in them.
func resourceIDs(p *playbook.Playbook) (ids []string) {
	for i := range p.Resources {
		r := &p.Resources[i]
		ids = append(ids, r.ID)
		for _, x := range r.Primitives() {
			ids = append(ids, x.ID)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// hostNames are the hosts, with their addresses, and the groups.
func hostNames(d *declared) (names []string) {
	for _, n := range d.inventory.Nodes {
		names = append(names, n.Name+"\t"+n.Host)
	}
	for _, g := range d.inventory.Groups() {
		names = append(names, g+"\tgroup")
	}
	return append(names, "all\tevery host")
}

// agentNames are those that the playbook names, and those that are well known.
func agentNames(d *declared) []string {
	names := playbook.WellKnownAgents()
	for _, p := range d.playbook.Primitives() {
		names = append(names, p.Ref().String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}
