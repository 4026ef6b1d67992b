package integration

import (
	"strings"
	"testing"
	"time"
)

// TestCorosync breaks what lies between corosync.conf and what Corosync runs
// with: a reload that is lost, a file that is refused, keys that are gone.
func TestCorosync(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--preinstalled")
	l.edit("quickstart.yaml", "  start: true", "  start: true\n  totem: {token: 3000}")
	l.must(0, "apply", "--yes")

	// How often the real command is to be broken stands in /run/broken.
	const wrapper = `printf '%s\n' '#!/bin/sh' 'case $1 in -R) ;; *) exec /usr/sbin/corosync-cfgtool "$@" ;; esac' \
'[ -e /run/hang ] && { touch /run/hung; exec sleep 600; }' \
'[ -e /run/broken ] && { rm /run/broken; echo "Could not reload configuration. Error 7" >&2; exit 1; }' \
'exec /usr/sbin/corosync-cfgtool "$@"' >/usr/local/sbin/corosync-cfgtool && chmod 755 /usr/local/sbin/corosync-cfgtool`
	l.ssh("n1", wrapper)
	token := func(node string) string {
		return strings.TrimSpace(l.ssh(node, "corosync-cmapctl -g runtime.config.totem.token | sed 's/.* = //'"))
	}
	runs := func(want string) {
		t.Helper()
		for _, n := range nodes {
			if got := token(n); got != want {
				t.Errorf("%s runs with token %s, want %s", n, got, want)
			}
		}
	}
	// settled is the end of every part: nothing differs, and nothing of ours is left.
	settled := func() {
		t.Helper()
		contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes.")
		l.must(0, "verify", "--wait")
		for _, n := range nodes {
			if left := l.ssh(n, "ls -A /etc/corosync /run | grep -e '^.hadeploy' -e '^.corosync.conf' -e 'corosync-reloaded.new' || :"); left != "" {
				t.Errorf("left on %s: %s", n, left)
			}
		}
	}

	t.Run("killed between the file and the reload", func(t *testing.T) {
		l.t = t
		l.edit("quickstart.yaml", "token: 3000", "token: 7000")
		l.ssh("n1", "touch /run/hang")
		p := l.start("apply", "--yes", "--progress", "plain")
		for end := time.Now().Add(time.Minute); strings.TrimSpace(l.ssh("n1", "ls /run/hung 2>/dev/null || :")) == ""; {
			if time.Now().After(end) {
				p.kill()
				t.Fatalf("the reload was not reached: %s%s", p.plan, p.out)
			}
		}
		p.kill()
		l.ssh("n1", "rm -f /run/hang /run/hung")
		runs("3650")
		contains(t, l.must(2, "plan", "--detailed-exitcode"), "corosync runtime", "totem.token: 3000 -> 7000")
		contains(t, l.must(5, "verify"), "COROSYNC_NOT_READ", "totem.token is 3000, in the file 7000")
		l.must(0, "apply", "--yes")
		runs("7650")
		settled()
	})

	t.Run("a value that Corosync would not start with", func(t *testing.T) {
		l.t = t
		l.edit("quickstart.yaml", "token: 7000", "token: 7000, join: 100000")
		contains(t, l.must(64, "plan"), "quickstart.yaml:", "cluster.totem.join: consensus (9180 ms")
		l.edit("quickstart.yaml", "token: 7000, join: 100000", "token: 7000")
	})

	t.Run("a file that one node's Corosync refuses", func(t *testing.T) {
		l.t = t
		before := l.ssh("n1", "cat /etc/corosync/corosync.conf")
		l.ssh("n3", `printf 'uidgid {\n  nonsense: 1\n}\n' >/etc/corosync/uidgid.d/bad`)
		l.edit("quickstart.yaml", "token: 7000", "token: 7000, join: 60")
		contains(t, l.must(3, "apply", "--yes"), "corosync.conf was left as it is on all nodes", "n3", "Only uid and gid are allowed")
		for _, n := range nodes {
			if l.ssh(n, "cat /etc/corosync/corosync.conf") != before {
				t.Errorf("corosync.conf of %s was changed", n)
			}
		}
		l.ssh("n3", "rm /etc/corosync/uidgid.d/bad")
	})

	t.Run("a reload that is refused", func(t *testing.T) {
		l.t = t
		before := l.ssh("n1", "cat /etc/corosync/corosync.conf")
		l.ssh("n1", "touch /run/broken")
		contains(t, l.must(3, "apply", "--yes"), "Error 7", "the old corosync.conf is in place again on n1, n2, n3, and it is what runs")
		for _, n := range nodes {
			if l.ssh(n, "cat /etc/corosync/corosync.conf") != before {
				t.Errorf("corosync.conf of %s is not the old one", n)
			}
		}
		runs("7650")
		l.must(0, "apply", "--yes")
		settled()
	})

	t.Run("what is no longer declared goes", func(t *testing.T) {
		l.t = t
		l.edit("quickstart.yaml", "token: 7000, join: 60", "token: 7000")
		contains(t, l.must(2, "plan", "--detailed-exitcode"), "totem.join: 60 -> (removed)")
		l.must(0, "apply", "--yes")
		for _, n := range nodes {
			if strings.Contains(l.ssh(n, "cat /etc/corosync/corosync.conf; corosync-cmapctl totem."), "join") {
				t.Errorf("join is still there on %s", n)
			}
		}
		settled()
	})

	t.Run("back to a backup's", func(t *testing.T) {
		l.t = t
		was := token("n1")
		before := l.ssh("n1", "cat /etc/corosync/corosync.conf")
		l.edit("quickstart.yaml", "totem: {token: 7000", "totem: {token: 9000")
		l.must(0, "apply", "--yes")
		if token("n1") == was {
			t.Fatal("nothing was changed")
		}
		id := strings.TrimSpace(l.ssh("n1", "ls /var/lib/hadeploy/backups | sort | tail -n 1"))
		restore := append([]string{"restore", id}, l.cmdArgs("")[1:]...)
		r := l.exec(t, time.Minute, nil, append(restore, "--yes")...)
		contains(t, r, "totem.token: 9000 -> 7000")
		if r.code != 0 {
			t.Fatal(r)
		}
		for _, n := range nodes {
			if got := l.ssh(n, "cat /etc/corosync/corosync.conf"); got != before || token(n) != was {
				t.Errorf("%s runs with token %s, not %s:\n%s", n, token(n), was, diffLines(before, got))
			}
		}
		contains(t, l.exec(t, time.Minute, nil, append(restore, "--yes")...), "nothing had to be changed")
		// Other members than the backup has.
		dir := "/var/lib/hadeploy/backups/" + id
		l.ssh("n1", "sed -i 's/name: n3/name: n4/' "+dir+"/corosync.conf")
		contains(t, l.exec(t, time.Minute, nil, append(restore, "--yes")...), "COROSYNC_NOT_RESTORED", "were n1, n2, n4")
		l.edit("quickstart.yaml", "totem: {token: 9000", "totem: {token: 7000")
		settled()
	})

	t.Run("keys", func(t *testing.T) {
		l.t = t
		sum := l.ssh("n1", "sha256sum /etc/corosync/authkey")
		l.ssh("n2", "rm /etc/corosync/authkey")
		contains(t, l.must(0, "apply", "--yes"), "the key of n1")
		if l.ssh("n2", "sha256sum /etc/corosync/authkey") != sum {
			t.Error("n2 has another key")
		}
		settled()
		for _, n := range nodes {
			l.ssh(n, "mv /etc/corosync/authkey /root/")
		}
		contains(t, l.must(1, "apply", "--yes"), "KEY_LOST", "pcs cluster stop --all")
		for _, n := range nodes {
			l.ssh(n, "[ ! -e /etc/corosync/authkey ]")
		}
		l.ssh("n3", "mv /root/authkey /etc/corosync/")
		l.ssh("n2", "head -c 256 /dev/urandom >/etc/corosync/authkey")
		contains(t, l.must(1, "apply", "--yes"), "KEYS_DIFFER")
		l.ssh("n2", "rm /etc/corosync/authkey")
		l.must(0, "apply", "--yes")
		settled()
		// A key that is changed on all is read by a reload.
		for _, n := range nodes {
			l.ssh(n, "rm /etc/corosync/authkey")
		}
		l.ssh("n1", "head -c 256 /dev/urandom >/etc/corosync/authkey; chmod 400 /etc/corosync/authkey")
		contains(t, l.must(5, "verify"), "KEY_NOT_READ")
		l.must(0, "apply", "--yes")
		settled()
	})
}
