package inventory

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhichConfig: of the places of ansible.cfg the first that is there counts,
// and none in a folder that everybody may write in.
func TestWhichConfig(t *testing.T) {
	root := t.TempDir()
	at := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }
	for _, dir := range []string{"here", "play", "home", "named", "open"} {
		if err := os.Mkdir(at(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put := func(path, user string) {
		if err := os.WriteFile(path, []byte("[defaults]\nremote_user="+user+"\ninventory="+user+".ini\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(at("open"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(at("here"))
	t.Setenv("HOME", at("home"))
	t.Setenv("ANSIBLE_CONFIG", "")
	is := func(want, says string, dirs ...string) {
		t.Helper()
		c := readConfig(dirs)
		got := ""
		if s, ok := c.vars["ansible_user"]; ok {
			got = s.Value.Text
		}
		if got != want || !strings.Contains(c.list.Error(), says) || says == "" && c.list != nil {
			t.Errorf("%v: the user %q, want %q; told %v", dirs, got, want, c.list)
		}
	}
	is("", "", at("play"))
	put(at("home", ".ansible.cfg"), "home")
	is("home", "", at("play"))
	put(at("open", "ansible.cfg"), "open")
	is("home", "everybody may write in its folder", at("open"))
	put(at("play", "ansible.cfg"), "play")
	is("play", "", at("play"))
	put(at("here", "ansible.cfg"), "here")
	is("here", "", at("play"))
	put(at("named", "ansible.cfg"), "named")
	t.Setenv("ANSIBLE_CONFIG", at("named"))
	is("named", "", at("play"))
	t.Setenv("ANSIBLE_CONFIG", at("named", "ansible.cfg"))
	is("named", "", at("play"))
	if got := Configured(at("play")); len(got) != 1 || got[0] != at("named", "named.ini") {
		t.Errorf("the inventories are %q", got)
	}
	t.Setenv("ANSIBLE_CONFIG", at("nothing"))
	is("here", "ANSIBLE_CONFIG names this file", at("play"))
}

// TestAnsibleConfigAgrees asks Ansible what it reads of an ansible.cfg.
func TestAnsibleConfigAgrees(t *testing.T) {
	program, err := exec.LookPath("ansible-config")
	if err != nil {
		t.Skip("there is no ansible-config")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "ansible.cfg")
	text := `# a comment
[defaults]
inventory = hosts/, more.ini
remote_port=2222
Remote_User: ops   ; the deploy user
private_key_file = keys/id ;x
host_key_checking = False;no comment

[privilege_escalation]
become = yes
become_user = o;p
become_flags = -H
   -S
# c
  -n
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ANSIBLE_CONFIG", path)
	cmd := exec.CommandContext(t.Context(), program, "dump", "--only-changed")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	c := readConfig(nil)
	for name, variable := range map[string]string{"DEFAULT_REMOTE_USER": "ansible_user", "DEFAULT_REMOTE_PORT": "ansible_port",
		"DEFAULT_BECOME_USER": "ansible_become_user", "DEFAULT_BECOME_FLAGS": "ansible_become_flags"} {
		s, ok := c.vars[variable]
		if want := name + "(" + path + ") = "; !ok || !strings.Contains(string(out), want+s.Value.Text+"\n") {
			t.Errorf("%s is %q, and Ansible says\n%s", variable, s.Value.Text, out)
		}
	}
	if s := c.vars["ansible_private_key_file"]; !strings.Contains(string(out), "= "+s.from.under(s.Value.Text)+"\n") {
		t.Errorf("the key is %s, and Ansible says\n%s", s.from.under(s.Value.Text), out)
	}
	if want := "['" + strings.Join(c.inventories, "', '") + "']"; !strings.Contains(string(out), want) {
		t.Errorf("the inventories are %s, and Ansible says\n%s", want, out)
	}
}

// FuzzConfig: whatever stands in an ansible.cfg, each setting has its place in
// the file, and a section.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{"[a]\nb=c\n d\n", "b: c ; d\n[\n]\n[]\n=\n:", "[defaults]\nremote_user\n x\n= y", " ;\n #\n[x] y\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		for _, x := range configFields(lines) {
			if x.Line < 1 || x.Line > len(lines) || x.Column < 1 || x.Value.Column < x.Column || !strings.Contains(x.Key, ".") {
				t.Errorf("%q: %+v of %q", x.Key, x, text)
			}
		}
	})
}
