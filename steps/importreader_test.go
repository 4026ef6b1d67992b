package steps

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/facts"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
)

// importedNode is a member of the running cluster that was captured, which answers
// what an import asks. What a test changes of it is written over the captured.
type importedNode struct {
	remote.Conn
	frames   map[string]facts.Answer
	conf     string            // corosync.conf
	units    map[string]string // state and state at boot of those that are not active and enabled
	absent   []string          // packages
	files    map[string]string // path -> MODE OWNER CONTENT
	owned    map[string]string // path -> package
	beside   string            // a file beside nginx.service
	commands []string
}

func capturedMember(t *testing.T, node string) *importedNode {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "nodes", "running", node+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	frames, err := facts.Frames(b, "MARK")
	if err != nil {
		t.Fatal(err)
	}
	_, conf, _ := strings.Cut(string(frames["corosync.conf"].Out), "\n")
	return &importedNode{frames: frames, conf: strings.TrimSuffix(conf, "\n") + "\n", units: map[string]string{"nginx.service": "active disabled"},
		files: map[string]string{"/usr/lib/ocf/resource.d/acme/beacon": "0755 root:root #!/bin/sh\n", "/etc/nginx/conf.d/quickstart.conf": "0644 root:root server {}\n"},
		owned: map[string]string{"/usr/lib/ocf/resource.d/heartbeat/IPaddr2": "resource-agents", "/usr/lib/ocf/resource.d/pacemaker/Stateful": "pacemaker-resource-agents",
			"/usr/sbin/nginx": "nginx", "/lib/systemd/system/nginx.service": "nginx-common"}, beside: "/etc/nginx/conf.d/quickstart.conf"}
}

func (m *importedNode) Lost() <-chan struct{} { return nil }
func (m *importedNode) Close() error          { return nil }

func (m *importedNode) Run(_ context.Context, cmd remote.Cmd) (remote.Result, error) {
	if !cmd.Reads {
		return remote.Result{}, errors.New("it would change the node")
	}
	m.commands = append(m.commands, cmp.Or(cmd.Label, strings.Join(cmd.Argv, " ")))
	var asked []string
	if cmd.Stdin != nil {
		b, _ := io.ReadAll(cmd.Stdin)
		asked = strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	}
	switch {
	case cmd.Script == pkgs.OwnersScript:
		return remote.Result{Stdout: []byte(m.owners(asked))}, nil
	case cmd.Argv != nil && cmd.Argv[0] == "head":
		_, _, content := m.file(cmd.Argv[4])
		return remote.Result{Stdout: []byte(content)}, nil
	}
	return remote.Result{Stdout: []byte(m.observed(asked, cmd.Args[0]))}, nil
}

func (m *importedNode) file(path string) (mode, owner, content string) {
	mode, rest, _ := strings.Cut(m.files[path], " ")
	owner, content, _ = strings.Cut(rest, " ")
	return mode, owner, content
}

func (m *importedNode) owners(asked []string) string {
	var b strings.Builder
	paths := []string{"/usr/sbin/nginx", "/lib/systemd/system/nginx.service"}
	for _, line := range asked {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "unit":
			fmt.Fprintf(&b, "unit\t%s\t/lib/systemd/system/nginx.service\t/usr/sbin/nginx\nbeside\t%[1]s\t%s\n", value, m.beside)
		case "file":
			paths = append(paths, value)
		case "package":
			needs := map[string]string{"pacemaker": "pacemaker-resource-agents (= 2.1.5)"}
			fmt.Fprintf(&b, "needs\t%s\t, %s\n", value, needs[value])
		}
	}
	for _, p := range paths {
		if owner := m.owned[p]; owner != "" {
			fmt.Fprintf(&b, "owner\t%s: %s\n", owner, p)
		}
	}
	return b.String() + "needs\tnginx\t, nginx-common (= 1.22)\ndone\n"
}

// frame is one of an observation.
func oneFile(content string) string {
	sum := sha256.Sum256([]byte(content))
	return fmt.Sprintf("%d 1795413700 %s\n%s", len(content), hex.EncodeToString(sum[:]), content)
}

