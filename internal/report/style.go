// Package report turns what hadeploy found, means to do, does and did into
// text for terminals and logs, JSON for programs and Markdown for reviews.
//
// The rules of all text here:
//   - what came from a node or a file is escaped before it is shown (escape.go)
//   - a sign or a word carries the meaning; colour only repeats it
//   - plain ASCII drawing, for a serial console has to show it too
//   - a secret is never shown, whatever the data holds
package report

import (
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// Style is how text for one stream looks.
type Style struct {
	Color bool
	Width int // in cells; flowing text is wrapped there
}

const (
	noTermWidth = 100 // of text that goes to a file, a pipe or a CI log
	minWidth    = 40
	maxWidth    = 120 // flowing text is hard to read beyond
)

// StyleFor looks at a stream and the environment. NO_COLOR switches colour off,
// else CLICOLOR_FORCE switches it on, else a terminal that is not dumb has it.
func StyleFor(f *os.File, env func(string) string) Style {
	tty := IsTerminal(f)
	s := Style{Width: noTermWidth}
	if w, err := strconv.Atoi(env("COLUMNS")); err == nil && w > 0 {
		s.Width = w
	}
	if tty {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			s.Width = w
		}
	}
	force := env("CLICOLOR_FORCE")
	switch {
	case env("NO_COLOR") != "":
	case force != "" && force != "0":
		s.Color = true
	default:
		s.Color = tty && env("TERM") != "dumb"
	}
	return s
}

// File is the file that w writes to, behind whatever it is wrapped in; nil where
// there is none.
func File(w io.Writer) *os.File {
	for {
		switch x := w.(type) {
		case *os.File:
			return x
		case interface{ Unwrap() io.Writer }:
			w = x.Unwrap()
		default:
			return nil
		}
	}
}

// IsTerminal reports whether f is a terminal.
func IsTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }

func (s Style) width() int { return max(minWidth, min(s.Width, maxWidth)) }

// The colours that are used; numbers of SGR.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// paint colours text, which must be escaped already.
func (s Style) paint(sgr, text string) string {
	if !s.Color || text == "" || sgr == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// cells tells how many columns a line takes. It knows our own colours, wide
// East Asian characters and combining marks.
func cells(line string) int {
	n, sgr := 0, false
	for _, r := range line {
		switch {
		case r == '\x1b':
			sgr = true
		case sgr:
			sgr = r != 'm'
		default:
			n += runeCells(r)
		}
	}
	return n
}

func runeCells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// pad fills text with spaces up to n cells.
func pad(text string, n int) string {
	return text + strings.Repeat(" ", max(0, n-cells(text)))
}

// fit cuts a line that has no colours to at most n cells.
func fit(line string, n int) string {
	if cells(line) <= n {
		return line
	}
	var b strings.Builder
	used := 0
	for _, r := range line {
		w := runeCells(r)
		if used+w > n-3 {
			break
		}
		used += w
		b.WriteRune(r)
	}
	if n < 4 {
		return strings.Repeat(".", max(0, n))
	}
	return b.String() + "..."
}

// flow sets words into lines: the first takes at most first cells, the others
// rest. A word is never broken; when not even one fits the first line, that
// stays empty.
func flow(words []string, first, rest int) []string {
	var lines []string
	line, used, room := "", 0, first
	for _, w := range words {
		n := cells(w)
		switch {
		case used > 0 && used+1+n <= room:
			line, used = line+" "+w, used+1+n
		case used == 0 && (n <= room || len(lines) > 0):
			line, used = w, n
		default:
			lines = append(lines, line)
			line, used, room = w, n, rest
		}
	}
	return append(lines, line)
}

// listed puts a comma behind each word but the last.
func listed(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		}
		out[i] = w
	}
	return out
}

// cleaned is Clean for each word.
func cleaned(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = Clean(w)
	}
	return out
}

// count says "1 change", "2 changes".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
