package integration

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRemoteNodes: two members, a host that becomes a remote node and one that
// becomes a guest node, from bare. Both run resources, and what is done to them by
// hand is seen, named and mended. The guest's "virtual machine" is a Dummy:
// Pacemaker connects to the address that it is given, whatever runs there.
func TestRemoteNodes(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--nodes", "4")
	write := func(remotes, resources, locations string) {
		l.t.Helper()
		l.write("remotes.yaml", `name: remotes
hosts: "n1,n2"
hacluster: {password: {file: secret}}
properties: {stonith-enabled: false}
remote_nodes:`+remotes+`resources:
  - {id: a, agent: "ocf:pacemaker:Dummy"}
`+resources+`constraints:
  location:
    - {resource: a, node: n1, score: 10}
`+locations, 0o644)
	}
	const (
		remote   = "\n  - {name: n3, options: {reconnect_interval: 5s}, op: {monitor: {interval: 5s, timeout: 10s}}}\n"
		onRemote = "    - {resource: r, node: n3, score: INFINITY}\n"
		r        = `  - {id: r, agent: "ocf:pacemaker:Dummy"}` + "\n"
		guest    = "\n  - {name: n4, guest: vm}\n"
		vm       = `  - {id: vm, agent: "ocf:pacemaker:Dummy"}` + "\n" + `  - {id: g, agent: "ocf:pacemaker:Dummy"}` + "\n"
		onGuest  = "    - {resource: g, node: n4, score: INFINITY}\n"
	)
	do := func(code int, verb string, more ...string) result {
		l.t.Helper()
		r := l.exec(l.t, 5*time.Minute, nil, append([]string{verb, "remotes.yaml", "-i", filepath.Join(l.dir, "inventory.yaml")}, more...)...)
		if r.code != code {
			l.t.Fatalf("expected exit %d: %s", code, r)
		}
		return r
	}
	part := func(name string, f func(t *testing.T)) {
		t.Helper()
		if !t.Run(name, func(t *testing.T) { old := l.t; l.t = t; defer func() { l.t = old }(); f(t) }) {
			t.FailNow() // what follows rests on it
		}
	}
	nothing := func(t *testing.T) {
		t.Helper()
		contains(t, do(0, "plan", "--detailed-exitcode"), "No changes.")
	}
	status := func() string { return l.ssh("n1", "crm_mon -1 -r") }
	sum := func(node string) string { return l.ssh(node, "sha256sum </etc/pacemaker/authkey") }

	part("a bare host becomes a remote node, and runs a resource", func(t *testing.T) {
		write(remote, r, onRemote)
		plan := do(2, "plan", "--detailed-exitcode")
		contains(t, plan, "package pacemaker-remote", "key /etc/pacemaker/authkey", "service pacemaker_remote",
			"pcs cluster node add-remote n3", "monitor interval=5s timeout=10s")
		run := do(0, "apply", "--yes")
		contains(t, run, "1 remote node online")
		if st := status(); !strings.Contains(st, "RemoteOnline: [ n3 ]") || !strings.Contains(st, "Started n3") {
			t.Error(st)
		}
		if got := l.ssh("n3", "systemctl is-enabled pacemaker_remote; dpkg -l pacemaker corosync pcs 2>/dev/null | grep -c ^ii; ls /etc/corosync 2>/dev/null; true"); got != "enabled\n0\n" {
			t.Errorf("of a member, on n3: %s", got)
		}
		if a, b := sum("n1"), sum("n3"); a != b {
			t.Errorf("the key of n1 is %s, of n3 %s", a, b)
		}
		key := strings.TrimSpace(l.ssh("n1", "base64 -w0 /etc/pacemaker/authkey | head -c 60"))
		if key == "" || strings.Contains(plan.String()+run.String(), key) {
			t.Error("the key is in what is shown")
		}
		nothing(t)
	})

	part("a guest node", func(t *testing.T) {
		write(remote+guest, r+vm, onRemote+onGuest)
		contains(t, do(2, "plan", "--detailed-exitcode"), "pcs cluster node add-guest n4 vm remote-addr=")
		contains(t, do(0, "apply", "--yes"), "2 remote nodes online")
		if st := status(); !strings.Contains(st, "GuestOnline: [ n4 ]") || !strings.Contains(st, "Started n4") {
			t.Error(st)
		}
		nothing(t)
	})

	part("another key is seen, and mended without a stop", func(t *testing.T) {
		l.ssh("n3", "head -c 256 /dev/urandom >/etc/pacemaker/authkey")
		pid := l.ssh("n3", "systemctl show -p MainPID pacemaker_remote")
		contains(t, do(2, "plan", "--detailed-exitcode"), "~ key /etc/pacemaker/authkey", "a connection that stands is kept")
		contains(t, do(5, "verify"), "[REMOTE_KEY] n3")
		contains(t, do(5, "verify", "--plan"), "[CONFIG_DRIFT] n3", "/etc/pacemaker/authkey")
		do(0, "apply", "--yes")
		if a, b := sum("n1"), sum("n3"); a != b {
			t.Errorf("the key of n1 is %s, of n3 %s", a, b)
		}
		if now := l.ssh("n3", "systemctl show -p MainPID pacemaker_remote"); now != pid || !strings.Contains(status(), "RemoteOnline: [ n3 ]") {
			t.Errorf("pacemaker_remote was %s and is %s: %s", pid, now, status())
		}
		nothing(t)
	})

	part("a daemon that ended is started again", func(t *testing.T) {
		for _, n := range []string{"n3", "n4"} {
			l.ssh(n, "systemctl disable --now pacemaker_remote")
		}
		contains(t, do(2, "plan", "--detailed-exitcode"), "service pacemaker_remote", `at boot: disabled -> enabled`)
		contains(t, do(0, "apply", "--yes"), "2 remote nodes online")
		nothing(t)
	})

	part("a remote node that is cut off is told, and comes back", func(t *testing.T) {
		labVerb := func(verb string) {
			if r := l.exec(t, time.Minute, nil, "lab", verb, "--dir", l.dir, "n3"); r.code != 0 {
				t.Fatal(r)
			}
		}
		labVerb("cut")
		var seen result
		for began := time.Now(); ; {
			if seen = l.exec(t, time.Minute, nil, "verify", "remotes.yaml", "-i", filepath.Join(l.dir, "inventory.yaml")); strings.Contains(seen.out, "REMOTE_OFFLINE") {
				break
			}
			if time.Since(began) > 90*time.Second {
				t.Fatalf("not seen: %s", seen)
			}
		}
		contains(t, seen, "n3")
		labVerb("heal")
		l.ssh("n1", "pcs resource cleanup n3")
		do(0, "verify", "--wait")
	})

	part("what is no longer declared is listed, and pruned", func(t *testing.T) {
		write(guest, r+vm, onGuest)
		var p planned
		if err := json.Unmarshal([]byte(do(0, "plan", "-o", "json").out), &p); err != nil {
			t.Fatal(err)
		}
		listed := false
		for _, o := range p.LeftAlone {
			listed = listed || o.Kind == "primitive" && o.ID == "n3"
		}
		if !listed {
			t.Errorf("n3 is not among what is undeclared: %v", p.LeftAlone)
		}
		contains(t, do(0, "apply", "--yes", "--prune", "--allow-disruption=all"), "pcs cluster node remove-remote n3")
		if got := l.ssh("n3", "systemctl is-active pacemaker_remote"); got != "active\n" {
			t.Errorf("its host was to be left alone: pacemaker_remote is %s", got)
		}
		contains(t, do(0, "plan", "--prune", "--detailed-exitcode"), "No changes.")
	})
	part("a cluster that runs and has no key gets one", func(t *testing.T) {
		write(" []\n", "", "")
		do(0, "apply", "--yes", "--prune", "--allow-disruption=all")
		for _, n := range []string{"n1", "n2", "n3"} {
			l.ssh(n, "rm /etc/pacemaker/authkey")
		}
		write(remote, r, onRemote)
		contains(t, do(2, "plan", "--detailed-exitcode"), "On n1, n2\n  + key /etc/pacemaker/authkey", "On n3\n  + key /etc/pacemaker/authkey")
		contains(t, do(0, "apply", "--yes"), "1 remote node online")
		nothing(t)
	})
}
