package term

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes any text safe to be shown within one line: control characters
// (line ends too), invisible and direction-changing ones, and bytes that are
// not UTF-8 come out as \n, \x1b, \u202e. Nodes' output is data, and a terminal
// or a log would obey it.
func Clean(text string) string { return clean(text, false) }

// clean is Clean, which leaves tabs alone when tabs is set.
func clean(text string, tabs bool) string {
	ok := func(r rune) bool { return unicode.IsPrint(r) || tabs && r == '\t' }
	if utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !ok(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case ok(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// CleanTabs is Clean, which leaves tabs alone.
func CleanTabs(text string) string { return clean(text, true) }

// CleanLines splits a text into lines that are safe to be shown, and keeps
// their tabs. An end of line at the end of the text makes no further line.
func CleanLines(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = clean(l, true)
	}
	return lines
}

// Clip cuts a value that nobody could read as a whole, and says so.
func Clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s... (%d bytes more)", text[:cut], len(text)-cut)
}

// MaxValue bounds one value in text, in bytes.
const MaxValue = 400

// Value is a cleaned value, quoted where its ends could not be seen.
func Value(text string) string {
	text = Clean(Clip(text, MaxValue))
	if text == "" || strings.ContainsAny(text, " \"'") {
		return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
	}
	return text
}

// What CI systems take as commands in a job's output: GitHub (at the start of a
// line, and an older form anywhere in it), Azure Pipelines, TeamCity.
var (
	ciAtStart  = regexp.MustCompile(`^((?:\x1b\[[0-9;]*m|[ \t])*):(:)`)
	CiAnywhere = regexp.MustCompile(`#(#(?:\[|vso\[|teamcity\[))`)
)

// Guard takes the power from a finished line that a CI system would obey.
func Guard(line string) string {
	line = ciAtStart.ReplaceAllString(line, `$1\x3a$2`)
	return CiAnywhere.ReplaceAllString(line, `\x23$1`)
}
