package cib

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

const emptyCIB = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config/>
    <nodes/>
    <resources/>
    <constraints/>
  </configuration>
  <status/>
</cib>
`

func TestParse(t *testing.T) {
	c, err := Parse([]byte(strings.NewReplacer(`epoch="1"`, `epoch="17"`, `admin_epoch="0"`, `admin_epoch="2"`,
		"<nodes/>", `<nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>`,
		"<crm_config/>", `<crm_config>
<cluster_property_set id="later"><nvpair id="a" name="x" value="never"/><nvpair id="b" name="y" value="2"/></cluster_property_set>
<cluster_property_set id="ruled"><rule id="r" score="1"/><nvpair id="c" name="x" value="sometimes"/></cluster_property_set>
<cluster_property_set id="cib-bootstrap-options"><nvpair id="d" name="x" value="1"/></cluster_property_set>
</crm_config>`).Replace(emptyCIB)))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Epoch(); got != "2.17" {
		t.Errorf("epoch %s", got)
	}
	if c.FeatureSet() != "3.16.1" || c.Schema() != "pacemaker-3.9" {
		t.Errorf("feature set %s, schema %s", c.FeatureSet(), c.Schema())
	}
	if d := cmp.Diff([]string{"n1", "n2"}, c.NodeNames()); d != "" {
		t.Error(d)
	}
	want := []Property{{"x", "1", "cib-bootstrap-options"}, {"x", "never", "later"}, {"y", "2", "later"}}
	if d := cmp.Diff(want, c.Properties()); d != "" {
		t.Error(d)
	}
	if v, ok := c.Property("x"); v != "1" || !ok {
		t.Errorf("x is %q, %v", v, ok)
	}
	if _, ok := c.Property("z"); ok {
		t.Error("z is set")
	}
	if c.Seeded() {
		t.Error("there is no seed")
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "the document is empty"},
		{"an error message", "Could not connect to the CIB", "text outside the document"},
		{"another document", "<pacemaker-result/>", "root is <pacemaker-result>"},
		{"no configuration", "<cib/>", "there is no <configuration>"},
		{"two documents", emptyCIB + emptyCIB, "more than one document"},
		{"text after it", emptyCIB + "oops", "text outside the document"},
		{"crossed tags", "<cib><configuration></cib></configuration>", "</cib> closes nothing"},
		{"a document type", `<!DOCTYPE cib [<!ENTITY a "b">]><cib/>`, "document type declaration"},
		{"an unknown entity", `<cib a="&b;"/>`, "invalid character entity"},
		{"deep nesting", strings.Repeat("<cib>", 100), "nested deeper than 64"},
	} {
		_, err := Parse([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	// Wherever the answer is cut, it is refused.
	for i := range len(emptyCIB) - 1 {
		if _, err := Parse([]byte(emptyCIB[:i])); err == nil {
			t.Fatalf("the document cut after %d bytes is taken:\n%s", i, emptyCIB[:i])
		}
	}
}

func TestSeed(t *testing.T) {
	got, err := Seed([]byte(strings.NewReplacer(`epoch="1"`, `epoch="0"`, `num_updates="0"`, `num_updates="5"`).Replace(emptyCIB)))
	if err != nil {
		t.Fatal(err)
	}
	want := `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="hadeploy-seed">
        <nvpair id="hadeploy-seed-dc-deadtime" name="dc-deadtime" value="2s"/>
        <nvpair id="hadeploy-seed-stonith-enabled" name="stonith-enabled" value="false"/>
      </cluster_property_set>
    </crm_config>
    <nodes/>
    <resources/>
    <constraints/>
  </configuration>
  <status/>
</cib>
`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	c, err := Parse(got)
	if err != nil || !c.Seeded() || c.Epoch() != "0.1" {
		t.Errorf("error %v; seeded %v, epoch %s", err, c.Seeded(), c.Epoch())
	}
	for text, want := range map[string]string{
		"": "output of cibadmin --empty: CIB: the document is empty",
		strings.Replace(emptyCIB, "pacemaker-3.9", "", 1):                                          "names no crm_feature_set or no validate-with",
		strings.Replace(emptyCIB, "<resources/>", `<resources><primitive id="a"/></resources>`, 1): "<resources> is not empty",
	} {
		if _, err := Seed([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestScores(t *testing.T) {
	for text, want := range map[string]string{
		"": "INFINITY", "100": "100", "-100": "-100", "infinity": "INFINITY", "+INFINITY": "INFINITY", "-infinity": "-INFINITY",
	} {
		if got := canonScore(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{
		"ip=10.0.0.1": "ip=10.0.0.1", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(id)": "'$(id)'", "a\nb": "'a\nb'", "~": "'~'",
	} {
		if got := shellWord(in); got != want {
			t.Errorf("%q becomes %s, want %s", in, got, want)
		}
	}
}

// TestParseTransition reads what crm_simulate 2.0.5, 2.1.5 and 3.0.0 print, and
// the older form of 1.1.
func TestParseTransition(t *testing.T) {
	want := []plan.Impact{
		{Action: "Fence", Resource: "n2", Detail: "reboot: peer is no longer part of the cluster"},
		{Action: "Start", Resource: "web-ip", Detail: "n1"},
		{Action: "Move", Resource: "web", Detail: "n1 -> n2"},
		{Action: "Stop", Resource: "old", Detail: "n1 due to node availability"},
		{Action: "Restart", Resource: "db", Detail: "n1 due to required web-ip start"},
		{Action: "Promote", Resource: "drbd:0", Detail: "Stopped -> Promoted n1"},
		{Action: "Demote", Resource: "drbd:1", Detail: "Promoted -> Unpromoted n2"},
		{Action: "Shutdown", Resource: "n3"},
	}
	bullet := func(indent, tail string) string {
		return strings.NewReplacer("%", indent, "~", tail).Replace(`
