package planreport

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// row is one line of a change.
type row struct {
	depth int    // 0: what the change is about; 1: what belongs to it
	sign  string // + - ~ ! @ or #, or empty
	text  string // escaped
}

// layout says how changes are set into rows.
type layout struct {
	width int  // cells for the text of a row
	full  bool // show whole texts
	pairs bool // show an update as a - and a + row, as diff highlighters like it
}

// What is shown of a text of many lines; Report.Full shows all of it.
const (
	newLines     = 6   // of a text that is new, or goes away
	changedLines = 200 // of a unified diff
)

func (l layout) item(it item) []row {
	c := it.Change
	head := []string{term.Clean(c.Kind)}
	if c.ID != "" {
		head = append(head, term.Listed(term.Cleaned(it.ids))...)
	}
	var words []string // set beside the head when they fit, else below it
	var below []row

	attrs := make([]plan.Diff, 0, len(c.Diffs))
	defaults := 0
	for _, d := range c.Diffs {
		switch {
		case d.Default && c.Action == plan.Create && !l.full:
			defaults++
		case d.Name == "agent" && c.Action != plan.Update && !d.Secret:
			head = append(head, term.Clean(term.Clip(d.Before+d.After, term.MaxValue)))
		case (d.Name == "value" || d.Name == "") && c.Action != plan.Update && !d.Secret:
			head = append(head, "=", term.Value(d.Before+d.After))
		case d.Lines && !d.Secret:
			word, rows := l.lines(d)
			if word != "" {
				words = append(words, word)
			}
			below = append(below, rows...)
		case c.Maybe && d.Secret:
			words = append(words, term.Clean(term.Clip(d.Name, term.MaxValue))+": (secret, not compared)")
		default:
			attrs = append(attrs, d)
		}
	}
	if c.Action == plan.Update {
		if short := besides(attrs); !l.pairs && len(attrs) < 3 && term.Cells(strings.Join(append(head, short...), " ")) < l.width {
			words = append(short, words...)
		} else {
			below = append(l.updates(attrs), below...)
		}
	} else {
		words = append(pairsOf(attrs), words...)
	}
	if defaults > 0 {
		words = append(words, "and "+plural.Of(defaults, "default operation"))
	}
	if it.note > 0 {
		words = append(words, fmt.Sprintf("(%d)", it.note))
	} else if c.Unknown != "" {
		words = append(words, "("+untilWhen(c.Unknown)+")")
	}

	rows := l.head(c.Action.Symbol(), head, words)
	rows = append(rows, below...)
	switch c.Disruption {
	case plan.Reload:
		rows = append(rows, row{1, "", "(takes effect by a reload; nothing stops)"})
	case plan.Restart:
		rows = append(rows, row{1, "!", "takes effect by a restart"})
	case plan.Outage:
		rows = append(rows, row{1, "!", "the whole cluster has to stop for it"})
	case plan.None:
	}
	for _, i := range plan.ByWhat(c.Interrupts) {
		rows = append(rows, row{1, "!", interrupted(i, true)})
	}
	if c.Note != "" {
		rows = append(rows, row{1, "!", term.Clean(term.Clip(c.Note, 2*term.MaxValue))})
	}
	if c.Pcs != "" {
		rows = append(rows, row{1, "#", term.Clean(term.Clip(c.Pcs, 8*term.MaxValue))})
	}
	return rows
}

// head sets what a change is about, and its attributes beside or below.
func (l layout) head(sign string, head, words []string) []row {
	line := strings.Join(head, " ")
	if beside := line + "  " + strings.Join(words, " "); len(words) > 0 && term.Cells(beside) <= l.width {
		return []row{{0, sign, beside}}
	}
	var rows []row
	for i, text := range term.Flow(head, l.width, l.width-4) {
		if i == 0 {
			rows = append(rows, row{0, sign, text})
		} else {
			rows = append(rows, row{1, "", text})
		}
	}
	if len(words) > 0 {
		for _, text := range term.Flow(words, l.width-4, l.width-4) {
			rows = append(rows, row{1, "", text})
		}
	}
	return rows
}

// pairsOf sets attributes as pcs has them: "options ip=10.0.0.9 nic=eth0",
// "op monitor interval=5s".
func pairsOf(diffs []plan.Diff) []string {
	var words []string
	section := ""
	for _, d := range diffs {
		sec, name := splitName(d.Name)
		val := "(secret)"
		if !d.Secret {
			val = term.Value(d.Before + d.After)
		}
		word := name + "=" + val
		switch {
		case sec == "op" && !d.Secret: // the operation as a whole
			word = name + " " + term.Clean(term.Clip(d.Before+d.After, term.MaxValue))
		case strings.Contains(name, " "):
			word = name + ": " + val
		}
		if sec != "" && (sec != section || sec == "op") {
			word = sec + " " + word
		}
		section = sec
		words = append(words, word)
	}
	return words
}

