package crmsh

import (
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// A line is one statement: the lines of the file that \ joins, without the
// blanks around them.
type line struct {
	text   string
	pieces []piece
	last   mark
}

// A mark is a place that was asked for; the next one is near it, so that long
// lines are not counted from their beginning each time.
type mark struct{ piece, at, column int }

// A piece is one line of the file in a statement.
type piece struct {
	at   int      // in the statement's text
	from diag.Pos // where it begins
}

// prompt is what a pasted session has before each statement.
var prompt = regexp.MustCompile(`^crm\([^()]*\)[^#]{0,60}# `)

// split makes lines of a file. Comments and empty lines are left out.
func split(name, text string) []line {
	var all []line
	var cur line
	var b strings.Builder
	open := false
	number := 0
	for raw := range strings.Lines(text) {
		number++
		raw = strings.TrimRight(raw, "\r\n")
		part := strings.TrimSpace(raw)
		indent := len(raw) - len(strings.TrimLeft(raw, " \t"))
		if !open {
			if m := prompt.FindString(part); m != "" {
				part, indent = part[len(m):], indent+len(m)
			}
			if part == "" || strings.HasPrefix(part, "#") {
				continue
			}
		}
		more := strings.HasSuffix(part, `\`)
		part = strings.TrimRight(part, `\`)
		// crmsh joins without a blank, as a shell does, but has cut the
		// indent, which a shell has not.
		if open && indent > 0 && part != "" && !strings.HasSuffix(b.String(), " ") && b.Len() > 0 {
			b.WriteByte(' ')
		}
		cur.pieces = append(cur.pieces, piece{at: b.Len(), from: diag.Pos{File: name, Line: number,
			Column: utf8.RuneCountInString(raw[:min(indent, len(raw))]) + 1}})
		b.WriteString(part)
		if open = more; !open {
			all = finish(all, cur, b.String())
			cur = line{}
			b.Reset()
		}
	}
	return finish(all, cur, b.String())
}

func finish(all []line, cur line, text string) []line {
	cur.text = text
	if strings.TrimSpace(text) == "" {
		return all
	}
	return append(all, cur)
}

// pos is the place in the file of an offset of the line.
func (l *line) pos(at int) diag.Pos {
	i := max(sort.Search(len(l.pieces), func(i int) bool { return l.pieces[i].at > at })-1, 0)
	p := l.pieces[i]
	at = min(max(at, p.at), len(l.text))
	if l.last.piece != i || l.last.column == 0 {
		l.last = mark{i, min(p.at, len(l.text)), p.from.Column}
	}
	if at >= l.last.at {
		l.last.column += utf8.RuneCountInString(l.text[l.last.at:at])
	} else {
		l.last.column -= utf8.RuneCountInString(l.text[at:l.last.at])
	}
	l.last.at = at
	return diag.Pos{File: p.from.File, Line: p.from.Line, Column: l.last.column}
}

// xml is where the XML of a line begins that is written as XML.
func (l *line) xml() (at int, ok bool) {
	rest, ok := strings.CutPrefix(l.text, "xml")
	if !ok || rest == strings.TrimLeft(rest, " \t") && !strings.HasPrefix(rest, "<") {
		return 0, false
	}
	return len(l.text) - len(strings.TrimLeft(rest, " \t")), true
}

// A word is a part of a line, without its quotes.
type word struct {
	text string
	at   int
}

// words splits a line as crmsh does, by the rules of Python's shlex: quotes may
// begin within a word; in double quotes \ escapes " and \, in single ones
// nothing.
func (l *line) words() ([]word, error) {
	if at, ok := valid(l.text); !ok {
		return nil, &fault{at: at, what: "there is a character that is none of a text in UTF-8", do: "save the file without control characters"}
	}
	var all []word
	var b strings.Builder
	begun := -1
	for i := 0; i < len(l.text); i++ {
		c := l.text[i]
		if c == ' ' || c == '\t' {
			if begun >= 0 {
				all = append(all, word{b.String(), begun})
				b.Reset()
				begun = -1
			}
			continue
		}
		if begun < 0 {
			begun = i
		}
		switch c {
		case '\\':
			if i++; i < len(l.text) {
				b.WriteByte(l.text[i])
			}
		case '\'', '"':
			end := i + 1
			for ; end < len(l.text) && l.text[end] != c; end++ {
				if c == '"' && l.text[end] == '\\' && end+1 < len(l.text) && (l.text[end+1] == '"' || l.text[end+1] == '\\') {
					end++
				}
				b.WriteByte(l.text[end])
			}
			if end == len(l.text) {
				return nil, &fault{at: i, what: "the quote is not closed in this statement", do: `close it; what goes on in the next line ends with \`}
			}
			i = end
		default:
			b.WriteByte(c)
		}
	}
	if begun >= 0 {
		all = append(all, word{b.String(), begun})
	}
	return all, nil
}