func (m *importedNode) observed(asked []string, mark string) string {
	var b strings.Builder
	frame := func(name, out string, status int) {
		fmt.Fprintf(&b, "\n@%s begin %s 16777216\n%s\n@%s end %s %d\n", mark, name, out, mark, name, status)
	}
	recorded := func(names ...string) {
		for _, name := range names {
			frame(name, string(m.frames[name].Out), m.frames[name].Status)
		}
	}
	of := map[string][]string{}
	for _, line := range asked {
		key, value, _ := strings.Cut(line, " ")
		of[key] = append(of[key], value)
	}
	for _, section := range of["section"] {
		switch section {
		case string(facts.SectionHost):
			recorded("uname", "uid", "machine-id", "boot-id", "os-release", "watchdog", "clock", "disk", "addresses")
			frame("names", "", 0)
		case string(facts.SectionCorosync):
			if m.conf == "" {
				frame("corosync.conf", "absent\n", 0)
			} else {
				frame("corosync.conf", oneFile(m.conf), 0)
			}
			recorded("corosync-key", "pacemaker-key", "corosync-record", "ages", "daemons", "cmap")
		case string(facts.SectionCIB):
			recorded("cib-file", "cib")
		case string(facts.SectionUnits):
			var units []string
			for _, u := range of["unit"] {
				state, boot, _ := strings.Cut(cmp.Or(m.units[u], "active enabled"), " ")
				units = append(units, fmt.Sprintf("Id=%s\nLoadState=loaded\nActiveState=%s\nSubState=%s\nUnitFileState=%s\n", u, state, state, boot))
			}
			frame("units", strings.Join(units, "\n"), 0)
		case string(facts.SectionAgents):
			var lines string
			for _, a := range of["agent"] {
				lines += "yes " + a + "\n"
			}
			frame("agents", lines, 0)
		case string(facts.SectionPackages):
			var lines string
			for _, p := range strings.Fields(strings.Join(of["package"], " ")) {
				if !slices.Contains(m.absent, p) {
					lines += p + "\tii \t1.0\n"
				} else {
					lines += p + "\tun \t\n"
				}
			}
			frame("dpkg", lines, 0)
			frame("dpkg-audit", "", 0)
		case string(facts.SectionFiles):
			var lines string
			contents := map[string]string{}
			for i, p := range of["file"] {
				mode, owner, content := m.file(p)
				if mode == "" {
					lines += fmt.Sprintf("%d\tabsent\n", i+1)
					continue
				}
				sum := sha256.Sum256([]byte(content))
				lines += fmt.Sprintf("%d\tpresent\tregular file\t%s\t%s\t%d\t1795413700\t%s\n", i+1, mode, owner, len(content), hex.EncodeToString(sum[:]))
				if len(content) <= 65536 {
					contents[fmt.Sprintf("file:%d", i+1)] = oneFile(content)
				}
			}
			frame("files", lines, 0)
			frame("leftovers", "whole\n", 0)
			for name, content := range contents {
				frame(name, content, 0)
			}
		}
	}
	return b.String() + "\n@" + mark + " done\n"
}

