package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Select returns the nodes that a pattern means, in the order of the
// inventory: a host, a group, all, * and ? in names; several with commas or
// colons between them; &NAME keeps only those also in NAME and !NAME leaves
// those out, wherever they stand, as in Ansible. An empty pattern means all.
// The selected nodes are checked together; the error is a diag.List when
// variables of theirs are wrong, or when they do not make a cluster.
func (inv *Inventory) Select(pattern string) ([]Node, error) {
	nodes, err := inv.Match(pattern)
	if err != nil {
		return nil, err
	}
	if err := inv.check(nodes).Err(); err != nil {
		return nil, err
	}
	return nodes, nil
}

// Match is Select for nodes that need not make one cluster.
func (inv *Inventory) Match(pattern string) ([]Node, error) {
	var take, keep, drop []string
	for _, part := range splitPattern(pattern) {
		switch part[0] {
		case '!':
			drop = append(drop, part[1:])
		case '&':
			keep = append(keep, part[1:])
		default:
			take = append(take, part)
		}
	}
	if len(take) == 0 {
		take = []string{"all"}
	}
	chosen := map[int]bool{}
	for _, name := range take {
		found, err := inv.match(name)
		if err != nil {
			return nil, err
		}
		maps.Copy(chosen, found)
	}
	for _, name := range keep {
		found, err := inv.match(name)
		if err != nil {
			return nil, err
		}
		maps.DeleteFunc(chosen, func(i int, _ bool) bool { return !found[i] })
	}
	for _, name := range drop {
		found, err := inv.match(name)
		if err != nil {
			return nil, err
		}
		maps.DeleteFunc(chosen, func(i int, _ bool) bool { return found[i] })
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("the pattern %q selects no host of %s", pattern, inv.name())
	}
	var nodes []Node
	var told diag.List
	for _, i := range slices.Sorted(maps.Keys(chosen)) {
		nodes = append(nodes, inv.Nodes[i])
		told = append(told, inv.told[inv.Nodes[i].Name]...)
	}
	if err := told.Sort().Err(); err != nil {
		return nil, err
	}
	return nodes, nil
}

// splitPattern cuts a pattern at commas and colons; an IPv6 address keeps its
// own.
func splitPattern(pattern string) []string {
	var out []string
	for _, part := range strings.Split(pattern, ",") {
		part = strings.TrimSpace(part)
		if isAddress(strings.TrimLeft(part, "!&")) {
			out = append(out, part)
			continue
		}
		for _, p := range strings.Split(part, ":") {
			if p = strings.TrimSpace(p); p != "" {
				out = append(out, p)
			}
		}
	}
	return out
}

// match returns the indexes of the hosts that one name means.
func (inv *Inventory) match(name string) (map[int]bool, error) {
	found := map[int]bool{}
	if name == "" {
		return nil, errors.New("a name is missing after ! or &")
	}
	if name[0] == '~' {
		return inv.matchRegexp(name[1:])
	}
	if strings.ContainsAny(name, "*?") {
		for i, n := range inv.Nodes {
			if ok, err := path.Match(name, n.Name); err != nil {
				return nil, fmt.Errorf("the pattern %q is malformed", name)
			} else if ok {
				found[i] = true
			}
		}
		for _, g := range append(inv.Groups(), "all") {
			if ok, _ := path.Match(name, g); ok {
				inv.add(found, g)
			}
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s has no host and no group like %q", inv.name(), name)
		}
		return found, nil
	}
	known := false
	if _, ok := inv.groups[name]; ok || name == "all" || name == "ungrouped" {
		inv.add(found, name)
		known = true
	}
	for i, n := range inv.Nodes {
		if n.Name == name {
			found[i] = true
			known = true
		}
	}
	if !known {
		return nil, inv.unknown(name)
	}
	return found, nil
}

// matchRegexp returns the indexes of the hosts that a regular expression means,
// which is held against the beginning of their names and of those of groups.
// Source: ansible/inventory/manager.py, _match_list.
func (inv *Inventory) matchRegexp(expression string) (map[int]bool, error) {
	re, err := regexp.Compile("^(?:" + expression + ")")
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression that hadeploy reads: %w; write the names, or use * and ?", "~"+expression, err)
	}
	found := map[int]bool{}
	for i, n := range inv.Nodes {
		if re.MatchString(n.Name) {
			found[i] = true
		}
	}
	for _, g := range append(inv.Groups(), "all", "ungrouped") {
		if re.MatchString(g) {
			inv.add(found, g)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no host and no group that %q matches", inv.name(), "~"+expression)
	}
	return found, nil
}

// name is what messages call the inventory.
func (inv *Inventory) name() string { return strings.Join(inv.Sources, ", ") }

func (inv *Inventory) add(found map[int]bool, group string) {
	for _, i := range inv.groups[group] {
		found[i] = true
	}
}

