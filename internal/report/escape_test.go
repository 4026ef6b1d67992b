package report

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
	"github.com/hadeploy/hadeploy/steps"
)

var markup = regexp.MustCompile("(^|[^\\\\])[`*_|<>]")

func FuzzClean(f *testing.F) {
	f.Add(evil)
	f.Add("a\x00\xff\u202e`|")
	f.Fuzz(func(t *testing.T, text string) {
		got := Clean(text)
		if strings.ContainsAny(got, "\n\t") || obeyed(guard(got)) != "" {
			t.Errorf("Clean(%q) = %q: %s", text, got, obeyed(guard(got)))
		}
		if Clean(got) != got {
			t.Errorf("Clean of %q is %q", got, Clean(got))
		}
		for _, l := range cleanLines(text) {
			if bad := obeyed(guard(l)); bad != "" {
				t.Errorf("cleanLines(%q) has %s", text, bad)
			}
		}
		checkCode(t, text)
		p := &page{}
		fence(p, "diff", cleanLines(text))
		if left := outsideCode(p.text()); strings.TrimSpace(left) != "" {
			t.Errorf("%q leaves its fence: %q", text, left)
		}
		if bad := markup.FindString(strings.ReplaceAll(strings.ReplaceAll(mdText(text), `\\`, ""), "<!-- -->", "")); bad != "" {
			t.Errorf("mdText(%q) = %q leaves %q", text, mdText(text), bad)
		}
		var back, buf = "", bytes.Buffer{}
		if err := writeJSON(&buf, text, ""); err != nil || json.Unmarshal(buf.Bytes(), &back) != nil {
			t.Errorf("%q: no JSON: %q", text, buf.String())
		} else if back != strings.ToValidUTF8(text, "\ufffd") && utf8.ValidString(text) {
			t.Errorf("%q comes back as %q", text, back)
		}
		if bad := obeyed(buf.String()); bad != "" {
			t.Errorf("JSON of %q has %s", text, bad)
		}
	})
}

// checkCode reads inline code as CommonMark does: from a run of backticks to the
// next run of the same length.
func checkCode(t *testing.T, text string) {
	t.Helper()
	code := mdCode(text)
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
	if cell := mdCell(text); strings.Contains(strings.ReplaceAll(cell, `\|`, ""), "|") {
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
func everything(t *testing.T, p *plan.Plan, sum steps.Summary, r VerifyReport, run []timed) map[string]string {
	t.Helper()
	out := map[string]string{}
	add := func(name string, render func(io.Writer) error) {
		var b bytes.Buffer
		if err := render(&b); err != nil {
			t.Fatal(name, err)
		}
		out[name] = b.String()
	}
	add("plan.txt", func(w io.Writer) error { return PlanText(w, Style{Width: 80}, p, PlanOptions{Full: true}) })
	add("plan.md", func(w io.Writer) error { return PlanMarkdown(w, p) })
	add("plan.json", func(w io.Writer) error { return PlanJSON(w, p) })
	add("recap", func(w io.Writer) error { return Recap(w, Style{Width: 80}, sum) })
	add("verify.txt", func(w io.Writer) error { return VerifyText(w, Style{Width: 80}, r) })
	add("verify.md", func(w io.Writer) error { return VerifyMarkdown(w, r) })
	add("verify.json", func(w io.Writer) error { return VerifyJSON(w, r) })
	add("verify.xml", func(w io.Writer) error { return VerifyJUnit(w, r) })
	add("verify-error.xml", func(w io.Writer) error {
		return VerifyJUnitError(w, r.Cluster, fmt.Errorf("a: %w", hinted{errors.New(r.Cluster)}), 0)
	})
	add("verify-error.json", func(w io.Writer) error { return VerifyJSONError(w, r.Cluster, errors.New(r.Cluster), 0) })
	add("verify-error.md", func(w io.Writer) error { return VerifyMarkdownError(w, r.Cluster, errors.New(r.Cluster)) })
	add("verify-brief", func(w io.Writer) error { return VerifyBrief(w, r) })
	add("verify-brief-error", func(w io.Writer) error { return VerifyBriefError(w, r.Cluster, errors.New(r.Cluster)) })
	for _, mode := range []string{"plain", "json", "quiet"} {
		add(mode, func(w io.Writer) error { play(t, mode, w, run); return nil })
	}
	return out
}

func hostileRun() []timed {
	c := hostilePlan().Changes
	return []timed{
		{0, steps.RunStarted{Command: evil, Cluster: evil, Nodes: []string{evil}}},
		{0, steps.NodeConnected{Node: evil}},
		{0, steps.StepStarted{Step: evil, Nodes: []string{evil}, Changes: 1}},
		{0, steps.Waiting{Step: evil, Node: evil, For: evil, Detail: evil}},
		{12e9, steps.Waiting{Step: evil, Node: evil, For: evil, Done: true}},
		{12e9, steps.Working{Step: evil, Node: evil, Text: evil}},
		{0, steps.NodeChanged{Step: evil, Node: evil, Changes: c}},
		{0, steps.NodeFailed{Step: evil, Node: evil, Err: fmt.Errorf("a: %w", hinted{fmt.Errorf("%s", evil)})}},
		{0, steps.Skipped{Step: evil, Node: evil, Reason: evil}},
		{0, steps.FindingSeen{Finding: hostilePlan().Findings[0]}},
		{0, steps.StepDone{Step: evil, Changes: 1}},
		{0, steps.RunDone{Summary: hostileSummary()}},
	}
}

func hostileSummary() steps.Summary {
	return steps.Summary{Command: evil, Cluster: evil, Nodes: []steps.NodeSummary{{Node: evil, FailedAt: evil, Error: evil}},
		Skipped: []string{evil}, Failure: evil, Unknown: []string{evil}, Findings: hostilePlan().Findings}
}

func TestNothingIsObeyed(t *testing.T) {
	report := VerifyReport{Cluster: evil, Checks: []plan.Check{ill(evil, hostilePlan().Findings...), well(evil, evil, hostilePlan().Findings...), {Name: evil, Skipped: evil}}, Findings: hostilePlan().Findings}
	for name, text := range everything(t, hostilePlan(), hostileSummary(), report, hostileRun()) {
		if bad := obeyed(text); bad != "" {
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
	if err := Error(&b, Style{Width: 80}, fmt.Errorf("%s: %w", evil, hinted{fmt.Errorf("%s", evil)})); err != nil || obeyed(b.String()) != "" {
		t.Errorf("error holds %s: %v", obeyed(b.String()), err)
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	p := barePlan()
	p.Changes = append(p.Changes, driftPlan().Changes...)
	for _, c := range []plan.Action{plan.Create, plan.Update, plan.Delete} {
		for _, name := range []string{"content", "agent", "value", "op.monitor", "options.password"} {
			d := secretly(name, c != plan.Create, c != plan.Delete)
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
	if !strings.Contains(before, canary) {
		t.Fatal("the plan of this test holds no secret")
	}
	run := append(aRun(testStart), timed{0, steps.NodeChanged{Step: "files", Node: "n1", Changes: p.Changes}})
	for name, text := range everything(t, p, goodSummary(), goodReport(), run) {
		if strings.Contains(text, canary) {
			t.Errorf("%s shows a secret", name)
		}
	}
	if text() != before {
		t.Error("rendering changed the plan")
	}
}

// The JSON document is the plan: reading it gives the same.
func TestPlanJSONIsThePlan(t *testing.T) {
	for _, p := range []*plan.Plan{driftPlan(), nothingPlan()} {
		var b bytes.Buffer
		if err := PlanJSON(&b, p); err != nil {
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
