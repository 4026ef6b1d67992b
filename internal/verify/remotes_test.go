package verify

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestRemoteNodes: what is said of declared remote and guest nodes, by the state in
// which the cluster has them.
func TestRemoteNodes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	if err := os.WriteFile(path, []byte(`name: ha
hacluster: {password: {env: PW}}
properties: {stonith-enabled: false}
remote_nodes:
  - {name: web3, server: 10.0.0.13}
  - {name: db1, guest: vm, options: {remote-addr: 10.0.0.21}}
resources:
  - {id: vm, agent: "ocf:pacemaker:Dummy"}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	p, list := playbook.Load(path, playbook.LoadOptions{})
	if p == nil {
		t.Fatal(list)
	}
	web3 := func(n pcs.Node) pcs.Node { n.Name, n.Kind = "web3", pcs.Remote; return n }
	db1 := func(n pcs.Node) pcs.Node { n.Name, n.Kind = "db1", pcs.Guest; return n }
	online := pcs.Node{Online: true}
	for name, c := range map[string]struct {
		st   pcs.Status
		want map[string]string // of each node that is not well: severity, code and what is seen
	}{
		"online":       {pcs.Status{Nodes: []pcs.Node{web3(online), db1(online)}}, nil},
		"not there":    {pcs.Status{Nodes: []pcs.Node{db1(online)}}, map[string]string{"web3": "error REMOTE_OFFLINE absent: the cluster does not know the remote node web3"}},
		"offline":      {pcs.Status{Nodes: []pcs.Node{web3(pcs.Node{}), db1(online)}}, map[string]string{"web3": "error REMOTE_OFFLINE offline: the remote node web3 is offline: no member is connected to pacemaker_remote there, at 10.0.0.13"}},
		"lost":         {pcs.Status{Nodes: []pcs.Node{web3(pcs.Node{Unclean: true}), db1(online)}}, map[string]string{"web3": "error REMOTE_OFFLINE UNCLEAN: the remote node web3 is UNCLEAN: it has to be fenced before its resources can run elsewhere"}},
		"not told":     {pcs.Status{Nodes: []pcs.Node{web3(pcs.Node{NotTold: true}), db1(online)}}, map[string]string{"web3": "error REMOTE_OFFLINE unknown: the cluster does not tell in what state the remote node web3 is"}},
		"another sort": {pcs.Status{Nodes: []pcs.Node{web3(online), {Name: "db1", Kind: pcs.Remote, Online: true}}}, map[string]string{"db1": "error REMOTE_OFFLINE remote: db1 is declared as a guest node, and the cluster has it as remote"}},
		"a guest that is off": {pcs.Status{Nodes: []pcs.Node{web3(online), db1(pcs.Node{})}},
			map[string]string{"db1": "error REMOTE_OFFLINE offline: the guest node db1 is offline: no member is connected to pacemaker_remote there, at 10.0.0.21"}},
		"a guest that somebody disabled": {pcs.Status{Nodes: []pcs.Node{web3(online), db1(pcs.Node{})}, Resources: []pcs.Resource{{ID: "vm", Role: pcs.Stopped, Disabled: true}}},
			map[string]string{"db1": "warning REMOTE_OFFLINE disabled: the guest node db1 is off, as somebody disabled vm"}},
		"standby": {pcs.Status{Nodes: []pcs.Node{web3(pcs.Node{Online: true, Standby: true}), db1(online)}},
			map[string]string{"web3": "warning NODE_STANDBY standby: web3 is in standby, as a person set it: it runs no resources"}},
		"standby by a failure": {pcs.Status{Nodes: []pcs.Node{web3(pcs.Node{Online: true, Standby: true, StandbyOnFail: true}), db1(online)}},
			map[string]string{"web3": "error NODE_STANDBY standby (on-fail): web3 is in standby since a resource failed there (on-fail=standby): it runs no resources"}},
		"maintenance": {pcs.Status{Nodes: []pcs.Node{web3(pcs.Node{Online: true, Maintenance: true}), db1(online)}},
			map[string]string{"web3": "warning NODE_MAINTENANCE maintenance: web3 is in maintenance, as a person set it: its resources are not watched"}},
		"all in maintenance": {pcs.Status{Maintenance: true, Nodes: []pcs.Node{web3(pcs.Node{Online: true, Maintenance: true}), db1(pcs.Node{Online: true, Maintenance: true})}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			j := New(Input{Playbook: p, Said: []NodeStatus{{Status: &c.st}}})
			got := map[string]string{}
			for _, f := range j.checkRemotes().found {
				got[f.Node] = string(f.Severity) + " " + f.Code + " " + f.Seen + ": " + f.Message
				if f.Fix == "" {
					t.Errorf("nothing is said to do: %s", f.Message)
				}
			}
			if len(got) != len(c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for node, want := range c.want {
				if got[node] != want {
					t.Errorf("%s: got %q, want %q", node, got[node], want)
				}
			}
		})
	}
}

// TestRemoteHosts: what the hosts say of themselves is held against the members.
func TestRemoteHosts(t *testing.T) {
	running := facts.Unit{Load: "loaded", Active: "active", Sub: "running", Enabled: "enabled"}
	members := []Daemons{{Node: "n1", Corosync: &facts.Corosync{PacemakerKey: "aa"}}}
	for name, c := range map[string]struct {
		host    RemoteHost
		members []Daemons
		want    string
	}{
		"well":            {RemoteHost{Key: "aa", Remote: running}, members, ""},
		"another key":     {RemoteHost{Key: "bb", Remote: running}, members, "REMOTE_KEY /etc/pacemaker/authkey is not the one of the members: none can connect to the node web3 anew"},
		"no key":          {RemoteHost{Remote: running}, members, "REMOTE_KEY there is no /etc/pacemaker/authkey: no member can connect to the node web3 anew"},
		"members untold":  {RemoteHost{Key: "bb", Remote: running}, nil, ""}, // which the members' own check tells
		"not at boot":     {RemoteHost{Key: "aa", Remote: facts.Unit{Load: "loaded", Active: "active", Enabled: "disabled"}}, members, "DAEMON the daemon pacemaker_remote is active/disabled, not active/enabled"},
		"failed":          {RemoteHost{Key: "aa", Remote: facts.Unit{Load: "loaded", Active: "failed", Enabled: "enabled"}}, members, "DAEMON the daemon pacemaker_remote is failed/enabled, not active/enabled"},
		"not installed":   {RemoteHost{Key: "aa", Remote: facts.Unit{Load: "not-found", Active: "inactive"}}, members, "DAEMON the daemon pacemaker_remote is not installed, not active/enabled"},
		"both":            {RemoteHost{Remote: facts.Unit{Load: "loaded", Active: "failed", Enabled: "enabled"}}, members, "DAEMON the daemon pacemaker_remote is failed/enabled, not active/enabled; REMOTE_KEY there is no /etc/pacemaker/authkey: no member can connect to the node web3 anew"},
		"away":            {RemoteHost{Reach: Away, Err: errors.New("host3: connection refused")}, members, "NODE_UNREACHABLE the node cannot be reached, so its key and pacemaker_remote were not looked at: connection refused"},
		"no whole answer": {RemoteHost{Err: errors.New("systemctl show: exit status 1")}, members, "STATUS_UNKNOWN its key and pacemaker_remote cannot be looked at: systemctl show: exit status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			c.host.Node, c.host.Name = "host3", "web3"
			j := New(Input{Daemons: c.members})
			var got []string
			for _, f := range j.checkHost(c.host) {
				got = append(got, f.Code+" "+f.Message)
				if f.Node != "host3" || f.Severity != plan.Error || f.Fix == "" {
					t.Errorf("not told in full: %+v", f)
				}
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}
