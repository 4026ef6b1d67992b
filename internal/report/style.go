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
	if w, _, ok := sizeOf(f); ok {
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

func (s Style) width() int { return max(minWidth, min(s.Width, maxWidth)) }

// sizeOf is the size of a terminal; not ok: f is none, or does not tell.
func sizeOf(f *os.File) (width, height int, ok bool) {
	if f == nil {
		return 0, 0, false
	}
	width, height, err := term.GetSize(int(f.Fd()))
	return width, height, err == nil && width > 0 && height > 0
}

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

// erase clears the empty line and all below it. It erases downwards from the
// second line, for terminals take an erasing from the very first as the clearing
// of the screen, and keep a copy of it in their history, each time.
const erase = "\r\x1b[K\n\x1b[J\x1b[A"
