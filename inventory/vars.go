package inventory

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/schema"
)

// keys are the variables that hadeploy uses.
var keys = []string{
	"ansible_host", "ansible_ssh_host", "ansible_port", "ansible_ssh_port", "ansible_user", "ansible_ssh_user",
	"ansible_ssh_private_key_file", "ansible_private_key_file",
	"ansible_password", "ansible_ssh_pass", "ansible_ssh_password",
	"ansible_become", "ansible_become_password", "ansible_become_pass", "ansible_sudo_pass",
	"ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_group_priority",
	"node_name", "links", "ha_cluster", "ha_cluster_node_options",
}

// neighbours are names of Ansible and of others that look like slips in ours.
var neighbours = []string{"ansible_scp_extra_args", "ansible_ssh_use_tty", "hacluster"}

// resolve lays the variables of h over each other as Ansible does: below all of
// them what ansible.cfg says; of groups
// those of the inventory, then those of group_vars/all, then those of
// group_vars of the other groups; then the host's own, and host_vars.
// Source: ansible/vars/manager.py, get_vars; config/base.yml,
// VARIABLE_PRECEDENCE.
func (l *loader) resolve(h *host, n *notes) map[string]setting {
	out := map[string]setting{}
	maps.Copy(out, l.config.vars)
	take := func(dir, sub, name string) {
		text := l.variables(dir, sub, name)
		n.list = append(n.list, text.list...)
		l.laid += len(text.vars)
		for _, s := range text.vars {
			out[s.Key] = s
		}
	}
	for _, g := range h.chain {
		l.laid += len(g.vars)
		maps.Copy(out, g.vars)
	}
	for _, dir := range l.varsDirs {
		take(dir, "group_vars", "all")
	}
	for _, dir := range l.varsDirs {
		for _, g := range h.chain {
			if g.name != "all" {
				take(dir, "group_vars", g.name)
			}
		}
	}
	maps.Copy(out, h.vars)
	for _, dir := range l.varsDirs {
		take(dir, "host_vars", h.name)
	}
	return out
}

// reader reads the variables of one host.
type reader struct {
	notes
	vars map[string]setting
}

func (r *reader) fail(s setting, hint, format string, args ...any) {
	r.errorAt(s.from, s.from.doc.Pos(s.Value), s.path, hint, format, args...)
}

func (r *reader) warn(s setting, hint, format string, args ...any) {
	r.warnAt(s.from, s.from.doc.KeyPos(s.Field), s.path, hint, format, args...)
}

// check holds every variable that concerns hadeploy against the schema, and
// reports what only Ansible could read, and what was surely meant to be one.
func (r *reader) check(l *loader) {
	var ours []string
	for name := range r.vars {
		meant, known := l.meant[name]
		if !known {
			if meant = misspelt(name); slices.Contains(keys, name) {
				meant = name
			}
			l.meant[name] = meant
		}
		if meant != "" {
			ours = append(ours, name)
		}
	}
	slices.Sort(ours)
	for _, name := range ours {
		s, meant := r.vars[name], l.meant[name]
		if meant == name {
			list := l.checked[s.Field]
			if list == nil {
				list = &diag.List{}
				*list = checkValue(s)
				l.checked[s.Field] = list
			}
			r.list = append(r.list, *list...)
			if list.Err() != nil { // said, and of no use
				delete(r.vars, name)
			}
			continue
		}
		r.errorAt(s.from, s.from.doc.KeyPos(s.Field), s.path, "did you mean \""+meant+"\"?", "unknown variable %q", name)
	}
}

// checkValue is what is wrong with the value of one of our variables, whatever
// host it is of.
func checkValue(s setting) (list diag.List) {
	value := s.Value
	switch s.Key {
	case "ha_cluster":
		value = onlyAddresses(value)
	case "ha_cluster_node_options": // its entries are of all nodes: see addresses
		value = nil
	}
	if list := foreign(s, value); list != nil {
		return list
	}
	return schema.ValidateVariable(s.from.doc, s.Field, s.path)
}

// foreign is what in a value, which is s or in it, only Ansible could read.
func foreign(s setting, value *yamldoc.Node) (list diag.List) {
	forms := ""
	if password(s.Key) {
		forms = ": {env: NAME}, {file: PATH} or {command: [ansible-vault, view, FILE]}"
	}
	value.Walk(s.path, func(path yamldoc.Path, n *yamldoc.Node) {
		var message, hint string
		switch {
		case strings.HasPrefix(n.Tag, "!vault") || strings.HasPrefix(n.Text, vaultHeader):
			message, hint = "the value is encrypted by ansible-vault, and hadeploy does not decrypt it", "write where it is to be had"+forms
			if forms == "" {
				hint = "write the value itself"
			}
		case n.Kind == yamldoc.Scalar && n.Tag != "!unsafe" && isTemplate(n.Text):
			message, hint = "the value is a Jinja template", "write the value itself; hadeploy does not run templates"
			if forms != "" {
				hint = "hadeploy does not run templates; write where it is to be had" + forms
			}
		default:
			return
		}
		list = append(list, s.from.at(s.from.doc.Pos(n), diag.Error, path, message, hint))
	})
	return list
}

