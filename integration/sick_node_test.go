package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// sickPcs takes the place of pcs on a node: as long as /run/sick is there it does
// what that says.
const sickPcs = `#!/bin/sh
case $(cat /run/sick 2>/dev/null) in
hang) echo looking for pcsd >&2; exec sleep 600 ;;
flood) exec yes flood ;;
fail) echo Traceback: no >&2; exit 1 ;;
empty) exit 0 ;;
esac
exec /usr/sbin/pcs "$@"
`

// TestSickNode makes one of three nodes sick: verify and status tell that of it
// and judge the others, and verify --wait sees it well again, after a restart
// too. On the way, what this release of Pacemaker cannot keep is refused.
func TestSickNode(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian11", "--preinstalled")
	l.must(0, "apply", "--yes")
	l.refusesWhatIsDamaged(t)
	l.ssh("n2", fmt.Sprintf("printf %%s '%s' >/usr/local/sbin/pcs; chmod 755 /usr/local/sbin/pcs", sickPcs))

	for _, c := range []struct{ ill, says string }{
		{"fail", "Traceback: no"},
		{"empty", "the text is empty"},
		{"flood", "wrote more than"},
	} {
		l.ssh("n2", "echo "+c.ill+" >/run/sick")
		r := l.must(5, "verify", "-o", "json", "--progress", "quiet")
		l.onlyN2(t, r, c.says)
		t.Logf("%s: told after %s", c.ill, r.took.Round(100*time.Millisecond))
	}

	l.ssh("n2", "echo hang >/run/sick")
	hung := make(chan result, 1)
	go func() {
		hung <- l.exec(t, time.Minute, nil, l.cmdArgs("status", "--timeout", "20s", "--progress", "quiet")...)
	}()
	r := l.must(2, "verify", "--nagios", "--timeout", "20s")
	contains(t, r, "CRITICAL - cluster quickstart: n2: pcs status cannot be read: not finished after", "[STATUS_UNKNOWN]")
	status := <-hung
	contains(t, status, "n3  online", "web-server", "! n2: pcs status: not finished after")
	if status.code != 3 || r.took > 20*time.Second || status.took > 20*time.Second {
		t.Errorf("verify after %s; status: %s", r.took, status)
	}
	t.Logf("hang: verify told after %s, status after %s", r.took.Round(100*time.Millisecond), status.took.Round(100*time.Millisecond))

	l.ssh("n2", "echo fail >/run/sick")
	waited := l.background("verify", "--wait", "--progress", "plain")
	time.Sleep(4 * time.Second) // it has looked, and waits
	l.ssh("n2", "rm /run/sick")
	r = <-waited
	contains(t, r, "waiting for the declared state: pcs status cannot be read", "Cluster quickstart runs as declared")
	if r.code != 0 || r.took < 4*time.Second {
		t.Errorf("waiting until pcs is well: %s", r)
	}
	t.Logf("mended: well after %s", r.took.Round(100*time.Millisecond))

	l.ssh("n2", "echo fail >/run/sick")
	waited = l.background("verify", "--wait", "--progress", "plain")
	time.Sleep(4 * time.Second)
	if off := l.exec(t, time.Minute, nil, "lab", "power", "cycle", "n2", "--dir", l.dir); off.code != 0 {
		t.Fatalf("power cycle: %s", off)
	}
	r = <-waited
	contains(t, r, "Cluster quickstart runs as declared")
	if r.code != 0 || strings.Count(r.err, "n2 connected") != 2 {
		t.Errorf("waiting through a restart: %s", r)
	}
	t.Logf("restarted: well after %s", r.took.Round(100*time.Millisecond))
}

// background runs a command of the quickstart beside what the test does.
func (l *lab) background(verb string, more ...string) <-chan result {
	done := make(chan result, 1)
	go func() { done <- l.exec(l.t, 3*time.Minute, nil, l.cmdArgs(verb, more...)...) }()
	return done
}

// onlyN2 wants one error, which is that n2 told nothing of use, and the others
// judged.
func (l *lab) onlyN2(t *testing.T, r result, says string) {
	t.Helper()
	var told struct {
		Checks []struct {
			Name, Seen string
			Passed     bool
		}
		Findings []struct{ Severity, Code, Node, Message string }
	}
	if err := json.Unmarshal([]byte(r.out), &told); err != nil {
		t.Fatalf("%v: %s", err, r)
	}
	for _, f := range told.Findings {
		if f.Severity == "error" && (f.Code != "STATUS_UNKNOWN" || f.Node != "n2" || !strings.Contains(f.Message, says)) {
			t.Errorf("found %+v", f)
		}
	}
	var well []string
	for _, c := range told.Checks {
		if c.Passed {
			well = append(well, c.Name)
		}
	}
	for _, name := range []string{"members", "partition", "daemons", "resources", "addresses", "probes"} {
		if !slices.Contains(well, name) {
			t.Errorf("%s has not passed: %s", name, r)
		}
	}
}

// refusesWhatIsDamaged holds the rule of what a release keeps to the release:
// what is refused is what Pacemaker would damage.
func (l *lab) refusesWhatIsDamaged(t *testing.T) {
	t.Helper()
	b, err := os.ReadFile(l.path("quickstart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	l.write("accent.yaml", strings.Replace(string(b), "message: lit", "message: lité", 1), 0o644)
	args := l.cmdArgs("apply", "--yes")
	args[1] = "accent.yaml"
	before := l.ssh("n1", "cibadmin --query --xpath /cib --no-children | grep -o ' epoch=[^ ]*'")
	r := l.exec(t, time.Minute, nil, args...)
	contains(t, r, "accent.yaml:50:26: error: the value of message holds a character that is not ASCII, which Pacemaker 2.0.5 damages")
	if r.code != 64 {
		t.Errorf("expected exit 64: %s", r)
	}
	if after := l.ssh("n1", "cibadmin --query --xpath /cib --no-children | grep -o ' epoch=[^ ]*'"); after != before {
		t.Errorf("the CIB was at %s and is at %s", before, after)
	}
	if kept := l.ssh("n1", `crm_attribute -n x-kept -v lité >&2; crm_attribute -n x-kept -G -q; crm_attribute -n x-kept -D >&2`); !strings.Contains(kept, `\37777777703`) {
		t.Errorf("Pacemaker keeps it: %q", kept)
	}
}
