package diag

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// RenderOptions say how a list is shown.
type RenderOptions struct {
	Color bool // ANSI colours; the words carry the meaning without them
}

const (
	bold   = "\x1b[1m"
	red    = "\x1b[1;31m"
	yellow = "\x1b[1;33m"
	blue   = "\x1b[34m"
	reset  = "\x1b[0m"
)

// sourceWidth is how many columns of a source line are shown.
const sourceWidth = 100

// Render writes every diagnostic with its line, a caret under the place, and
// the hint, an empty line between them. Everything that came from a file is
// escaped, so that a file cannot drive the terminal.
func Render(w io.Writer, l List, o RenderOptions) error {
	b := bufio.NewWriter(w)
	for i, d := range l {
		if i > 0 {
			b.WriteByte('\n')
		}
		d.render(b, o)
	}
	return b.Flush()
}

func (d Diagnostic) render(b *bufio.Writer, o RenderOptions) {
	paint := func(code, s string) string {
		if !o.Color {
			return s
		}
		return code + s + reset
	}
	kind := paint(red, d.Severity.String())
	if d.Severity == Warning {
		kind = paint(yellow, d.Severity.String())
	}
	where := Escape(d.Pos.String())
	if where != "" {
		where = paint(bold, where) + ": "
	}
	path := ""
	if d.Path != "" {
		path = Escape(d.Path) + ": "
	}
	fmt.Fprintf(b, "%s%s: %s%s\n", where, kind, path, Escape(d.Message))

	gutter := ""
	if d.Line > 0 && d.Source != "" {
		number := strconv.Itoa(d.Line)
		gutter = strings.Repeat(" ", len(number)+1)
		text, caret := cutSource(d.Source, d.Column)
		bar := paint(blue, "|")
		fmt.Fprintf(b, " %s %s %s\n", paint(blue, number), bar, text)
		if d.Column > 0 {
			fmt.Fprintf(b, " %s%s %s%s\n", gutter, bar, strings.Repeat(" ", caret), paint(red, "^"))
		}
	}
	if d.Hint != "" {
		fmt.Fprintf(b, " %s%s %s\n", gutter, paint(blue, "="), Escape(d.Hint))
	}
}

// cutSource returns the part of a source line around column (1-based, in
// runes), escaped, and how many cells stand before the column in it.
func cutSource(line string, column int) (text string, caret int) {
	runes := []rune(line)
	from, to := 0, len(runes)
	if len(runes) > sourceWidth {
		from = max(0, min(column-1-sourceWidth/2, len(runes)-sourceWidth))
		to = from + sourceWidth
	}
	var b strings.Builder
	if from > 0 {
		b.WriteString("...")
		caret = 3
	}
	for i := from; i < to; i++ {
		cell := Escape(string(runes[i]))
		if runes[i] == '\t' {
			cell = " "
		}
		if i < column-1 {
			caret += utf8.RuneCountInString(cell)
		}
		b.WriteString(cell)
	}
	if to < len(runes) {
		b.WriteString("...")
	}
	return b.String(), caret
}

// Escape makes s safe for a terminal and for one line: control characters,
// marks that turn the direction of text, and invalid UTF-8 are shown as
// escapes.
func Escape(s string) string {
	if !strings.ContainsFunc(s, Unprintable) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case Unprintable(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// Unprintable reports whether r is a control character, a line or paragraph
// separator, or a mark that changes the direction of the text around it.
func Unprintable(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f':
		return true
	}
	return false
}
