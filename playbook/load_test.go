package playbook

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

const whole = `
name: web_ha
inventory: hosts/inventory.yaml
hosts: web
vars: {vip: 10.0.0.100}
packages: {install: [nginx], state: present}
files:
  - {path: /etc/a, source: a.txt, mode: 644}
  - {path: /etc/b, content: "b ${vip}\n", mode: 04755, owner: root:www-data}
agents: [{name: "ocf:acme:myapp", source: myapp}]
hacluster: {password: {command: [pass, show, hacluster]}}
cluster:
  enable: no
  transport:
    options: {link_mode: passive}
    links: [{linknumber: 0}, {linknumber: 1, transport: udp}]
    crypto: {cipher: aes256, hash: sha256}
  totem: {token: 5000}
  quorum: {options: {wait_for_all: 1}}
nodes:
  web1: {attributes: {site: north}, utilization: {memory: 2048}}
properties: {no-quorum-policy: stop}
resource_defaults: [{meta: {resource-stickiness: 100}}]
operation_defaults: [{id: ops, meta: {timeout: 30s}}]
stonith:
  devices:
    - {id: f1, agent: fence_ipmilan, options: {ip: 10.9.0.1, password: {file: secrets/ipmi}}}
    - {id: f2, agent: "stonith:fence_xvm"}
resources:
  - id: web
    group:
      - id: ip
        agent: ocf::heartbeat:IPaddr2
        options: {a: 010, b: 1_000, c: 2024-01-01, d: yes, e: 5s, f: 1.10, g: 0x1F, h: "", i: "${vip}", j: null-ish, k: 1e3, l: True}
        op: {monitor: {interval: 5s}, start: [{timeout: 20s}]}
      - {id: nginx, agent: "systemd:nginx"}
    meta: {migration-threshold: 3}
  - id: ping-clone
    clone: {id: ping, agent: "ocf:pacemaker:ping", op: {monitor: [{interval: 10s}, {interval: 20s, OCF_CHECK_LEVEL: 10}]}}
    meta: {interleave: true}
  - id: gc
    clone: {id: g, group: [{id: m, agent: "ocf:heartbeat:Dummy"}]}
  - id: db-clone
    promotable: {id: db, agent: "ocf:pacemaker:Stateful", meta: {priority: 1}}
constraints:
  location:
    - {resource: web, node: web1, score: 50}
    - {resource: web, node: web2}
  colocation:
    - {id: c1, resource: web, with: db-clone, with_role: Promoted, score: -INFINITY, options: {influence: false}}
  order:
    - {first: db-clone, first_action: promote, then: web, then_action: start, kind: Optional, symmetrical: no, require_all: yes}
verify:
  within: 90
  probes: [{http: "http://${vip}/"}, {tcp: "${vip}:22"}]
`

