//go:build linux

package integration

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"
)

// part is a part of a story that one lab tells.
func (l *lab) part(t *testing.T, name string, f func(t *testing.T)) bool {
	t.Helper()
	return t.Run(name, func(t *testing.T) {
		old := l.t
		l.t = t
		defer func() { l.t = old }()
		f(t)
	})
}

// everywhere runs the same on several nodes at once and returns what each
// printed.
func (l *lab) everywhere(on []string, script string) map[string]string {
	l.t.Helper()
	out := map[string]string{}
	var mu sync.Mutex
	var all sync.WaitGroup
	bad := false
	for _, n := range on {
		all.Go(func() {
			r := l.exec(l.t, 3*time.Minute, nil, "lab", "ssh", "--dir", l.dir, n, "--", "set -e\n"+script)
			mu.Lock()
			defer mu.Unlock()
			out[n] = r.out
			if r.code != 0 {
				bad = true
				l.t.Errorf("on %s: %s: %s", n, script, r)
			}
		})
	}
	all.Wait()
	if bad {
		l.t.FailNow()
	}
	return out
}

// standing is all that a second person may have changed, and that a refusal
// must leave as it is.
type standing struct {
	epoch  string // admin_epoch and epoch of the CIB
	config string // its configuration
	files  string // hashes of what lies on the nodes
}

func (l *lab) standing() standing {
	l.t.Helper()
	const hashes = `files="$(find /etc/corosync -type f | sort) /etc/pacemaker/authkey /etc/nginx/conf.d/quickstart.conf /usr/lib/ocf/resource.d/acme/beacon"
sha256sum $files; stat -c '%n %a %U:%G' $files`
	const marker = "--configuration--\n"
	out := l.everywhere(nodes, hashes+`
if [ $(hostname) = n1 ]; then cibadmin -Q | head -n 1 | grep -o ' \(admin_epoch\|epoch\)="[0-9]*"'; echo `+strings.TrimSpace(marker)+`; cibadmin -Q -o configuration; fi`)
	head, config, found := strings.Cut(out["n1"], marker)
	at := strings.Index(head, " admin_epoch=")
	if e := strings.Index(head, " epoch="); e >= 0 && (at < 0 || e < at) {
		at = e
	}
	if !found || at < 0 {
		l.t.Fatalf("n1 says of the CIB: %s", out["n1"])
	}
	return standing{epoch: head[at:], config: config, files: head[:at] + out["n2"] + out["n3"]}
}

// same holds two of them against each other. Where a node leaves or joins,
// Pacemaker itself may write to the CIB what is there already.
func (s standing) same(t *testing.T, what string, after standing, epochMayMove bool) {
	t.Helper()
	if after.config != s.config {
		t.Errorf("%s: the configuration was changed:\n%s", what, diffLines(s.config, after.config))
	}
	if after.files != s.files {
		t.Errorf("%s: files were changed:\n%s", what, diffLines(s.files, after.files))
	}
	if after.epoch != s.epoch && !epochMayMove {
		t.Errorf("%s: the CIB went from %q to %q", what, s.epoch, after.epoch)
	}
}

// What lies on the nodes before the second person comes, and how it comes back.
const (
	keepAll = `mkdir -p /root/kept; cp -p /etc/corosync/corosync.conf /etc/nginx/conf.d/quickstart.conf /root/kept/
if [ $(hostname) = n1 ]; then cibadmin -Q -o configuration >/root/kept/cib.xml; fi`
	bringBack = `cp -p /root/kept/corosync.conf /etc/corosync/corosync.conf; cp -p /root/kept/quickstart.conf /etc/nginx/conf.d/quickstart.conf
if [ $(hostname) = n3 ] && ! systemctl is-active -q pacemaker; then pcs cluster start --wait=60; fi
if [ $(hostname) = n1 ] && ! cibadmin -Q -o configuration | cmp -s - /root/kept/cib.xml; then cibadmin -R -o configuration -x /root/kept/cib.xml; crm_resource --wait -t 60; fi`
)

// meanwhile is what somebody else does between a plan and its being carried
// out.
type meanwhile struct {
	name string
	on   []string // nodes
	does string   // shell
	// refused: the run ends with exit status 1 and changes nothing. Otherwise it
	// goes on to a verified end.
	refused bool
	// done: there is nothing left to do.
	done bool
	says []string
	// joins: a node leaves, and the CIB's epoch may move by itself.
	joins bool
}

