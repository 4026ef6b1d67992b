package inventory

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// configName is the file in which Ansible has its settings.
const configName = "ansible.cfg"

// configVars are the settings of ansible.cfg that say what a variable of the
// inventory says too, which wins: section and key -> variable.
// Source: ansible/config/base.yml; the options of
// ansible/plugins/connection/ssh.py and ansible/plugins/become/sudo.py.
var configVars = map[string]string{
	"defaults.remote_user": "ansible_user", "defaults.remote_port": "ansible_port", "defaults.private_key_file": "ansible_private_key_file",
	"defaults.transport": "ansible_connection", "defaults.host_key_checking": "ansible_host_key_checking",
	"privilege_escalation.become": "ansible_become", "privilege_escalation.become_method": "ansible_become_method",
	"privilege_escalation.become_user": "ansible_become_user", "privilege_escalation.become_exe": "ansible_become_exe",
	"privilege_escalation.become_flags": "ansible_become_flags",
	"sudo_become_plugin.user":           "ansible_become_user", "sudo_become_plugin.executable": "ansible_become_exe", "sudo_become_plugin.flags": "ansible_become_flags",
	"ssh_connection.ssh_args": "ansible_ssh_args", "ssh_connection.ssh_common_args": "ansible_ssh_common_args",
	"ssh_connection.ssh_extra_args": "ansible_ssh_extra_args", "ssh_connection.ssh_executable": "ansible_ssh_executable",
	"ssh_connection.host_key_checking": "ansible_ssh_host_key_checking", "ssh_connection.pkcs11_provider": "ansible_ssh_pkcs11_provider",
}

// configOthers are settings that change what an inventory says or how one gets
// in, and that hadeploy does not follow, with the values that ask for nothing
// else than it does.
var configOthers = map[string]struct {
	same        []string
	means, hint string
}{
	"defaults.hash_behaviour":                   {[]string{"replace"}, "a variable replaces another as a whole", "write out the whole value"},
	"defaults.precedence":                       {nil, "variables count in Ansible's own order", "see docs/inventory.md for it"},
	"defaults.playbook_vars_root":               {[]string{"top", "bottom", "all"}, "group_vars and host_vars count beside the playbook", "put them there"},
	"defaults.inventory_ignore_extensions":      {nil, "in a folder the files count that Ansible reads without it", "name each file with an -i of its own"},
	"defaults.inventory_ignore_patterns":        {nil, "in a folder the files count that Ansible reads without it", "name each file with an -i of its own"},
	"inventory.ignore_extensions":               {nil, "in a folder the files count that Ansible reads without it", "name each file with an -i of its own"},
	"inventory.ignore_patterns":                 {nil, "in a folder the files count that Ansible reads without it", "name each file with an -i of its own"},
	"defaults.ask_pass":                         {[]string{"false", "no", "off", "0", "n", "f"}, "nothing is asked for", "say where the password is: ansible_password: {env: NAME}"},
	"privilege_escalation.become_ask_pass":      {[]string{"false", "no", "off", "0", "n", "f"}, "nothing is asked for", "say where the password is: ansible_become_password: {env: NAME}"},
	"defaults.vault_password_file":              {nil, "nothing is decrypted", "get a secret out of its file by {command: [ansible-vault, view, FILE]}"},
	"defaults.connection_password_file":         {nil, "it is not read", "say where the password is: ansible_password: {file: PATH}"},
	"privilege_escalation.become_password_file": {nil, "it is not read", "say where the password is: ansible_become_password: {file: PATH}"},
	"defaults.become_password_file":             {nil, "it is not read", "say where the password is: ansible_become_password: {file: PATH}"},
}

// config is an ansible.cfg.
type config struct {
	vars        map[string]setting
	inventories []string
	list        diag.List // warnings
}

// Configured are the inventories that the ansible.cfg names that counts for a
// playbook in this folder, none when there is none.
func Configured(playbookDir string) []string { return readConfig([]string{playbookDir}).inventories }

