package inventory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// chance is a source of chance whose seed is printed; HADEPLOY_SEED repeats a
// run, HADEPLOY_ROUNDS makes it longer.
func chance(t *testing.T, rounds int) (*rand.Rand, int) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("HADEPLOY_SEED"), 10, 64); err == nil {
		seed = s
	}
	if n, err := strconv.Atoi(os.Getenv("HADEPLOY_ROUNDS")); err == nil {
		rounds = n
	}
	t.Logf("HADEPLOY_SEED=%d HADEPLOY_ROUNDS=%d", seed, rounds)
	return rand.New(rand.NewPCG(seed, 0)), rounds
}

// TestAnsibleLiterals makes up values of variables, most of them nearly
// literals of Python, and asks Ansible what they are.
func TestAnsibleLiterals(t *testing.T) {
	judge := newJudge(t)
	r, rounds := chance(t, 2)
	dir := t.TempDir()
	words := []string{"0", "1", "7", "10", "00", "0x1F", "0b1", "0o7", "1_0", "_", ".", "e", "E5", "e-3", "+", "-", "j", "L", "a", "x", "True", "False", "None",
		"true", "'", "'", "\"", "'a'", "\"b c\"", "'it\\'s'", "r'\\n'", "u'x'", "'\\x41\\u00e4\\101\\q\\t'", "'''x'''", "#", " ", "\t", ",", "[", "]", "(", ")", "[1, 'a']", "{'k': 1}", "{'k': ['v', None]}",
		":", "\\", "=", "10.0.0.1", "::1", "ä", "{{ x }}", ";", "*", "%", "1.5", "1e16", "123456789012345678901234567890", "0.0001", "00.5", "1e-7"}
	for round := range rounds {
		var values []string
		for range 400 {
			var v string
			for range 1 + r.IntN(4) {
				v += words[r.IntN(len(words))]
			}
			switch r.IntN(6) {
			case 0:
				v = "[" + v + "]"
			case 1:
				v = "{'k': " + v + "}"
			case 2:
				v = "(" + v + ", 2)"
			}
			values = append(values, strings.TrimSpace(v))
		}
		compareLiterals(t, judge, filepath.Join(dir, fmt.Sprintf("%d.ini", round)), values)
	}
}

// compareLiterals asks about all values at once; where Ansible fails, it looks
// for the value that it fails at, and leaves that one out.
func compareLiterals(t *testing.T, judge *judge, file string, values []string) {
	t.Helper()
	text := "[g]\nn1\n[g:vars]\n"
	for i, v := range values {
		text += fmt.Sprintf("v%03d=%s\n", i, v)
	}
	cases.Write(t, file, []byte(text))
	list := judge.try(t, []string{file}, "")
	switch {
	case list == nil && len(values) == 1:
		t.Logf("Ansible fails at %s", values[0])
		return
	case list == nil:
		compareLiterals(t, judge, file, values[:len(values)/2])
		compareLiterals(t, judge, file, values[len(values)/2:])
		return
	}
	var answer struct {
		Meta struct {
			Hostvars map[string]map[string]any `json:"hostvars"`
		} `json:"_meta"`
	}
	dec := json.NewDecoder(bytes.NewReader(bytes.ReplaceAll(bytes.ReplaceAll(list, []byte("-Infinity"), []byte(`"-inf"`)), []byte("Infinity"), []byte(`"inf"`))))
	dec.UseNumber()
	if err := dec.Decode(&answer); err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		ours, theirs := plain(literal(v, 1, 1)), plainAny(answer.Meta.Hostvars["n1"][fmt.Sprintf("v%03d", i)])
		if ours != theirs {
			t.Errorf("%s\n  ansible  %s\n  hadeploy %s", v, theirs, ours)
		}
	}
}

// plain writes a value so that numbers and texts of the same letters are the
// same.
func plain(n *yamldoc.Node) string {
	switch n.Kind {
	case yamldoc.Scalar:
		return strconv.Quote(n.Text)
	case yamldoc.Seq:
		var out []string
		for _, item := range n.Items {
			out = append(out, plain(item))
		}
		return "[" + strings.Join(out, " ") + "]"
	case yamldoc.Map:
		var out []string
		for _, f := range n.Fields {
			out = append(out, f.Key+":"+plain(f.Value))
		}
		return "{" + strings.Join(out, " ") + "}"
	case yamldoc.Null:
	}
	return "null"
}

func plainAny(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return map[bool]string{true: `"True"`, false: `"False"`}[v]
	case []any:
		var out []string
		for _, item := range v {
			out = append(out, plainAny(item))
		}
		return "[" + strings.Join(out, " ") + "]"
	case map[string]any:
		var out []string
		for key, item := range v {
			out = append(out, key+":"+plainAny(item))
		}
		slices.Sort(out)
		return "{" + strings.Join(out, " ") + "}"
	}
	return strconv.Quote(fmt.Sprint(v))
}

