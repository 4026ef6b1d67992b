package inventory

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

func exportText(t *testing.T, group string, members, remotes []Node) string {
	t.Helper()
	b, err := yamlout.Document("", Export(group, members, remotes))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestExport(t *testing.T) {
	plain := func(name string) Node { return Node{Name: name, NodeName: name, Host: name} }
	at := func(name, host string, links ...string) Node {
		return Node{Name: name, NodeName: name, Host: host, Links: links}
	}
	as := func(n Node, user string, port int) Node { n.User, n.Port = user, port; return n }
	for _, c := range []struct {
		name             string
		members, remotes []Node
		want             string
	}{
		{"names that resolve", []Node{plain("n1"), plain("n2")}, nil, `prod:
  hosts:
    n1: {}
    n2: {}
`},
		{"addresses and links", []Node{at("n1", "192.0.2.1", "10.0.0.1", "10.1.0.1"), at("n2", "192.0.2.2", "10.0.0.2", "10.1.0.2")}, nil, `prod:
  hosts:
    n1: {ansible_host: 192.0.2.1, links: [10.0.0.1, 10.1.0.1]}
    n2: {ansible_host: 192.0.2.2, links: [10.0.0.2, 10.1.0.2]}
`},
		{"what all have stands once", []Node{as(plain("n1"), "admin", 2222), as(plain("n2"), "admin", 22)}, nil, `prod:
  vars: {ansible_user: admin}
  hosts:
    n1: {ansible_port: 2222}
    n2: {ansible_port: 22}
`},
		{"a remote node", []Node{plain("n1")}, []Node{at("web3", "fd00::3")}, `prod:
  hosts:
    n1: {}

prod_remotes:
  hosts:
    web3: {ansible_host: "fd00::3"}
`},
		{"another name, keys, sudo, a jump", []Node{{Name: "a", NodeName: "n1", Host: "a", User: "ops", Become: true, KeyFile: "/keys/a b", KnownHosts: []string{"/keys/known hosts"}, ProxyJump: "ops@bastion:2200"}}, nil, `prod:
  vars:
    ansible_user: ops
    ansible_ssh_private_key_file: /keys/a b
    ansible_become: true
    ansible_ssh_common_args: -o "UserKnownHostsFile=/keys/known hosts" -J ops@bastion:2200
  hosts:
    a: {node_name: n1}
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, exportText(t, "prod", c.members, c.remotes)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestExportReads: whatever the nodes, the inventory that is written reads as them.
func TestExportReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inventory.yaml")
	for seed := range 500 {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		pick := func(of ...string) string { return of[r.IntN(len(of))] }
		node := func(name string, i int) Node {
			n := Node{Name: name, NodeName: pick(name, name, name+"-x"), Host: pick(name, fmt.Sprintf("10.9.0.%d", i), fmt.Sprintf("fd00::%d", i)), User: pick("", "root", "no"),
				Port: r.IntN(2) * (22 + r.IntN(2)), KeyFile: pick("", "/k", "/it's/a key"), ProxyJump: pick("", "", "bastion"), Become: r.IntN(3) == 0}
			for k := range r.IntN(3) {
				n.Links = append(n.Links, fmt.Sprintf("10.%d.0.%d", k, i))
			}
			if r.IntN(3) == 0 {
				n.KnownHosts = []string{"/a", "/b"}[:1+r.IntN(2)]
			}
			return n
		}
		var members, remotes []Node
		for i := range 1 + r.IntN(4) {
			members = append(members, node(pick("n", "null", "1e3", "0x", "on")+fmt.Sprint(i), i+1))
		}
		for i := range r.IntN(3) {
			remotes = append(remotes, node(fmt.Sprint("remote", i), i+100))
		}
		group := GroupName(pick("prod", "my-cluster", "9lives", "n0", "all"), append(members, remotes...))
		text := exportText(t, group, members, remotes)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		inv, list := Load([]string{path}, "")
		if list.Err() != nil {
			t.Fatalf("seed %d: %v\n%s", seed, list, text)
		}
		for pattern, want := range map[string][]Node{group: members, group + "_remotes": remotes} {
			if want == nil {
				continue
			}
			got, err := inv.Match(pattern)
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
			for i := range got {
				got[i].Pos, got[i].Groups = diag.Pos{}, nil
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: %s\n%s", seed, cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got)), text)
			}
		}
	}
}