// readConfig reads the ansible.cfg that counts: that of $ANSIBLE_CONFIG, of the
// current folder, of one of dirs (of the playbook and the inventories), of the
// home, or of the system; the first that is there. As in Ansible one in a folder
// in which everybody may write is passed over: anybody may have put it there.
// Source: ansible/config/manager.py, find_ini_config_file.
func readConfig(dirs []string) (c config) {
	var tries []string
	if named := os.Getenv("ANSIBLE_CONFIG"); named != "" {
		if info, err := os.Stat(named); err == nil && info.IsDir() {
			named = filepath.Join(named, configName)
		}
		if c.read(named) {
			return c
		}
		c.warn(named, "ANSIBLE_CONFIG names this file, and it cannot be read", "correct the variable, or unset it")
	}
	for _, dir := range append([]string{"."}, dirs...) {
		if path := filepath.Join(dir, configName); dir != "" && !slices.Contains(tries, path) {
			tries = append(tries, path)
		}
	}
	open := len(tries) // from here on the folders are the user's own and the system's
	if home, err := localfile.Home(); err == nil {
		tries = append(tries, filepath.Join(home, "."+configName))
	}
	tries = append(tries, filepath.Join("/etc/ansible", configName))
	for i, path := range tries {
		info, err := os.Stat(path)
		if err != nil || info.IsDir() {
			continue
		}
		if dir, err := os.Stat(filepath.Dir(path)); i < open && (err != nil || dir.Mode().Perm()&0o002 != 0) {
			c.warn(path, "is not read, as Ansible does not read it: everybody may write in its folder", "chmod o-w "+filepath.Dir(path)+", or name it in ANSIBLE_CONFIG")
			continue
		}
		if c.read(path) {
			return c
		}
	}
	return c
}

func (c *config) warn(path, message, hint string) {
	c.list = append(c.list, diag.Diagnostic{Pos: diag.Pos{File: path}, Severity: diag.Warning, Message: message, Hint: hint})
}

// read takes what a file says; false when there is none.
func (c *config) read(path string) bool {
	src, _, err := localfile.Read(path, yamldoc.MaxSize)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			c.warn(path, err.Error(), "")
			return true // Ansible would fail, and read no other
		}
		return false
	}
	lines := strings.Split(strings.ReplaceAll(string(bytes.ToValidUTF8(src, []byte("?"))), "\r\n", "\n"), "\n")
	shown, inside := hideLines(lines)
	from := &source{file: path, dir: filepath.Dir(path), doc: yamldoc.Text(path, shown), inside: inside}
	c.vars = map[string]setting{}
	for _, f := range configFields(lines) {
		at, value := f.Key, strings.TrimSpace(f.Value.Text)
		_, key, _ := strings.Cut(at, ".")
		set := setting{Field: &f, path: yamldoc.Path(key), from: from}
		if value == "" {
			continue
		}
		if variable := configVars[at]; variable != "" {
			f.Key = variable
			c.vars[variable] = set
			continue
		}
		if at == "defaults.inventory" || at == "defaults.hostfile" {
			for name := range strings.SplitSeq(value, ",") {
				if name = strings.TrimSpace(name); name != "" {
					c.inventories = append(c.inventories, from.under(name))
				}
			}
			continue
		}
		other, concerns := configOthers[at]
		if concerns && !slices.ContainsFunc(other.same, func(v string) bool { return strings.EqualFold(v, value) }) {
			c.list = append(c.list, from.at(from.doc.KeyPos(&f), diag.Warning, yamldoc.Path(key), "is not followed: "+other.means, other.hint))
		}
	}
	return true
}

// configFields are the settings of a file, as Python's configparser reads it:
// the last of a name counts, a line that is indented goes on with the one above.
// A key is SECTION.NAME.
func configFields(lines []string) []yamldoc.Field {
	var order []string
	found := map[string]yamldoc.Field{}
	section, last := "", ""
	for i, raw := range lines {
		text := strings.TrimSpace(raw)
		if before, _, comment := strings.Cut(text, " ;"); comment {
			text = strings.TrimSpace(before)
		}
		indent := len(raw) - len(strings.TrimLeft(raw, " \t"))
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case text[0] == '[' && strings.HasSuffix(text, "]"):
			section, last = strings.ToLower(text[1:len(text)-1]), ""
		case indent > 0 && last != "":
			f := found[last]
			f.Value.Text += "\n" + text
		default:
			at := strings.IndexAny(text, "=:")
			if at < 0 {
				last = ""
				continue
			}
			name := strings.ToLower(strings.TrimSpace(text[:at]))
			value := strings.TrimSpace(text[at+1:])
			last = section + "." + name
			if _, twice := found[last]; !twice {
				order = append(order, last)
			}
			column := indent + 1 + max(at, strings.LastIndex(text, value))
			found[last] = yamldoc.Field{Key: last, Line: i + 1, Column: indent + 1,
				Value: &yamldoc.Node{Kind: yamldoc.Scalar, Text: value, Line: i + 1, Column: column}}
		}
	}
	var out []yamldoc.Field
	for _, name := range order {
		out = append(out, found[name])
	}
	return out
}
