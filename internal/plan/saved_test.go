package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hadeploy/hadeploy/schema"
)

// whole is a plan in which every field of every type is set.
func whole() *Plan {
	p := &Plan{
		Version: Format, Made: Made{Hadeploy: "v1", Time: "2027-01-01T00:00:00Z", Commit: strings.Repeat("a", 40)},
		Cluster: "web", UUID: "u", Playbook: "cluster.yaml", Nodes: []string{"n1"}, CIB: "0.7",
		Changes: []Change{{Step: "cib", Node: "n1", Action: Update, Kind: "primitive", ID: "vip", At: "cluster.yaml:3",
			Diffs: []Diff{{Name: "options.ip", Before: "a", After: "<b>&", HasBefore: true, HasAfter: true},
				{Name: "content", Before: "x\ny\n", After: "z\n", HasBefore: true, HasAfter: true, Lines: true, Default: true},
				{Name: "options.password", Before: "old-canary", After: "new-canary", HasBefore: true, HasAfter: true, Secret: true}},
			Unknown: "until", Open: []string{"op.*"}, Disruption: Restart, Interrupts: []Interruption{{What: "nginx.service", Node: "n1", How: Stops, Why: "w"}},
			Note: "n", Pcs: "pcs resource update vip"}},
		Impact:    []Impact{{Action: "Restart", Resource: "vip", Detail: "n1"}},
		LeftAlone: []Object{{Kind: "property", ID: "maintenance-mode", Value: "true", Why: "ignore_changes"}},
		Findings:  []Finding{{Code: "X", Severity: Warning, Node: "n1", Object: "o", Message: "m", Expected: "e", Seen: "s", Fix: "f"}},
		Basis: Basis{Playbook: map[string]string{"name": strings.Repeat("0", 64)}, Files: map[string]string{"/etc/x": strings.Repeat("1", 64)},
			Members: []Member{{Name: "n1", NodeName: "n1", Links: []string{"10.0.0.1"}}}, Inventories: []string{"inv.yaml"},
			Vars: map[string]string{"vip": "10.0.0.9"}, SecretVars: []string{"pw"}, Corosync: map[string]string{"n1": strings.Repeat("2", 64)}},
	}
	p.Tell(nil)
	return p
}

