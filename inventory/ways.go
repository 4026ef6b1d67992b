package inventory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// way is a variable of Ansible that says how a host is reached, or how one
// becomes root there, and that hadeploy does not follow.
type way struct {
	names []string // the last that is given counts
	// same are values that ask for what hadeploy does anyway; "" is one.
	same []string
	// sudo: it matters only where sudo is used.
	sudo        bool
	means, hint string // what hadeploy does instead, and what to do
}

// ways are those variables.
// Source: the options of ansible/plugins/connection/ssh.py and
// ansible/plugins/become/sudo.py; ansible/constants.py,
// MAGIC_VARIABLE_MAPPING; for old names ansible/constants.py of 2.7.
var ways = []way{
	{names: []string{"ansible_connection"}, same: []string{"ssh", "smart", "ansible.builtin.ssh", "paramiko", "paramiko_ssh", "ansible.builtin.paramiko_ssh",
		"ansible.netcommon.libssh", "libssh"}, means: "nodes are reached by ssh", hint: "let sshd run there, and remove it for the nodes of a cluster"},
	{names: []string{"ansible_become_method"}, same: []string{"sudo", "ansible.builtin.sudo", "community.general.sudo"}, sudo: true,
		means: "root is become by sudo", hint: "allow sudo to ansible_user, or log in as root"},
	{names: []string{"ansible_become_user", "ansible_sudo_user"}, same: []string{"root"}, sudo: true,
		means: "sudo makes root of ansible_user", hint: "a cluster is set up by root; remove it for the nodes of a cluster"},
	{names: []string{"ansible_become_flags", "ansible_sudo_flags"}, same: []string{"-H -S -n", "-H -S", "-H", "-n", "-S", "-H -n"}, sudo: true,
		means: "sudo is called without them", hint: "put what they are for into sudoers"},
	{names: []string{"ansible_become_exe", "ansible_sudo_exe"}, same: []string{"sudo", "/usr/bin/sudo", "/bin/sudo"}, sudo: true,
		means: "the program sudo is called", hint: "let sudo be in the PATH of ansible_user"},
	{names: []string{"ansible_ssh_executable"}, same: []string{"ssh", "/usr/bin/ssh"}, means: "hadeploy speaks ssh itself", hint: "put what it does into ~/.ssh/config, which is read"},
	{names: []string{"ansible_ssh_pkcs11_provider"}, means: "keys on cards are taken from the ssh agent", hint: "add the card to the agent: ssh-add -s PROVIDER"},
	{names: []string{"ansible_ssh_private_key"}, means: "a key is read from a file", hint: "name the file in ansible_ssh_private_key_file"},
	{names: []string{"ansible_host_key_checking", "ansible_ssh_host_key_checking"}, same: []string{"true", "yes", "on", "1", "y", "t"},
		means: "host keys are always checked", hint: "pin them in known_hosts"},
}

// olds are names that Ansible itself no longer reads.
var olds = map[string]string{ //nolint:gosec // names of passwords, not passwords
	"ansible_sudo": "ansible_become", "ansible_su": "ansible_become",
	"ansible_su_user": "ansible_become_user", "ansible_su_pass": "ansible_become_password", "ansible_su_exe": "ansible_become_exe", "ansible_su_flags": "ansible_become_flags",
	"ansible_sudo_password": "ansible_become_password",
}

// ways says which variables lead another way to the host than hadeploy goes.
func (r *reader) ways(n Node) {
	for _, w := range ways {
		s, ok := r.pick(w.names...)
		if !ok || w.sudo && !n.Become {
			continue
		}
		text := strings.TrimSpace(s.Value.Text)
		if s.Value.Kind == yamldoc.Scalar && (text == "" || slices.ContainsFunc(w.same, func(v string) bool { return strings.EqualFold(v, text) })) {
			continue
		}
		told := "this"
		if s.Value.Kind == yamldoc.Scalar && s.Key != "ansible_ssh_private_key" {
			told = strconv.Quote(text)
		}
		r.warn(s, w.hint, "%s is not followed: %s", told, w.means)
	}
	for old, now := range olds {
		if s, ok := r.pick(old); ok {
			r.warn(s, "write "+now, "is an old name that neither Ansible nor hadeploy reads")
		}
	}
	if !n.Become && n.User != "root" {
		_, set := r.vars["ansible_become"]
		for _, name := range []string{"ansible_become_password", "ansible_become_pass", "ansible_sudo_pass", "ansible_become_method"} {
			if s, ok := r.pick(name); ok && !set {
				r.warn(s, "set ansible_become: true too; become: true in a playbook of Ansible is not seen here", "has no effect: without ansible_become no sudo is used")
				break
			}
		}
	}
	r.pcsAddress(n)
}
