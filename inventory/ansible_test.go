package inventory

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// TestAnsibleAgrees asks Ansible itself about every inventory of testdata that
// has no error: the same hosts, the same variables, the same groups. It needs
// ansible-inventory.
func TestAnsibleAgrees(t *testing.T) {
	program, err := exec.LookPath("ansible-inventory")
	if err != nil {
		t.Skip("ansible-inventory is not installed")
	}
	compared := 0
	archives, _ := filepath.Glob("testdata/cases/*.txtar")
	for _, archive := range archives {
		name := strings.TrimSuffix(filepath.Base(archive), ".txtar")
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "inventory.yaml")
			cases.Write(t, file, cases.Section(t, archive, "inventory.yaml"))
			inv, _ := Load(file)
			if inv == nil {
				t.Skip("not valid for us")
			}
			compared++
			out, err := exec.Command(program, "-i", file, "--list").Output()
			if err != nil {
				t.Fatal(err)
			}
			theirs := ansibleView(t, out)
			ours := map[string]map[string]string{}
			for _, n := range inv.Nodes {
				groups := slices.Sorted(slices.Values(n.Groups))
				ours[n.Name] = map[string]string{
					"host": n.Host, "port": fmt.Sprint(n.Port), "user": n.User, "node_name": n.NodeName,
					"become": fmt.Sprint(n.Become), "groups": strings.Join(groups, " "),
				}
			}
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Errorf("-ansible +hadeploy:\n%s", diff)
			}
		})
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// ansibleView reads ansible-inventory --list: groups with hosts and children,
// and the variables of each host under _meta.
func ansibleView(t *testing.T, out []byte) map[string]map[string]string {
	t.Helper()
	var list map[string]json.RawMessage
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatal(err)
	}
	var meta struct {
		Hostvars map[string]map[string]any `json:"hostvars"`
	}
	if err := json.Unmarshal(list["_meta"], &meta); err != nil {
		t.Fatal(err)
	}
	type group struct{ Hosts, Children []string }
	groups := map[string]group{}
	for name, raw := range list {
		var g group
		if name != "_meta" && json.Unmarshal(raw, &g) == nil {
			groups[name] = g
		}
	}
	in := map[string][]string{} // host -> groups
	var visit func(name string, path []string)
	visit = func(name string, path []string) {
		if name != "all" && name != "ungrouped" {
			path = append(slices.Clone(path), name)
		}
		for _, h := range groups[name].Hosts {
			in[h] = append(in[h], path...)
		}
		for _, c := range groups[name].Children {
			visit(c, path)
		}
	}
	hosts := map[string]map[string]string{}
	visit("all", nil)
	for h, names := range in {
		slices.Sort(names)
		vars := meta.Hostvars[h]
		get := func(def string, names ...string) string {
			for _, n := range names {
				if v, ok := vars[n]; ok {
					return fmt.Sprint(v)
				}
			}
			return def
		}
		hosts[h] = map[string]string{
			"host": get(h, "ansible_ssh_host", "ansible_host"), "port": get("0", "ansible_ssh_port", "ansible_port"),
			"user": get("", "ansible_ssh_user", "ansible_user"), "node_name": get(h, "node_name"),
			"become": get("false", "ansible_become"), "groups": strings.Join(slices.Compact(names), " "),
		}
	}
	return hosts
}
