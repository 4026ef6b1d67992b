package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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

// cleanLines splits a text into lines that are safe to be shown, and keeps
// their tabs. An end of line at the end of the text makes no further line.
func cleanLines(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = clean(l, true)
	}
	return lines
}

// clip cuts a value that nobody could read as a whole, and says so.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s... (%d bytes more)", text[:cut], len(text)-cut)
}

const maxValue = 400 // bytes of one value in text

// value is a cleaned value, quoted where its ends could not be seen.
func value(text string) string {
	text = Clean(clip(text, maxValue))
	if text == "" || strings.ContainsAny(text, " \"'") {
		return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
	}
	return text
}

// What CI systems take as commands in a job's output: GitHub (at the start of a
// line, and an older form anywhere in it), Azure Pipelines, TeamCity.
var (
	ciAtStart  = regexp.MustCompile(`^((?:\x1b\[[0-9;]*m|[ \t])*):(:)`)
	ciAnywhere = regexp.MustCompile(`#(#(?:\[|vso\[|teamcity\[))`)
)

// guard takes the power from a finished line that a CI system would obey.
func guard(line string) string {
	line = ciAtStart.ReplaceAllString(line, `$1\x3a$2`)
	return ciAnywhere.ReplaceAllString(line, `\x23$1`)
}

// page collects the lines of a text; every line passes guard.
type page struct {
	Style
	b strings.Builder
}

func (p *page) line(parts ...string) {
	p.b.WriteString(guard(strings.TrimRight(strings.Join(parts, ""), " ")))
	p.b.WriteByte('\n')
}

func (p *page) to(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

// writeJSON writes v as one JSON document that is safe to be seen on a terminal
// or in a CI log, and means exactly the same.
func writeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(safeJSON(b.Bytes()))
	return err
}

// safeJSON writes what a terminal or a CI system would obey as \u escapes. Such
// characters stand only within strings in a JSON text.
func safeJSON(doc []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(doc) {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return ciAnywhere.ReplaceAll(b.Bytes(), []byte(`\u0023$1`))
}
