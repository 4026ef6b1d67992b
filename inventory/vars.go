package inventory

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/schema"
)

// keys are the variables that concern hadeploy.
var keys = []string{
	"ansible_host", "ansible_ssh_host", "ansible_port", "ansible_ssh_port", "ansible_user", "ansible_ssh_user",
	"ansible_ssh_private_key_file", "ansible_private_key_file",
	"ansible_password", "ansible_ssh_pass", "ansible_ssh_password",
	"ansible_become", "ansible_become_password", "ansible_become_pass",
	"ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_group_priority",
	"node_name", "links",
}

// neighbours are Ansible's own names that look like slips in ours.
var neighbours = []string{"ansible_scp_extra_args", "ansible_ssh_args", "ansible_ssh_use_tty"}

// checkKey reports a variable that was surely meant to be one of ours, and a
// template in one of ours.
func (l *loader) checkKey(s setting) {
	if slices.Contains(keys, s.Key) {
		l.checkTemplate(s)
		return
	}
	if slices.Contains(neighbours, s.Key) {
		return
	}
	if meant := misspelt(s.Key); meant != "" {
		l.errorAt(l.doc.KeyPos(s.Field), s.path, "did you mean \""+meant+"\"?", "unknown variable %q", s.Key)
	}
}

// misspelt is the key of ours that name is a slip of, "" when it is none.
// Ansible's variables are free, so only one letter may be off.
func misspelt(name string) string {
	plain := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
	for _, k := range keys {
		target := strings.ReplaceAll(k, "_", "")
		switch {
		case plain == target:
			return k
		case k == "links":
			// lines and sinks are words of their own: no letter replaced.
			if len(plain) != len(target) && diag.Distance(plain, target) == 1 || sameLetters(plain, target) && diag.Distance(plain, target) == 1 {
				return k
			}
		case diag.Distance(plain, target) == 1:
			return k
		}
	}
	if plain == "nodenames" || plain == "corosynclinks" || plain == "linkaddresses" {
		return map[byte]string{'n': "node_name", 'c': "links", 'l': "links"}[plain[0]]
	}
	return ""
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}

// checkTemplate refuses Jinja, which only Ansible could expand.
func (l *loader) checkTemplate(s setting) {
	s.Value.Walk(s.path, func(path yamldoc.Path, n *yamldoc.Node) {
		if n.Kind == yamldoc.Scalar && isTemplate(n.Text) {
			l.errorAt(l.doc.Pos(n), path, "write the value itself; hadeploy does not run templates", "the value is a Jinja template")
		}
	})
}

func isTemplate(text string) bool {
	return strings.Contains(text, "{{") || strings.Contains(text, "{%")
}

// pick returns the variable that counts: the last of names that is given.
func pick(vars map[string]setting, names ...string) (setting, bool) {
	for _, name := range slices.Backward(names) {
		if s, ok := vars[name]; ok && !s.Value.IsNull() {
			return s, true
		}
	}
	return setting{}, false
}

// scalar is pick for a variable that is a single value; of another kind, or
// a template, it counts as not given, for that is reported.
func scalar(vars map[string]setting, names ...string) (setting, bool) {
	s, ok := pick(vars, names...)
	return s, ok && s.Value.Kind == yamldoc.Scalar && !isTemplate(s.Value.Text)
}

