package report_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

func markdownOf(t testing.TB, p *plan.Plan) string {
	t.Helper()
	var b strings.Builder
	if err := planreport.Markdown(&b, term.Style{}, planreport.Report{Plan: p}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lost reads the note of what was cut: "2600 changes without a row" as 2600.
func lost(text, what string) int {
	note := regexp.MustCompile(`(?m)^\*\*Cut to the size of a comment:\*\* .*$`).FindString(text)
	if m := regexp.MustCompile(`(\d+) ` + what).FindStringSubmatch(note); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// manyChanges is the bare plan with 3000 of everything more.
func manyChanges() *plan.Plan {
	many := reporttest.BarePlan()
	for i := range 3000 {
		many.Changes = append(many.Changes, reporttest.Primitive(fmt.Sprintf("dummy-%d", i), "ocf:pacemaker:Dummy", ""))
		many.Impact = append(many.Impact, plan.Impact{Action: "Start", Resource: fmt.Sprintf("dummy-%d", i), Detail: "n1"})
		many.LeftAlone = append(many.LeftAlone, plan.Object{Kind: fmt.Sprintf("kind-%d", i%400), ID: strings.Repeat("x", 200)})
		many.Findings = append(many.Findings, plan.Finding{Code: "X", Message: strings.Repeat("m", 100) + strconv.Itoa(i)})
	}
	many.Tell(nil)
	return many
}

// However large a plan is, the comment fits, says what it leaves out, and is
// well-formed.
func TestMarkdownFitsAComment(t *testing.T) {
	big := reporttest.BarePlan()
	big.Changes = append([]plan.Change{{Node: "n1", Action: plan.Create, Kind: "file", ID: "/big",
		Diffs: []plan.Diff{reporttest.Lines("content", strings.Repeat("x\n", 200_000))}}}, big.Changes...)
	wide := reporttest.BarePlan()
	for i := range 500 {
		wide.Nodes = append(wide.Nodes, fmt.Sprintf("node-with-a-long-name-%d.example.com", i))
		wide.Changes = append(wide.Changes, plan.Change{Node: wide.Nodes[len(wide.Nodes)-1], Action: plan.Create, Kind: "package", ID: "pcs"},
			plan.Change{Node: wide.Nodes[len(wide.Nodes)-1], Action: plan.Create, Kind: "file", ID: fmt.Sprint(i)})
	}
	longest := reporttest.BarePlan()
	longest.Cluster, longest.Playbook = strings.Repeat("c", 1<<20), strings.Repeat("`", 1<<20)
	for name, c := range map[string]struct {
		p   *plan.Plan
		cut bool
	}{"bare": {reporttest.BarePlan(), false}, "many": {manyChanges(), true}, "big": {big, true}, "wide": {wide, true}, "longest": {longest, false}} {
		t.Run(name, func(t *testing.T) {
			text := markdownOf(t, c.p)
			checkShape(t, text)
			if strings.Contains(text, "**Cut to the size") != c.cut {
				t.Fatalf("cut %v:\n%s", c.cut, text[:2000])
			}
			if name == "big" && (lost(text, "change not told in full") != 1 || !strings.Contains(text, "more lines") || !strings.Contains(text, "promotable db-clone")) {
				t.Errorf("one big file hides other changes:\n%s", text[max(0, len(text)-3000):])
			}
			if name != "many" {
				return
			}
			shown := len(regexp.MustCompile("(?m)^\\| `\\+` primitive `dummy-").FindAllString(text, -1))
			if left := lost(text, "changes without a row"); shown == 0 || shown+left != 3000 {
				t.Errorf("%d rows shown and %d said to be left out, of 3000", shown, left)
			}
			shown = len(regexp.MustCompile(`(?m)^\+ `).FindAllString(text, -1))
			if left := lost(text, "changes not told in full"); left < 3000 || left > len(c.p.Changes) {
				t.Errorf("%d changes shown in full and %d not, of %d", shown, left, len(c.p.Changes))
			}
			shown = len(regexp.MustCompile("`x{100}\\.\\.\\. ").FindAllString(text, -1))
			if left := lost(text, "objects left alone"); left == 0 || shown+left != 3000 {
				t.Errorf("%d objects shown and %d not, of 3000", shown, left)
			}
			shown = len(regexp.MustCompile(`(?m)^- \*\*\*\* .X.: m`).FindAllString(text, -1))
			if left := lost(text, "findings not told"); shown == 0 || shown+left != 3000 {
				t.Errorf("%d findings shown and %d not, of 3000", shown, left)
			}
		})
	}
}

// checkShape: it fits, nothing is left open, and it begins with the marker.
func checkShape(t testing.TB, text string) {
	t.Helper()
	if len(text) > markdown.MaxComment || !utf8.ValidString(text) {
		t.Errorf("%d bytes, UTF-8 %v", len(text), utf8.ValidString(text))
	}
	if !regexp.MustCompile(`^<!-- hadeploy plan: [A-Za-z0-9._-]+ -->\n### (Plan: |No changes)`).MatchString(text) {
		t.Errorf("it begins with %q", text[:min(len(text), 200)])
	}
	if outsideCode(text) == "a fence is not closed" || strings.Count(text, "\n<details>") != strings.Count(text, "\n</details>") {
		t.Errorf("not well-formed:\n%s", text)
	}
}

// What is dangerous is seen in any plan: in the verdict, in the caution, and in
// the first rows.
func TestMarkdownDangerComesFirst(t *testing.T) {
	p := manyChanges()
	p.Changes = append(p.Changes, plan.Change{Action: plan.Update, Kind: "primitive", ID: "web-ip", Disruption: plan.Restart, Diffs: []plan.Diff{plan.Changes("options.ip", "10.0.0.1", "10.0.0.2")}},
		plan.Change{Action: plan.Delete, Kind: "primitive", ID: "old-ip"})
	p.Impact = append(p.Impact, plan.Impact{Action: "Restart", Resource: "web-ip", Detail: "n1"}, plan.Impact{Action: "Stop", Resource: "old-ip", Detail: "n2"})
	p.Tell(nil)
	text := markdownOf(t, p)
	checkShape(t, text)
	at := -1
	for _, want := range []string{
		"### Plan: 3071 to create, 16 to change, 1 to delete (3022 not known in full yet); 1 restart, 2 interruptions in all\n",
		"> [!CAUTION]\n", "> - `old-ip` **stops** on `n2`\n", "> - `web-ip` **restarts** on `n1`\n", "> **Deleted**: `primitive old-ip`\n",
		"|---|", "\n| `~` primitive `web-ip` | cluster | options.ip: `10.0.0.1` → `10.0.0.2` | **restarts** |", "\n| `-` primitive `old-ip` | cluster |", "\n| `+` package ",
	} {
		i := strings.Index(text, want)
		if i <= at {
			t.Errorf("%q is at %d, after %d", want, i, at)
		}
		at = max(at, i)
	}
}

// Values of the worst sort in each place, and many of them, still fit.
func TestMarkdownFitsWhateverTheValues(t *testing.T) {
	for _, unit := range []string{"`", "@", "|", "\\", "&", "<", "\x00", "\u202e", "日", "` ", "::", "/close\n", reporttest.Evil} {
		t.Run(strconv.Quote(unit[:min(len(unit), 8)]), func(t *testing.T) {
			t.Parallel()
			text := strings.Repeat(unit, 500)
			p := &plan.Plan{Made: plan.Made{Hadeploy: text, Time: text, Commit: text}, Cluster: text, Playbook: text, CIB: text}
			for i := range 25 {
				node := fmt.Sprint(i, text)
				p.Nodes = append(p.Nodes, node)
				for _, a := range []plan.Action{plan.Create, plan.Update, plan.Delete} {
					p.Changes = append(p.Changes, plan.Change{Node: node, Action: a, Kind: text, ID: fmt.Sprint(i) + text, Unknown: fmt.Sprint(i, text), Disruption: plan.Outage, At: text, Note: text, Pcs: text,
						Interrupts: []plan.Interruption{{What: fmt.Sprint(i, text), How: text, Why: text}},
						Diffs:      []plan.Diff{plan.Changes(text, text, text+"2"), reporttest.Lines(text, text)}})
				}
				p.LeftAlone = append(p.LeftAlone, plan.Object{Kind: fmt.Sprint(i, text), ID: text, Value: text, Why: text})
				p.Impact = append(p.Impact, plan.Impact{Action: fmt.Sprint(i, text), Resource: text, Detail: text})
				p.Findings = append(p.Findings, plan.Finding{Code: text, Node: node, Object: text, Message: text, Expected: text, Seen: text, Fix: text})
			}
			p.Tell(nil)
			checkShape(t, markdownOf(t, p))
		})
	}
}

func TestMarker(t *testing.T) {
	for cluster, want := range map[string]string{
		"web_ha":                  "<!-- hadeploy plan: web_ha -->",
		"a--b":                    "<!-- hadeploy plan: a--b -->",
		"a --> <script>":          "<!-- hadeploy plan: a_--___script_ -->",
		"x--!>y":                  "<!-- hadeploy plan: x--__y -->",
		"a\nb":                    "<!-- hadeploy plan: a_b -->",
		"":                        "<!-- hadeploy plan: _ -->",
		strings.Repeat("c", 1000): "<!-- hadeploy plan: " + strings.Repeat("c", 100) + "...__900_bytes_more_ -->",
	} {
		if got := planreport.Marker(cluster); got != want {
			t.Errorf("Marker(%.40q) = %q, want %q", cluster, got, want)
		}
	}
}

// A line of a comment that begins with a slash outside of code would be a
// command to GitLab.
func TestMarkdownHasNoQuickActions(t *testing.T) {
	for _, value := range []string{"/close", "a\n/close", "a\r/close", "a\u2028/close"} {
		for name, p := range reporttest.Placed(value) {
			for _, l := range strings.Split(outsideCode(markdownOf(t, p)), "\n") {
				if strings.HasPrefix(strings.TrimLeft(l, " \t>"), "/") {
					t.Errorf("%q as %s makes the line %q", value, name, l)
				}
			}
		}
	}
}

// TestPullRequestsPage: the example of docs/pull-requests.md is what hadeploy
// writes.
func TestPullRequestsPage(t *testing.T) {
	p := &plan.Plan{Cluster: "web_ha", Playbook: "cluster.yaml", Nodes: reporttest.ThreeNodes,
		Changes: []plan.Change{
			{Action: plan.Update, Kind: "primitive", ID: "web-ip", At: "cluster.yaml:40", Diffs: []plan.Diff{plan.Changes("options.ip", "192.0.2.100", "192.0.2.101")}},
			{Action: plan.Delete, Kind: "primitive", ID: "old-ip", Diffs: []plan.Diff{plan.Was("agent", "ocf:heartbeat:IPaddr2"), plan.Was("options.ip", "192.0.2.9")}},
		},
		Impact: []plan.Impact{{Action: "Restart", Resource: "web-ip", Detail: "n1"}, {Action: "Stop", Resource: "old-ip", Detail: "n3"}},
	}
	p.Changes = append(p.Changes, reporttest.OnEach(func(string) plan.Change {
		return plan.Change{Action: plan.Update, Kind: "file", ID: "/etc/nginx/conf.d/site.conf", At: "cluster.yaml:31",
			Diffs: []plan.Diff{{Name: "content", Before: "a\n", After: "b\n", HasBefore: true, HasAfter: true, Lines: true}}}
	})...)
	p.Tell(nil)
	want, _, _ := strings.Cut(markdownOf(t, p), "\n<details>")
	page, err := os.ReadFile("../../docs/pull-requests.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```markdown\n"+want+"```\n") {
		t.Errorf("docs/pull-requests.md has not\n%s", want)
	}
}

// GitHub reads inline code up to 80 backticks, and markdown that it does not
// read as code would be obeyed; the renderer of make gfm has no such limit.
func TestMarkdownCodeOfManyBackticks(t *testing.T) {
	for n := range 400 {
		text := strings.Repeat("`", n) + "@all"
		if got := markdown.Code(text); strings.Contains(got, strings.Repeat("`", 81)) || strings.TrimSpace(inlineOutside(got)) != "" {
			t.Errorf("%d backticks: %.100q", n, got)
		}
	}
}
