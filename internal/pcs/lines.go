package pcs

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// line is one line of the text, taken apart: blanks at its start (a tab goes
// to the next multiple of eight), the bullet that Pacemaker prints from 2.0.3
// on, and the rest without blanks around it.
type line struct {
	no     int
	indent int
	bullet bool
	s      string
}

// lines walks over a text without copying it.
type lines struct {
	rest  string
	no    int
	ended bool // the last line had its newline
	// moved is the first line with control codes that move the cursor or erase, 0
	// for none.
	moved int
}

// next gives the next line; ok is false at the end.
func (l *lines) next() (ln line, ok bool) {
	if l.rest == "" {
		return line{}, false
	}
	l.no++
	raw := l.rest
	if i := strings.IndexByte(raw, '\n'); i >= 0 {
		raw, l.rest, l.ended = raw[:i], raw[i+1:], true
	} else {
		l.rest, l.ended = "", false
	}
	if strings.IndexByte(raw, 0x1b) >= 0 {
		plain, moves := stripEscapes(raw)
		raw = strings.TrimLeft(plain, "\r") // to where the cursor is
		if moves && l.moved == 0 {
			l.moved = l.no
		}
	}
	for strings.HasPrefix(raw, ">") { // quoted in a mail
		raw = strings.TrimPrefix(raw[1:], " ")
	}
	if strings.Contains(raw, "\u00a0") { // as web pages have it
		raw = strings.ReplaceAll(raw, "\u00a0", " ")
	}
	ln = line{no: l.no}
	i := 0
	for ; i < len(raw) && (raw[i] == ' ' || raw[i] == '\t'); i++ {
		if raw[i] == '\t' {
			ln.indent += 8 - ln.indent%8
		} else {
			ln.indent++
		}
	}
	ln.s = strings.TrimRight(raw[i:], " \t\r\f")
	if strings.HasPrefix(ln.s, "* ") {
		ln.bullet = true
		ln.s = strings.TrimLeft(ln.s[2:], " \t")
	}
	return ln, true
}

// garbled tells that s has bytes that no release prints: control characters
// or broken UTF-8.
func garbled(s string) bool {
	ascii := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0x20 && c != '\t' || c == 0x7f {
			return true
		}
		if c >= 0x80 {
			ascii = false
		}
	}
	return !ascii && !utf8.ValidString(s)
}

// clip shortens s for keeping or showing.
func clip(s string, n int) string {
	if len(s) <= n {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.ToValidUTF8(s[:n], "\uFFFD") + "…"
}

// keep stores a line that was not understood, within bounds.
func (s *Status) keep(no int, text string) {
	switch {
	case len(s.Unparsed) < maxLines:
		s.Unparsed = append(s.Unparsed, Line{no, clip(text, maxKept)})
	case len(s.Unparsed) == maxLines:
		s.Unparsed = append(s.Unparsed, Line{no, fmt.Sprintf("(this and further lines are not kept, there are more than %d)", maxLines)})
	}
}

// missing notes a part that a whole status would have.
func (s *Status) missing(format string, args ...any) {
	if len(s.Incomplete) < maxLines {
		s.Incomplete = append(s.Incomplete, clip(fmt.Sprintf(format, args...), 4*maxKept))
	}
}

// cutWord splits off the first word.
func cutWord(s string) (word, rest string) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}

// cutParens splits off a group in parentheses at the start of s; nested ones
// belong to it.
func cutParens(s string) (inside, rest string, ok bool) {
	if !strings.HasPrefix(s, "(") {
		return "", s, false
	}
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
			if depth == 0 {
				return strings.TrimSpace(s[1:i]), strings.TrimLeft(s[i+1:], " \t"), true
			}
		}
	}
	return "", s, false
}

// cutDescribed is cutParens where groups follow each other and the last one may
// be a description with half a parenthesis of its own.
func cutDescribed(s string) (inside, rest string, ok bool) {
	inside, rest, ok = cutParens(s)
	if ok && (rest == "" || rest[0] == '(') {
		return inside, rest, true
	}
	if inside, ok = strings.CutPrefix(s, "("); ok {
		inside, ok = strings.CutSuffix(inside, ")")
	}
	return inside, "", ok
}

// cutList splits off "[ a b c ]" at the start of s.
func cutList(s string) (items []string, rest string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return nil, s, false
	}
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return nil, s, false
	}
	return strings.Fields(s[1:end]), strings.TrimLeft(s[end+1:], " \t"), true
}
