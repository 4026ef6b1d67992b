package inventory

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// TestPasswordsAreNotShown: whatever way a password is written in that is
// wrong, no message, hint, path or line shows it.
func TestPasswordsAreNotShown(t *testing.T) {
	const good = "[all]\nn1\n"
	for _, tc := range []struct {
		name, text string // of hosts.ini
		vars       string // of group_vars/all
		want       string // the first error
	}{
		{"a colon in :vars", "[all:vars]\nansible_password: hunter2\n", "", "hosts.ini:2:1: a section :vars holds variables; write NAME = VALUE"},
		{"a blank in :vars", "[all:vars]\nansible_password hunter2\n", "", "hosts.ini:2:1: a section :vars holds variables; write NAME = VALUE"},
		{"a colon after a host", "[all]\nn1 ansible_password:hunter2\n", "", "hosts.ini:2:4: after the host only variables may stand, NAME=VALUE each; without blanks around =; quote a value with blanks"},
		{"a blank after a host", "[all]\nn1 ansible_password hunter2\n", "", "hosts.ini:2:4: after the host only variables may stand, NAME=VALUE each; without blanks around =; quote a value with blanks"},
		{"a blank that is none", "[all]\nn1 ansible_password\u00a0hunter2\n", "", "hosts.ini:2:4: after the host only variables may stand, NAME=VALUE each; without blanks around =; quote a value with blanks"},
		{"another's password", "[all]\nn1 mysql_root_passwd:hunter2\n", "", "hosts.ini:2:4: after the host only variables may stand, NAME=VALUE each; without blanks around =; quote a value with blanks"},
		{"a token", "[all]\nn1 API_TOKEN: hunter2\n", "", "hosts.ini:2:4: after the host only variables may stand, NAME=VALUE each; without blanks around =; quote a value with blanks"},
		{"a quote over two lines", "[all]\nn1 ansible_password=\"x\nhunter2\"\n", "", "hosts.ini:2:1: a quote in it is not closed"},
		{"a quote over three lines", "[all]\nn1 ansible_password='x\nhunter2!\ny'\nn2!\n", "", "hosts.ini:2:1: a quote in it is not closed\nhosts.ini:3:1: \"***\" cannot be the name of a host; use letters, digits, . - and _\nhosts.ini:4:1: cannot be read; it is in a quote that a line above opened\nhosts.ini:5:1: \"n2!\" cannot be the name of a host; use letters, digits, . - and _"},
		{"a quote around the whole", "[all]\nn1 \"ansible_password=x\nhunter2 y z\"\n", "", "hosts.ini:2:1: a quote in it is not closed"},
		{"a quote in :vars", "[all]\nn1\n[all:vars]\nansible_password = 'x\nhunter2'\n", "", "hosts.ini:5:1: a section :vars holds variables; write NAME = VALUE"},
		{"before a section", "ansible_password=hunter2\n[all]\nn1\n", "", "hosts.ini:1:1: \"ansible_password=***\" cannot be the name of a host; use letters, digits, . - and _"},
		{"in a range", "ansible_password=hunter2[1:2\n[all]\nn1\n", "", "hosts.ini:1:1: the range in \"ansible_password=***"},
		{"in :children", "[a:children]\nansible_password=hunter2\n[all]\nn1\n", "", "hosts.ini:2:1: the group ansible_password=*** is nowhere in the inventory; add the section [ansible_password=***]"},
		{"in :children with a colon", "[a:children]\nansible_password: hunter2\n[all]\nn1\n", "", "hosts.ini:2:1: \"ansible_password: ***"},
		{"as a section", "[all]\nn1\n[password:hunter2]\n", "", "hosts.ini:3:1: [password:*** is no section; known here: hosts, children, vars"},
		{"an equals sign in YAML", good, "ansible_password = hunter2\n", "group_vars/all:1:1: variables are NAME: VALUE, not a single value"},
		{"a mapping", good, "ansible_become_password: {x: hunter2}\n", "group_vars/all:1:27: ansible_become_password.***: unknown key \"***\"; known here: command, env, file"},
		{"a mapping below", good, "ansible_become_password:\n  x: hunter2\n", "group_vars/all:2:3: ansible_become_password.***: unknown key \"***\"; known here: command, env, file"},
		{"a key", good, "ansible_password: {hunter2: x}\n", "group_vars/all:1:20: ansible_password.***: unknown key \"***\"; known here: command, env, file"},
		{"a key in quotes", good, "ansible_password: {\"hunter2 \": x}\n", "group_vars/all:1:20: ansible_password.***: unknown key \"***\"; known here: command, env, file"},
		{"a key below", good, "ansible_password:\n  hunter2: x\n", "group_vars/all:2:3: ansible_password.***: unknown key \"***\"; known here: command, env, file"},
		{"a key twice", good, "ansible_password:\n  hunter2: x\n  hunter2: y\n", "group_vars/all:2:3: ansible_password.***: unknown key \"***\"; known here: command, env, file"},
		{"a list", good, "ansible_password:\n  - hunter2\n", "group_vars/all:2:3: ansible_password: "},
		{"a value for a mapping", "all: {hosts: {n1: ansible_password=hunter2}}\n", "", "hosts.ini:1:19: all.hosts.n1: must be a mapping, not \"ansible_password=***\""},
		{"a name in a YAML inventory", "all: {hosts: {\"n1 mysql_passwd=hunter2\": }}\n", "", "hosts.ini:1:15: all.hosts[\"n1 mysql_passwd=***: \"n1 mysql_passwd=***\" cannot be the name of a host"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "group_vars"), 0o700); err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{"hosts.ini": tc.text, "group_vars/all": tc.vars} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			inv, list := Load([]string{filepath.Join(dir, "hosts.ini")}, "")
			if inv != nil {
				_, err := inv.Match("all")
				var wrong diag.List
				if !errors.As(err, &wrong) {
					t.Fatalf("no error: %v", err)
				}
				list = append(list, wrong...)
			}
			fields, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			var shown strings.Builder
			if err := diag.Render(&shown, list, diag.RenderOptions{}); err != nil {
				t.Fatal(err)
			}
			for _, out := range []string{string(fields), list.Error(), shown.String()} {
				if strings.Contains(out, "hunter2") {
					t.Errorf("the password is shown: %s", out)
				}
			}
			if got := strings.ReplaceAll(list.Error(), dir+"/", ""); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

// TestPasswordInAList: nor does what is said of a list of hosts.
func TestPasswordInAList(t *testing.T) {
	inv, list := Load([]string{"n1 ansible_password=hunter2,"}, "")
	if inv != nil || !strings.HasPrefix(list.Error(), "n1 ansible_password=***: \"n1 ansible_password=***\" cannot be the name of a host") || strings.Contains(list.Error(), "hunter2") {
		t.Error(list)
	}
}

// TestHide: what is no secret stays to be seen.
func TestHide(t *testing.T) {
	for line, want := range map[string]string{
		"n1 ansible_host=10.0.0.1 ansible_password=x y": "n1 ansible_host=10.0.0.1 ansible_password=***",
		"n1 ansible_password==x":                        "n1 ansible_password=***",
		"n1 ansible_ssh_private_key_file=keys/id":       "n1 ansible_ssh_private_key_file=keys/id",
		"n1 ansible_password":                           "n1 ansible_password",
		"n1 ansible_user=ops links=10.0.0.1":            "n1 ansible_user=ops links=10.0.0.1",
		"  \"ansible_become_pass\" : x":                 "  \"ansible_become_pass\" : ***",
		"":                                              "",
	} {
		if got := hide(line); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
		if again := hide(want); again != want {
			t.Errorf("%q becomes %q", want, again)
		}
	}
	shown, inside := hideLines([]string{"n1 ansible_password='a", "b", "[web]", "n2 ansible_password=x # it's", "n3"})
	if want := []string{"n1 ansible_password=***", "***", "[web]", "n2 ansible_password=***", "n3"}; !slices.Equal(shown, want) || len(inside) != 1 || !inside[2] {
		t.Errorf("got %q, %v", shown, inside)
	}
}
