//go:build linux

package integration

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// visitor asks the web page every 50 ms until the test ends.
type visitor struct{ *labtest.Watch }

func visit(t *testing.T, vip string) *visitor {
	v := &visitor{labtest.WatchPage("http://"+vip+":8080/", 50*time.Millisecond)}
	t.Cleanup(v.End)
	return v
}

// rest waits for as many more answers as tell that the page is at rest, and
// returns how many were missed so far.
func (v *visitor) rest(t *testing.T) int {
	t.Helper()
	goal := v.Asked() + 10
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		asked, missed := v.Asked(), len(v.Lost())
		if asked >= goal {
			return missed
		}
		if time.Now().After(deadline) {
			t.Fatalf("only %d of %d requests in a minute", asked, goal)
		}
	}
}

// answers waits until the page answers again, ten times in a row.
func (v *visitor) answers(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		before := v.rest(t)
		if v.rest(t) == before {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the page does not answer any more")
		}
	}
}

// none fails the test if a request was missed since there were so many.
func (v *visitor) none(t *testing.T, what string, since int) {
	t.Helper()
	if now := v.rest(t); now > since {
		t.Errorf("%s: %d requests failed, the first one: %s", what, now-since, v.Lost()[since])
	}
}

// interrupted is what the plan says will stop.
func (l *lab) interrupted(t *testing.T) (names []string) {
	t.Helper()
	r := l.must(2, "plan", "-o", "json", "--detailed-exitcode")
	var p struct {
		Interruptions []struct{ What, Node, How string }
	}
	if err := json.Unmarshal([]byte(r.out), &p); err != nil {
		t.Fatalf("%v: %s", err, r)
	}
	for _, i := range p.Interruptions {
		if i.What == "" || i.How == "" {
			t.Errorf("an interruption without a name: %+v", p.Interruptions)
		}
		if !slices.Contains(names, i.What) {
			names = append(names, i.What)
		}
	}
	return names
}

// nginxUnder is which resources run nginx, and its process on each node.
func (l *lab) nginxUnder() string {
	l.t.Helper()
	out := l.ssh("n1", `cibadmin -Q -A "//primitive[@class='systemd'][@type='nginx']" -e 2>/dev/null || cibadmin -Q -o resources | grep -o '<primitive [^>]*type="nginx"[^>]*>'`)
	pids := l.everywhere(nodes, "systemctl show -p ActiveState,MainPID nginx")
	for _, n := range nodes {
		out += n + " " + strings.ReplaceAll(pids[n], "\n", " ") + "\n"
	}
	return out
}