func (inv *Inventory) unknown(name string) error {
	candidates := append(inv.Groups(), "all")
	for _, n := range inv.Nodes {
		candidates = append(candidates, n.Name)
	}
	if group, _, place := strings.Cut(name, "["); place && (group == "all" || inv.groups[group] != nil) {
		return fmt.Errorf("%s[...] picks hosts of %s by their place in it, which hadeploy does not do; write their names, or a group of their own", group, group)
	}
	message := fmt.Sprintf("%s has no host and no group %q", inv.name(), name)
	if hint := diag.DidYouMean(name, candidates); hint != "" {
		message += "; " + hint
	}
	return errors.New(message)
}

// check judges nodes that are to make one cluster.
func (inv *Inventory) check(nodes []Node) diag.List {
	var list diag.List
	fail := func(n Node, hint, format string, args ...any) {
		d := diag.Diagnostic{Pos: n.Pos, Path: n.Name, Message: fmt.Sprintf(format, args...), Hint: hint}
		if from := inv.from[n.Name]; from != nil && from.doc != nil {
			d.Source = from.doc.Text(n.Pos.Line)
		}
		list = append(list, d)
	}
	names, hosts, addresses := map[string]string{}, map[string]string{}, map[string]string{}
	for _, n := range nodes {
		if !hostText.MatchString(n.NodeName) {
			fail(n, "give it a node_name", "%s cannot be the name of a node", n.NodeName)
		}
		// Corosync compares names as they are, host names do not mind case.
		name := strings.ToLower(n.NodeName)
		if other, dup := names[name]; dup {
			fail(n, "give each its own node_name", "the node name %s is also that of %s", n.NodeName, other)
		}
		names[name] = n.Name
		where := fmt.Sprintf("%s port %d", strings.ToLower(n.Host), n.Port)
		if other, dup := hosts[where]; dup {
			fail(n, "give each its own ansible_host", "%s is also the address of %s", n.Host, other)
		}
		hosts[where] = n.Name
		if len(n.Links) == 0 && loopback(n.Host) {
			fail(n, "set links to the addresses that the other nodes reach it at", "Corosync would use %s, a loopback address, and no other node could reach this one [HOSTS_LOOPBACK]", n.Host)
			continue
		}
		for i, a := range n.addresses() {
			a = strings.ToLower(a)
			if other, dup := addresses[a]; dup && other != n.Name {
				fail(n, "every node has its own address on every link", "%s (link %d) is also an address of %s", a, i, other)
			}
			addresses[a] = n.Name
		}
	}
	first := nodes[0]
	for _, n := range nodes[1:] {
		if len(n.addresses()) != len(first.addresses()) {
			fail(n, "give links with as many addresses to every node", "%s has %s, but %s has %s", n.Name, links(n), first.Name, links(first))
			continue
		}
		for i, a := range n.addresses() {
			if family(a) != family(first.addresses()[i]) && family(a)*family(first.addresses()[i]) != 0 {
				fail(n, "use one of them for the whole link", "link %d mixes IPv4 and IPv6: %s here, %s on %s", i, a, first.addresses()[i], first.Name)
			}
		}
	}
	return list.Sort()
}

// addresses are the node's link addresses, the host itself when none is given.
func (n Node) addresses() []string {
	if len(n.Links) > 0 {
		return n.Links
	}
	return []string{n.Host}
}

func links(n Node) string { return plural.Of(len(n.addresses()), "link") }

// family is 4 or 6, 0 for a name.
func family(address string) int {
	a, err := netip.ParseAddr(address)
	switch {
	case err != nil:
		return 0
	case a.Unmap().Is4():
		return 4
	}
	return 6
}

// Resolve fetches the passwords of nodes that come from elsewhere and sets
// them. The same source is asked once.
func (inv *Inventory) Resolve(ctx context.Context, nodes []Node) error {
	known := map[string]secret.Value{}
	fetch := func(node, what, dir string, ref secret.Ref, into *secret.Value) error {
		if into.IsSet() || ref.IsZero() {
			return nil
		}
		key := strings.Join(append([]string{ref.Env, ref.File, dir}, ref.Command...), "\x00")
		v, ok := known[key]
		if !ok {
			var err error
			if v, err = ref.Resolve(ctx, dir); err != nil {
				return fmt.Errorf("%s: %s: %w", node, what, err)
			}
			known[key] = v
		}
		*into = v
		return nil
	}
	for i := range nodes {
		n := &nodes[i]
		if err := fetch(n.Name, "ansible_password", n.passwordDir, n.PasswordRef, &n.Password); err != nil {
			return err
		}
		if err := fetch(n.Name, "ansible_become_password", n.becomeDir, n.BecomePasswordRef, &n.BecomePassword); err != nil {
			return err
		}
	}
	return nil
}
