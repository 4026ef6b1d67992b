//go:build linux

package integration

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// TestSavedPlanOfBareHosts: a plan of two hosts with nothing on them is saved,
// shown, refused where anything of it or of what it rests on is another, and
// carried out from another folder. Then a third host joins that runs by itself
// what the cluster is to run.
func TestSavedPlanOfBareHosts(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12")
	inventory, err := os.ReadFile(filepath.Join(l.dir, "inventory.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	l.write("inventory.yaml", string(inventory), 0o644)
	l.edit("quickstart.yaml", "inventory: inventory.yaml\n", "inventory: inventory.yaml\nhosts: n1,n2\n")
	l.write("plan.json", "what was there before\n", 0o644)
	planArgs := []string{"plan", "quickstart.yaml", "-e", "vip=" + l.vip, "--detailed-exitcode", "--out"}

	var doc []byte
	if !l.part(t, "saved, and shown", func(t *testing.T) {
		r := l.exec(t, 2*time.Minute, nil, append(slices.Clone(planArgs), "plan.json")...)
		contains(t, r, "plan.json exists and is no plan; it was not touched")
		if err := os.Remove(l.path("plan.json")); err != nil {
			t.Fatal(err)
		}
		if r = l.exec(t, 2*time.Minute, nil, append(slices.Clone(planArgs), "plan.json")...); r.code != 2 {
			t.Fatalf("%s", r)
		}
		if doc, err = os.ReadFile(l.path("plan.json")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(l.path("plan.json")); err != nil || info.Mode() != 0o600 {
			t.Errorf("its mode is %v (%v)", info.Mode(), err)
		}
		if left, _ := filepath.Glob(l.path(".hadeploy-plan-*")); left != nil {
			t.Errorf("left: %v", left)
		}
		for name, secret := range disguises(password) {
			if bytes.Contains(bytes.ToLower(doc), bytes.ToLower([]byte(secret))) {
				t.Errorf("the plan has the password as %s", name)
			}
		}
		noSecret(t, r)
		away := &lab{t: t, dir: l.dir, work: t.TempDir()} // neither playbook nor inventory
		show := away.exec(t, time.Minute, nil, "show", l.path("plan.json"))
		if show.code != 0 || show.out != r.out {
			t.Errorf("show differs from plan:\n%s%s", diffLines(r.out, show.out), show.err)
		}
		if again := away.exec(t, time.Minute, nil, "show", l.path("plan.json"), "-o", "json"); again.code != 0 || again.out != string(doc) {
			t.Errorf("show -o json is not the file:\n%s%s", diffLines(string(doc), again.out), again.err)
		}
		if r := l.exec(t, 2*time.Minute, nil, append(slices.Clone(planArgs), "no/such/folder/plan.json")...); r.code != 1 || !strings.Contains(r.err, "no/such/folder") {
			t.Errorf("saved where there is no folder: %s", r)
		}
	}) {
		return
	}

	l.part(t, "refused, and nothing is changed", func(t *testing.T) {
		print := func() (all string) {
			for _, n := range nodes {
				all += l.fingerprint(n)
			}
			return all
		}
		before := print()
		for _, c := range misused(l.vip) {
			t.Run(c.name, func(t *testing.T) {
				there := l.copyTo(t, filepath.Join(t.TempDir(), "checkout"))
				there.write("plan.json", string(c.plan(t, doc)), 0o600)
				if c.edit != nil {
					c.edit(t, there)
				}
				r := there.exec(t, 2*time.Minute, nil, append([]string{"apply", "plan.json", "--yes", "--allow-disruption=all"}, c.more...)...)
				if r.code != 1 && r.code != 64 {
					t.Errorf("expected exit 1 or 64: %s", r)
				}
				contains(t, r, c.says...)
				if strings.Contains(r.out+r.err, "goroutine ") || strings.Contains(r.err, "changes made") {
					t.Errorf("%s", r)
				}
				noSecret(t, r)
			})
		}
		if after := print(); after != before {
			t.Errorf("the nodes were changed:\n%s", diffLines(before, after))
		}
		// Without its last line's end it is still whole.
		l.write("short.json", string(doc[:len(doc)-1]), 0o600)
		if r := l.exec(t, time.Minute, nil, "show", "short.json"); r.code != 0 && r.code != 64 {
			t.Errorf("one byte less: %s", r)
		}
	})

	l.part(t, "carried out from another folder, and once more", func(t *testing.T) {
		there := l.copyTo(t, filepath.Join(t.TempDir(), "elsewhere", "checkout"))
		// What does not count: comments, layout.
		there.edit("quickstart.yaml", "name: quickstart\n", "# looked at by somebody\n\nname:   quickstart # so\n")
		home := t.TempDir()
		env := []string{"HOME=" + home, "XDG_STATE_HOME=" + filepath.Join(home, "state")}
		before := there.exec(t, time.Minute, env, "show", "plan.json")
		r := there.exec(t, 10*time.Minute, env, "apply", "plan.json", "--yes")
		if r.code != 0 {
			t.Fatalf("%s", r)
		}
		contains(t, r, "Apply complete", "verified", strings.TrimSpace(before.out))
		noSecret(t, r)
		if body := page(t, l.vip); body != "hello from n1\n" {
			t.Errorf("the page says %q", body)
		}
		r = there.exec(t, 5*time.Minute, env, "apply", "plan.json", "--yes")
		if r.code != 0 {
			t.Fatalf("once more: %s", r)
		}
		contains(t, r, "Done already", "nothing had to be changed", "verified")
		r = l.exec(t, 2*time.Minute, nil, "plan", "quickstart.yaml", "-e", "vip="+l.vip, "--detailed-exitcode")
		contains(t, r, "No changes")

		l.ssh("n2", "pcs resource defaults update resource-stickiness=7")
		r = there.exec(t, 5*time.Minute, env, "apply", "plan.json", "--yes")
		if r.code != 1 {
			t.Errorf("an old plan over what is new: %s", r)
		}
		contains(t, r, "resource-stickiness", "now      7 -> 100", "by user root")
		if now := l.ssh("n1", "pcs resource defaults config || pcs resource defaults"); !strings.Contains(now, "resource-stickiness=7") {
			t.Errorf("an old plan was put over what is new: %s", now)
		}
		l.ssh("n2", "pcs resource defaults update resource-stickiness=100")
	})

	l.part(t, "a node that joins runs the unit by itself", func(t *testing.T) { l.joinsWithUnit(t) })
	noSecretInLogs(t, l)
}

// joinsWithUnit: nginx runs on n3, and its user has to agree that the cluster
// takes it over.
func (l *lab) joinsWithUnit(t *testing.T) {
	v := visit(t, l.vip)
	l.ssh("n3", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install nginx >/dev/null && systemctl start nginx && systemctl is-active nginx")
	pid := l.ssh("n3", "systemctl show -p MainPID nginx")
	l.edit("quickstart.yaml", "hosts: n1,n2\n", "")
	missed := v.rest(t)

	r := l.must(2, "plan", "--detailed-exitcode")
	contains(t, r, "nginx.service stops on n3", "takes it over")
	if names := l.interrupted(t); !slices.Equal(names, []string{"nginx.service"}) {
		t.Errorf("interrupted: %v", names)
	}
	contains(t, l.must(1, "apply", "--yes"), "nginx.service stops on n3", "--allow-disruption=nginx.service", "nothing was changed")
	l.must(1, "apply", "--yes", "--allow-disruption", "web-server")
	if now := l.ssh("n3", "systemctl show -p MainPID nginx; ls /etc/corosync 2>/dev/null || true"); now != pid {
		t.Errorf("not allowed, and yet n3 has %s, and had %s", now, pid)
	}
	contains(t, l.must(0, "apply", "--yes", "--allow-disruption", "nginx.service"), "verified")
	for n, want := range map[string]string{"n1": "active", "n2": "inactive", "n3": "inactive"} {
		if is := l.ssh(n, "systemctl is-active nginx || true"); is != want+"\n" {
			t.Errorf("nginx on %s is %s", n, is)
		}
	}
	v.none(t, "while n3 joins", missed)
	contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes")
}

// copyTo copies what belongs to the playbook to another place.
func (l *lab) copyTo(t *testing.T, dir string) *lab {
	t.Helper()
	there := &lab{t: t, dir: l.dir, work: dir, vip: l.vip}
	for _, sub := range []string{"agents", "files"} {
		if err := os.CopyFS(filepath.Join(dir, sub), os.DirFS(l.path(sub))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"quickstart.yaml", "inventory.yaml", "secret", "plan.json"} {
		b, err := os.ReadFile(l.path(name))
		if err != nil {
			t.Fatal(err)
		}
		there.write(name, string(b), 0o600)
	}
	return there
}

// disguises are a secret as it must not be in a plan.
func disguises(secret string) map[string]string {
	all := map[string]string{"itself": secret, "a hash of shadow(5)": "$6$", "another hash of shadow(5)": "$y$"}
	for end, s := range map[string]string{"": secret, " and a newline": secret + "\n"} {
		md, s1, s2, s5 := md5.Sum([]byte(s)), sha1.Sum([]byte(s)), sha256.Sum256([]byte(s)), sha512.Sum512([]byte(s))
		for name, sum := range map[string][]byte{"MD5": md[:], "SHA-1": s1[:], "SHA-256": s2[:], "SHA-512": s5[:], "the text": []byte(s)} {
			all[name+end+" in hex"] = hex.EncodeToString(sum)
			all[name+end+" in base64"] = strings.TrimRight(base64.StdEncoding.EncodeToString(sum), "=")
			all[name+end+" in base64url"] = strings.TrimRight(base64.URLEncoding.EncodeToString(sum), "=")
		}
	}
	return all
}

// misuse is a saved plan, or what it was made from, as it must not be applied.
type misuse struct {
	name string
	plan func(t *testing.T, doc []byte) []byte
	edit func(t *testing.T, there *lab)
	more []string
	says []string
}

func misused(vip string) []misuse {
	asIs := func(_ *testing.T, doc []byte) []byte { return doc }
	text := func(old, new string) func(*testing.T, []byte) []byte {
		return func(t *testing.T, doc []byte) []byte {
			if !bytes.Contains(doc, []byte(old)) {
				t.Fatalf("the plan does not contain %s", old)
			}
			return bytes.ReplaceAll(doc, []byte(old), []byte(new))
		}
	}
	cut := func(keep func(int) int) func(*testing.T, []byte) []byte {
		return func(_ *testing.T, doc []byte) []byte { return doc[:keep(len(doc))] }
	}
	// sealed writes it anew, with a checksum that is right.
	sealed := func(change func(*plan.Plan)) func(*testing.T, []byte) []byte {
		return func(t *testing.T, doc []byte) []byte {
			p, err := plan.Decode(bytes.NewReader(doc))
			if err != nil {
				t.Fatal(err)
			}
			change(p)
			out, err := p.Document()
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(out, doc) {
				t.Fatal("nothing was edited")
			}
			return out
		}
	}
	at := func(p *plan.Plan, id string) int {
		return slices.IndexFunc(p.Changes, func(c plan.Change) bool { return c.ID == id })
	}
	edit := func(name, old, new string) func(*testing.T, *lab) {
		return func(_ *testing.T, there *lab) { there.edit(name, old, new) }
	}
	const stale = "what it was made from has changed"
	return []misuse{
		// The file itself.
		{name: "a value by hand", plan: text(`"after": "100"`, `"after": "101"`), says: []string{"checksum does not match"}},
		{name: "a change taken out by hand", plan: func(t *testing.T, doc []byte) []byte {
			var all map[string]any
			if err := json.Unmarshal(doc, &all); err != nil {
				t.Fatal(err)
			}
			all["changes"] = all["changes"].([]any)[1:]
			out, _ := json.MarshalIndent(all, "", "  ")
			return append(out, '\n')
		}, says: []string{"plan.json"}},
		{name: "a node renamed by hand", plan: text(`"n2"`, `"n9"`), says: []string{"checksum does not match"}},
		{name: "a key that is not known", plan: text(`"type": "hadeploy-plan",`, `"type": "hadeploy-plan", "more": 1,`), says: []string{"plan.json"}},
		{name: "cut before its last brace", plan: cut(func(n int) int { return n - 2 }), says: []string{"cut short"}},
		{name: "cut in its checksum", plan: cut(func(n int) int { return n - 20 }), says: []string{"cut short"}},
		{name: "cut to three quarters", plan: cut(func(n int) int { return n * 3 / 4 }), says: []string{"cut short"}},
		{name: "cut to a half", plan: cut(func(n int) int { return n / 2 }), says: []string{"cut short"}},
		{name: "cut to a hundred bytes", plan: cut(func(int) int { return 100 }), says: []string{"cut short"}},
		{name: "cut to one byte", plan: cut(func(int) int { return 1 }), says: []string{"plan.json"}},
		{name: "empty", plan: cut(func(int) int { return 0 }), says: []string{"plan.json"}},
		{name: "of a later format", plan: text(`"version": 2`, `"version": 3`), says: []string{"later hadeploy", "3", "2"}},
		{name: "of an earlier format", plan: text(`"version": 2`, `"version": 1`), says: []string{"earlier hadeploy"}},
		// A right checksum does not make it the plan of these nodes.
		{name: "another value, sealed", says: []string{"resource-stickiness", "planned  (none) -> 101", "now      (none) -> 100"}, plan: sealed(func(p *plan.Plan) {
			c := p.Changes[at(p, "resource-stickiness")]
			c.Diffs[0].After = "101"
		})},
		{name: "a change less, sealed", says: []string{"resource-stickiness", "not in the plan"}, plan: sealed(func(p *plan.Plan) {
			i := at(p, "resource-stickiness")
			p.Changes = slices.Delete(p.Changes, i, i+1)
		})},
		{name: "a file less, sealed", says: []string{"quickstart.conf on n2", "not in the plan"}, plan: sealed(func(p *plan.Plan) {
			p.Changes = slices.DeleteFunc(p.Changes, func(c plan.Change) bool { return c.Node == "n2" && c.Step == "files" })
		})},
		{name: "another member, sealed", says: []string{stale, "the inventory no longer has n9", "the inventory now has n2"}, plan: sealed(func(p *plan.Plan) { p.Basis.Members[1].Name = "n9" })},
		{name: "another hadeploy, sealed", says: []string{stale, "made by hadeploy 0.0.1, and this is "}, plan: sealed(func(p *plan.Plan) { p.Made.Hadeploy = "0.0.1" })},
		{name: "of another cluster, sealed", says: []string{stale, `cluster "another"`, `"quickstart"`}, plan: sealed(func(p *plan.Plan) { p.Cluster = "another" })},
		{name: "of a cluster with another id, sealed", says: []string{"0123456789abcdef"}, plan: sealed(func(p *plan.Plan) { p.UUID = "0123456789abcdef" })},
		// What it was made from.
		{name: "the playbook is of another cluster", plan: asIs, edit: edit("quickstart.yaml", "name: quickstart\n", "name: another\n"), says: []string{stale, `"another"`}},
		{name: "another playbook", plan: asIs, more: []string{"--playbook", "other.yaml"}, says: []string{stale}, edit: func(_ *testing.T, there *lab) {
			there.write("other.yaml", "name: quickstart\ninventory: inventory.yaml\nhosts: n1,n2\nhacluster: {password: {file: secret}}\nproperties: {stonith-enabled: false}\n", 0o644)
		}},
		{name: "an option of the playbook", plan: asIs, edit: edit("quickstart.yaml", "cidr_netmask: 24", "cidr_netmask: 25"), says: []string{stale, "the playbook declares something else under resources"}},
		{name: "a property of the playbook", plan: asIs, edit: edit("quickstart.yaml", "properties:\n", "properties:\n  maintenance-mode: true\n"), says: []string{stale, "properties"}},
		{name: "a variable", plan: asIs, more: []string{"-e", "vip=" + vip[:len(vip)-1] + "9"}, says: []string{stale, "resources"}},
		{name: "no playbook here", plan: asIs, edit: func(_ *testing.T, there *lab) { _ = os.Remove(there.path("quickstart.yaml")) }, says: []string{"quickstart.yaml", "name the file with -f"}},
		{name: "an address in the inventory", plan: asIs, says: []string{stale, "the inventory gives n2 the links "}, edit: func(t *testing.T, there *lab) {
			b, err := os.ReadFile(there.path("inventory.yaml"))
			link := regexp.MustCompile(`(?s)( n2:.*?links: \[[0-9]+\.[0-9]+\.[0-9]+\.)[0-9]+`)
			if err != nil || !link.Match(b) {
				t.Fatalf("%v: %s", err, b)
			}
			there.write("inventory.yaml", string(link.ReplaceAll(b, []byte("${1}99"))), 0o644)
		}},
		{name: "a node more", plan: asIs, edit: edit("quickstart.yaml", "hosts: n1,n2\n", ""), says: []string{stale, "n3"}},
		{name: "a node less", plan: asIs, edit: edit("quickstart.yaml", "hosts: n1,n2\n", "hosts: n1\n"), says: []string{stale, "n2"}},
		{name: "a shipped file", plan: asIs, edit: edit("files/quickstart.conf", "hello", "howdy"), says: []string{stale, "shipped to /etc/nginx/conf.d/quickstart.conf is another"}},
		{name: "an agent of our own", plan: asIs, edit: edit("agents/beacon", "\n", "\n# another\n"), says: []string{stale, "ocf/resource.d/acme/beacon is another"}},
	}
}
