package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// TestImportCorosync: a corosync.conf beside a CIB, whose nodes without names are
// called as the CIB calls their ids.
func TestImportCorosync(t *testing.T) {
	doc, err := cib.ParseConfiguration([]byte(`<configuration><crm_config/><nodes><node id="7" uname="db1"/><node id="9" uname="db2"/></nodes><resources>
<primitive id="far" class="ocf" provider="pacemaker" type="remote"><instance_attributes id="i"><nvpair id="n" name="server" value="10.0.0.9"/></instance_attributes></primitive>
</resources><constraints/></configuration>`))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "corosync.conf")
	read := func(text string) (*fileCluster, error) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return importCorosync(doc, path)
	}
	f, err := read(`totem {
  version: 2
  cluster_name: data-1
  transport: udpu
  token: 5000
}
nodelist {
  node {
    ring0_addr: 10.0.0.7
    nodeid: 7
  }
  node {
    ring0_addr: 10.0.0.8
    name: db2
    nodeid: 9
  }
}
quorum {
  provider: corosync_votequorum
  two_node: 1
}
`)
	if err != nil {
		t.Fatal(err)
	}
	book := yamlout.NewMap()
	for _, s := range f.sections {
		book.Set(s.Key, s.Value)
	}
	var got strings.Builder
	for _, m := range []*yamlout.Map{book, f.inventory} {
		text, err := yamlout.Document("", m)
		if err != nil {
			t.Fatal(err)
		}
		got.Write(text)
	}
	for _, l := range f.lost {
		got.WriteString("lost: " + filepath.Base(l.File) + " " + l.Message + "\n")
	}
	for _, n := range f.notes {
		got.WriteString("note: " + n + "\n")
	}
	want := `cluster:
  transport: {type: udpu}
  totem: {token: 5000}

hosts: data_1
data_1:
  hosts:
    db1: {ansible_host: 10.0.0.7}
    db2: {ansible_host: 10.0.0.8}

data_1_remotes:
  hosts:
    far: {ansible_host: 10.0.0.9}
lost: corosync.conf nodelist.node[db1].name: it is not there, and plan would set it to "db1"
note: corosync.conf keeps what is this cluster's own, and a new one has its own: nodelist.node[db1].nodeid: 7, nodelist.node[db2].nodeid: 9
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{"totem {\n": `section "totem" is not closed`, "totem {\n}\n": "there is no nodelist"} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != 64 {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := importCorosync(doc, path+".none"); err == nil || exitCode(err) != 64 {
		t.Errorf("no file: %v", err)
	}
}
