package finding

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// chapters are the page's headings with the groups below each, in its order.
var chapters = []struct {
	title  string
	groups []string
}{
	{"Before anything is changed", []string{ofOneNode, ofAllNodes, ofTheFile}},
	{"Of the running cluster", []string{ofMembers, ofFencing, ofResources, ofPlacement, ofOutside, ofCompared}},
}

// The groups, in the words that stand above their tables.
const (
	ofOneNode   = "Of single nodes"
	ofAllNodes  = "Of the nodes together"
	ofTheFile   = "Of the configuration"
	ofMembers   = "Of nodes and membership"
	ofFencing   = "Of fencing"
	ofResources = "Of resources"
	ofPlacement = "Of placement"
	ofOutside   = "Of what can be seen from outside"
	ofCompared  = "Of what is compared with verify --plan"
)

// All is the catalogue in the order of the page.
func All() []Entry {
	return slices.Concat(oneNode(), unfitNode(), allNodes(), unfitNodes(), theFile(), unfitFile(), members(), fencing(), resources(), placement(), outside(), configuration())
}

// Find looks a code up; case and the sort of separator do not count.
func Find(code string) (Entry, bool) {
	want := fold(code)
	for _, e := range All() {
		if fold(e.Code) == want {
			return e, true
		}
	}
	return Entry{}, false
}

func fold(code string) string {
	return strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(code)), "-", "_")
}

const maxNear = 5

// Near are codes that may have been meant by one that does not exist, the
// likeliest first: those that differ by a slip, then those that share a word.
func Near(code string) []string {
	want := fold(code)
	if len(want) > 64 {
		return nil // no slip of the pen
	}
	type near struct {
		code string
		far  int
	}
	var all []near
	for _, e := range All() {
		far := diag.Distance(want, e.Code)
		if far > max(1, len(want)/3) {
			if !sharesWord(want, e.Code) {
				continue
			}
			far += 100
		}
		all = append(all, near{e.Code, far})
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.far, b.far) })
	var out []string
	for _, n := range all[:min(len(all), maxNear)] {
		out = append(out, n.code)
	}
	return out
}

// sharesWord tells whether two codes have a word of at least four letters in
// common, but for a slip.
func sharesWord(a, b string) bool {
	for _, x := range strings.FieldsFunc(a, func(r rune) bool { return r == '_' || r == ' ' }) {
		for _, y := range strings.Split(b, "_") {
			if len(x) > 3 && len(y) > 3 && diag.Distance(x, y) <= len(x)/5 {
				return true
			}
		}
	}
	return false
}

// Paragraphs are the parts of Explain: lines that flow together, or commands,
// one a line, which begin with two spaces and are never wrapped.
func (e Entry) Paragraphs() (out [][]string) {
	commands := false
	for _, line := range strings.Split(e.Explain, "\n") {
		switch is := strings.HasPrefix(line, "  "); {
		case strings.TrimSpace(line) == "":
			out = append(out, nil)
			commands = false
			continue
		case len(out) == 0, is != commands:
			out = append(out, nil)
			commands = is
		}
		out[len(out)-1] = append(out[len(out)-1], line)
	}
	return slices.DeleteFunc(out, func(p []string) bool { return len(p) == 0 })
}

// Tables is the catalogue as it stands in docs/findings.md, in Markdown.
func Tables() string {
	var b strings.Builder
	all := All()
	for i, c := range chapters {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString("## " + c.title + "\n")
		for _, g := range c.groups {
			b.WriteString("\n" + g + ":\n\n| code | | meaning | what to do |\n|---|---|---|---|\n")
			for _, e := range all {
				if e.Group == g {
					b.WriteString("| `" + e.Code + "` | " + e.Severity + " | " + e.Meaning + " | " + e.Do + " |\n")
				}
			}
		}
	}
	return b.String()
}
