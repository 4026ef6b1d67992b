package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/recap"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

var markup = regexp.MustCompile("(^|[^\\\\])[`*_|<>]")

func FuzzClean(f *testing.F) {
	f.Add(reporttest.Evil)
	f.Add("a\x00\xff\u202e`|")
	f.Fuzz(func(t *testing.T, text string) {
		got := term.Clean(text)
		if strings.ContainsAny(got, "\n\t") || reporttest.Obeyed(term.Guard(got)) != "" {
			t.Errorf("Clean(%q) = %q: %s", text, got, reporttest.Obeyed(term.Guard(got)))
		}
		if term.Clean(got) != got {
			t.Errorf("Clean of %q is %q", got, term.Clean(got))
		}
		for _, l := range term.CleanLines(text) {
			if bad := reporttest.Obeyed(term.Guard(l)); bad != "" {
				t.Errorf("cleanLines(%q) has %s", text, bad)
			}
		}
		checkCode(t, text)
		p := &term.Page{}
		markdown.Fence(p, "diff", term.CleanLines(text))
		if left := outsideCode(p.Text()); strings.TrimSpace(left) != "" {
			t.Errorf("%q leaves its fence: %q", text, left)
		}
		if bad := markup.FindString(strings.ReplaceAll(strings.ReplaceAll(markdown.Text(text), `\\`, ""), "<!-- -->", "")); bad != "" {
			t.Errorf("mdText(%q) = %q leaves %q", text, markdown.Text(text), bad)
		}
		var back, buf = "", bytes.Buffer{}
		if err := term.JSON(&buf, text, ""); err != nil || json.Unmarshal(buf.Bytes(), &back) != nil {
			t.Errorf("%q: no JSON: %q", text, buf.String())
		} else if back != strings.ToValidUTF8(text, "\ufffd") && utf8.ValidString(text) {
			t.Errorf("%q comes back as %q", text, back)
		}
		if bad := reporttest.Obeyed(buf.String()); bad != "" {
			t.Errorf("JSON of %q has %s", text, bad)
		}
	})
}

// checkCode reads inline code as CommonMark does: from a run of backticks to the
// next run of the same length.
func checkCode(t *testing.T, text string) {
	t.Helper()
	code := markdown.Code(text)
	if code == "(empty)" {
		return
	}
	ticks := code[:len(code)-len(strings.TrimLeft(code, "`"))]
	inner := strings.TrimSuffix(strings.TrimPrefix(code, ticks), ticks)
	for _, run := range regexp.MustCompile("`+").FindAllString(inner, -1) {
		if len(run) == len(ticks) {
			t.Errorf("mdCode(%q) = %q ends early", text, code)
		}
	}
	if cell := markdown.Cell(text); strings.Contains(strings.ReplaceAll(cell, `\|`, ""), "|") {
		t.Errorf("mdCell(%q) = %q ends its cell", text, cell)
	}
}

