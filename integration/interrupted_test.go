//go:build linux

package integration

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestInterruptedAndSpoken leads a person through a first apply: Ctrl-C at each
// phase, and an agent that says its password to everybody.
func TestInterruptedAndSpoken(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--preinstalled")

	// What only reads is broken off.
	p := l.atTerminal(nil, l.cmdArgs("apply", "--yes")...)
	p.await("connecting", 10*time.Second)
	p.press("\x03")
	interrupted(t, p.exit(10*time.Second), "interrupted while ", "nothing was changed")

	p = l.atTerminal(nil, l.cmdArgs("apply")...)
	p.await(theQuestion, time.Minute)
	p.press("\x03")
	interrupted(t, p.exit(10*time.Second), "interrupted while asking; nothing was changed")

	l.write("hang.yaml", strings.Replace(l.read("quickstart.yaml"), "{file: secret}", `{command: [sh, -c, "echo asked >> asked; sleep 100"]}`, 1), 0o644)
	args := append([]string{"plan", "hang.yaml"}, l.cmdArgs("plan")[2:]...)
	p = l.atTerminal(nil, args...)
	waitFor(t, "the secret command", func() bool { _, err := os.Stat(l.path("asked")); return err == nil })
	p.press("\x03")
	interrupted(t, p.exit(10*time.Second), "interrupted while planning; nothing was changed")

	// A change is finished, and the next one not begun.
	p = l.atTerminal(nil, l.cmdArgs("apply", "--yes")...)
	p.await("] start", 3*time.Minute)
	p.press("\x03")
	r := p.exit(3 * time.Minute)
	interrupted(t, r, "Apply interrupted after", "Left", "  cib: ", "before step enable: ")
	if strings.Contains(r.out, "Apply complete") {
		t.Errorf("it says that it is complete: %s", r)
	}
	if got := l.ssh("n1", "systemctl is-active corosync pacemaker"); got != "active\nactive\n" {
		t.Errorf("what was under way was not finished: %s", got)
	}

	// So it goes on in JSON, where verifying is broken off.
	l.edit("quickstart.yaml", "agents:\n", "agents:\n  - {name: ocf:acme:leaky, source: leaky}\n")
	l.edit("quickstart.yaml", "resources:\n", "resources:\n  - {id: leak, agent: 'ocf:acme:leaky', options: {password: {file: leaked}, pin: {file: pin}}}\n")
	l.edit("quickstart.yaml", "within: 120s", "within: 25s")
	l.write("leaky", leaky, 0o755)
	l.write("leaked", spoken+"\n", 0o600)
	l.write("pin", spokenPIN+"\n", 0o600)
	p = l.atTerminal(nil, l.cmdArgs("apply", "--yes", "-o", "json", "-vv", "--log-file", l.path("json.log"))...)
	p.await(`"type":"waiting","version":1`, 3*time.Minute)
	p.await(`"step":"verify"`, 3*time.Minute)
	p.press("\x03")
	r = p.exit(time.Minute)
	interrupted(t, r, "interrupted while verifying")
	silentAbout(t, "apply -o json", r.out)
	if sum := lastSummary(t, r.out); !sum.Interrupted || sum.Changes == 0 || len(sum.Left) > 0 || sum.Verified {
		t.Errorf("the summary: %+v", sum)
	}

	// Nobody hears what the agent says.
	waitFor(t, "the agent to say its password", func() bool { return strings.Contains(l.ssh("n1", "crm_mon -1"), "w0rd") })
	for name, args := range map[string][]string{
		"apply": {"apply", "--yes"}, "verify": {"verify"}, "verify.json": {"verify", "-o", "json"}, "verify.xml": {"verify", "-o", "junit"},
		"verify.md": {"verify", "-o", "markdown"}, "verify --plan": {"verify", "--plan"}, "brief": {"verify", "--brief"},
		"status": {"status"}, "status.json": {"status", "-o", "json"}, "plan.json": {"plan", "-o", "json", "--out", l.path("saved.json")},
	} {
		log := l.path(strings.ReplaceAll(name, " ", "") + ".log")
		r := l.run(args[0], append(args[1:], "-vv", "--log-file", log)...)
		silentAbout(t, name, r.out+r.err)
		words := strings.ReplaceAll(r.out, `\*`, "*") // Markdown
		if name != "plan.json" && name != "brief" && !strings.Contains(words, "***") {
			t.Errorf("the agent's words are missing: %s", r)
		}
	}
	// Where the secrets are not at hand, the CIB names them.
	for _, name := range []string{"leaked", "pin", "secret"} {
		if err := os.Remove(l.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"verify", "-o", "json"}, {"status", "-o", "json"}, {"plan"}} {
		r := l.run(args[0], append(args[1:], "-vv", "--log-file", l.path("without-"+args[0]+".log"))...)
		silentAbout(t, "without secrets, "+args[0], r.out+r.err)
	}
	logs, err := filepath.Glob(l.path("*.log"))
	if err != nil || len(logs) < 10 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	for _, name := range append(logs, l.path("saved.json")) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		silentAbout(t, filepath.Base(name), string(b))
	}
}