// TestAnsibleRandom makes up inventories of several sources, groups in groups,
// and files of variables, and asks Ansible what they say.
func TestAnsibleRandom(t *testing.T) {
	judge := newJudge(t)
	r, rounds := chance(t, 8)
	for range rounds {
		dir := t.TempDir()
		sources, playbookDir := madeUp(t, r, dir)
		inv, list := Load(sources, playbookDir)
		if list.Err() != nil {
			t.Fatal(list)
		}
		if diff := cmp.Diff(judge.ask(t, sources, playbookDir), ourView(inv)); diff != "" {
			show := ""
			_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					text, _ := os.ReadFile(path)
					show += "== " + strings.TrimPrefix(path, dir) + "\n" + string(text)
				}
				return err
			})
			t.Fatalf("-ansible +hadeploy:\n%s\n%v, playbook in %q\n%s", diff, sources, playbookDir, show)
		}
	}
}

// madeUp writes an inventory by chance.
func madeUp(t *testing.T, r *rand.Rand, dir string) (sources []string, playbookDir string) {
	groups, hosts := []string{"a", "b", "c", "d", "e"}, []string{"n1", "n2", "n3", "n4"}
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	variable := func(i int) (name, value string) {
		name = pick([]string{"ansible_user", "ansible_port", "node_name", "ansible_host", "ansible_become", "ansible_password"})
		value = fmt.Sprintf("v%d", i)
		switch name {
		case "ansible_port":
			value = fmt.Sprint(1000 + i)
		case "ansible_become":
			value = pick([]string{"true", "false", "yes", "no"})
		}
		return name, value
	}
	count := 0
	write := func(path string) {
		text := ""
		seen := map[string]bool{}
		for range 1 + r.IntN(3) {
			count++
			name, value := variable(count)
			if !seen[name] {
				seen[name] = true
				text += name + ": " + value + "\n"
			}
		}
		if _, err := os.Stat(path); err == nil {
			return // as a folder
		}
		if info, err := os.Stat(filepath.Dir(path)); err == nil && !info.IsDir() {
			return
		}
		cases.Write(t, path, []byte(text))
	}
	files := func(dir string) {
		for range r.IntN(4) {
			name := pick(append(slices.Clone(groups), "all", "ungrouped"))
			write(filepath.Join(dir, "group_vars", pick([]string{name, name + ".yml", name + ".yaml", name + ".json", name + "/x.yml", name + "/y"})+""))
		}
		for range r.IntN(3) {
			name := pick(hosts)
			write(filepath.Join(dir, "host_vars", pick([]string{name + ".yml", name + ".yaml", name + "/x.yml", name + "/sub/z.yaml"})))
		}
	}
	for i := range 1 + r.IntN(2) {
		sub := filepath.Join(dir, fmt.Sprintf("s%d", i))
		ini := r.IntN(2) == 0
		var text strings.Builder
		if ini {
			for range r.IntN(3) {
				fmt.Fprintln(&text, pick(hosts)+pick([]string{"", ":2201", " ansible_user=u"}))
			}
			for _, g := range groups {
				fmt.Fprintf(&text, "[%s]\n", g)
				for range r.IntN(3) {
					line := pick(hosts) + pick([]string{"", "", ":2202"})
					for range r.IntN(2) {
						count++
						name, value := variable(count)
						line += " " + name + "=" + value
					}
					fmt.Fprintln(&text, line)
				}
			}
			for i, g := range groups {
				if i > 0 && r.IntN(2) == 0 {
					fmt.Fprintf(&text, "[%s:children]\n%s\n", pick(groups[:i]), g)
				}
				if r.IntN(2) == 0 {
					count++
					name, value := variable(count)
					fmt.Fprintf(&text, "[%s:vars]\n%s=%s\n", g, name, value)
				}
				if r.IntN(5) == 0 {
					fmt.Fprintf(&text, "[%s:vars]\nansible_group_priority=%d\n", g, r.IntN(4))
				}
			}
		} else {
			for i, g := range groups {
				fmt.Fprintf(&text, "%s:\n  hosts:\n", g)
				for _, h := range hosts {
					if r.IntN(3) == 0 {
						count++
						name, value := variable(count)
						fmt.Fprintf(&text, "    %s: {%s: %s}\n", h, name, value)
					}
				}
				if i+1 < len(groups) && r.IntN(2) == 0 {
					fmt.Fprintf(&text, "  children: {%s: }\n", pick(groups[i+1:]))
				}
				if r.IntN(2) == 0 {
					count++
					name, value := variable(count)
					fmt.Fprintf(&text, "  vars: {%s: %s}\n", name, value)
				}
			}
			fmt.Fprintf(&text, "all: {hosts: {%s: }, vars: {ansible_port: 99}}\n", pick(hosts))
		}
		path := filepath.Join(sub, map[bool]string{true: pick([]string{"hosts", "hosts.inv", "hosts.ini"}), false: pick([]string{"hosts", "hosts.yml"})}[ini])
		if ini && text.Len() > 0 && !strings.Contains(text.String(), "n") {
			text.WriteString("[a]\nn1\n")
		}
		cases.Write(t, path, []byte(text.String()))
		files(sub)
		sources = append(sources, path)
	}
	switch r.IntN(3) {
	case 0:
		playbookDir = filepath.Join(dir, "play")
		files(playbookDir)
	case 1:
		playbookDir = filepath.Join(dir, "s0")
	}
	if r.IntN(4) == 0 {
		sources = append(sources, "n1,n4:2203")
	}
	return sources, playbookDir
}