// TestEverySection loads a playbook with all sections and looks at each value.
func TestEverySection(t *testing.T) {
	dir := t.TempDir()
	cases.Write(t, filepath.Join(dir, "cluster.yaml"), []byte(whole))
	cases.Write(t, filepath.Join(dir, "a.txt"), []byte("a\n"))
	cases.Write(t, filepath.Join(dir, "myapp"), []byte("#!/bin/sh\n"))
	p, list := Load(filepath.Join(dir, "cluster.yaml"), LoadOptions{})
	if len(list) > 0 {
		t.Fatal(list)
	}
	text := func(o Options) string {
		var out []string
		for _, x := range o {
			v := x.Value.Text
			if x.Value.Secret != nil {
				v = "<" + x.Value.Secret.Describe() + ">"
			}
			out = append(out, x.Name+"="+v)
		}
		return strings.Join(out, " ")
	}
	ops := func(p *Primitive) (out string) {
		for _, o := range p.Operations {
			out += o.Name + "(" + text(o.Options) + ")"
		}
		return out
	}
	web, ping, cloned, db := p.Resources[0], p.Resources[1], p.Resources[2], p.Resources[3]
	got := map[string]string{
		"name":      p.Name,
		"inventory": strings.TrimPrefix(p.Inventory, dir),
		"hosts":     p.Hosts,
		"packages":  fmt.Sprint(p.Packages.Set == nil, p.Packages.Install),
		"file a":    fmt.Sprintf("%s %q %s", p.Files[0].Path, p.Files[0].Content, p.Files[0].Mode),
		"file b":    fmt.Sprintf("%s %q %s %s", p.Files[1].Path, p.Files[1].Content, p.Files[1].Mode, p.Files[1].Owner),
		"agent":     fmt.Sprintf("%s %q", p.Agents[0].Path(), p.Agents[0].Content),
		"password":  fmt.Sprint(p.Hacluster.Password.Command),
		"cluster":   fmt.Sprint(p.Cluster.Start, p.Cluster.Enable) + " " + p.Cluster.Transport.Type,
		"transport": text(p.Cluster.Transport.Options) + "; " + text(p.Cluster.Transport.Links[1]) + "; " + text(p.Cluster.Transport.Crypto),
		"corosync":  text(p.Cluster.Totem) + "; " + text(p.Cluster.Quorum),
		"nodes":     p.Nodes[0].Name + ": " + text(p.Nodes[0].Attributes) + "; " + text(p.Nodes[0].Utilization),
		"defaults":  text(p.Properties) + "; " + text(p.ResourceDefaults[0].Options) + "; " + p.OperationDefaults[0].ID + " " + text(p.OperationDefaults[0].Options),
		"stonith":   p.Stonith.Devices[0].Agent + " " + text(p.Stonith.Devices[0].Options) + "; " + p.Stonith.Devices[1].Agent,
		"options":   text(web.Group[0].Options),
		"ops":       ops(&web.Group[0]),
		"group":     web.ID + " " + web.Group[1].ID + " " + text(web.Meta),
		"clone":     ping.ID + " " + ping.Clone.Primitive.ID + " " + text(ping.Meta) + " " + ops(ping.Clone.Primitive),
		"cloned":    cloned.ID + " " + cloned.Clone.GroupID + " " + cloned.Clone.Group[0].ID,
		"promoted":  db.ID + " " + db.Promotable.Primitive.ID + " " + text(db.Promotable.Primitive.Meta),
		"location":  p.Constraints.Location[0].Score + " " + p.Constraints.Location[1].Score,
		"colocation": fmt.Sprintf("%s %s with %s %s %s %s", p.Constraints.Colocation[0].ID, p.Constraints.Colocation[0].Resource,
			p.Constraints.Colocation[0].WithRole, p.Constraints.Colocation[0].With, p.Constraints.Colocation[0].Score, text(p.Constraints.Colocation[0].Options)),
		"order": fmt.Sprintf("%s %s then %s %s: %s", p.Constraints.Order[0].FirstAction, p.Constraints.Order[0].First,
			p.Constraints.Order[0].ThenAction, p.Constraints.Order[0].Then, text(p.Constraints.Order[0].Options)),
		"verify": fmt.Sprint(p.Verify.Within, " ", p.Verify.Probes[0].HTTP, " ", p.Verify.Probes[0].ExpectStatus, " ", p.Verify.Probes[1].TCP),
	}
	want := map[string]string{
		"name":       "web_ha",
		"inventory":  "/hosts/inventory.yaml",
		"hosts":      "web",
		"packages":   "true [nginx]",
		"file a":     `/etc/a "a\n" 0644`,
		"file b":     `/etc/b "b 10.0.0.100\n" 4755 root:www-data`,
		"agent":      `/usr/lib/ocf/resource.d/acme/myapp "#!/bin/sh\n"`,
		"password":   "[pass show hacluster]",
		"cluster":    "true false knet",
		"transport":  "link_mode=passive; linknumber=1 transport=udp; cipher=aes256 hash=sha256",
		"corosync":   "token=5000; wait_for_all=1",
		"nodes":      "web1: site=north; memory=2048",
		"defaults":   "no-quorum-policy=stop; resource-stickiness=100; ops timeout=30s",
		"stonith":    "stonith:fence_ipmilan ip=10.9.0.1 password=<file secrets/ipmi>; stonith:fence_xvm",
		"options":    "a=010 b=1_000 c=2024-01-01 d=yes e=5s f=1.10 g=0x1F h= i=10.0.0.100 j=null-ish k=1e3 l=True",
		"ops":        "monitor(interval=5s)start(timeout=20s)",
		"group":      "web nginx migration-threshold=3",
		"clone":      "ping-clone ping interleave=true monitor(interval=10s)monitor(interval=20s OCF_CHECK_LEVEL=10)",
		"cloned":     "gc g m",
		"promoted":   "db-clone db priority=1",
		"location":   "50 INFINITY",
		"colocation": "c1 web with Promoted db-clone -INFINITY influence=false",
		"order":      "promote db-clone then start web: kind=Optional symmetrical=false require-all=true",
		"verify":     "1m30s http://10.0.0.100/ 200 10.0.0.100:22",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if pos := web.Group[0].Options[0].Value.Pos; pos.Line != 34 || pos.Column != 22 {
		t.Errorf("position of the first option: %s", pos)
	}
}

func TestDefaults(t *testing.T) {
	p := load(t, "name: x\nhacluster: {password: {env: A}}\n")
	if !p.Cluster.Start || !p.Cluster.Enable || p.Cluster.Transport.Type != "knet" || p.Verify.Within != 2*time.Minute || p.Inventory != "" {
		t.Errorf("%+v", p)
	}
	p = load(t, "name: x\nhacluster: {password: {env: A}}\npackages: []\n")
	if p.Packages.Set == nil {
		t.Error("an empty list of packages is not the same as none")
	}
}

func TestTemplate(t *testing.T) {
	// It is for a first try, without fencing, and says so.
	if _, list := parse("cluster.yaml", ".", []byte(Template()), nil); len(list) != 1 || !strings.HasSuffix(list[0].Message, "[NO_FENCING]") {
		t.Errorf("the template is not clean: %v", list)
	}
}

// TestWhatIsNoFile: folders, pipes and missing files are named, and a pipe
// does not hang.
func TestWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                          dir + ": is a directory, not a file; name the playbook in it: " + filepath.Join(dir, "cluster.yaml"),
		pipe:                         pipe + ": is not a regular file",
		filepath.Join(dir, "x.yaml"): filepath.Join(dir, "x.yaml") + ": cannot be read: no such file or directory; hadeploy init writes one to start from",
		"-":                          "<stdin>: there is no standard input",
	} {
		p, list := Load(path, LoadOptions{})
		if p != nil || list.Error() != want {
			t.Errorf("%s: %v", path, list)
		}
	}
	p, list := Load("-", LoadOptions{Stdin: strings.NewReader("name: x\nhacluster: {password: {env: A}}\n")})
	if p == nil || p.Dir != "." {
		t.Errorf("from standard input: %v", list)
	}
}