Current cluster status:
%* Start not-this ( n1 )

Transition Summary:
%* Fence (reboot) n2 'peer is no longer part of the cluster'
%* Start      web-ip     (             n1 )~
%* Move       web        (       n1 -> n2 )~
%* Stop       old        (             n1 )~ due to node availability
%* Restart    db         (             n1 )~ due to required web-ip start
%* Promote    drbd:0     ( Stopped -> Promoted n1 )~
%* Demote     drbd:1     ( Promoted -> Unpromoted n2 )~
%* Shutdown n3

Executing cluster transition:
%* Resource action: web-ip          start on n1

Revised cluster status:
`)
	}
	for name, text := range map[string]string{"2.1.5": bullet("  ", ""), "2.0.5": bullet(" ", "  ")} {
		got, err := ParseTransition([]byte(text))
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v: %s", name, err, d)
		}
		lines := strings.SplitAfter(text, "\n")
		for i := range len(lines) - 2 { // the last is the status, whose heading is enough
			if got, err := ParseTransition([]byte(strings.Join(lines[:i], ""))); err == nil {
				t.Errorf("%s: cut after line %d it is %v", name, i, got)
			}
		}
	}
	old := "Transition Summary:\n * Start   rsc1\t(node1)\n * Fence node2\n\nExecuting cluster transition:\n\nRevised Cluster Status:\n"
	got, err := ParseTransition([]byte(old))
	if d := cmp.Diff([]plan.Impact{{Action: "Start", Resource: "rsc1", Detail: "node1"}, {Action: "Fence", Resource: "node2"}}, got); d != "" || err != nil {
		t.Error(err, d)
	}
	if got, err := ParseTransition([]byte("Transition Summary:\n\nExecuting Cluster Transition:\n\nRevised Cluster Status:\n")); err != nil || len(got) > 0 {
		t.Errorf("nothing to do: %v, %v", got, err)
	}
	for _, none := range []string{"", "Transition Summary:\n", "Start x ( n1 )", "Revised Cluster Status:\n", "Transition Summary:\n * \n\nRevised Cluster Status:\n"} {
		if got, err := ParseTransition([]byte(none)); err == nil {
			t.Errorf("%q: %v", none, got)
		}
	}
}

// TestTransitionsAgree: text and XML of one simulation say the same, and an XML
// that was cut is an error. The fixtures are what a node with Pacemaker 2.1.5
// printed.
func TestTransitionsAgree(t *testing.T) {
	files, err := filepath.Glob("testdata/transitions/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, f := range files {
		asXML, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		asText, err := os.ReadFile(strings.TrimSuffix(f, ".xml") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		want, err := ParseTransition(asText)
		if err != nil || len(want) < 5 {
			t.Fatal(f, err, want)
		}
		got, err := ParseTransition(asXML)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v: text (-), XML (+):\n%s", f, err, d)
		}
		lines := bytes.SplitAfter(asXML, []byte("\n"))
		for i := 1; i < len(lines)-2; i++ {
			if got, err := ParseTransition(bytes.Join(lines[:i], nil)); err == nil {
				t.Fatalf("%s: cut after line %d it is %v", f, i, got)
			}
		}
	}
	for _, bad := range []string{
		`<pacemaker-result><actions><rsc_action action="stop" resource="a" node="n1"/></actions></pacemaker-result>`,
		`<pacemaker-result><actions/><status code="70" message="Internal software bug"/></pacemaker-result>`,
		`<pacemaker-result><actions><rsc_action action="stop"/></actions><status code="0"/></pacemaker-result>`,
		`<pacemaker-result><actions><other/></actions><status code="0"/></pacemaker-result>`,
	} {
		if got, err := ParseTransition([]byte(bad)); err == nil {
			t.Errorf("%s: %v", bad, got)
		}
	}
}

// TestResultKeepsText: values arrive as they were written, whatever they hold.
func TestResultKeepsText(t *testing.T) {
	value := "a\tb\nc\rd  <e>&\"f\" 'g' \u00e9\U0001F600 010"
	want := &Desired{dialect: pcs.Pcs011, objects: []*object{{kind: properties, id: "p", attrs: []pair{{name: "p", value: value}}}}}
	live, err := Parse([]byte(emptyCIB))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Compare(live, want)
	if err != nil {
		t.Fatal(err)
	}
	text, err := d.Result()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse([]byte(text.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := again.Property("p"); got != value {
		t.Errorf("%q became %q", value, got)
	}
	// A reader that follows XML's rules turns bare line ends into blanks.
	if strings.Contains(text.Reveal(), "a\tb") || strings.Contains(text.Reveal(), "b\nc") {
		t.Errorf("control characters stand bare in %s", text.Reveal())
	}
	if live.Epoch() != again.Epoch() || again.attr("num_updates") != "0" {
		t.Error("the version is no longer the live one's")
	}
	if _, ok := live.Property("p"); ok {
		t.Error("Compare has changed the live CIB")
	}
}
