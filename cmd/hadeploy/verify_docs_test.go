package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/finding"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/internal/verify"
	"github.com/hadeploy/hadeploy/playbook"
)

const verifyPage = "docs/verify.md"

// checkRow is a row of the page's table of checks.
var checkRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| .* \\| ([A-Z_, ]+) \\|$")

// checkNames are the names of all checks, in their order.
func checkNames() (names []string) {
	p := &playbook.Playbook{Remotes: []playbook.RemoteNode{{Name: "r"}}, Resources: []playbook.Resource{{Primitive: &playbook.Primitive{Agent: "ocf:heartbeat:IPaddr2"}}}}
	for _, c := range verify.New(verify.Input{Playbook: p, Said: []verify.NodeStatus{{Status: &pcs.Status{}}}}).Checks() {
		names = append(names, c.Name)
	}
	return append(names, verify.Probes, verify.Configuration)
}

// TestVerifyPageNamesTheChecks: each check has its row, and each code of the
// running cluster stands in one.
func TestVerifyPageNamesTheChecks(t *testing.T) {
	all := pages(t)
	var rows, codes []string
	for _, m := range checkRow.FindAllStringSubmatch(all[verifyPage], -1) {
		rows = append(rows, m[1])
		codes = append(codes, strings.Split(m[2], ", ")...)
	}
	names := checkNames()
	for _, name := range names {
		if !slices.Contains(rows, name) {
			t.Errorf("%s has no row for the check %s", verifyPage, name)
		}
	}
	for _, name := range rows {
		if !slices.Contains(names, name) {
			t.Errorf("%s has a row for %s, which is no check", verifyPage, name)
		}
	}
	if len(names) < 13 {
		t.Errorf("only %d checks: %q", len(names), names)
	}
	for _, c := range codes {
		if _, ok := finding.Find(c); !ok {
			t.Errorf("%s names %s, which is explained nowhere", verifyPage, c)
		}
	}
	_, running, ok := strings.Cut(all["docs/findings.md"], "\n## Of the running cluster\n")
	if !ok {
		t.Fatal("docs/findings.md has no chapter about the running cluster")
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|").FindAllStringSubmatch(running, -1) {
		if !slices.Contains(codes, m[1]) {
			t.Errorf("%s does not say which check finds %s", verifyPage, m[1])
		}
	}
}

// only is the one block of a kind on the page.
func only(t *testing.T, kind string) string {
	t.Helper()
	var found []string
	for _, b := range blocks(pages(t)[verifyPage]) {
		if b.kind == kind {
			found = append(found, b.text)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d %s blocks", verifyPage, len(found), kind)
	}
	return found[0]
}

// TestVerifyPageJSON: the example is such a document, and every key is
// explained.
func TestVerifyPageJSON(t *testing.T) {
	var doc struct {
		Version int `json:"version"`
		verifyreport.Report
	}
	d := json.NewDecoder(strings.NewReader(only(t, "json")))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil || doc.Version != 1 || len(doc.Checks) == 0 {
		t.Errorf("%v: %+v", err, doc)
	}
	page := pages(t)[verifyPage]
	for prefix, of := range map[string]reflect.Type{
		"": reflect.TypeFor[verifyreport.Report](), "checks[].": reflect.TypeFor[plan.Check](), "findings[].": reflect.TypeFor[plan.Finding](),
	} {
		for field := range of.Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if key != "-" && !strings.Contains(page, "`"+prefix+key+"`") {
				t.Errorf("%s does not explain the key %s%s", verifyPage, prefix, key)
			}
		}
	}
}

// TestVerifyPageJUnit: the example reads as such, and its counts are right.
func TestVerifyPageJUnit(t *testing.T) {
	var doc struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Cases    []struct {
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal([]byte(only(t, "xml")), &doc); err != nil {
		t.Fatal(err)
	}
	failures, names := 0, checkNames()
	for _, c := range doc.Cases {
		if c.Failure != nil {
			failures++
		}
		if !slices.Contains(names, c.Name) {
			t.Errorf("%s is no check", c.Name)
		}
	}
	if doc.Tests != len(doc.Cases) || doc.Failures != failures || failures == 0 {
		t.Errorf("%d tests and %d failures are said, %d and %d are there", doc.Tests, doc.Failures, len(doc.Cases), failures)
	}
}

// TestVerifyPageBrief: there is a line for each state, as long as they get,
// with codes that exist.
func TestVerifyPageBrief(t *testing.T) {
	var states []string
	for _, b := range blocks(pages(t)[verifyPage]) {
		for _, l := range strings.Split(b.text, "\n") {
			m := regexp.MustCompile(`^(OK|WARNING|CRITICAL|UNKNOWN) - cluster \S+: .*?(?: \[(.*)\])?$`).FindStringSubmatch(l)
			if m == nil {
				continue
			}
			states = append(states, m[1])
			if len(l) > 200 {
				t.Errorf("too long: %s", l)
			}
			for _, c := range strings.Fields(m[2]) {
				if _, ok := finding.Find(c); !ok {
					t.Errorf("%s: no such code in %s", c, l)
				}
			}
		}
	}
	if want := []string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}; !slices.Equal(states, want) {
		t.Errorf("lines for %q, want %q", states, want)
	}
}

// TestExplainedCodes: where a page tells the reader to have a code explained,
// it is.
func TestExplainedCodes(t *testing.T) {
	seen := 0
	for page, text := range pages(t) {
		for _, m := range regexp.MustCompile(`hadeploy verify --explain ([A-Z_]+|list)`).FindAllStringSubmatch(text, -1) {
			if m[1] == "CODE" {
				continue
			}
			seen++
			var out, errs strings.Builder
			if code := run([]string{"verify", "--explain", m[1]}, strings.NewReader(""), &out, &errs); code != 0 || out.Len() < 300 {
				t.Errorf("%s: --explain %s ends with %d: %s%s", page, m[1], code, out.String(), errs.String())
			}
		}
	}
	if seen < 3 {
		t.Errorf("only %d found", seen)
	}
}

// TestVerifyPageExit: what the page says of states and exit statuses is so.
func TestVerifyPageExit(t *testing.T) {
	page := pages(t)[verifyPage]
	for state, row := range map[verifyreport.State]string{
		verifyreport.StateWarning: "warnings only | 0", verifyreport.StateCritical: "an error | 5", verifyreport.StateUnknown: "no node told anything that could be read | 5",
	} {
		want := fmt.Sprintf("| %s | %s | %d |", state, row, exitCode(told{monitored{state}}))
		if !strings.Contains(page, want) {
			t.Errorf("%s has no row %q", verifyPage, want)
		}
	}
}
