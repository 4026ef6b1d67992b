// Package term sets text for terminals and logs: what is safe to be shown, how
// wide it is, how it is coloured and set into lines. It knows nothing of clusters.
package term

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// Style is how text for one stream looks.
type Style struct {
	Color bool
	Width int // in cells; flowing text is wrapped there
}

// Widths, in cells.
const (
	NoTermWidth = 100 // NoTermWidth is of text that goes to a file, a pipe or a CI log.
	minWidth    = 40
	maxWidth    = 120 // flowing text is hard to read beyond
)

// StyleFor looks at a stream and the environment. NO_COLOR switches colour off,
// else CLICOLOR_FORCE switches it on, else a terminal that is not dumb has it.
func StyleFor(f *os.File, env func(string) string) Style {
	tty := IsTerminal(f)
	s := Style{Width: NoTermWidth}
	if w, err := strconv.Atoi(env("COLUMNS")); err == nil && w > 0 {
		s.Width = w
	}
	if w, _, ok := Size(f); ok {
		s.Width = w
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

// Columns is where text is wrapped.
func (s Style) Columns() int { return max(minWidth, min(s.Width, maxWidth)) }

// Size is the size of a terminal; not ok: f is none, or does not tell.
func Size(f *os.File) (width, height int, ok bool) {
	if f == nil {
		return 0, 0, false
	}
	width, height, err := term.GetSize(int(f.Fd()))
	return width, height, err == nil && width > 0 && height > 0
}

// The colours that are used; numbers of SGR.
const (
	Bold   = "1"
	Dim    = "2"
	Red    = "31"
	Green  = "32"
	Yellow = "33"
)

// Paint colours text, which must be escaped already.
func (s Style) Paint(sgr, text string) string {
	if !s.Color || text == "" || sgr == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// Erase clears the empty line and all below it. It erases downwards from the
// second line, for terminals take an erasing from the very first as the clearing
// of the screen, and keep a copy of it in their history, each time.
const Erase = "\r\x1b[K\n\x1b[J\x1b[A"
