package inventory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// judge is ansible-inventory; without it the test is skipped.
type judge struct {
	in  *json.Encoder
	out *bufio.Reader
}

func newJudge(t *testing.T) *judge {
	t.Helper()
	program, err := exec.LookPath("ansible-inventory")
	if err != nil {
		t.Skip("ansible-inventory is not installed (Debian: ansible-core): nothing to compare with")
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	python, _, _ := strings.Cut(strings.TrimPrefix(string(text), "#!"), "\n")
	script, err := filepath.Abs("testdata/judge.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/env", append(strings.Fields(python), script)...)
	cmd.Dir = t.TempDir() // no ansible.cfg
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &judge{json.NewEncoder(in), bufio.NewReader(out)}
}

// ask is what ansible-inventory --list says of the sources.
func (j *judge) ask(t *testing.T, sources []string, playbookDir string) map[string]map[string]string {
	t.Helper()
	answer := j.try(t, sources, playbookDir)
	if answer == nil {
		t.Fatal("ansible-inventory has failed")
	}
	return ansibleView(t, answer)
}

// try is what ansible-inventory --list prints, nil when it fails.
func (j *judge) try(t *testing.T, sources []string, playbookDir string) []byte {
	t.Helper()
	args := []string{"--list"}
	for _, s := range sources {
		args = append(args, "-i", s)
	}
	if playbookDir != "" {
		args = append(args, "--playbook-dir", playbookDir)
	}
	if err := j.in.Encode(args); err != nil {
		t.Fatal(err)
	}
	answer, err := j.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if string(answer) == "null\n" {
		return nil
	}
	return answer
}

// TestAnsibleAgrees asks Ansible itself about every inventory of testdata: the
// same hosts in the same groups, the same variables that concern us. Those of
// testdata/ansible are all valid; of the others those that have no error are
// compared.
func TestAnsibleAgrees(t *testing.T) {
	judge := newJudge(t)
	compared := 0
	for _, glob := range []string{"testdata/ansible/*.txtar", "testdata/cases/*.txtar"} {
		archives, _ := filepath.Glob(glob)
		for _, archive := range archives {
			t.Run(filepath.Base(filepath.Dir(archive))+"/"+strings.TrimSuffix(filepath.Base(archive), ".txtar"), func(t *testing.T) {
				dir := t.TempDir()
				args := cases.Unpack(t, archive, dir)
				// Ansible does not list what ansible.cfg says: TestAnsibleConfigAgrees.
				for _, path := range []string{configName, "play/" + configName} {
					_ = os.Remove(filepath.Join(dir, path)) // most have none
				}
				sources, playbookDir := sourcesOf(dir, args)
				inv, list := Load(sources, playbookDir)
				err := list.Err()
				if err == nil {
					_, err = inv.Match("")
				}
				if err != nil && strings.Contains(glob, "cases") {
					t.Skip("not valid for us")
				}
				if err != nil {
					t.Fatal(err)
				}
				compared++
				theirs, ours := judge.ask(t, sources, playbookDir), ourView(inv)
				for h, v := range theirs {
					if v["args"] != "" { // arguments of ssh, which Ansible does not take apart
						for _, view := range []map[string]string{v, ours[h]} {
							delete(view, "port")
							delete(view, "user")
							delete(view, "args")
						}
					}
				}
				if diff := cmp.Diff(theirs, ours); diff != "" {
					t.Errorf("-ansible +hadeploy:\n%s", diff)
				}
			})
		}
	}
	if compared < 40 {
		t.Errorf("only %d inventories were compared", compared)
	}
}

func ourView(inv *Inventory) map[string]map[string]string {
	ours := map[string]map[string]string{}
	for _, n := range inv.Nodes {
		ours[n.Name] = map[string]string{
			"host": n.Host, "port": fmt.Sprint(n.Port), "user": n.User, "node_name": n.NodeName, "links": strings.Join(n.Links, " "),
			"become": fmt.Sprint(n.Become), "password": passwordOf(n.PasswordRef), "become_password": passwordOf(n.BecomePasswordRef),
			"args": "", "groups": strings.Join(slices.Sorted(slices.Values(n.Groups)), " "),
		}
	}
	return ours
}

// passwordOf is the password, or where it is to be had as Ansible prints it.
func passwordOf(ref secret.Ref) string {
	switch {
	case ref.Env != "":
		return "map[env:" + ref.Env + "]"
	case ref.File != "":
		return "map[file:" + filepath.Base(ref.File) + "]"
	case ref.Command != nil:
		return fmt.Sprintf("map[command:%s]", ref.Command)
	}
	return ref.Plain.Reveal()
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
	dec := json.NewDecoder(bytes.NewReader(list["_meta"]))
	dec.UseNumber() // 1.0 stays 1.0
	if err := dec.Decode(&meta); err != nil {
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
				switch v := vars[n].(type) {
				case nil:
				case map[string]any:
					if text, ok := v["__ansible_unsafe"]; ok {
						return fmt.Sprint(text)
					}
					return fmt.Sprint(v)
				default:
					return fmt.Sprint(v)
				}
			}
			return def
		}
		list := func(names ...string) string {
			for _, n := range names {
				if v, ok := vars[n].([]any); ok {
					return strings.Trim(fmt.Sprint(v), "[]")
				}
			}
			return strings.ReplaceAll(get("", names...), ",", " ")
		}
		role, _ := vars["ha_cluster"].(map[string]any)
		for key, v := range role {
			vars["ha_cluster."+key] = v
		}
		options, _ := vars["ha_cluster_node_options"].([]any)
		for _, o := range options {
			if o := o.(map[string]any); o["node_name"] == get(h, "node_name", "ha_cluster.node_name") && o["corosync_addresses"] != nil {
				vars["ha_cluster.corosync_addresses"] = o["corosync_addresses"]
			}
		}
		become, _ := ansibleBool(get("false", "ansible_become"))
		hosts[h] = map[string]string{
			"host": get(h, "ansible_ssh_host", "ansible_host"), "port": get("0", "ansible_ssh_port", "ansible_port"),
			"user": get("", "ansible_ssh_user", "ansible_user"), "node_name": get(h, "node_name", "ha_cluster.node_name"),
			"links": list("links", "ha_cluster.corosync_addresses"), "become": fmt.Sprint(become),
			"password":        get("", "ansible_ssh_password", "ansible_ssh_pass", "ansible_password"),
			"become_password": get("", "ansible_sudo_pass", "ansible_become_pass", "ansible_become_password"),
			"args":            get("", "ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"),
			"groups":          strings.Join(slices.Compact(names), " "),
		}
	}
	return hosts
}
