package finding

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryEntryIsWhole: each explanation says what is looked at, why it
// matters, how to look closer, how to mend it and when it may be left, in that
// order and not at length.
func TestEveryEntryIsWhole(t *testing.T) {
	shape := regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)
	parts := []string{"Looks at: ", "\n\nWhy: ", "\n\nLook closer", "\n\nMend", "\n\nMay be left: "}
	seen := map[string]bool{}
	for _, e := range All() {
		if !shape.MatchString(e.Code) || seen[e.Code] {
			t.Errorf("%s: no code, or there twice", e.Code)
		}
		seen[e.Code] = true
		if w := strings.Fields(e.Severity + "-")[0]; !slices.Contains([]string{"error", "error;", "warning", "warning;", "info"}, strings.TrimSuffix(w, "-")) {
			t.Errorf("%s: severity %q", e.Code, e.Severity)
		}
		for name, text := range map[string]string{"meaning": e.Meaning, "what to do": e.Do} {
			if text == "" || strings.ContainsAny(text, "\n|") || strings.HasSuffix(text, ".") || strings.Count(text, "`")%2 != 0 {
				t.Errorf("%s: %s is no phrase for a table: %q", e.Code, name, text)
			}
		}
		at := 0
		for _, p := range parts {
			i := strings.Index(e.Explain[at:], p)
			if i < 0 {
				t.Errorf("%s: its explanation has no %q, or not in its place", e.Code, strings.TrimSpace(p))
				break
			}
			at += i
		}
		lines := 0
		for _, l := range strings.Split(e.Explain, "\n") {
			if strings.TrimSpace(l) != "" {
				lines++
			}
			if len(l) > 130 || strings.HasSuffix(l, " ") || strings.Contains(l, "\t") {
				t.Errorf("%s: line %q", e.Code, l)
			}
		}
		if lines < 5 || lines > 18 {
			t.Errorf("%s is explained in %d lines: nobody reads that at night", e.Code, lines)
		}
		if strings.Contains(e.Explain, "`") {
			t.Errorf("%s: Markdown in the explanation", e.Code)
		}
	}
	if len(seen) < 55 {
		t.Errorf("only %d entries", len(seen))
	}
}

// TestMentions: a code that an explanation refers to exists.
func TestMentions(t *testing.T) {
	inBrackets := regexp.MustCompile(`\(([A-Z]+_[A-Z_]+)\)|see ([A-Z]+_[A-Z_]+|[A-Z]{6,})|whether ([A-Z]+_[A-Z_]+)`)
	known := 0
	for _, e := range All() {
		for _, m := range inBrackets.FindAllStringSubmatch(e.Explain, -1) {
			code := m[1] + m[2] + m[3]
			if strings.HasSuffix(code, "_ADDRESS") {
				continue
			}
			known++
			if _, ok := Find(code); !ok {
				t.Errorf("%s mentions %s, which is explained nowhere", e.Code, code)
			}
		}
	}
	if known < 5 {
		t.Errorf("only %d mentions found", known)
	}
}

// TestGroups: every entry stands in a table, and the tables are in the order of
// All.
func TestGroups(t *testing.T) {
	page := Tables()
	last := -1
	for _, e := range All() {
		row := "\n| `" + e.Code + "` | "
		at := strings.Index(page, row)
		if at < last || strings.Count(page, row) != 1 {
			t.Errorf("%s does not stand in its place in the tables (group %q)", e.Code, e.Group)
		}
		last = at
	}
	if strings.Contains(page, "|---|---|---|---|\n\n") {
		t.Error("a table is empty")
	}
}

func TestFind(t *testing.T) {
	for code, want := range map[string]string{
		"RESOURCE_STOPPED":   "RESOURCE_STOPPED",
		"resource_stopped":   "RESOURCE_STOPPED",
		" resource-stopped ": "RESOURCE_STOPPED",
		"DAEMON":             "DAEMON",
		"RESOURCE_STOPED":    "",
		"":                   "",
	} {
		if e, ok := Find(code); e.Code != want || ok != (want != "") {
			t.Errorf("%q is %q, %v", code, e.Code, ok)
		}
	}
}

func TestNear(t *testing.T) {
	for code, want := range map[string]string{ // the first
		"RESOURCE_STOPED":       "RESOURCE_STOPPED",
		"resource stopped":      "RESOURCE_STOPPED",
		"NODE_STANBY":           "NODE_STANDBY",
		"DEAMON":                "DAEMON",
		"QUORUM":                "NO_QUORUM",
		"stoped":                "RESOURCE_STOPPED",
		"FENCING":               "NO_FENCING",
		"ZZZ":                   "",
		"":                      "",
		strings.Repeat("X", 99): "",
	} {
		got := append(Near(code), "")
		if got[0] != want || len(got) > maxNear+1 {
			t.Errorf("near %q: %q, want %q first", code, got, want)
		}
	}
}

func TestParagraphs(t *testing.T) {
	e := Entry{Explain: "Looks at: a\nb.\n\nLook closer:\n  one\n  two\n\nMend: c:\n  three\nthen d."}
	var got []string
	for _, p := range e.Paragraphs() {
		got = append(got, strings.Join(p, "/"))
	}
	if want := []string{"Looks at: a/b.", "Look closer:", "  one/  two", "Mend: c:", "  three", "then d."}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
