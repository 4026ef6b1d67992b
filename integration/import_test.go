package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// imported runs import into a folder of its own, whose playbook then is as the
// cluster: plan finds nothing to change, and apply changes nothing.
func (l *lab) imported(dir string, env []string, args ...string) result {
	l.t.Helper()
	r := l.exec(l.t, 3*time.Minute, env, append([]string{"import", "--dir", l.path(dir), "--with-files"}, args...)...)
	if r.code != 0 {
		l.t.Fatal(r)
	}
	book := filepath.Join(dir, "cluster.yaml")
	noSecret(l.t, r)
	noSecretIn(l.t, l.path(dir))
	l.own(0, env, "validate", book)
	contains(l.t, l.own(0, env, "plan", book, "--detailed-exitcode"), "No changes.")
	contains(l.t, l.own(0, env, "apply", book, "--yes"), "nothing had to be changed", "verified")
	return r
}

// own runs a command with a playbook that stands for itself; the secret is in the
// environment.
func (l *lab) own(code int, env []string, args ...string) result {
	l.t.Helper()
	r := l.exec(l.t, 10*time.Minute, append([]string{"HACLUSTER_PASSWORD=" + password}, env...), args...)
	if r.code != code {
		l.t.Fatalf("expected exit %d: %s", code, r)
	}
	return r
}

// oneChange makes an edit of an imported playbook, which has to be one change of
// what is named, and applies it.
func (l *lab) oneChange(env []string, book, old, new string, ids ...string) {
	l.t.Helper()
	l.edit(book, old, new)
	r := l.own(2, env, "plan", book, "--detailed-exitcode", "-o", "json")
	var p planned
	if err := json.Unmarshal([]byte(r.out), &p); err != nil {
		l.t.Fatalf("%v: %s", err, r)
	}
	var changed []string
	for _, c := range p.Changes {
		if changed = append(changed, c.ID); len(c.Diffs) != 1 {
			l.t.Errorf("%s has %d differences: %+v", c.ID, len(c.Diffs), c.Diffs)
		}
	}
	slices.Sort(changed)
	if changed = slices.Compact(changed); !slices.Equal(changed, ids) {
		l.t.Fatalf("expected a change of %v: %+v", ids, p.Changes)
	}
	contains(l.t, l.own(0, env, "apply", book, "--yes"), "verified")
	contains(l.t, l.own(0, env, "plan", book, "--detailed-exitcode"), "No changes.")
}