// ownedUnits: the cluster runs nginx, and the page is asked all the time.
func (l *lab) ownedUnits(t *testing.T) {
	v := visit(t, l.vip)
	v.answers(t)
	// Each part begins with the playbook that is applied.
	book, err := os.ReadFile(l.path("quickstart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	again := func() { l.write("quickstart.yaml", string(book), 0o644) }

	l.part(t, "two resources on one unit are an error of the playbook", func(t *testing.T) {
		defer again()
		l.edit("quickstart.yaml", "\nconstraints:\n", "\n  - id: other-web\n    agent: systemd:nginx\n\nconstraints:\n")
		contains(t, l.must(64, "validate"), "resources[3].agent", "nginx.service", "web-server")
		contains(t, l.must(64, "apply", "--yes"), "resources[3].agent", "nginx.service", "web-server")
	})

	l.part(t, "a unit that another resource of the cluster uses is never stopped", func(t *testing.T) {
		defer again()
		l.edit("quickstart.yaml", "      - id: web-server\n        agent: systemd:nginx\n", "")
		l.edit("quickstart.yaml", "\nconstraints:\n", "\n  - id: other-web\n    agent: systemd:nginx\n    meta: {migration-threshold: 7}\n\nconstraints:\n")
		l.must(0, "validate")
		missed, before, nginx := v.rest(t), l.standing(), l.nginxUnder()
		r := l.run("plan")
		if r.code == 0 {
			t.Errorf("plan has nothing against it: %s", r)
		}
		contains(t, r, "nginx", "web-server", "other-web")
		for _, allow := range [][]string{{}, {"--allow-disruption=all"}} {
			r := l.run("apply", append([]string{"--yes"}, allow...)...)
			if r.code == 0 {
				t.Errorf("a second resource was put on the unit: %s", r)
			}
			contains(t, r, "nginx", "web-server", "other-web")
		}
		before.same(t, "a unit in use", l.standing(), false)
		v.none(t, "a unit in use", missed)
		if now := l.nginxUnder(); now != nginx {
			t.Errorf("%s, then %s", nginx, now)
		}
	})
	l.everywhere(nodes, bringBack)

	l.part(t, "what runs is interrupted only where that is allowed by name", func(t *testing.T) {
		defer again()
		l.edit("quickstart.yaml", "cidr_netmask: 24", "cidr_netmask: 25")
		names := l.interrupted(t)
		if !slices.Contains(names, "web-ip") || !slices.Contains(names, "web-server") {
			t.Errorf("the address restarts, and the web server that stands behind it; the plan announces %v", names)
		}
		l.interrupts(t, v, names)
	})
	l.everywhere(nodes, bringBack)
	v.answers(t)

	if !l.part(t, "a resource under another id", func(t *testing.T) { l.renamed(t, v) }) {
		return
	}

	if !l.part(t, "a rename that is cut off is brought to its end", func(t *testing.T) { l.renameCutOff(t, v) }) {
		return
	}
	if !l.part(t, "an address under another id is stopped first", func(t *testing.T) {
		l.edit("quickstart.yaml", "- id: web-ip\n", "- id: web-address\n")
		contains(t, l.must(2, "plan", "--detailed-exitcode"), "web-ip -> web-address", "web-ip is stopped first")
		names := l.interrupted(t)
		if !slices.Contains(names, "web-ip") && !slices.Contains(names, "web-address") {
			t.Errorf("the plan announces %v", names)
		}
		l.interrupts(t, v, names)
		var have []string
		for n, out := range l.everywhere(nodes, "ip -br addr show dev link0") {
			if strings.Contains(out, l.vip+"/") {
				have = append(have, n)
			}
		}
		if cib := l.ssh("n1", "cibadmin -Q"); len(have) != 1 || strings.Contains(cib, `"web-ip"`) {
			t.Errorf("the address is on %v; web-ip in the CIB: %v", have, strings.Contains(cib, `"web-ip"`))
		}
		contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes")
	}) {
		return
	}

	// Nothing comes after this: without the resource made by hand Pacemaker
	// would stop its unit.
	l.part(t, "nor one that a resource made by hand uses as well", func(t *testing.T) {
		l.ssh("n2", "pcs resource create handnginx systemd:nginx meta is-managed=false && crm_resource --wait -t 60")
		v.answers(t)
		missed, nginx := v.rest(t), l.nginxUnder()
		r := l.run("apply", "--yes")
		contains(t, r, "handnginx")
		v.none(t, "a unit in use by hand", missed)
		if now := l.nginxUnder(); now != nginx {
			t.Errorf("%s, then %s", nginx, now)
		}
	})
}

// interrupts applies an edited playbook that interrupts these: only when that
// is allowed, and only then may requests fail.
func (l *lab) interrupts(t *testing.T, v *visitor, names []string) {
	t.Helper()
	missed, before, nginx := v.rest(t), l.standing(), l.nginxUnder()
	all := "--allow-disruption=" + strings.Join(names, ",")
	contains(t, l.must(1, "apply", "--yes"), all, "nothing was changed")
	contains(t, l.must(1, "apply", "--yes", "--allow-disruption", "something-else"), all)
	if len(names) > 1 {
		contains(t, l.must(1, "apply", "--yes", "--allow-disruption", names[0]), "--allow-disruption="+strings.Join(names[1:], ","))
	}
	p := l.atTerminal(nil, l.cmdArgs("apply")...)
	p.await(theQuestion, time.Minute)
	p.write("no")
	r := p.exit(time.Minute)
	_, question, asked := strings.Cut(r.out, "This interrupts what runs now: ")
	question, _, _ = strings.Cut(question, "\n")
	for _, name := range names {
		if r.code != 1 || !asked || !strings.Contains(question, name) {
			t.Errorf("the question does not name %s: %s", name, r)
		}
	}
	before.same(t, "not allowed", l.standing(), false)
	v.none(t, "not allowed", missed)
	if now := l.nginxUnder(); now != nginx {
		t.Errorf("not allowed, and yet: %s, then %s", nginx, now)
	}
	began := time.Now()
	contains(t, l.must(0, "apply", "--yes", all), "verified")
	took := time.Since(began)
	end := v.rest(t)
	if end == missed {
		t.Errorf("the plan announced an interruption of %v, and there was none", names)
	}
	t.Logf("%d requests failed during an apply of %s", end-missed, took.Round(100*time.Millisecond))
	v.none(t, "after the apply", end)
}

// renamed gives the resource of nginx another id. Whether that stops it is the
// plan's to say, and what it says is held against the page.
func (l *lab) renamed(t *testing.T, v *visitor) {
	l.edit("quickstart.yaml", "- id: web-server\n", "- id: web-page\n")
	r := l.must(2, "plan", "--detailed-exitcode")
	contains(t, r, "web-server -> web-page")
	if names := l.interrupted(t); len(names) > 0 {
		if !slices.Contains(names, "web-server") && !slices.Contains(names, "web-page") {
			t.Errorf("the plan announces %v", names)
		}
		l.interrupts(t, v, names)
	} else {
		contains(t, r, "nothing stops")
		missed := v.rest(t)
		contains(t, l.must(0, "apply", "--yes"), "verified")
		v.none(t, "renamed without an interruption", missed)
	}
	// What Pacemaker believes is so: the next monitor finds it running, too.
	l.ssh("n1", "crm_resource --wait -t 60; pcs resource debug-monitor web-page >/dev/null; systemctl is-active nginx")
	if now := l.nginxUnder(); strings.Count(now, "ActiveState=active") != 1 || !strings.Contains(now, "web-page") || strings.Contains(now, "web-server") {
		t.Errorf("expected nginx under web-page alone: %s", now)
	}
	l.noRenameLeft(t)
}

// noRenameLeft: nothing that a rename needs for a moment has stayed.
func (l *lab) noRenameLeft(t *testing.T) {
	t.Helper()
	if left := l.ssh("n1", "cibadmin -Q | grep -i 'hadeploy\\|stop-orphan' || true; crm_mon -1r | grep -i orphan || true"); left != "" {
		t.Errorf("left: %s", left)
	}
	contains(t, l.must(0, "verify"), "as declared")
	contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes")
}

// renameCutOff kills a rename in place when it has begun.
func (l *lab) renameCutOff(t *testing.T, v *visitor) {
	l.edit("quickstart.yaml", "- id: web-page\n", "- id: web-site\n")
	missed := v.rest(t)
	p := l.start("apply", "--yes", "--progress", "plain")
	l.ssh("n2", "timeout 120 sh -c 'until cibadmin -Q -o crm_config | grep -q hadeploy-rename; do sleep 0.05; done'")
	killed := p.kill()
	v.none(t, "a rename is cut off", missed)
	if killed {
		r := l.must(2, "plan", "--detailed-exitcode")
		contains(t, r, "hadeploy-rename", "web-page", "nothing stops for it")
		if names := l.interrupted(t); len(names) > 0 {
			t.Errorf("the end of a rename interrupts %v", names)
		}
	} else {
		t.Logf("it had ended before it could be killed: %s", p.out.String())
	}
	contains(t, l.must(0, "apply", "--yes"), "verified")
	l.noRenameLeft(t)
	v.none(t, "a rename is brought to its end", missed)
}
