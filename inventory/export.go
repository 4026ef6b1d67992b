package inventory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// Export is an inventory of Ansible with the nodes of one cluster: members in a
// group, the hosts of remote and guest nodes, which are no members, in another
// one beside it. What all hosts of a group have alike stands in its vars. Passwords
// are no part of it; see WithPassword.
func Export(group string, members, remotes []Node) *yamlout.Map {
	out := yamlout.NewMap().Set(group, exportGroup(members).Node())
	if len(remotes) > 0 {
		out.Set(group+"_remotes", exportGroup(remotes).Node())
	}
	return out
}

// GroupName makes a group's name of a cluster's: Ansible wants that of a Python
// variable, and none that a host has.
func GroupName(cluster string, hosts []Node) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, cluster)
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "cluster_" + name
	}
	taken := func(n Node) bool { return n.Name == name }
	for slices.Contains([]string{"all", "ungrouped"}, name) || slices.ContainsFunc(hosts, taken) {
		name += "_cluster"
	}
	return name
}

// WithPassword are the nodes that need a password that an export cannot have.
func WithPassword(nodes []Node) (names []string) {
	for _, n := range nodes {
		if !n.PasswordRef.IsZero() || !n.BecomePasswordRef.IsZero() || n.Password.IsSet() || n.BecomePassword.IsSet() {
			names = append(names, n.Name)
		}
	}
	return names
}

// exported is a variable of Ansible.
type exported struct{ name, value string }

func exportGroup(nodes []Node) *yamlout.Map {
	common := connectionOf(nodes[0])
	for _, n := range nodes[1:] {
		own := connectionOf(n)
		common = slices.DeleteFunc(common, func(v exported) bool { return !slices.Contains(own, v) })
	}
	vars := yamlout.NewMap()
	for _, v := range common {
		vars.SetText(v.name, v.value)
	}
	hosts := yamlout.NewMap().Block()
	for _, n := range nodes {
		m := yamlout.NewMap()
		if n.Host != n.Name {
			m.SetText("ansible_host", n.Host)
		}
		for _, v := range connectionOf(n) {
			if !slices.Contains(common, v) {
				m.SetText(v.name, v.value)
			}
		}
		if n.NodeName != n.Name {
			m.SetText("node_name", n.NodeName)
		}
		if m.Set("links", yamlout.Texts(n.Links...)); m.Len() == 0 {
			hosts.Set(n.Name, yamlout.Empty())
		} else {
			hosts.Set(n.Name, m.Node())
		}
	}
	return yamlout.NewMap().Set("vars", vars.Node()).Set("hosts", hosts.Node())
}

// connectionOf is how a host is reached, where it is not as ssh would do it.
func connectionOf(n Node) (vars []exported) {
	add := func(name, value string) {
		if value != "" {
			vars = append(vars, exported{name, value})
		}
	}
	add("ansible_user", n.User)
	if n.Port != 0 {
		add("ansible_port", strconv.Itoa(n.Port))
	}
	add("ansible_ssh_private_key_file", n.KeyFile)
	if n.Become {
		add("ansible_become", "true")
	}
	var args []string
	if len(n.KnownHosts) > 0 {
		args = append(args, "-o "+shellWord("UserKnownHostsFile="+strings.Join(n.KnownHosts, " ")))
	}
	if n.ProxyJump != "" {
		args = append(args, "-J "+shellWord(n.ProxyJump))
	}
	add("ansible_ssh_common_args", strings.Join(args, " "))
	return vars
}

// shellWord is a word as Ansible splits it.
func shellWord(text string) string {
	if strings.ContainsAny(text, " \t'\"\\") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return text
}
