package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// gfmCase is a comment that testdata/gfm/check.mjs renders, and what it found.
type gfmCase struct {
	Name     string   `json:"name"`
	Markdown string   `json:"markdown,omitempty"`
	Whole    bool     `json:"whole,omitempty"` // open it as a page too
	Bad      []string `json:"bad,omitempty"`
	Elements []string `json:"elements,omitempty"`
	Text     string   `json:"text,omitempty"`
}

// asked skips a test that needs what not everyone has.
func asked(t *testing.T) {
	t.Helper()
	if os.Getenv("HADEPLOY_GFM") == "" {
		t.Skip("make gfm has a browser read the comments; HADEPLOY_GFM is not set")
	}
}

// render has a browser read comments as GitHub would render them. "make gfm"
// installs what it needs; GFM_SCREENSHOTS names a folder for pictures.
func render(t *testing.T, cases []gfmCase) []gfmCase {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	dir := filepath.Join("testdata", "gfm")
	_, installed := os.Stat(filepath.Join(dir, "node_modules", "playwright-core"))
	node, err := exec.LookPath("node")
	switch {
	case err != nil:
		t.Skip("node is not here, so no comment was rendered")
	case installed != nil:
		t.Skip("testdata/gfm/node_modules is not here (make gfm), so no comment was rendered")
	case browser == "":
		t.Skip("chromium is not here, so no comment was rendered")
	}
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(node, "check.mjs", browser)
	if shots := os.Getenv("GFM_SCREENSHOTS"); shots != "" {
		c.Args = append(c.Args, shots)
	}
	var errs bytes.Buffer
	c.Dir, c.Stdin, c.Stderr = dir, bytes.NewReader(in), &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	var results []gfmCase
	if err := json.Unmarshal(out, &results); err != nil || len(results) != len(cases) {
		t.Fatalf("%d results of %d: %v", len(results), len(cases), err)
	}
	return results
}

func (c gfmCase) count(element string) (n int) {
	for _, e := range c.Elements {
		if e == element {
			n++
		}
	}
	return n
}

// TestGFMGolden: what GitHub shows of the golden examples has exactly the parts
// that are ours.
func TestGFMGolden(t *testing.T) {
	asked(t)
	var cases []gfmCase
	for _, c := range []struct {
		name string
		p    *plan.Plan
	}{{"bare", reporttest.BarePlan()}, {"drift", reporttest.DriftPlan()}, {"nothing", reporttest.NothingPlan()}, {"hostile", reporttest.HostilePlan()}, {"many", manyChanges()}} {
		cases = append(cases, gfmCase{Name: c.name, Markdown: markdownOf(t, c.p), Whole: true})
	}
	want := map[string]map[string]int{
		"bare":    {"h3": 1, "h4": 1, "table": 1, "details": 2, "pre": 2, "blockquote": 0},
		"drift":   {"h3": 1, "h4": 2, "table": 2, "details": 3, "pre": 5, "blockquote": 1, "alert-caution": 1},
		"nothing": {"h3": 1, "h4": 1, "table": 0, "details": 0, "pre": 0, "blockquote": 0},
		"hostile": {"h3": 1, "h4": 2, "table": 2, "details": 2, "pre": 2, "blockquote": 1, "alert-caution": 1},
		"many":    {"h3": 1, "h4": 1, "table": 1, "details": 0, "pre": 0, "blockquote": 0},
	}
	for _, got := range render(t, cases) {
		if len(got.Bad) > 0 {
			t.Errorf("%s: %q", got.Name, got.Bad)
		}
		for element, n := range want[got.Name] {
			if got.count(element) != n {
				t.Errorf("%s: %d times %s, want %d", got.Name, got.count(element), element, n)
			}
		}
	}
}

