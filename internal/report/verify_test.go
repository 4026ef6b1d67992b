package report_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/finding"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

func written(t *testing.T, render func(io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	if err := render(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestState(t *testing.T) {
	down := unreadReport()
	down.Findings = append(down.Findings, plan.Finding{Code: "NOT_RUNNING", Severity: plan.Error, Node: "n3"})
	bare := unreadReport()
	bare.Checks = bare.Checks[:1]
	one := badReport() // one node told nothing, the others did
	one.Findings = unreadReport().Findings[:1]
	info := goodReport()
	info.Findings = []plan.Finding{{Code: "PLACEMENT_PREFERENCE", Severity: plan.Info}}
	for name, tc := range map[string]struct {
		r    verifyreport.Report
		want verifyreport.State
	}{
		"well":                             {goodReport(), verifyreport.StateOK},
		"a word about it is no warning":    {info, verifyreport.StateOK},
		"warnings":                         {warnedReport(), verifyreport.StateWarning},
		"errors":                           {badReport(), verifyreport.StateCritical},
		"no node told anything":            {unreadReport(), verifyreport.StateUnknown},
		"and nothing else is mentioned":    {bare, verifyreport.StateUnknown},
		"the cluster does not run is said": {down, verifyreport.StateCritical},
		"one of the nodes told nothing":    {one, verifyreport.StateCritical},
	} {
		if got := tc.r.State(); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestVerifyBrief(t *testing.T) {
	same := badReport()
	same.Findings = []plan.Finding{
		{Code: "DAEMON", Severity: plan.Error, Node: "n1", Object: "pcsd", Message: "the daemon pcsd is inactive/enabled, not active/enabled"},
		{Code: "DAEMON", Severity: plan.Error, Node: "n2", Object: "pcsd", Message: "the daemon pcsd is inactive/enabled, not active/enabled"}}
	piped := badReport()
	piped.Findings = []plan.Finding{{Code: "X", Severity: plan.Error, Message: "a | b"}}
	long := badReport()
	long.Findings[2].Message = "web-server is stopped: " + strings.Repeat("fail count of web-server on n3: INFINITY, ", 9)
	long.Findings = long.Findings[2:]
	bare := verifyreport.Report{Cluster: "c", OK: true}
	mute := verifyreport.Report{Cluster: "c", Checks: []plan.Check{ill("members")}}
	for name, tc := range map[string]struct {
		r    verifyreport.Report
		want string
	}{
		"ok":      {goodReport(), "OK - cluster web_ha: 3 nodes online, quorum, DC n1, 9 resources as declared"},
		"warning": {warnedReport(), "WARNING - cluster web_ha: n2 is in standby, as a person set it: it runs no resources [NODE_STANDBY]"},
		"critical, the warning left out": {badReport(),
			"CRITICAL - cluster web_ha: n3 is offline in the eyes of n1, and 2 more [NODE_OFFLINE RESOURCE_STOPPED FAILED_ACTION]"},
		"unknown": {unreadReport(),
			"UNKNOWN - cluster web_ha: n1: pcs status cannot be read: line 7: this is no status, and 1 more [STATUS_UNKNOWN NODE_UNREACHABLE]"},
		"the same on two nodes is one": {same, "CRITICAL - cluster web_ha: n1, n2: the daemon pcsd is inactive/enabled, not active/enabled [DAEMON]"},
		"a long message leaves room for the rest": {long,
			"CRITICAL - cluster web_ha: web-ip: web-server is stopped: fail count of web-server on n3: INFINITY, fail count of web-server on n3: INFINITY, fail count..., and 1 more [RESOURCE_STOPPED FAILED_ACTION]"},
		"no bar, which begins the values": {piped, "CRITICAL - cluster web_ha: a / b [X]"},
		"nothing in words":                {bare, "OK - cluster c: as declared"},
		"an error without a finding":      {mute, "CRITICAL - cluster c: cluster c is not as declared"},
	} {
		got := written(t, func(w io.Writer) error { return verifyreport.Brief(w, term.Style{}, tc.r) })
		if got != tc.want+"\n" {
			t.Errorf("%s:\n%q, want\n%q", name, got, tc.want)
		}
	}
}

// TestBriefIsOneLine: whatever nodes and files say.
func TestBriefIsOneLine(t *testing.T) {
	long := strings.Repeat("long ", 400)
	var many []plan.Finding
	for i := range 40 {
		many = append(many, plan.Finding{Code: fmt.Sprintf("CODE_%d_%s", i, strings.Repeat("X", i*9)), Severity: plan.Error, Node: long, Object: long + "\n", Message: long + "\nCRITICAL - x"})
	}
	texts := []string{
		written(t, func(w io.Writer) error {
			return verifyreport.Brief(w, term.Style{}, verifyreport.Report{Cluster: long, Findings: many})
		}),
		written(t, func(w io.Writer) error {
			return verifyreport.Brief(w, term.Style{}, verifyreport.Report{Cluster: long, OK: true, Checks: []plan.Check{well("members", long), well("partition", reporttest.Evil)}})
		}),
		written(t, func(w io.Writer) error {
			return verifyreport.Brief(w, term.Style{}, verifyreport.Report{File: long, Err: errors.New(long + "\n" + long)})
		}),
	}
	for _, e := range someErrors() {
		texts = append(texts, written(t, func(w io.Writer) error {
			return verifyreport.Brief(w, term.Style{}, verifyreport.Report{Cluster: "web_ha", Err: e})
		}))
	}
	for _, text := range texts {
		if strings.Count(text, "\n") != 1 || term.Cells(strings.TrimSpace(text)) > 200 {
			t.Errorf("%d cells: %q", term.Cells(text), text)
		}
		if !slices.Contains([]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}, strings.Fields(text)[0]) || !strings.Contains(text, " - ") {
			t.Errorf("no state: %q", text)
		}
	}
	for i, want := range []string{
		"UNKNOWN - cluster web_ha: no nodes: the playbook's hosts select nothing from the inventory",
		"UNKNOWN - cluster web_ha: n2: packages: exit status 100; E: no space",
	} {
		if got := texts[3+i]; got != want+"\n" {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// junitSchema is what the schemas of Surefire (3.0) and of Jenkins' xUnit plugin
// both allow: each element's attributes and children, the latter in order.
var junitSchema = map[string]struct{ attributes, children []string }{
	"testsuites": {[]string{"name", "tests", "failures", "errors", "skipped", "time"}, []string{"testsuite"}},
	"testsuite":  {[]string{"name", "tests", "failures", "errors", "skipped", "time"}, []string{"testcase"}},
	"testcase":   {[]string{"name", "classname", "time"}, []string{"skipped", "error", "failure", "system-out"}},
	"skipped":    {[]string{"message"}, nil},
	"error":      {[]string{"message", "type"}, nil},
	"failure":    {[]string{"message", "type"}, nil},
	"system-out": {nil, nil},
}

// junitDoc is what a reader takes of a document.
type junitDoc struct {
	Suites []struct {
		Cases []struct {
			Name    string     `xml:"name,attr"`
			Class   string     `xml:"classname,attr"`
			Skipped *junitPart `xml:"skipped"`
			Failure *junitPart `xml:"failure"`
			Out     *junitPart `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type junitPart struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// checkJUnit reads a document as strictly as a schema would, and counts.
func checkJUnit(t *testing.T, doc string) {
	t.Helper()
	type open struct {
		name string
		last int // index of the last child among those allowed
	}
	var stack []open
	counted := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(doc))
	attributes := map[string]string{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			rule, ok := junitSchema[name]
			if !ok {
				t.Fatalf("unknown element %s", name)
			}
			counted[name]++
			var got []string
			for _, a := range e.Attr {
				got = append(got, a.Name.Local)
				if name == "testsuite" {
					attributes[a.Name.Local] = a.Value
				}
			}
			if !slices.Equal(got, rule.attributes) {
				t.Errorf("%s has the attributes %q, want %q", name, got, rule.attributes)
			}
			if len(stack) == 0 {
				if name != "testsuites" {
					t.Errorf("the root is %s", name)
				}
			} else {
				in := &stack[len(stack)-1]
				at := slices.Index(junitSchema[in.name].children, name)
				if at < 0 || at < in.last {
					t.Errorf("%s stands in %s out of its order", name, in.name)
				}
				in.last = at
			}
			stack = append(stack, open{name: name})
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
	for attribute, element := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"} {
		if want := fmt.Sprint(counted[element]); attributes[attribute] != want {
			t.Errorf("%s=%q, and there are %s elements %s", attribute, attributes[attribute], want, element)
		}
	}
}

func TestJUnitShape(t *testing.T) {
	hostile := verifyreport.Report{Cluster: reporttest.Evil, Checks: []plan.Check{ill(reporttest.Evil, reporttest.HostilePlan().Findings...), well(reporttest.Evil, reporttest.Evil+"]]>", reporttest.HostilePlan().Findings...),
		ill("nothing said"), {Name: reporttest.Evil, Skipped: reporttest.Evil}}}
	for name, r := range map[string]verifyreport.Report{"good": goodReport(), "warned": warnedReport(), "bad": badReport(), "unread": unreadReport(), "hostile": hostile, "empty": {}} {
		t.Run(name, func(t *testing.T) {
			doc := written(t, func(w io.Writer) error { return verifyreport.JUnit(w, term.Style{}, r) })
			checkJUnit(t, doc)
			var back junitDoc
			if err := xml.Unmarshal([]byte(doc), &back); err != nil {
				t.Fatal(err)
			}
			if got := len(back.Suites[0].Cases); got != len(r.Checks) {
				t.Fatalf("%d cases of %d checks", got, len(r.Checks))
			}
			for i, c := range back.Suites[0].Cases {
				if name != "hostile" && (c.Name != r.Checks[i].Name || c.Class != strings.TrimSuffix("hadeploy."+r.Cluster, ".")) {
					t.Errorf("case %d is %s of %s", i, c.Name, c.Class)
				}
				if (c.Failure == nil) != (r.Checks[i].Passed || r.Checks[i].Skipped != "") || (c.Skipped == nil) != (r.Checks[i].Skipped == "") {
					t.Errorf("%s: failure %v, skipped %v", c.Name, c.Failure, c.Skipped)
				}
			}
		})
	}
	for _, e := range someErrors() {
		checkJUnit(t, written(t, func(w io.Writer) error {
			return verifyreport.JUnit(w, term.Style{}, verifyreport.Report{Cluster: "web_ha", Err: e})
		}))
	}
}

// TestJUnitSays: what a person sees in the CI's page.
func TestJUnitSays(t *testing.T) {
	two := badReport()
	two.Checks = []plan.Check{ill("resources", badReport().Findings[1], badReport().Findings[2], badReport().Findings[0])}
	var doc junitDoc
	if err := xml.Unmarshal([]byte(written(t, func(w io.Writer) error { return verifyreport.JUnit(w, term.Style{}, two) })), &doc); err != nil {
		t.Fatal(err)
	}
	c := doc.Suites[0].Cases[0]
	if c.Failure.Type != "NODE_OFFLINE" || !strings.HasSuffix(c.Failure.Message, "offline in the eyes of n1, and 1 more") {
		t.Errorf("%+v", c.Failure)
	}
	for _, want := range []string{"error [NODE_OFFLINE]", "error [RESOURCE_STOPPED]", "do        see why: pcs resource debug-start web-ip"} {
		if !strings.Contains(c.Failure.Text, want) {
			t.Errorf("the failure does not say %q:\n%s", want, c.Failure.Text)
		}
	}
	if strings.Contains(c.Failure.Text, "NODE_STANDBY") || !strings.Contains(c.Out.Text, "warning [NODE_STANDBY]") {
		t.Errorf("warnings belong beside the failure:\n%s\n%s", c.Failure.Text, c.Out.Text)
	}
	for kind, err := range map[string]error{
		"ERROR":            errors.New("x"),
		"NODE_UNREACHABLE": &steps.UnreachableError{Nodes: steps.NodeErrors{{Node: "n1", Err: errors.New("refused")}}},
		"INVALID_FILE":     diag.List{{Message: "unknown key"}}.Err(),
	} {
		doc := written(t, func(w io.Writer) error {
			return verifyreport.JUnit(w, term.Style{}, verifyreport.Report{Cluster: "", Err: fmt.Errorf("verify: %w", err)})
		})
		if !strings.Contains(doc, ` type="`+kind+`"`) || !strings.Contains(doc, `classname="hadeploy"`) {
			t.Errorf("%s:\n%s", kind, doc)
		}
	}
}

// TestVerifyJSONIsTheReport: reading the document gives the report, and no list
// is null.
func TestVerifyJSONIsTheReport(t *testing.T) {
	for _, r := range []verifyreport.Report{goodReport(), badReport(), {}} {
		doc := written(t, func(w io.Writer) error { return verifyreport.JSON(w, term.Style{}, r) })
		if strings.Contains(doc, "null") {
			t.Errorf("a list is null:\n%s", doc)
		}
		var back struct {
			Version int `json:"version"`
			verifyreport.Report
		}
		d := json.NewDecoder(strings.NewReader(doc))
		d.DisallowUnknownFields()
		if err := d.Decode(&back); err != nil || back.Version != 1 || len(back.Checks) != len(r.Checks) || len(back.Findings) != len(r.Findings) || back.Took != r.Took {
			t.Errorf("%v\n%s", err, doc)
		}
	}
}

// TestExplainFits: every explanation fits every terminal but for its commands,
// and holds all its words.
func TestExplainFits(t *testing.T) {
	for _, e := range finding.All() {
		for _, width := range []int{40, 80, 120} {
			text := written(t, func(w io.Writer) error { return verifyreport.Explain(w, term.Style{Width: width}, e) })
			for _, l := range strings.Split(text, "\n") {
				if term.Cells(l) > width && !strings.HasPrefix(l, "  ") && strings.Contains(l, " ") {
					t.Errorf("%s at %d: %q", e.Code, width, l)
				}
			}
			if got, want := strings.Fields(text), strings.Fields(e.Code+", "+e.Severity+" "+strings.ReplaceAll(e.Meaning, "`", "")+" "+e.Explain); !slices.Equal(got, want) {
				t.Errorf("%s at %d has other words:\n%s", e.Code, width, text)
			}
		}
	}
	reporttest.Golden(t, "verify-explain-80.txt", func(w io.Writer) error {
		e, _ := finding.Find("RESOURCE_STOPPED")
		return verifyreport.Explain(w, term.Style{Width: 80}, e)
	})
	reporttest.Golden(t, "verify-explain-color.txt", func(w io.Writer) error {
		e, _ := finding.Find("NODE_STANDBY")
		return verifyreport.Explain(w, term.Style{Width: 100, Color: true}, e)
	})
	reporttest.Golden(t, "verify-explain-list.txt", func(w io.Writer) error { return verifyreport.ExplainList(w, term.Style{Width: 80}, finding.All()) })
}

// TestNoVerdict: each format says in its own way that there is no verdict and
// why, none says that anything is as declared, and text leaves it to the error.
func TestNoVerdict(t *testing.T) {
	r := verifyreport.Report{Cluster: "web_ha", Err: errors.New("n1: connection refused")}
	if r.State() != verifyreport.StateUnknown {
		t.Errorf("the state is %s", r.State())
	}
	for _, f := range verifyreport.Formats {
		text := written(t, func(w io.Writer) error { return f.Write(w, term.Style{Width: 80}, r) })
		if f.Name == "text" {
			if text != "" {
				t.Errorf("text says %q", text)
			}
			continue
		}
		if !strings.Contains(text, "web_ha") || !strings.Contains(text, "n1: connection refused") || strings.Contains(text, "as declared") || strings.Contains(text, `"ok": true`) {
			t.Errorf("%s says\n%s", f.Name, text)
		}
	}
}