// byRoot is what a refusal tells of who changed the CIB with pcs.
var byRoot = []string{"the CIB was at ", "the CIB was last written ", "by user root", "with c", "on n2"}

// meanwhiles: the plan is to change the monitor interval of web-ip from 10s to
// 33s, and nothing else.
var meanwhiles = []meanwhile{
	{name: "the same option to a third value", on: []string{"n2"}, refused: true,
		does: "pcs resource update web-ip op monitor interval=21s",
		says: append([]string{"primitive web-ip", "planned  10s -> 33s", "now      21s -> 33s"}, byRoot...)},
	{name: "another option of the same object", on: []string{"n2"}, refused: true,
		does: "pcs resource update web-ip cidr_netmask=25",
		says: append([]string{"primitive web-ip", "options.cidr_netmask", "planned  no change", "now      25 -> 24"}, byRoot...)},
	{name: "an option that the file does not have", on: []string{"n2"}, refused: true,
		does: "pcs resource update web-ip nic=link0",
		says: append([]string{"primitive web-ip", "options.nic", "planned  no change", "now      link0 -> (none)"}, byRoot...)},
	{name: "a declared object that the plan does not touch", on: []string{"n2"}, refused: true,
		does: "pcs resource update beacon message=dark",
		says: append([]string{"primitive beacon: not in the plan", "options.message", "dark -> lit"}, byRoot...)},
	{name: "an object that nobody declares", on: []string{"n2"},
		does: "pcs resource create handmade ocf:pacemaker:Dummy",
		says: []string{"handmade", "New since the plan was made", "verified"}},
	{name: "the wanted value itself", on: []string{"n2"}, done: true,
		does: "pcs resource update web-ip op monitor interval=33s",
		says: []string{"Done already", "web-ip", "verified"}},
	{name: "a shipped file on a node", on: []string{"n2"}, refused: true,
		does: "sed -i s/hello/howdy/ /etc/nginx/conf.d/quickstart.conf",
		says: []string{"file /etc/nginx/conf.d/quickstart.conf on n2: not in the plan", "/etc/nginx/conf.d/quickstart.conf on n2 was last modified 20"}},
	{name: "corosync.conf on one node", on: []string{"n2"}, refused: true,
		does: `sed -i '/^totem {/a\    max_messages: 20' /etc/corosync/corosync.conf; grep -q max_messages /etc/corosync/corosync.conf`,
		says: []string{"/etc/corosync/corosync.conf on n2", "/etc/corosync/corosync.conf on n2 was last modified 20"}},
	{name: "corosync.conf on all nodes alike", on: nodes, refused: true,
		does: `sed -i '/^totem {/a\    max_messages: 20' /etc/corosync/corosync.conf; grep -q max_messages /etc/corosync/corosync.conf`,
		says: []string{"/etc/corosync/corosync.conf on n1", "/etc/corosync/corosync.conf on n3", "was last modified 20"}},
	{name: "Pacemaker stopped on a node", on: []string{"n3"}, refused: true, joins: true,
		does: "pcs cluster stop",
		says: []string{"on n3", "pacemaker", "inactive -> active"}},
}

// TestSecondPerson: between a plan and its being carried out somebody else
// works on the same cluster. What is not as it was planned is not overwritten,
// whether the plan was just shown at the terminal or is a saved one; what is
// planned goes on where nothing speaks against it. The parts share a lab.
func TestSecondPerson(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--preinstalled")
	contains(t, l.must(0, "apply", "--yes"), "verified")
	l.everywhere(nodes, keepAll)
	l.edit("quickstart.yaml", "monitor: {interval: 10s}", "monitor: {interval: 33s}")
	l.part(t, "only 'yes' is consent", l.onlyYes)
	for _, m := range meanwhiles {
		l.part(t, m.name, func(t *testing.T) { l.meanwhile(t, m) })
		l.everywhere(nodes, bringBack)
	}
	l.edit("quickstart.yaml", "monitor: {interval: 33s}", "monitor: {interval: 10s}")
	l.part(t, "an option set by hand is drift, unless it is ignored", l.ignoredChanges)
	l.ownedUnits(t)
	noSecretInLogs(t, l)
}