func document(t *testing.T, p *Plan) string {
	t.Helper()
	b, err := p.Document()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What was written is read again, without the secrets.
func TestSavedPlan(t *testing.T) {
	p := whole()
	text := document(t, p)
	if strings.Contains(text, "canary") {
		t.Error("the document holds a secret")
	}
	if !IsPlan([]byte(text)) || IsPlan([]byte("name: x\n")) || IsPlan([]byte(`{"name": "x"}`)) {
		t.Error("IsPlan does not tell a plan from a playbook")
	}
	got, err := Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if want := p.Public(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if p.Changes[0].Diffs[2].After != "new-canary" {
		t.Error("writing changed the plan")
	}
	if c := p.Counts; c != (Counts{Update: 1, Unknown: 1, Restarts: 1, Interruptions: 2}) {
		t.Errorf("counts %+v", c)
	}
}

// A document that is not as it was written is refused in words.
func TestSavedPlanDamaged(t *testing.T) {
	text := document(t, whole())
	for _, c := range []struct{ name, old, new, want string }{
		{"a value", `"after": "<b>&"`, `"after": "c"`, "checksum does not match"},
		{"a node", `"node": "n1"`, `"node": "n2"`, "checksum does not match"},
		{"what is open", `"op.*"`, `"*"`, "checksum does not match"},
		{"a field that does not exist", `"id": "vip"`, `"id": "vip", "force": true`, "unknown field"},
		{"a later version", fmt.Sprintf(`"version": %d`, Format), fmt.Sprintf(`"version": %d`, Format+1), "made by a later hadeploy: its format is 3, and this hadeploy reads 2"},
		{"an earlier version", fmt.Sprintf(`"version": %d`, Format), `"version": 1`, "made by an earlier hadeploy: its format is 1"},
		{"no version", fmt.Sprintf(`"version": %d,`, Format), ``, "its format is 0"},
		{"something else", savedType, "terraform", "no plan of hadeploy"},
		{"a word of another type", `"has_before": true`, `"has_before": "yes"`, "not as hadeploy wrote it"},
		{"no JSON", `"cluster": "web"`, `"cluster": web`, "cannot be read at line 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(text, c.old) {
				t.Fatalf("no %s in %s", c.old, text)
			}
			_, err := Decode(strings.NewReader(strings.Replace(text, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	// A change taken out.
	p := whole()
	p.Changes = nil
	removed := strings.Replace(document(t, p), checksum(document(t, p)), checksum(text), 1)
	if _, err := Decode(strings.NewReader(removed)); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a change was taken out: %v", err)
	}
	// Whatever is cut off, it is no plan.
	for i := range len(text) - 2 {
		if _, err := Decode(strings.NewReader(text[:i])); err == nil {
			t.Fatalf("cut after %d of %d bytes, and taken for whole", i, len(text))
		} else if i > 0 && !strings.Contains(err.Error(), "cut short") {
			t.Fatalf("cut after %d bytes: %v", i, err)
		}
	}
	// Layout does not count.
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(&b); err != nil {
		t.Errorf("the same without spaces: %v", err)
	}
}

func checksum(text string) string { return text[strings.LastIndex(text, "sha256:"):] }

// The schema describes what is written, field by field, and nothing else.
func TestSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	if err := c.AddResource("plan", bytes.NewReader(schema.Plan())); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("plan")
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*Plan{"whole": whole(), "empty": {Cluster: "c", Made: Made{Time: "t", Hadeploy: "v"}}} {
		var doc any
		if err := json.Unmarshal([]byte(document(t, p)), &doc); err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var root map[string]any
	if err := json.Unmarshal(schema.Plan(), &root); err != nil {
		t.Fatal(err)
	}
	definitions := root["definitions"].(map[string]any)
	made := root["properties"].(map[string]any)["made"].(map[string]any)
	for _, x := range []struct {
		of  any
		sub any
	}{{Plan{}, root}, {Made{}, made}, {Counts{}, definitions["counts"]}, {Change{}, definitions["change"]}, {Diff{}, definitions["diff"]},
		{Impact{}, definitions["impact"]}, {Interruption{}, definitions["interruption"]}, {Object{}, definitions["object"]},
		{Finding{}, definitions["finding"]}, {Basis{}, definitions["basis"]}, {Member{}, definitions["member"]}} {
		props := x.sub.(map[string]any)["properties"].(map[string]any)
		for field := range reflect.TypeOf(x.of).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name != "-" && props[name] == nil {
				t.Errorf("the schema has no %T.%s", x.of, name)
			}
		}
	}
}

func TestBasisMoved(t *testing.T) {
	was := whole().Basis
	for _, c := range []struct {
		name string
		edit func(*Basis)
		want string
	}{
		{"nothing", func(*Basis) {}, ""},
		{"a section", func(b *Basis) { b.Playbook = map[string]string{"name": "x"} }, "the playbook declares something else under name"},
		{"a new section", func(b *Basis) { b.Playbook = map[string]string{"name": was.Playbook["name"], "resources": "x"} }, "the playbook declares something else under resources"},
		{"a file", func(b *Basis) { b.Files = map[string]string{"/etc/x": "y"} }, "the file that is shipped to /etc/x is another"},
		{"a member less", func(b *Basis) { b.Members = nil }, "the inventory no longer has n1"},
		{"a member more", func(b *Basis) { b.Members = append(b.Members[:1:1], Member{Name: "n2"}) }, "the inventory now has n2"},
		{"a name", func(b *Basis) { b.Members = []Member{{Name: "n1", NodeName: "x", Links: []string{"10.0.0.1"}}} }, "the inventory names n1 x in the cluster, and not n1"},
		{"a link", func(b *Basis) { b.Members = []Member{{Name: "n1", NodeName: "n1", Links: []string{"10.0.0.2"}}} }, "the inventory gives n1 the links 10.0.0.2, and not 10.0.0.1"},
		{"the host of a remote node", func(b *Basis) { b.Remotes = []Member{{Name: "web3", NodeName: "web3", Links: []string{"10.0.0.9"}}} }, "the inventory now has web3"},
		{"how it was called", func(b *Basis) { b.Inventories, b.Vars = []string{"x"}, nil }, ""},
	} {
		now := was
		c.edit(&now)
		if got := strings.Join(was.Moved(now), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestInterruptions: an interruption is named once, whoever causes it, and
// what does no harm is none.
func TestInterruptions(t *testing.T) {
	p := &Plan{
		Changes: []Change{{Node: "n3", Interrupts: []Interruption{{What: "nginx.service", How: Stops}}}},
		Impact: []Impact{{Action: "Start", Resource: "a"}, {Action: "Restart", Resource: "db:0", Detail: "( n1 )"}, {Action: "Restart", Resource: "db:1", Detail: "n2 due to resource definition change"},
			{Action: "Restart", Resource: "fence-n1"}, {Action: "Fence", Resource: "n2"}, {Action: "Reload", Resource: "b"}, {Action: "Move", Resource: "vip", Detail: "n1 -> n2"}},
	}
	p.Tell([]string{"fence-n1"})
	var got []string
	for _, i := range p.Interruptions {
		got = append(got, strings.TrimSpace(i.What+" "+i.How+" "+i.Node))
	}
	want := "nginx.service stops n3, db restarts n1, db restarts n2, n2 is fenced, vip moves n1"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, ", "), want)
	}
	if p.Counts.Interruptions != 4 || p.Counts.Restarts != 1 {
		t.Errorf("counts %+v", p.Counts)
	}
	if left := NotAllowed(p.Interruptions, []string{"nginx", "db", "n2"}); len(left) != 1 || left[0].What != "vip" {
		t.Errorf("left: %+v", left)
	}
	if left := NotAllowed(p.Interruptions, []string{"all"}); left != nil {
		t.Errorf("left of all: %+v", left)
	}
}