// hostileValues are names and values that Markdown, HTML, GitHub or GitLab make
// something of.
func hostileValues() []string {
	values := []string{
		// Words that are links to a forge; they do not touch each other.
		"@octocat x octo/team@all #1 GH-12 octo/repo#5 !7 %1 ~bug :shipit: a:+1:b :100:", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
		"@all", "octo/repo@deadbeef", "https://evil.example", "x http://evil.example/a WWW.evil.example ftp://e.example", "www.evil.example", "me@evil.example", "mailto:me@evil.example xmpp:me@evil.example/a", "<https://evil.example> <me@evil.example>",
		// HTML.
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href=//evil.example>x</a>", "</details></summary></td></tr></table>", "</code></pre><details open>", "<!-- x", "--><img src=x>", "<!--> x --!> y", "<?x?><![CDATA[x]]>",
		// Code and what ends it.
		"`", "``", "```", "a`b", "` x `", "x ```", "~~~", strings.Repeat("`", 55), "x\\`", "\\", "`\\`",
		// Tables.
		"|", "a|b", "\\|", "\\\\|", "`|`", "`\\|`", "|---|",
		// Markup.
		"*a* **b** _c_ ~~x~~ [^1] $x$ $$y$$", "[a](http://evil.example)", "![a](http://evil.example)", "[^1]: x", "$`x`$",
		"> [!NOTE]", "# h", "- [x] y", "===", "    x", "/close", "::error::x", "##[group]x",
		"\n> [!CAUTION]\n> x", "a\n\n# h\n\n", "\n```\n# h\n", "\n| a |\n|---|\n", "a\r\n\r\n<b>x", "\n</details>\n\n# h", "\n    x\n===",
		// What is read, or not seen.
		"&lt;b&gt; &#64;octocat &commat;octocat &vert; &#x60;", "x\u202ey\u2066z\u2028a", "\x00\x1b[31m\xff", "a\u200bb", "שלום",
	}
	return append(values, strings.Repeat("`", 85), "\n"+strings.Repeat("`", 300)+"\n# h")
}

// TestGFMHostile: each hostile value, alone in each place, changes the text of
// a comment and nothing else: the elements are those that a harmless value
// makes. And the value is there to be read, character by character, with what
// cannot be seen written out.
func TestGFMHostile(t *testing.T) {
	asked(t)
	const harmless = "x y" // as a name in a shell it would need quotes, as most of the others
	var cases []gfmCase
	want := map[string]string{}
	for place, p := range reporttest.Placed(harmless) {
		cases = append(cases, gfmCase{Name: place, Markdown: markdownOf(t, p)})
	}
	plain := len(cases)
	values := hostileValues()
	for _, value := range values {
		for place, p := range reporttest.Placed(value) {
			name := fmt.Sprintf("%.40q as %s", value, place)
			cases = append(cases, gfmCase{Name: name, Markdown: markdownOf(t, p)})
			want[name] = place
		}
	}
	results := render(t, cases)
	t.Logf("%d comments", len(results))
	elements := map[string][]string{}
	for _, r := range results[:plain] {
		elements[r.Name] = r.Elements
	}
	squeeze := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	shown := map[string]bool{"id": true, "node": true, "before": true, "after": true, "note": true, "interrupted": true, // and not cut in a row
		"left alone: value": true, "finding: message": true, "finding: seen": true}
	failed := 0
	for i, got := range results[plain:] {
		before := failed
		if len(got.Bad) > 0 {
			failed++
			t.Errorf("%s: %q", got.Name, got.Bad)
		}
		place := want[got.Name]
		offered := place == "interrupted" && regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@:-]*$`).MatchString(values[i/plain]) // with --allow-disruption, which is one code more
		if !offered && !slices.Equal(got.Elements, elements[place]) {
			failed++
			t.Errorf("%s changes what there is:\n%q\n%q", got.Name, elements[place], got.Elements)
		}
		if value := values[i/plain]; shown[place] && len(value) <= 50 && !strings.Contains(squeeze(strings.ReplaceAll(got.Text, `\x23`, "#")), squeeze(term.Clean(value))) {
			failed++
			t.Errorf("%s: it is not to be read in\n%s", got.Name, got.Text)
		}
		if failed > before {
			t.Logf("it is\n%s", cases[plain+i].Markdown)
		}
		if failed > 5 {
			t.Fatal("and maybe more")
		}
	}
}
