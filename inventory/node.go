package inventory

import (
	"strconv"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Node is one host of the inventory with its variables resolved.
type Node struct {
	Name     string   // the inventory's name for it
	NodeName string   // Corosync's and Pacemaker's name: node_name, else Name
	Links    []string // link addresses, link 0 first; empty: Host
	Groups   []string // every group it is in, parents first

	Host           string // ansible_host, else Name
	Port           int    // ansible_port; 0: what ssh would take
	User           string // ansible_user; empty: what ssh would take
	KeyFile        string // ansible_ssh_private_key_file, relative to the folder of the inventory
	KnownHosts     []string
	ProxyJump      string       // as ssh has it: user@host:port,host2; empty: what ssh would take
	Password       secret.Value // set when it is written in the inventory, or by Resolve
	Become         bool
	BecomePassword secret.Value

	// Where the two passwords come from; Resolve fetches them.
	PasswordRef, BecomePasswordRef secret.Ref
	passwordDir, becomeDir         string // what they are relative to

	Pos diag.Pos // where the host is first named
}

// node makes a Node of a host's variables, and tells what is to be said of
// them.
func (l *loader) node(h *host) (Node, diag.List) {
	r := &reader{}
	r.vars = l.resolve(h, &r.notes)
	n := Node{Name: h.name, NodeName: h.name, Host: h.name, Pos: h.pos}
	for _, g := range h.chain {
		if g.name != "all" && g.name != "ungrouped" {
			n.Groups = append(n.Groups, g.name)
		}
	}
	r.check(l)
	args := r.sshArgs()
	if s, ok := r.scalar("ansible_host", "ansible_ssh_host"); ok {
		n.Host = s.Value.Text
		if complaint := badAddress(n.Host); complaint != "" {
			r.fail(s, "", "%s", complaint)
		}
	}
	if s, ok := args.firstOf("port", r.scalarOr("ansible_port", "ansible_ssh_port")); ok {
		port, err := strconv.Atoi(s.text)
		if err != nil || port < 1 || port > 65535 {
			r.fail(s.setting, "", "must be a port from 1 to 65535, not %q", s.text)
		}
		n.Port = port
	}
	if s, ok := args.firstOf("user", r.scalarOr("ansible_user", "ansible_ssh_user")); ok {
		n.User = s.text
		if !userText(n.User) {
			r.fail(s.setting, "", "%q cannot be the name of a user", n.User)
		}
	}
	if s, ok := r.scalar("ansible_private_key_file", "ansible_ssh_private_key_file"); ok {
		n.KeyFile = s.from.under(s.Value.Text)
	}
	if jump, ok := args.firstOf("proxyjump", nil); ok {
		n.ProxyJump = jump.text
	}
	r.identities(&n, args)
	n.KnownHosts = r.knownHosts(args)
	n.PasswordRef, n.Password, n.passwordDir = r.password("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
	n.BecomePasswordRef, n.BecomePassword, n.becomeDir = r.password("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass")
	if s, ok := r.scalar("ansible_become"); ok {
		become, ok := ansibleBool(s.Value.Text)
		if !ok {
			r.fail(s, "", "must be true or false, not %q", s.Value.Text)
		}
		n.Become = become
	}
	role := r.haCluster()
	n.NodeName = r.nodeName(h.name, role)
	n.Links = r.links(n, role)
	r.ways(n)
	return n, r.list.Sort()
}