// splitName makes "options", "ip" of options.ip, and "op monitor", "interval"
// of op.monitor.interval.
func splitName(name string) (section, rest string) {
	i := strings.Index(name, ".")
	if strings.HasPrefix(name, "op.") {
		i = strings.LastIndex(name, ".")
	}
	if i < 1 || i == len(name)-1 {
		return "", term.Clean(name)
	}
	return strings.ReplaceAll(term.Clean(name[:i]), ".", " "), term.Clean(name[i+1:])
}

// besides are a few updates in words, to be set on one line.
func besides(diffs []plan.Diff) []string {
	words := make([]string, len(diffs))
	for i, d := range diffs {
		words[i] = oneUpdate(d)
	}
	return term.Listed(words)
}

func oneUpdate(d plan.Diff) string {
	name := term.Clean(d.Name) + ": "
	if d.Name == "value" || d.Name == "" {
		name = ""
	}
	before, after := sides(d)
	switch {
	case d.Secret:
		return name + after
	case !d.HasBefore:
		return name + "(not set) -> " + after
	case !d.HasAfter:
		return name + before + " -> (removed)"
	}
	return name + before + " -> " + after
}

// sides are both values as they are shown. Of a secret only what happens to it
// is told, in the second.
func sides(d plan.Diff) (before, after string) {
	if !d.Secret {
		return side(d.Before), side(d.After)
	}
	switch {
	case !d.HasBefore:
		return "", "(secret, new)"
	case !d.HasAfter:
		return "", "(secret, removed)"
	}
	return "", "(secret, differs)"
}

// side is a value that stands alone, where spaces within need no quotes.
func side(text string) string {
	if text == "" || strings.TrimSpace(text) != text || strings.Contains(text, "->") {
		return term.Value(text)
	}
	return term.Clean(term.Clip(text, term.MaxValue))
}

// updates sets attributes below each other, aligned.
func (l layout) updates(diffs []plan.Diff) []row {
	names, befores := 0, 0
	for _, d := range diffs {
		before, _ := sides(d)
		names = max(names, term.Cells(term.Clean(d.Name)))
		if n := term.Cells(before); d.HasBefore && d.HasAfter && n <= 24 {
			befores = max(befores, n)
		}
	}
	names = min(names, 32)
	var rows []row
	for _, d := range diffs {
		before, after := sides(d)
		name := term.Pad(term.Clean(d.Name), names) + "  "
		switch {
		case d.Secret:
			rows = append(rows, row{1, signOf(d), name + after})
		case !d.HasBefore:
			rows = append(rows, row{1, "+", name + after})
		case !d.HasAfter:
			rows = append(rows, row{1, "-", name + before})
		case l.pairs:
			rows = append(rows, row{1, "-", name + before}, row{1, "+", name + after})
		default:
			rows = append(rows, row{1, "~", name + term.Pad(before, befores) + " -> " + after})
		}
	}
	return rows
}

func signOf(d plan.Diff) string {
	switch {
	case !d.HasBefore:
		return "+"
	case !d.HasAfter:
		return "-"
	}
	return "~"
}

// lines sets a text of many lines: a new one from its beginning, a changed one
// as a unified diff. The word says how long a new one is.
func (l layout) lines(d plan.Diff) (word string, rows []row) {
	limit := newLines
	if d.HasBefore && d.HasAfter {
		limit = changedLines
		if d.Name != "content" {
			rows = append(rows, row{1, "~", term.Clean(d.Name)})
		}
		for _, line := range unified(d.Before, d.After) {
			sign, text := line[:1], line[1:]
			switch sign {
			case " ":
				sign, text = "", "  "+text // as far right as a line with a sign
			case `\`:
				sign, text = "", "  ("+strings.TrimSpace(strings.ToLower(text))+")"
			}
			rows = append(rows, row{1, sign, term.CleanTabs(term.Clip(text, term.MaxValue))})
		}
		if rows == nil {
			rows = append(rows, row{1, "", "(the same text)"})
		}
	} else {
		text := term.CleanLines(d.Before + d.After)
		word = fmt.Sprintf("%s (%s)", term.Clean(d.Name), plural.Of(len(text), "line"))
		for _, line := range text {
			rows = append(rows, row{1, signOf(d), term.Clip(line, term.MaxValue)})
		}
	}
	if !l.full && len(rows) > limit+2 {
		more := len(rows) - limit
		rows = append(rows[:limit:limit], row{1, "", fmt.Sprintf("... %s, see plan --full", plural.Of(more, "more line"))})
	}
	return word, rows
}

// unified is a unified diff without its file names.
func unified(before, after string) []string {
	text := string(diff.Diff("a", []byte(before), "b", []byte(after)))
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[3:]
}

// untilWhen puts a change's Unknown in words: "until packages are installed",
// "default operations: until ...", "whether it differs: ...".
func untilWhen(unknown string) string {
	unknown = term.Clean(term.Clip(unknown, term.MaxValue))
	if what, when, ok := strings.Cut(unknown, ": until "); ok {
		return what + " not known until " + when
	}
	if strings.HasPrefix(unknown, "until ") || strings.HasPrefix(unknown, "whether ") {
		return "not known " + unknown
	}
	return "not known: " + unknown
}