// node makes a Node of a host's variables, and reports what is wrong with
// them.
func (l *loader) node(h *host) Node {
	vars := h.resolved()
	n := Node{Name: h.name, NodeName: h.name, Host: h.name, Pos: h.pos}
	for _, g := range h.chain() {
		if g.name != "all" && g.name != "ungrouped" {
			n.Groups = append(n.Groups, g.name)
		}
	}
	fail := func(s setting, hint, format string, args ...any) {
		l.errorAt(l.doc.Pos(s.Value), s.path, hint, format, args...)
	}
	if s, ok := scalar(vars, "ansible_host", "ansible_ssh_host"); ok {
		n.Host = s.Value.Text
		if complaint := badAddress(n.Host); complaint != "" {
			fail(s, "", "%s", complaint)
		}
	}
	if s, ok := scalar(vars, "ansible_port", "ansible_ssh_port"); ok {
		port, err := strconv.Atoi(s.Value.Text)
		if err != nil || port < 1 || port > 65535 {
			fail(s, "", "must be a port from 1 to 65535, not %q", s.Value.Text)
		}
		n.Port = port
	}
	if s, ok := scalar(vars, "ansible_user", "ansible_ssh_user"); ok {
		n.User = s.Value.Text
		if !userText(n.User) {
			fail(s, "", "%q cannot be the name of a user", n.User)
		}
	}
	if s, ok := scalar(vars, "ansible_private_key_file", "ansible_ssh_private_key_file"); ok {
		n.KeyFile = l.under(s.Value.Text)
	}
	n.PasswordRef, n.Password = l.password(vars, "ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
	n.BecomePasswordRef, n.BecomePassword = l.password(vars, "ansible_become_password", "ansible_become_pass")
	if s, ok := scalar(vars, "ansible_become"); ok {
		become, ok := schema.Bool(s.Value.Text)
		if !ok && s.Value.Text != "1" && s.Value.Text != "0" {
			fail(s, "", "must be true or false, not %q", s.Value.Text)
		}
		n.Become = become || s.Value.Text == "1"
	}
	if s, ok := scalar(vars, "node_name"); ok {
		n.NodeName = s.Value.Text
		if !hostText.MatchString(n.NodeName) {
			fail(s, "use letters, digits, . - and _", "%q cannot be the name of a node", n.NodeName)
		}
	}
	n.Links = l.links(vars)
	for _, name := range []string{"ansible_ssh_common_args", "ansible_ssh_extra_args"} {
		if s, ok := scalar(vars, name); ok {
			n.KnownHosts = append(n.KnownHosts, l.knownHosts(s)...)
		}
	}
	return n
}

// password is where a password comes from, and the password itself when it is
// written down.
func (l *loader) password(vars map[string]setting, names ...string) (secret.Ref, secret.Value) {
	s, ok := pick(vars, names...)
	if !ok {
		return secret.Ref{}, secret.Value{}
	}
	v := s.Value
	if v.Kind == yamldoc.Scalar {
		if l.shared {
			l.warnAt(l.doc.Pos(v), s.path, "chmod 600 "+l.doc.File+", or use {env: NAME}, {file: PATH} or {command: [...]}",
				"the password stands here in plain text, and others may read this file")
		}
		value := secret.New(v.Text)
		return secret.Ref{Plain: value}, value
	}
	ref := secret.Ref{}
	if n := v.Get("env"); n != nil {
		ref.Env = n.Text
	}
	if n := v.Get("file"); n != nil {
		ref.File = l.under(n.Text)
		if mode, open := secret.TooOpen(ref.File); open {
			l.warnAt(l.doc.Pos(n), s.path.Key("file"), "chmod 600 "+n.Text, "others may read the file of this password (mode %04o)", mode)
		}
	}
	if n := v.Get("command"); n != nil {
		for _, word := range n.Items {
			ref.Command = append(ref.Command, word.Text)
		}
	}
	return ref, secret.Value{}
}

// links are the addresses for Corosync, checked one by one.
func (l *loader) links(vars map[string]setting) []string {
	s, ok := pick(vars, "links")
	if !ok {
		return nil
	}
	var out []string
	nodes := s.Value.Items
	if s.Value.Kind == yamldoc.Scalar {
		nodes = []*yamldoc.Node{s.Value}
	}
	for i, n := range nodes {
		path := s.path.Index(i)
		if isTemplate(n.Text) {
			continue
		}
		complaint := badAddress(n.Text)
		if complaint == "" && loopback(n.Text) {
			complaint = n.Text + " is a loopback address; no other node could reach this one [HOSTS_LOOPBACK]"
		}
		if complaint == "" && slices.Contains(out, n.Text) {
			complaint = n.Text + " is used for two links; a second link needs a second network"
		}
		if complaint != "" {
			l.errorAt(l.doc.Pos(n), path, "", "%s", complaint)
		}
		out = append(out, n.Text)
	}
	return out
}

// badAddress says why text is neither an IP address nor a host's name, "" when
// it is one. Names are looked up on the nodes, when they are asked.
func badAddress(text string) string {
	a, err := netip.ParseAddr(text)
	switch {
	case err == nil && a.Zone() != "":
		return strconv.Quote(text) + " has a zone; write the address without it"
	case err == nil && (a.IsUnspecified() || a.IsMulticast() || a.Unmap() == netip.AddrFrom4([4]byte{255, 255, 255, 255})):
		return text + " is not the address of one host"
	case err == nil:
		return ""
	case strings.Trim(text, "0123456789.") == "" || strings.Contains(text, ":"):
		return strconv.Quote(text) + " is not an IP address"
	case !hostText.MatchString(text):
		return strconv.Quote(text) + " is neither an IP address nor the name of a host"
	}
	return ""
}

func loopback(text string) bool {
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Unmap().IsLoopback()
	}
	name := strings.ToLower(text)
	return name == "localhost" || strings.HasPrefix(name, "localhost.") || strings.HasSuffix(name, ".localhost") || strings.HasPrefix(name, "ip6-l")
}

// userText accepts what sshd could know as a user: no blanks, no leading -.
func userText(s string) bool {
	return s != "" && s[0] != '-' && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || diag.Unprintable(r) })
}
