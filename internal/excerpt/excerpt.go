// Package excerpt makes of what others wrote (a node's output, a list of names)
// what can stand in a message: short, and without anything that could steer a
// terminal.
package excerpt

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tail returns the last n lines that are not blank, each at most 300
// characters, with everything that could steer a terminal escaped.
func Tail(b []byte, n int) string {
	if most := n * 4096; len(b) > most {
		b = b[len(b)-most:]
	}
	var lines []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, Printable(line, 300))
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// Printable escapes control and invalid characters, keeps at most limit
// characters, and says so when it cut.
func Printable(s string, limit int) string {
	var b strings.Builder
	count := 0
	for _, r := range s {
		if count == limit {
			b.WriteString("...")
			break
		}
		count++
		b.WriteString(escapeRune(r))
	}
	return b.String()
}

// List is a list for a sentence, cut when it is long.
func List(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// escapeRune shows characters that could steer a terminal as \x1b or \u202e.
func escapeRune(r rune) string {
	if r == '\t' {
		return " "
	}
	if r != utf8.RuneError && unicode.IsPrint(r) {
		return string(r)
	}
	q := strconv.QuoteRuneToASCII(r)
	return q[1 : len(q)-1]
}