// TestImportReader: what is read is the cluster's as a whole; what is not the same
// on all members is told, and what is not known is an error.
func TestImportReader(t *testing.T) {
	all := []string{"n1", "n2", "n3"}
	change := func(names []string, f func(m *importedNode)) func(map[string]*importedNode) {
		return func(nodes map[string]*importedNode) {
			for _, n := range names {
				f(nodes[n])
			}
		}
	}
	const stays = "packages: install nginx\nagents: ocf:acme:beacon\nfiles: /etc/nginx/conf.d/quickstart.conf (nginx.service)\nenable: true\n"
	for _, c := range []struct {
		name  string
		named []string
		but   func(map[string]*importedNode)
		want  string // of what is read
		err   string
	}{
		{"all are named", all, nil, stays, ""},
		{"one is named", []string{"n2"}, nil, stays, ""},
		{"one has other times", all, change([]string{"n3"}, func(m *importedNode) {
			m.conf = strings.Replace(m.conf, "transport: knet", "transport: knet\n    token: 5000", 1)
		}), "",
			"n3: its /etc/corosync/corosync.conf is not that of n1: totem.token"},
		{"comments are no difference", all, change([]string{"n3"}, func(m *importedNode) { m.conf = "# of mine\n" + m.conf }), stays, ""},
		{"one that was not named is away", []string{"n1"}, func(nodes map[string]*importedNode) { nodes["n3"] = nil }, "", "n3: cannot be reached"},
		{"one that was named is away", all, func(nodes map[string]*importedNode) { nodes["n3"] = nil }, "", "n3: cannot be reached"},
		{"another host answers", []string{"n1"}, func(nodes map[string]*importedNode) { nodes["n3"] = nodes["n2"] }, "", "n3: n3 is another host: it calls itself n2"},
		{"no corosync.conf", []string{"n1"}, change([]string{"n1"}, func(m *importedNode) { m.conf = "" }), "", "there is no /etc/corosync/corosync.conf"},
		{"no nodelist", []string{"n1"}, change([]string{"n1"}, func(m *importedNode) { m.conf = "totem {\n}\n" }), "", "has no nodelist"},
		{"of another cluster", []string{"n1"}, change([]string{"n1"}, func(m *importedNode) {
			m.conf = strings.NewReplacer("10.192.65.1", "10.0.0.", "10.192.66.1", "10.0.1.", "name: n", "name: x").Replace(m.conf)
		}), "",
			"it is none of the members that corosync.conf of n1 names: x1, x2, x3"},
		{"the set is not all there", all, change([]string{"n2"}, func(m *importedNode) { m.absent = []string{"pcs"} }),
			strings.Replace(stays, "install nginx", "pacemaker pacemaker-cli-utils corosync resource-agents nginx", 1), ""},
		{"what resources use is not on all", all, change([]string{"n2"}, func(m *importedNode) { m.absent = []string{"nginx"} }),
			strings.Replace(stays, "packages: install nginx\n", "", 1) + "lost: the package nginx, which resources use, is not installed on all members: it is not declared\n", ""},
		{"not enabled", all, change(all, func(m *importedNode) {
			m.units["corosync.service"], m.units["pacemaker.service"] = "active disabled", "active disabled"
		}), strings.Replace(stays, "enable: true", "enable: false", 1), ""},
		{"enabled on some, one down, a unit enabled", all, change([]string{"n3"}, func(m *importedNode) {
			m.units["corosync.service"], m.units["pacemaker.service"], m.units["nginx.service"] = "active disabled", "inactive enabled", "active enabled"
		}), stays + `lost: n3: corosync.service is disabled at boot, and plan would make it enabled
lost: n3: pacemaker.service does not run, and plan would start it
lost: n3: nginx.service is run by the cluster and is enabled at boot, and plan would disable it
`, ""},
		{"an agent that differs, a file that is not on all", all, change([]string{"n3"}, func(m *importedNode) {
			m.files["/usr/lib/ocf/resource.d/acme/beacon"] = "0755 root:root #!/bin/sh\nexit 1\n"
			delete(m.files, "/etc/nginx/conf.d/quickstart.conf")
		}), "packages: install nginx\nenable: true\n" + `lost: the agent ocf:acme:beacon is not the same on n3 as on n1, n2: it is not declared
note: the file /etc/nginx/conf.d/quickstart.conf is on n1, n2 and not on n3: it is not declared
`, ""},
		{"a large agent with a mode of its own", all, change(all, func(m *importedNode) {
			m.files["/usr/lib/ocf/resource.d/acme/beacon"] = "0775 root:root #!/bin/sh\n" + strings.Repeat("# more\n", 20000)
		}), stays + "lost: the agent ocf:acme:beacon has the mode 0775 and the owner root:root, and plan would make them 0755 and root:root\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			nodes := map[string]*importedNode{}
			for _, n := range all {
				nodes[n] = capturedMember(t, n)
			}
			if c.but != nil {
				c.but(nodes)
			}
			cfg := Config{Forks: 3, Dial: func(_ context.Context, n inventory.Node) (remote.Conn, error) {
				if m := nodes[n.Host]; m != nil {
					return m, nil
				}
				return nil, errors.New(n.Name + ": cannot be reached")
			}}
			for _, n := range c.named {
				cfg.Nodes = append(cfg.Nodes, inventory.Node{Name: n, Host: n})
			}
			r, err := NewImportReader("web", cfg, func(m, known Found) []inventory.Node {
				if known.Host == "" || known.Member.Name != known.Host {
					t.Errorf("the known member is %+v", known)
				}
				return []inventory.Node{{Name: m.Member.Name, Host: m.Member.Name}}
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.Close)
			got, err := r.Read(t.Context(), true)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(c.want, importedText(t, got, nodes["n1"])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// importedText is what was read in words.
func importedText(t *testing.T, in *Imported, node *importedNode) string {
	t.Helper()
	var b strings.Builder
	var names []string
	for _, m := range in.Members {
		names = append(names, m.Pacemaker)
	}
	if want := []string{"n1", "n2", "n3"}; !slices.Equal(names, want) {
		t.Errorf("the members are %v", names)
	}
	if in.CIB.Epoch() != "0.8" || in.Corosync.ClusterName() != "quickstart" {
		t.Errorf("got CIB %s of %s", in.CIB.Epoch(), in.Corosync.ClusterName())
	}
	switch {
	case in.Set != nil:
		fmt.Fprintf(&b, "packages: %s\n", strings.Join(in.Set, " "))
	case in.Install != nil:
		fmt.Fprintf(&b, "packages: install %s\n", strings.Join(in.Install, " "))
	}
	for _, f := range slices.Concat(in.Agents, in.Files) {
		if _, _, content := node.file(f.Path); string(f.Content) != content {
			t.Errorf("%s has %d bytes, not %d", f.Path, len(f.Content), len(content))
		}
		if f.Agent != "" {
			fmt.Fprintf(&b, "agents: %s\n", f.Agent)
		} else {
			fmt.Fprintf(&b, "files: %s (%s)\n", f.Path, f.Of)
		}
	}
	fmt.Fprintf(&b, "enable: %v\n", in.Enable)
	for _, l := range in.Lost {
		fmt.Fprintf(&b, "lost: %s\n", l)
	}
	for _, l := range in.Notes {
		fmt.Fprintf(&b, "note: %s\n", l)
	}
	return b.String()
}