func (l *lab) read(name string) string {
	l.t.Helper()
	b, err := os.ReadFile(l.path(name))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(time.Minute); !done(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func interrupted(t *testing.T, r result, texts ...string) {
	t.Helper()
	if r.code != 130 {
		t.Errorf("expected exit 130: %s", r)
	}
	contains(t, r, texts...)
}

// interruptedSummary is what a program reads of the last line.
type interruptedSummary struct {
	Interrupted, Verified bool
	Changes               int
	Left                  []struct{ Step string }
}

func lastSummary(t *testing.T, out string) (sum interruptedSummary) {
	t.Helper()
	for line := range strings.Lines(out) {
		var l struct {
			Type    string
			Summary interruptedSummary
		}
		if json.Unmarshal([]byte(line), &l) == nil && l.Type == "summary" {
			sum = l.Summary
		}
	}
	return sum
}

// spoken and spokenPIN are said by the agent in every form that it knows.
const (
	spoken    = `S3cr&t "w0rd"<9>`
	spokenPIN = "48-15162342"
)

// silentAbout looks for what was said, and for parts of it.
func silentAbout(t *testing.T, what, text string) {
	t.Helper()
	parts := []string{"S3cr", "w0rd", "15162342", password}
	for before := range 3 {
		b := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + spoken))
		parts = append(parts, b[4:12], b[8:16])
	}
	for _, part := range parts {
		if i := strings.Index(text, part); i >= 0 {
			t.Errorf("%s holds %q: %s", what, part, text[max(0, i-200):min(len(text), i+200)])
		}
	}
}

const leaky = `#!/bin/sh
. "${OCF_FUNCTIONS_DIR:-${OCF_ROOT}/lib/heartbeat}/ocf-shellfuncs"
p=$OCF_RESKEY_password
as() { printf %s "$p" | python3 -c "import sys, html, json, urllib.parse; print($1(sys.stdin.read()))"; }
case $1 in
meta-data)
	cat <<'END'
<?xml version="1.0"?>
<resource-agent name="leaky">
<version>1.0</version>
<longdesc lang="en">Says its password.</longdesc>
<shortdesc lang="en">Says its password</shortdesc>
<parameters>
<parameter name="password" required="1"><longdesc lang="en">Password</longdesc><shortdesc lang="en">Password</shortdesc><content type="string"/></parameter>
<parameter name="pin"><longdesc lang="en">PIN</longdesc><shortdesc lang="en">PIN</shortdesc><content type="string"/></parameter>
</parameters>
<actions>
<action name="start" timeout="20s"/><action name="stop" timeout="20s"/>
<action name="monitor" timeout="20s" interval="10s"/><action name="meta-data" timeout="5s"/>
</actions>
</resource-agent>
END
	exit 0 ;;
start)
	case $(uname -n) in
	n1) ocf_exit_reason "admin:$p, pin $OCF_RESKEY_pin, $(printf %s "admin:$p" | base64)" ;;
	n2) ocf_exit_reason "$(as urllib.parse.quote) $(as html.escape) $(printf %s "x$p" | base64)" ;;
	*) ocf_exit_reason "$(as json.dumps), and then a text that is so long that Pacemaker cuts it: $(as urllib.parse.quote) $p $p" ;;
	esac
	exit 1 ;;
monitor) exit 7 ;;
esac
exit 0
`