// noSecretIn looks through the files of an import.
func noSecretIn(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(b), password) {
			t.Errorf("the secret is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestImport: a cluster that hadeploy made, and one that a person made with pcs,
// become playbooks that are as the clusters are.
func TestImport(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--preinstalled")
	inventory := filepath.Join(l.dir, "inventory.yaml")
	// As an administrator has it: ssh finds the nodes by their addresses.
	home := filepath.Join(l.work, "home")
	if err := os.MkdirAll(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	l.write("home/.ssh/config", "Host 10.*\n  User root\n  IdentityFile "+l.dir+"/id_ed25519\n  UserKnownHostsFile "+l.dir+"/known_hosts\n", 0o600)
	env := []string{"HOME=" + home}
	addresses := map[string]string{}
	for _, n := range nodes {
		addresses[n] = strings.TrimSpace(l.ssh(n, `ip -o -4 addr show link0 | sed -n 's,.* inet \([0-9.]*\)/.*,\1,p' | head -n 1`))
	}

	if !l.part(t, "what hadeploy made", func(t *testing.T) {
		l.must(0, "apply", "--yes")
		r := l.imported("made", nil, "-i", inventory)
		book := l.read("made/cluster.yaml")
		for _, text := range []string{"name: quickstart", "install: [nginx]", "files/etc/nginx/conf.d/quickstart.conf", "agents/acme/beacon", "HACLUSTER_PASSWORD"} {
			if !strings.Contains(book, text) {
				t.Errorf("the playbook has no %q: %s\n%s", text, book, r)
			}
		}
		if sent := l.sent(0, "import", "-i", inventory); !slices.ContainsFunc(sent, func(s sentCommand) bool { return s.Label == "packages of files" }) ||
			slices.ContainsFunc(sent, func(s sentCommand) bool { return !s.Reads }) {
			t.Errorf("import sent %+v", sent)
		}
		l.oneChange(nil, "made/cluster.yaml", "interval: 10s", "interval: 12s", "web-ip")
		// The same cluster gives the same file, but for what was changed.
		l.imported("again", nil, "-i", inventory)
		if before, after := l.read("made/cluster.yaml"), l.read("again/cluster.yaml"); withoutHead(before) != withoutHead(after) {
			t.Errorf("another file:\n%s", diffLines(before, after))
		}
		l.must(0, "destroy", "--confirm", "quickstart")
	}) {
		return
	}

	// What is typed on nodes stands in command lines, where the password of the other
	// tests may not be.
	const typed = "battery-staple-5e2"
	env = append(env, "HACLUSTER_PASSWORD="+typed)
	l.part(t, "what a person made with pcs", func(t *testing.T) {
		l.everywhere(nodes, `echo 'hacluster:`+typed+`' | chpasswd
mkdir -p /etc/app; printf 'token = x\n' >/etc/app/app.conf; chmod 640 /etc/app/app.conf`)
		var hosts, members []string
		for _, n := range nodes {
			second := strings.TrimSpace(l.ssh(n, `ip -o -4 addr show link1 | sed -n 's,.* inet \([0-9.]*\)/.*,\1,p' | head -n 1`))
			hosts = append(hosts, n, "addr="+addresses[n])
			members = append(members, n, "addr="+addresses[n], "addr="+second)
		}
		l.ssh("n1", "set -e; pcs host auth -u hacluster "+strings.Join(hosts, " ")+" <<'END'\n"+typed+"\nEND\n"+
			"pcs cluster setup hand "+strings.Join(members, " ")+" transport knet ip_version=ipv4-6 link linknumber=1 link_priority=5"+
			` crypto cipher=aes128 hash=sha512 totem token=4321 join=60 quorum last_man_standing=1
sed -i 's/nodeid: 1$/nodeid: 101/; s/nodeid: 2$/nodeid: 7/; s/nodeid: 3$/nodeid: 33/; s/^totem {/# by hand\ntotem {/' /etc/corosync/corosync.conf
pcs cluster sync
pcs cluster start --all --wait=60
pcs property set stonith-enabled=false
pcs resource create lamp ocf:acme:beacon message=/etc/app/app.conf op monitor interval=10s
pcs resource create vip ocf:heartbeat:IPaddr2 ip=`+l.vip+` cidr_netmask=24
pcs constraint colocation add vip with lamp
crm_resource --wait -t 60`)
		r := l.imported("hand", env, addresses["n2"])
		contains(t, r, "nodelist.node[n1].nodeid: 101", "files/etc/app/app.conf")
		for name, texts := range map[string][]string{
			"hand/cluster.yaml": {"name: hand", "enable: false", "ip_version: ipv4-6", "linknumber: 1, link_priority: 5", "cipher: aes128, hash: sha512", "token: 4321",
				"last_man_standing: 1", "ocf:acme:beacon", "path: /etc/app/app.conf"},
			"hand/inventory.yaml": {"n1: {ansible_host: " + addresses["n1"]},
		} {
			for _, text := range texts {
				if got := l.read(name); !strings.Contains(got, text) {
					t.Errorf("%s has no %q:\n%s", name, text, got)
				}
			}
		}
		if info, err := os.Stat(l.path("hand/files/etc/app/app.conf")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		l.oneChange(env, "hand/cluster.yaml", "token: 4321", "token: 4400", "/etc/corosync/corosync.conf")

		before := l.ssh("n3", "cat /etc/corosync/corosync.conf")
		l.ssh("n3", "sed -i 's/token: 4400/token: 4500/' /etc/corosync/corosync.conf")
		r = l.exec(t, time.Minute, env, "import", addresses["n1"])
		if r.code == 0 || !strings.Contains(r.err, "totem.token") || !strings.Contains(r.err, "is not that of") {
			t.Errorf("members that differ: %s", r)
		}
		l.ssh("n3", "sed -i 's/token: 4500/token: 4400/' /etc/corosync/corosync.conf")
		if after := l.ssh("n3", "cat /etc/corosync/corosync.conf"); after != before {
			t.Errorf("the file is not as before:\n%s", diffLines(before, after))
		}
		l.lab("power", "off", "n3")
		r = l.exec(t, time.Minute, env, "import", addresses["n1"], "--connect-timeout", "3s")
		if r.code != 4 || !strings.Contains(r.err, "n3: cannot reach") {
			t.Errorf("a member that is off: %s", r)
		}
	})
}

// withoutHead is a playbook without the comment at its head, which names the
// version of the CIB.
func withoutHead(text string) string {
	_, rest, found := strings.Cut(text, "\nname:")
	if !found {
		return text
	}
	return rest
}
