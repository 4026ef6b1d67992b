package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/steps"
)

func TestSSHNode(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"n1", "n1 as  port 0"},
		{"root@n1", "n1 as root port 0"},
		{"admin@n1.example.org:2222", "n1.example.org as admin port 2222"},
		{"192.0.2.1", "192.0.2.1 as  port 0"},
		{"192.0.2.1:22", "192.0.2.1 as  port 22"},
		{"fd00::1", "fd00::1 as  port 0"},
		{"[fd00::1]", "fd00::1 as  port 0"},
		{"root@[fd00::1]:2222", "fd00::1 as root port 2222"},
		{"n1:ssh", "a port is a number"},
		{"n1:0", "a port is a number"},
		{"-oProxyCommand=x", "expected [user@]host[:port]"},
		{"a b", "expected [user@]host[:port]"},
		{"@n1", "expected [user@]host[:port]"},
		{"n1;reboot", "neither an address nor a host name"},
		{"", "expected [user@]host[:port]"},
	} {
		n, err := sshNode(c.text)
		got := fmt.Sprintf("%s as %s port %d", n.Host, n.User, n.Port)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != c.want || err != nil && !strings.Contains(got, c.want) {
			t.Errorf("%q: %s, not %s", c.text, got, c.want)
		}
		if err == nil && (n.Name != n.Host || n.NodeName != n.Host) {
			t.Errorf("%q: %+v", c.text, n)
		}
	}
}

// TestWhereIs: where a member is sought that nobody named.
func TestWhereIs(t *testing.T) {
	member := func(name string, addrs ...string) (m corosync.Node) {
		m.Name = name
		copy(m.Addrs[:], addrs)
		return m
	}
	n1 := member("n1", "10.0.0.1", "10.1.0.1")
	listed := &inventory.Inventory{Nodes: []inventory.Node{{Name: "second", NodeName: "n2", Host: "192.0.2.2"}, {Name: "third", NodeName: "third", Host: "10.1.0.3"}}}
	for _, c := range []struct {
		name   string
		inv    *inventory.Inventory
		member corosync.Node
		known  steps.Found
		want   string
	}{
		{"by name", &inventory.Inventory{}, member("n2", "10.0.0.2"), steps.Found{Member: n1, Node: inventory.Node{Host: "n1", User: "ops", Port: 2222}}, "n2 at n2 as ops:2222, n2 at 10.0.0.2 as ops:2222"},
		{"by the first link", &inventory.Inventory{}, member("n2", "10.0.0.2", "10.1.0.2"), steps.Found{Member: n1, Node: inventory.Node{Host: "192.0.2.1"}}, "n2 at 10.0.0.2 as :0, n2 at 10.1.0.2 as :0, n2 at n2 as :0"},
		{"by the same link", &inventory.Inventory{}, member("n2", "10.0.0.2", "10.1.0.2"), steps.Found{Member: n1, Node: inventory.Node{Host: "10.1.0.1"}}, "n2 at 10.1.0.2 as :0, n2 at 10.0.0.2 as :0, n2 at n2 as :0"},
		{"without a name", &inventory.Inventory{}, member("", "db2"), steps.Found{Member: n1, Node: inventory.Node{Host: "n1"}}, "db2 at db2 as :0"},
		{"where the inventory says, by its node_name", listed, member("n2", "10.0.0.2"), steps.Found{Member: n1, Node: inventory.Node{Host: "n1"}}, "second at 192.0.2.2 as :0"},
		{"where the inventory says, by its address", listed, member("n3", "10.0.0.3", "10.1.0.3"), steps.Found{Member: n1, Node: inventory.Node{Host: "n1"}}, "third at 10.1.0.3 as :0"},
	} {
		var got []string
		for _, n := range whereIs(c.inv, c.member, c.known) {
			got = append(got, fmt.Sprintf("%s at %s as %s:%d", n.Name, n.Host, n.User, n.Port))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestLiveFiles: the files of an import are for their owner alone where they are on
// the nodes, and where they hold a key.
func TestLiveFiles(t *testing.T) {
	dir := t.TempDir()
	l := &liveCluster{conf: &corosync.Exported{}, dir: dir, Imported: &steps.Imported{
		Agents: []steps.ImportedFile{{Path: "/usr/lib/ocf/resource.d/acme/beacon", Agent: "ocf:acme:beacon", Mode: "0755", Owner: "root:root", Content: []byte("#!/bin/sh\n")}},
		Files: []steps.ImportedFile{
			{Path: "/etc/app/app.conf", Mode: "0644", Owner: "root:root", Content: []byte("a\n")},
			{Path: "/etc/app/secret", Mode: "0640", Owner: "root:app", Content: []byte("b\n")},
			{Path: "/etc/app/key.pem", Mode: "0644", Owner: "root:root", Content: []byte("-----BEGIN PRIVATE KEY-----\n")},
			{Path: "/etc/app/unread", Mode: "0644", Owner: "root:root", Of: "app.service"},
		}}}
	for _, f := range l.files() {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.path, f.text, f.mode); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]fs.FileMode{}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			info, err := d.Info()
			rel, _ := filepath.Rel(dir, path)
			got[rel] = info.Mode().Perm()
			return err
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]fs.FileMode{"agents/acme/beacon": 0o755, "files/etc/app/app.conf": 0o644, "files/etc/app/secret": 0o600, "files/etc/app/key.pem": 0o600}, got); diff != "" {
		t.Error(diff)
	}
	told := strings.Join(l.notes(), "\n")
	for _, text := range []string{"--with-files fetches them): /etc/app/unread (app.service)", "0600 here too; keep them out of what others read: files/etc/app/key.pem, files/etc/app/secret"} {
		if !strings.Contains(told, text) {
			t.Errorf("no %q in\n%s", text, told)
		}
	}
	if strings.Contains(told, "beacon") {
		t.Error("an agent that is written is told of")
	}
}
