package integration

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(labtest.Main(m, "integration: every test is", &binary)) }

// lab is a set of nodes that this test made and will take down.
type lab struct {
	t    *testing.T
	dir  string // inventory.yaml, key, known_hosts
	work string // playbooks
	vip  string
}

const password = "correct-horse-7f3a9"

// newLab boots nodes n1, n2, n3 and puts the quickstart playbook beside them.
func newLab(t *testing.T, image string, more ...string) *lab {
	t.Helper()
	labtest.NeedRoot(t)
	l := &lab{t: t, dir: filepath.Join(t.TempDir(), "lab"), work: t.TempDir()}
	made, err := labtest.Up(t.Context(), binary, l.dir, l.work, image, more...)
	t.Cleanup(func() {
		if err := made.Down(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	l.vip = made.State.FreeFirst
	if err := os.CopyFS(l.work, os.DirFS("../examples/playbooks")); err != nil {
		t.Fatal(err)
	}
	// The secret comes from a file, so that it is in no environment either.
	l.write("secret", password+"\n", 0o600)
	l.edit("quickstart.yaml", "{env: HACLUSTER_PASSWORD}", "{file: secret}")
	return l
}

func (l *lab) path(name string) string { return filepath.Join(l.work, name) }

func (l *lab) write(name, text string, mode os.FileMode) {
	l.t.Helper()
	if err := os.WriteFile(l.path(name), []byte(text), mode); err != nil {
		l.t.Fatal(err)
	}
}

// edit replaces text that must be there.
func (l *lab) edit(name, old, new string) {
	l.t.Helper()
	b, err := os.ReadFile(l.path(name))
	if err != nil {
		l.t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		l.t.Fatalf("%s does not contain %q", name, old)
	}
	l.write(name, strings.Replace(string(b), old, new, 1), 0o644)
}

// result is what a run of the program gave.
type result struct {
	args     []string
	out, err string
	code     int
	took     time.Duration
}

func (r result) String() string {
	return labtest.Result{Args: r.args, Out: r.out, Err: r.err, Code: r.code, Took: r.took}.String()
}

// exec runs the program; it has no terminal, and no secret in its environment.
func (l *lab) exec(t *testing.T, timeout time.Duration, env []string, args ...string) result {
	t.Helper()
	ctx := t.Context()
	if ctx.Err() != nil { // cleaning up
		ctx = context.Background()
	}
	r := l.nodes().Exec(ctx, timeout, env, args...)
	return result{args: r.Args, out: r.Out, err: r.Err, code: r.Code, took: r.Took}
}

// nodes is the lab as labtest knows it.
func (l *lab) nodes() *labtest.Lab { return &labtest.Lab{Binary: binary, Dir: l.dir, Work: l.work} }

// cmdArgs puts the playbook, the inventory and the address into a command.
func (l *lab) cmdArgs(verb string, more ...string) []string {
	return append([]string{verb, "quickstart.yaml", "-i", filepath.Join(l.dir, "inventory.yaml"), "-e", "vip=" + l.vip}, more...)
}

// run runs a command of the quickstart.
func (l *lab) run(verb string, more ...string) result {
	l.t.Helper()
	return l.exec(l.t, 10*time.Minute, nil, l.cmdArgs(verb, more...)...)
}

// must is run with the exit status that is expected.
func (l *lab) must(code int, verb string, more ...string) result {
	l.t.Helper()
	r := l.run(verb, more...)
	if r.code != code {
		l.t.Fatalf("expected exit %d: %s", code, r)
	}
	return r
}

// ssh runs a command on a node and returns what it printed.
func (l *lab) ssh(node, command string) string {
	l.t.Helper()
	r := l.exec(l.t, 10*time.Minute, nil, "lab", "ssh", "--dir", l.dir, node, "--", command)
	if r.code != 0 {
		l.t.Fatalf("on %s: %s: %s", node, command, r)
	}
	return r.out
}

var nodes = []string{"n1", "n2", "n3"}

// fingerprint is all of a node that a plan must not touch.
func (l *lab) fingerprint(node string) string {
	l.t.Helper()
	return l.ssh(node, `{ find /etc /var/lib/pacemaker /var/lib/pcsd /var/lib/corosync -xdev -type f -print0 2>/dev/null | sort -z | xargs -0r sha256sum
dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\n'
systemctl list-unit-files --no-legend --no-pager
systemctl list-units --all --type=service --no-legend --no-pager --plain | awk '{print $1, $2, $3}' | grep -v '^systemd-\|^user\|^session'
ls -la /tmp 2>/dev/null | awk '{print $1, $3, $9}'
find /run -maxdepth 2 -path '/run/hadeploy*' ! -path /run/hadeploy ! -path '/run/hadeploy/lock*' -printf '%M %u %p\n' | sort; } `)
}

// crm is the state of resources that a restart would change.
func (l *lab) restarts() string {
	l.t.Helper()
	var b strings.Builder
	b.WriteString(l.ssh("n1", `cibadmin -Q | grep -o '<lrm_rsc_op [^>]*' | grep -o ' id="[^"]*"\| last-rc-change="[^"]*"\| call-id="[^"]*"' | tr -d '\n' | sed 's/ id=/\n&/g' | sort`))
	for _, n := range nodes {
		b.WriteString(l.ssh(n, `for u in corosync pacemaker pcsd nginx; do systemctl show -p MainPID $u; done`))
	}
	return b.String()
}

func contains(t *testing.T, r result, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.out+r.err, text) {
			t.Errorf("expected %q in: %s", text, r)
		}
	}
}
