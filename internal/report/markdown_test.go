package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// However large a plan is, the comment fits, says what it leaves out, and is
// well-formed.
func TestMarkdownFitsAComment(t *testing.T) {
	many := barePlan()
	for i := range 3000 {
		many.Changes = append(many.Changes, primitive(fmt.Sprintf("dummy-%d", i), "ocf:pacemaker:Dummy", ""))
		many.Impact = append(many.Impact, plan.Impact{Action: "Start", Resource: fmt.Sprintf("dummy-%d", i), Detail: "n1"})
		many.LeftAlone = append(many.LeftAlone, plan.Object{Kind: fmt.Sprintf("kind-%d", i%400), ID: strings.Repeat("x", 200)})
		many.Findings = append(many.Findings, plan.Finding{Code: "X", Message: strings.Repeat("m", 100) + strconv.Itoa(i)})
	}
	big := barePlan()
	big.Changes = append([]plan.Change{{Node: "n1", Action: plan.Create, Kind: "file", ID: "/big",
		Diffs: []plan.Diff{lines("content", strings.Repeat("x\n", 200_000))}}}, big.Changes...)
	wide := barePlan()
	for i := range 500 {
		wide.Nodes = append(wide.Nodes, fmt.Sprintf("node-with-a-long-name-%d.example.com", i))
		wide.Changes = append(wide.Changes, plan.Change{Node: wide.Nodes[len(wide.Nodes)-1], Action: plan.Create, Kind: "package", ID: "pcs"},
			plan.Change{Node: wide.Nodes[len(wide.Nodes)-1], Action: plan.Create, Kind: "file", ID: fmt.Sprint(i)})
	}
	longest := barePlan()
	longest.Cluster, longest.Playbook = strings.Repeat("c", 1<<20), strings.Repeat("`", 1<<20)
	for name, c := range map[string]struct {
		p   *plan.Plan
		cut bool
	}{"bare": {barePlan(), false}, "many": {many, true}, "big": {big, true}, "wide": {wide, true}, "longest": {longest, false}} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := PlanMarkdown(&b, c.p); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			if len(text) > maxMarkdown {
				t.Errorf("%d bytes", len(text))
			}
			if outsideCode(text) == "a fence is not closed" || strings.Count(text, "<details") != strings.Count(text, "</details>") {
				t.Errorf("not well-formed:\n%s", text)
			}
			note := regexp.MustCompile(`\*\*(\d+) changes? not shown`).FindStringSubmatch(text)
			if (note != nil) != c.cut {
				t.Fatalf("cut %v, note %v", c.cut, note)
			}
			if name == "big" && (note[1] != "1" || !strings.Contains(text, "more lines") || !strings.Contains(text, "db-clone")) {
				t.Errorf("one big file hides other changes: %v\n%s", note, text[max(0, len(text)-3000):])
			}
			if name == "many" {
				shown := len(regexp.MustCompile(`(?m)^\+ primitive dummy-`).FindAllString(text, -1))
				left, _ := strconv.Atoi(note[1])
				if shown == 0 || shown+left != 3000 {
					t.Errorf("%d shown and %d said to be left out, of 3000", shown, left)
				}
			}
		})
	}
}