// misspelt is the key of ours that name is a slip of, "" when it is none.
// Ansible's variables are free, so only one letter may be off.
func misspelt(name string) string {
	if slices.Contains(neighbours, name) {
		return ""
	}
	plain := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
	length := utf8.RuneCountInString(plain)
	for _, k := range keys {
		target := strings.ReplaceAll(k, "_", "")
		switch {
		case plain == target:
			return k
		case length < len(target)-1 || length > len(target)+1: // more than a letter is off
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

func isTemplate(text string) bool {
	return strings.Contains(text, "{{") || strings.Contains(text, "{%") || strings.Contains(text, "{#")
}

// ansibleBool reads a switch as Ansible does.
// Source: ansible/module_utils/parsing/convert_bool.py.
func ansibleBool(text string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "y", "t", "1", "1.0":
		return true, true
	case "n", "f", "0", "0.0":
		return false, true
	}
	return schema.Bool(strings.TrimSpace(text))
}

// pick returns the variable that counts: the last of names that is given.
// Source: ansible/config/manager.py, _loop_entries.
func (r *reader) pick(names ...string) (setting, bool) {
	for _, name := range slices.Backward(names) {
		if s, ok := r.vars[name]; ok && !s.Value.IsNull() {
			return s, true
		}
	}
	return setting{}, false
}

// scalar is pick for a variable that is a single value; of another kind it
// counts as not given, for that is reported.
func (r *reader) scalar(names ...string) (setting, bool) {
	s, ok := r.pick(names...)
	return s, ok && s.Value.Kind == yamldoc.Scalar
}

func password(key string) bool {
	return strings.HasSuffix(key, "_pass") || strings.HasSuffix(key, "_password")
}

// password is where a password comes from, the password itself when it is
// written down, and where a command for it runs.
func (r *reader) password(names ...string) (secret.Ref, secret.Value, string) {
	s, ok := r.pick(names...)
	if !ok {
		return secret.Ref{}, secret.Value{}, ""
	}
	v := s.Value
	if v.Kind == yamldoc.Scalar {
		if s.from.shared {
			r.warnAt(s.from, s.from.doc.Pos(v), s.path, "chmod 600 "+s.from.file+", or use {env: NAME}, {file: PATH} or {command: [...]}",
				"the password stands here in plain text, and others may read this file")
		}
		value := secret.New(v.Text)
		return secret.Ref{Plain: value}, value, ""
	}
	ref, dir := secret.Ref{}, s.from.dir
	if n := v.Get("env"); n != nil {
		ref.Env = n.Text
	}
	if n := v.Get("file"); n != nil {
		ref.File, dir = s.from.under(n.Text), ""
		if mode, open := secret.TooOpen(ref.File); open {
			r.warnAt(s.from, s.from.doc.Pos(n), s.path.Key("file"), "chmod 600 "+n.Text, "others may read the file of this password (mode %04o)", mode)
		}
	}
	if n := v.Get("command"); n != nil {
		for _, word := range n.Items {
			ref.Command = append(ref.Command, word.Text)
		}
	}
	return ref, secret.Value{}, dir
}

// nodeName is Corosync's name of the node: node_name, else that of the role,
// else the host's.
func (r *reader) nodeName(host string, role roleVars) string {
	s, ok := r.scalar("node_name")
	if !ok {
		s, ok = role.name, role.name.Field != nil
	}
	if !ok {
		return host
	}
	if !hostText.MatchString(s.Value.Text) {
		r.fail(s, "use letters, digits, . - and _", "%q cannot be the name of a node", s.Value.Text)
	}
	return s.Value.Text
}

// links are the addresses for Corosync, checked one by one: links, else those
// of the role. In an INI inventory they may be a text with commas.
func (r *reader) links(n Node, role roleVars) []string {
	s, ok := r.pick("links")
	if !ok {
		if s, ok = role.addresses(r, n.NodeName); !ok {
			return nil
		}
	}
	nodes, text := s.Value.Items, s.Value.Kind == yamldoc.Scalar
	if text {
		nodes = nil
		for word := range strings.SplitSeq(s.Value.Text, ",") {
			nodes = append(nodes, &yamldoc.Node{Kind: yamldoc.Scalar, Text: strings.TrimSpace(word), Line: s.Value.Line, Column: s.Value.Column})
		}
	}
	var out []string
	for i, node := range nodes {
		path := s.path.Index(i)
		if text && len(nodes) == 1 {
			path = s.path
		}
		complaint := badAddress(node.Text)
		if complaint == "" && loopback(node.Text) {
			complaint = node.Text + " is a loopback address; no other node could reach this one [HOSTS_LOOPBACK]"
		}
		if complaint == "" && slices.Contains(out, node.Text) {
			complaint = node.Text + " is used for two links; a second link needs a second network"
		}
		if complaint != "" {
			r.errorAt(s.from, s.from.doc.Pos(node), path, "", "%s", complaint)
		}
		out = append(out, node.Text)
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
