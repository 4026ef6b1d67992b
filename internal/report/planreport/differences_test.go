package planreport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// TestDifferencesOfStrangers: what stands in somebody's CIB neither reaches the
// terminal as a command, nor breaks out of a comment, nor makes it too long; and no
// secret is shown, whoever left it in a difference.
func TestDifferencesOfStrangers(t *testing.T) {
	const nasty = "a\x1b[2J\n::error::`</details>@all|"
	d := Differences{A: Side{Name: nasty, Is: nasty}, B: Side{Name: "b.xml", Is: nasty},
		NotCompared: []plan.Object{{Kind: nasty, ID: nasty, Why: nasty}, {Kind: nasty, ID: "two", Why: nasty}},
		LeftOut:     []plan.Object{{Kind: nasty, ID: nasty, Value: nasty, Why: nasty}}}
	for i := range 4000 {
		d.Changes = append(d.Changes, plan.Change{Action: plan.Update, Kind: "primitive", ID: fmt.Sprint(nasty, i), Diffs: []plan.Diff{
			plan.Changes("options."+nasty, nasty, nasty+"x"), {Name: "options.password", Before: "hush", After: "louder", HasBefore: true, HasAfter: true, Secret: true}}})
	}
	for _, f := range DifferencesFormats {
		var out bytes.Buffer
		if err := f.Write(&out, term.Style{}, d); err != nil {
			t.Fatal(f.Name, err)
		}
		text := out.String()
		if strings.Contains(text, "\x1b") || strings.Contains(text, "\n::error") || strings.Contains(text, "hush") || strings.Contains(text, "louder") {
			t.Errorf("%s lets something through: %.300q", f.Name, text)
		}
		switch f.Name {
		case "json":
			var doc struct {
				Same, Complete bool
				Changes        []plan.Change
			}
			if err := json.Unmarshal(out.Bytes(), &doc); err != nil || doc.Same || doc.Complete || len(doc.Changes) != 4000 || doc.Changes[7].ID != d.Changes[7].ID {
				t.Errorf("the document says %v %v %d: %v", doc.Same, doc.Complete, len(doc.Changes), err)
			}
		case "markdown":
			if len(text) > markdown.MaxComment || !strings.Contains(text, "differences not told in full") {
				t.Errorf("%d bytes, and what was cut is not told", len(text))
			}
		case "text":
			if !strings.Contains(text, "4000 differences: 0 only in ") {
				t.Errorf("the sum is missing: %.300q", text[len(text)-300:])
			}
		}
	}
}