// outsideCode is what of a Markdown text is in neither fences nor inline code.
func outsideCode(doc string) string {
	var out []string
	fence := ""
	for _, l := range strings.Split(doc, "\n") {
		ticks := l[:len(l)-len(strings.TrimLeft(l, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && len(ticks) >= len(fence) && strings.TrimSpace(l) == ticks:
			fence = ""
		case fence == "":
			out = append(out, inlineOutside(l))
		}
	}
	if fence != "" {
		return "a fence is not closed"
	}
	return strings.Join(out, "\n")
}

func inlineOutside(l string) string {
	var out strings.Builder
	for l != "" {
		if strings.HasPrefix(l, "\\") && len(l) > 1 {
			out.WriteString(l[:2])
			l = l[2:]
			continue
		}
		if l[0] != '`' {
			out.WriteByte(l[0])
			l = l[1:]
			continue
		}
		ticks := l[:len(l)-len(strings.TrimLeft(l, "`"))]
		rest := l[len(ticks):]
		end := -1
		for _, at := range regexp.MustCompile("`+").FindAllStringIndex(rest, -1) {
			if at[1]-at[0] == len(ticks) {
				end = at[1]
				break
			}
		}
		if end < 0 {
			out.WriteString(l)
			break
		}
		l = rest[end:]
	}
	return out.String()
}

// everything is all that the renderers make of a plan and of what speaks of it.
func everything(t *testing.T, p *plan.Plan, sum steps.Summary, r verifyreport.Report, run []timed) map[string]string {
	t.Helper()
	out := map[string]string{}
	add := func(name string, render func(io.Writer) error) {
		var b bytes.Buffer
		if err := render(&b); err != nil {
			t.Fatal(name, err)
		}
		out[name] = b.String()
	}
	add("plan.txt", func(w io.Writer) error {
		return planreport.Text(w, term.Style{Width: 80}, planreport.Report{Plan: p, Full: true})
	})
	add("plan.md", func(w io.Writer) error { return planreport.Markdown(w, term.Style{}, planreport.Report{Plan: p}) })
	add("plan.json", func(w io.Writer) error { return planreport.JSON(w, term.Style{}, planreport.Report{Plan: p}) })
	add("recap", func(w io.Writer) error { return recap.Text(w, term.Style{Width: 80}, sum) })
	add("verify.txt", func(w io.Writer) error { return verifyreport.Text(w, term.Style{Width: 80}, r) })
	add("verify.md", func(w io.Writer) error { return verifyreport.Markdown(w, term.Style{}, r) })
	add("verify.json", func(w io.Writer) error { return verifyreport.JSON(w, term.Style{}, r) })
	add("verify.xml", func(w io.Writer) error { return verifyreport.JUnit(w, term.Style{}, r) })
	add("verify-error.xml", func(w io.Writer) error {
		return verifyreport.JUnit(w, term.Style{}, verifyreport.Report{Cluster: r.Cluster, Err: fmt.Errorf("a: %w", hinted{errors.New(r.Cluster)})})
	})
	add("verify-error.json", func(w io.Writer) error {
		return verifyreport.JSON(w, term.Style{}, verifyreport.Report{Cluster: r.Cluster, Err: errors.New(r.Cluster)})
	})
	add("verify-error.md", func(w io.Writer) error {
		return verifyreport.Markdown(w, term.Style{}, verifyreport.Report{Cluster: r.Cluster, Err: errors.New(r.Cluster)})
	})
	add("verify-brief", func(w io.Writer) error { return verifyreport.Brief(w, term.Style{}, r) })
	add("verify-brief-error", func(w io.Writer) error {
		return verifyreport.Brief(w, term.Style{}, verifyreport.Report{File: r.Cluster, Err: errors.New(r.Cluster)})
	})
	for _, mode := range []string{"plain", "json", "quiet"} {
		add(mode, func(w io.Writer) error { play(t, mode, w, run); return nil })
	}
	return out
}

func hostileRun() []timed {
	c := reporttest.HostilePlan().Changes
	return []timed{
		{0, steps.RunStarted{Command: reporttest.Evil, Cluster: reporttest.Evil, Nodes: []string{reporttest.Evil}}},
		{0, steps.NodeConnected{Node: reporttest.Evil}},
		{0, steps.StepStarted{Step: reporttest.Evil, Nodes: []string{reporttest.Evil}, Changes: 1}},
		{0, steps.Waiting{Step: reporttest.Evil, Node: reporttest.Evil, For: reporttest.Evil, Detail: reporttest.Evil}},
		{12e9, steps.Waiting{Step: reporttest.Evil, Node: reporttest.Evil, For: reporttest.Evil, Done: true}},
		{12e9, steps.Working{Step: reporttest.Evil, Node: reporttest.Evil, Text: reporttest.Evil}},
		{0, steps.NodeChanged{Step: reporttest.Evil, Node: reporttest.Evil, Changes: c}},
		{0, steps.NodeFailed{Step: reporttest.Evil, Node: reporttest.Evil, Err: fmt.Errorf("a: %w", hinted{fmt.Errorf("%s", reporttest.Evil)})}},
		{0, steps.Skipped{Step: reporttest.Evil, Node: reporttest.Evil, Reason: reporttest.Evil}},
		{0, steps.FindingSeen{Finding: reporttest.HostilePlan().Findings[0]}},
		{0, steps.StepDone{Step: reporttest.Evil, Changes: 1}},
		{0, steps.RunDone{Summary: hostileSummary()}},
	}
}

func hostileSummary() steps.Summary {
	return steps.Summary{Command: reporttest.Evil, Cluster: reporttest.Evil, Nodes: []steps.NodeSummary{{Node: reporttest.Evil, FailedAt: reporttest.Evil, Error: reporttest.Evil}},
		Skipped: []string{reporttest.Evil}, Failure: reporttest.Evil, Unknown: []string{reporttest.Evil}, Findings: reporttest.HostilePlan().Findings}
}

func TestNothingIsObeyed(t *testing.T) {
	report := verifyreport.Report{Cluster: reporttest.Evil, Checks: []plan.Check{ill(reporttest.Evil, reporttest.HostilePlan().Findings...), well(reporttest.Evil, reporttest.Evil, reporttest.HostilePlan().Findings...), {Name: reporttest.Evil, Skipped: reporttest.Evil}}, Findings: reporttest.HostilePlan().Findings}
	for name, text := range everything(t, reporttest.HostilePlan(), hostileSummary(), report, hostileRun()) {
		if bad := reporttest.Obeyed(text); bad != "" {
			t.Errorf("%s holds %s", name, bad)
		}
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		left := outsideCode(text)
		left = regexp.MustCompile(`<code>([^<]|<!-- -->)*</code>`).ReplaceAllString(left, "")
		for _, bad := range []string{"<script", "</details> <", "@all", "#1", "[a](", "*b*", "://"} {
			if strings.Contains(left, bad) {
				t.Errorf("%s holds %q outside of code:\n%s", name, bad, left)
			}
		}
	}
	var b strings.Builder
	if err := failure.Text(&b, term.Style{Width: 80}, fmt.Errorf("%s: %w", reporttest.Evil, hinted{fmt.Errorf("%s", reporttest.Evil)})); err != nil || reporttest.Obeyed(b.String()) != "" {
		t.Errorf("error holds %s: %v", reporttest.Obeyed(b.String()), err)
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	p := reporttest.BarePlan()
	p.Changes = append(p.Changes, reporttest.DriftPlan().Changes...)
	for _, c := range []plan.Action{plan.Create, plan.Update, plan.Delete} {
		for _, name := range []string{"content", "agent", "value", "op.monitor", "options.password"} {
			d := reporttest.Secretly(name, c != plan.Create, c != plan.Delete)
			d.Lines = name == "content"
			p.Changes = append(p.Changes, plan.Change{Action: c, Kind: "k", ID: name, Diffs: []plan.Diff{d}})
		}
	}
	text := func() string {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	before := text()
	if !strings.Contains(before, reporttest.Canary) {
		t.Fatal("the plan of this test holds no secret")
	}
	run := append(aRun(testStart), timed{0, steps.NodeChanged{Step: "files", Node: "n1", Changes: p.Changes}})
	for name, text := range everything(t, p, goodSummary(), goodReport(), run) {
		if strings.Contains(text, reporttest.Canary) {
			t.Errorf("%s shows a secret", name)
		}
	}
	if text() != before {
		t.Error("rendering changed the plan")
	}
}

// The JSON document is the plan: reading it gives the same.
func TestPlanJSONIsThePlan(t *testing.T) {
	for _, p := range []*plan.Plan{reporttest.DriftPlan(), reporttest.NothingPlan()} {
		var b bytes.Buffer
		if err := planreport.JSON(&b, term.Style{}, planreport.Report{Plan: p}); err != nil {
			t.Fatal(err)
		}
		got, err := plan.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		if want := p.Public(); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}