// members are nodes that are known by their names alone.
func members(names ...string) (nodes []Member) {
	for _, name := range names {
		nodes = append(nodes, Member{Name: name, Host: name})
	}
	return nodes
}

func TestCheckNodes(t *testing.T) {
	p := load(t, `name: x
hacluster: {password: {env: A}}
properties: {stonith-enabled: false}
nodes: {n1: {}, n4: {}}
resources: [{id: a, agent: "ocf:heartbeat:Dummy"}]
constraints: {location: [{resource: a, node: n2}, {resource: a, node: node-7}]}
`)
	got := CheckNodes(p, members("n1", "n2", "n3")).Error()
	want := `cluster.yaml:4:17: nodes.n4: the cluster has no node "n4"; its nodes are n1, n2, n3
cluster.yaml:6:71: constraints.location[1].node: the cluster has no node "node-7"; its nodes are n1, n2, n3`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if list := CheckNodes(p, members("n1", "n2", "n4", "node-7")); len(list) > 0 {
		t.Error(list)
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "30": 30 * time.Second, "5s": 5 * time.Second, " 5 sec ": 5 * time.Second, "1MIN": time.Minute,
		"2h": 2 * time.Hour, "250ms": 250 * time.Millisecond, "7us": 7 * time.Microsecond, "1hr": time.Hour,
		"PT1M30S": 90 * time.Second, "P1D": 24 * time.Hour, "P1W": 7 * 24 * time.Hour, "P1Y2M3DT4H": (365+60+3)*24*time.Hour + 4*time.Hour,
	} {
		if got, err := ParseInterval(text); err != nil || got != want {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "s", "-5s", "+5", "1.5s", "5 seconds", "5d", "P", "PT", "P1", "P1H", "pt1s", "1m30s", "9223372036854775807h", "P999999999999Y"} {
		if got, err := ParseInterval(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
	if _, err := ParseDuration("PT5S"); err == nil {
		t.Error("an ISO 8601 duration is no timeout")
	}
}

// TestPasswordIsNowhere: a password in the file is in no diagnostic, however
// the file is broken, and in no print of the playbook.
func TestPasswordIsNowhere(t *testing.T) {
	const canary = "hunter2-canary"
	for _, text := range []string{
		"name: x\nhacluster: {password: " + canary + "}\n",
		"name: x\nhacluster: " + canary + "\n",
		"name: x\nhacluster: {password: " + canary + ", extra: 1}\n",
		"name: x\nhacluster:\n  password: " + canary + "\n  password: " + canary + "\n",
		"name: x\nhacluster:\n  password: \"" + canary + "\n",
		"name: x\nhacluster:\n  password: *" + canary + "\n",
		"name: x\nhacluster:\n  password: !" + canary + " x\n",
		"name: x\nhacluster:\n  password: [" + canary + "]\n",
		"name: x\nhacluster:\n  password:\n    " + canary + "\n   bad\n",
		"name: x\nhacluster:\n  password: |\n    " + canary + "\n    two\n",
		"name: x\nhacluster:\n  passwrd: " + canary + "\n",
		"name: x\nhacluster:\n  password: ${" + canary + "\n",
	} {
		p, list := parse("cluster.yaml", ".", []byte(text), nil)
		var shown strings.Builder
		_ = diag.Render(&shown, list, diag.RenderOptions{})
		out := fmt.Sprintf("%s%v%+v%#v", shown.String(), list, p, p)
		if p != nil {
			out += fmt.Sprintf("%+v %#v", p.Hacluster, p.Hacluster)
		}
		if strings.Contains(out, canary) && !strings.Contains(text, "passwrd") {
			t.Errorf("%q shows the password:\n%s", text, out)
		}
		if len(list) == 0 {
			t.Errorf("%q passes without a word", text)
		}
	}
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	cases.Write(t, filepath.Join(dir, "pw"), []byte("from-file\n"))
	t.Setenv("HADEPLOY_TEST_PW", "from-env")
	for _, tc := range []struct {
		ref  SecretRef
		want string
	}{
		{SecretRef{Env: "HADEPLOY_TEST_PW"}, "from-env"},
		{SecretRef{File: "pw"}, "from-file"},
		{SecretRef{Command: []string{"cat", "pw"}}, "from-file"},
	} {
		v, err := tc.ref.Resolve(context.Background(), dir)
		if err != nil || v.Reveal() != tc.want {
			t.Errorf("%s: %v", tc.ref.Describe(), err)
		}
	}
}

// TestOpenSecretFile: a file of a secret that others may read is warned about
// when the playbook is loaded.
func TestOpenSecretFile(t *testing.T) {
	dir := t.TempDir()
	pw := filepath.Join(dir, "pw")
	cases.Write(t, pw, []byte("x\n"))
	src := []byte("name: x\nhacluster: {password: {file: pw}}\n")
	if _, list := parse("c", dir, src, nil); len(list) > 0 {
		t.Error(list)
	}
	if err := os.Chmod(pw, 0o640); err != nil {
		t.Fatal(err)
	}
	_, list := parse("c", dir, src, nil)
	if want := "c:2:30: warning: hacluster.password.file: others may read the file of this secret (mode 0640); chmod 600 pw"; list.Error() != want {
		t.Errorf("got  %s\nwant %s", list.Error(), want)
	}
}

// FuzzLoad: no playbook makes the loader panic, hang, or say nothing.
func FuzzLoad(f *testing.F) {
	archives, _ := filepath.Glob("testdata/cases/*.txtar")
	for _, a := range archives {
		f.Add(cases.Section(f, a, "cluster.yaml"))
	}
	f.Add([]byte(whole))
	f.Add([]byte(Template()))
	f.Fuzz(func(t *testing.T, src []byte) {
		start := time.Now()
		p, list := parse("f", "testdata", src, map[string]string{"a": "${b}"})
		if took := time.Since(start); took > 10*time.Second {
			t.Fatalf("took %s for %d bytes", took, len(src))
		}
		if (p == nil) != (list.Err() != nil) {
			t.Fatalf("playbook nil: %v; %v", p == nil, list)
		}
		if p != nil && !clusterNameText.MatchString(p.Name) {
			t.Fatalf("the name %q passed", p.Name)
		}
		_ = diag.Render(&strings.Builder{}, list, diag.RenderOptions{})
	})
}

// TestManyMistakes: a large file that is wrong everywhere is still answered
// soon.
func TestManyMistakes(t *testing.T) {
	var b strings.Builder
	b.WriteString("name: x\nhacluster: {password: {env: A}}\nproperties: {stonith-enabled: false}\nresources:\n")
	for i := range 4000 {
		fmt.Fprintf(&b, "  - {id: resource-%d, agent: Dummy, optoins: {}}\n", i)
	}
	b.WriteString("constraints:\n  order:\n")
	for i := range 4000 {
		fmt.Fprintf(&b, "    - {first: resorce-%d, then: resource%d, knd: x}\n", i, i)
	}
	b.WriteString("nodes:\n")
	for i := range 4000 {
		fmt.Fprintf(&b, "  node-%d: {attr: 1}\n", i)
	}
	if b.Len() > yamldoc.MaxSize {
		t.Fatal("too large for the test")
	}
	start := time.Now()
	_, list := parse("f", ".", []byte(b.String()), nil)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %s", took)
	} else if testing.Verbose() {
		t.Log(took, len(list))
	}
	if len(list) < 12000 {
		t.Errorf("only %d diagnostics", len(list))
	}
}