// onlyYes: whatever else is typed changes nothing, and gives the lock back.
func (l *lab) onlyYes(t *testing.T) {
	l.onePlanned(t)
	before := l.standing()
	for _, a := range []struct {
		name, typed string
		code        int
		says        string
	}{
		{"y", "y\n", 1, "not confirmed; nothing was changed"},
		{"Ctrl-D", "\x04", 1, "not confirmed; nothing was changed"},
		{"Ctrl-C", "\x03", 130, "nothing was changed"},
	} {
		p := l.atTerminal(nil, l.cmdArgs("apply")...)
		p.await(theQuestion, time.Minute)
		p.press(a.typed)
		if r := p.exit(time.Minute); r.code != a.code || !strings.Contains(r.out, a.says) {
			t.Errorf("%s: expected exit %d and %q: %s", a.name, a.code, a.says, r)
		}
	}
	before.same(t, "not consented", l.standing(), false)
}

// onePlanned saves the plan, which holds the one edit of the playbook.
func (l *lab) onePlanned(t *testing.T) {
	t.Helper()
	r := l.must(2, "plan", "--out", "plan.json", "-o", "json", "--detailed-exitcode")
	var p planned
	if err := json.Unmarshal([]byte(r.out), &p); err != nil {
		t.Fatalf("%v: %s", err, r)
	}
	if len(p.Changes) != 1 || p.Changes[0].ID != "web-ip" || len(p.Changes[0].Diffs) != 1 || p.Changes[0].Diffs[0].Before != "10s" || p.Changes[0].Diffs[0].After != "33s" {
		t.Fatalf("expected the one change of web-ip: %+v", p.Changes)
	}
	if len(p.LeftAlone) > 0 {
		t.Fatalf("something is left of the one before: %+v", p.LeftAlone)
	}
}

func (l *lab) meanwhile(t *testing.T, m meanwhile) {
	l.onePlanned(t)

	// While apply waits for the answer.
	p := l.atTerminal(nil, l.cmdArgs("apply")...)
	p.await(theQuestion, time.Minute)
	l.everywhere(m.on, m.does)
	before := l.standing()
	p.write("yes")
	l.holds(t, "at the terminal", m, p.exit(3*time.Minute), before)

	// With the plan that was saved before.
	if !m.refused { // else all is still as it was then
		l.everywhere(nodes, bringBack)
		l.everywhere(m.on, m.does)
		before = l.standing()
	}
	l.holds(t, "saved", m, l.exec(t, 3*time.Minute, nil, "apply", "plan.json", "--yes"), before)
}

// holds compares how a run ended with what was expected of it.
func (l *lab) holds(t *testing.T, how string, m meanwhile, r result, before standing) {
	t.Helper()
	code := 0
	if m.refused {
		code = 1
	}
	if r.code != code {
		t.Errorf("%s: expected exit %d: %s", how, code, r)
	}
	contains(t, r, m.says...)
	after := l.standing()
	switch {
	case m.refused:
		before.same(t, how, after, m.joins)
	case m.done:
		before.same(t, how, after, false)
	default:
		if !strings.Contains(after.config, `interval="33s"`) {
			t.Errorf("%s: the planned change was not made: %s", how, r)
		}
		if after.files != before.files {
			t.Errorf("%s: files were changed:\n%s", how, diffLines(before.files, after.files))
		}
	}
	if m.refused && strings.Contains(r.out+r.err, "handmade") {
		t.Errorf("%s: it tells of another act: %s", how, r)
	}
}

// ignoredChanges: what a person added to a declared object is shown with its
// value; the playbook can leave it to them.
func (l *lab) ignoredChanges(t *testing.T) {
	l.ssh("n2", "pcs resource update web-ip nic=link0 && crm_resource --wait -t 60")
	defer func() { l.everywhere(nodes, bringBack) }()
	p := l.plan(2)
	if len(p.Changes) != 1 || p.Changes[0].ID != "web-ip" || len(p.Changes[0].Diffs) != 1 || p.Changes[0].Diffs[0].Name != "options.nic" || p.Changes[0].Diffs[0].Before != "link0" {
		t.Errorf("expected the drift of options.nic: %+v", p.Changes)
	}
	contains(t, l.must(0, "plan"), "options.nic: link0")
	l.edit("quickstart.yaml", "options: {ip: \"${vip}\", cidr_netmask: 24}\n", "options: {ip: \"${vip}\", cidr_netmask: 24}\n        ignore_changes: [options.nic]\n")
	before := l.standing()
	r := l.must(0, "plan", "--detailed-exitcode")
	contains(t, r, "No changes", "nic = link0 (ignore_changes)")
	contains(t, l.must(0, "apply", "--yes"), "nothing had to be changed", "verified")
	before.same(t, "ignored", l.standing(), false)
	l.edit("quickstart.yaml", "        ignore_changes: [options.nic]\n", "")
}
