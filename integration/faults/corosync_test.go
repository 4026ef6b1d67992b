package faults

import (
	"strings"
	"time"
)

// stopsAtReload lets corosync-cfgtool -R hang, and says that it was asked.
const stopsAtReload = `case $1 in -R) touch /run/spoilt/asked; exec sleep 60 ;; esac
exec "$real" "$@"`

// dummy is a resource more, to have something to do.
const dummy = `{id: more, agent: "ocf:pacemaker:Dummy"}`

// corosyncFaults: the file, what runs, and the keys are one thing.
func corosyncFaults() []fault {
	unfinished := func(c *cluster, _ end) {
		c.whole()
		c.joined()
		r := c.must(2, "plan", "--detailed-exitcode")
		containsNot(c.t, r, "No changes")
		c.must(5, "verify")
	}
	return []fault{
		{name: "power is lost between the write and the reload", rule: 1,
			what:  "corosync.conf is new on every member, and nobody was told; the one that reloads loses power and comes back with the new file",
			edit:  func(c *cluster) { c.totem("token: 7000") },
			ready: func(c *cluster) { c.spoil("n1", "/usr/sbin/corosync-cfgtool", stopsAtReload) },
			run:   apply, when: seen("n1", "test -e /run/spoilt/asked"),
			then:  func(c *cluster) { c.lab("power", "off", "n1") },
			right: right{exit: []int{3}, never: []string{"Apply complete", "No change was completed"}}, // one file is new
			also:  unfinished},
		{name: "the controller is killed between the write and the reload", rule: 1,
			what:  "the same, and no node comes back with the new file",
			edit:  func(c *cluster) { c.totem("token: 7000") },
			ready: func(c *cluster) { c.spoil("n1", "/usr/sbin/corosync-cfgtool", stopsAtReload) },
			run:   apply, when: seen("n1", "test -e /run/spoilt/asked"),
			then:  func(c *cluster) { _ = c.running.Cmd.Process.Kill() },
			right: right{exit: []int{-1}},
			also:  unfinished},
		{name: "a reload that fails", rule: 2,
			what: "corosync-cfgtool -R ends with 1: the old file comes back on every member",
			edit: func(c *cluster) { c.totem("token: 7000") },
			ready: func(c *cluster) {
				for _, n := range nodes {
					c.spoil(n, "/usr/sbin/corosync-cfgtool", `[ "$1" != -R ] || { echo cannot >&2; exit 1; }; exec "$real" "$@"`)
				}
			},
			run: apply, right: right{exit: []int{1, 3}, never: []string{"Apply complete", "verified"}},
			holds: func(c *cluster) { c.confIsOld() }},
		{name: "a value with which Corosync cannot start", rule: 2,
			what: "join is more than consensus: nothing is written, neither now nor by the next apply",
			edit: func(c *cluster) { c.totem("join: 100000") },
			run:  apply, right: right{exit: []int{1, 3, 64}, never: []string{"Apply complete", "verified"}},
			holds: func(c *cluster) {
				c.confIsOld()
				if r := c.hadeploy(3*time.Minute, apply...); r.Code == 0 {
					c.t.Errorf("the second apply is content: %s", r)
				}
				c.confIsOld()
			},
			heal: func(c *cluster) { c.files() }},
		{name: "an option that is declared no longer", rule: 2,
			what: "what hadeploy wrote goes when the playbook does not have it any more",
			edit: func(c *cluster) { c.totem("token: 7000") },
			run:  apply, right: right{exit: []int{0}, says: []string{"verified"}},
			holds: func(c *cluster) {
				c.files()
				c.must(0, apply...)
				c.confIsOld()
			}},
		{name: "the key of one running member is gone", rule: 3,
			what: "the key of the others comes back, and no new one is made",
			ready: func(c *cluster) {
				c.on("n2", "sha256sum /etc/corosync/authkey >/root/key.sum; rm /etc/corosync/authkey")
			},
			run: apply, right: right{exit: []int{0}, says: []string{"verified"}},
			holds: func(c *cluster) { c.on("n2", "sha256sum -c --quiet /root/key.sum") }},
		{name: "the key of every running member is gone", rule: 3,
			what:  "a new key would part the cluster at the next start: an error that says what to do",
			ready: func(c *cluster) { c.onAll("cp -p /etc/corosync/authkey /root/authkey; rm /etc/corosync/authkey") },
			run:   apply, right: right{exit: []int{1, 3}, says: []string{"/etc/corosync/authkey"}, never: []string{"Apply complete", "verified"}},
			holds: func(c *cluster) { c.onAll("test ! -e /etc/corosync/authkey") },
			heal:  func(c *cluster) { c.onAll("cp -p /root/authkey /etc/corosync/authkey") }},
		{name: "the key of a running member cannot be read", rule: 3,
			what:  "sha256sum fails on a node: that is no missing key",
			ready: func(c *cluster) { c.spoil("n2", "/usr/bin/sha256sum", "echo 'Input/output error' >&2; exit 1") },
			run:   []string{"plan", "--detailed-exitcode"}, right: right{exit: []int{1, 3}, says: []string{"n2"}, never: []string{"+ key", "No changes"}}},
	}
}

// confIsOld: corosync.conf says on every member what it said before.
func (c *cluster) confIsOld() {
	c.t.Helper()
	want := settings(c.conf)
	for n, text := range c.onAll("cat /etc/corosync/corosync.conf") {
		is := settings(text)
		for key := range is {
			if is[key] != want[key] && !strings.HasPrefix(key, "nodelist") {
				c.t.Errorf("corosync.conf on %s has %s: %s, and had %q", n, key, is[key], want[key])
			}
		}
	}
}
