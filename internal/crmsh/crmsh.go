// Package crmsh reads the text of crmsh, as "crm configure show" and "crm
// configure save" write it and as people type it, and makes a CIB of it. What
// cannot be read is named with its place.
//
// The grammar is that of crmsh 4.4, with what its reader still takes of older
// releases (crmsh/parse.py, crmsh/cibconfig.py, crmsh/cliformat.py and
// crmsh/idmgmt.py of ClusterLabs/crmsh). The text leaves most ids out, so they
// are made as crmsh makes them.
package crmsh

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// Limits of a text. The largest cluster seen has some thousand lines.
const (
	maxBytes  = 4 << 20
	maxUnread = 1000   // lines that are none of crmsh's; more, and the file is another
	maxLevels = 10_000 // of fencing, when one line is said for every node
	maxAttrs  = 100    // of one element
)

// CIB makes a CIB of crmsh's text. It has the form of schema pacemaker-3.9, and
// no crm_feature_set, which the text does not say; what the text has as XML is
// taken as it is. Each entry of unread is something that the CIB lacks: a
// statement or a part of it, with its place in the file of that name, and never
// with a value. Where crmsh has hidden a password as ******, that stands in the
// CIB, and unread names it. What names something that is not there is left out
// too, since no Pacemaker takes such a CIB. The error is for a text that is none
// of crmsh's at all.
func CIB(name string, text []byte) (cib []byte, unread diag.List, err error) {
	if len(text) > maxBytes {
		return nil, nil, fmt.Errorf("%s has more than %d MiB, which no configuration of a cluster has", name, maxBytes>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
		return nil, nil, fmt.Errorf("%s is XML, and not the text of crm configure show; if it is a CIB, it can be read as one", name)
	}
	lines := split(name, string(text))
	b := &build{declared: map[string]*element{}, taken: map[string]bool{}, sets: map[string]known{}}
	understood, refused := false, 0
	for i := range lines {
		s, ignored := read(&lines[i])
		understood = understood || ignored || s.err() == nil
		if !ignored {
			b.statements = append(b.statements, s)
		}
		if s.gone {
			refused++
		}
		if refused > maxUnread {
			return nil, nil, fmt.Errorf("%s has more than %d lines that cannot be read, the first: %w", name, maxUnread, b.firstRefused())
		}
	}
	if !understood {
		err := fmt.Errorf("%s has no statement that crm configure show writes, such as primitive or property", name)
		if first := b.firstRefused(); first != nil {
			err = fmt.Errorf("%w; the first line: %w", err, first)
		}
		return nil, nil, err
	}
	root := b.assemble()
	return root.write(), b.unread().Sort(), nil
}

// Is reports whether a text begins as one of crmsh does: with a statement of it.
func Is(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(text) > maxBytes || !utf8.Valid(text) || bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
		return false
	}
	lines := split("", string(text))
	for i := range lines {
		if s, ignored := read(&lines[i]); !ignored {
			return s.err() == nil
		}
	}
	return false
}

// A statement is one line of the text, and what became of it.
type statement struct {
	line   *line
	word   string     // primitive, location
	id     string     // of what it declares; may be empty
	out    []*element // what it declares, for the section of each tag
	gone   bool       // it or all that it declares was left out
	xml    bool       // it was written as XML
	faults diag.List
}

// err is why the statement was left out, nil where it was not.
func (s *statement) err() error {
	if !s.gone {
		return nil
	}
	return s.faults
}

// firstRefused is why the first of the lines that are left out is.
func (b *build) firstRefused() error {
	for _, s := range b.statements {
		if s.gone {
			return s.err()
		}
	}
	return nil
}

// say names something that is left out, at an offset of the line.
func (s *statement) say(at int, what, do string) {
	s.sayAt(s.line.pos(at), what, do)
}

func (s *statement) sayAt(pos diag.Pos, what, do string) {
	path := s.word
	if s.id != "" {
		path += " " + excerpt.Printable(s.id, 60)
	}
	s.faults = append(s.faults, diag.Diagnostic{Pos: pos, Path: path, Message: what, Hint: do})
}

// refuse leaves the whole statement out.
func (s *statement) refuse(pos diag.Pos, what, do string) {
	s.gone = true
	s.sayAt(pos, what, do)
}

// fault is why a statement cannot be read, and where in its line.
type fault struct {
	at       int
	what, do string
}

func (f *fault) Error() string { return f.what }

// readers are what a statement may begin with.
func readers(word string) func(*parser) error {
	switch word {
	case "node":
		return (*parser).node
	case "primitive", "rsc_template":
		return (*parser).primitive
	case "group", "clone", "ms", "master":
		return (*parser).container
	case "bundle":
		return (*parser).bundle
	case "monitor":
		return (*parser).monitor
	case "location":
		return (*parser).location
	case "colocation", "collocation":
		return (*parser).colocation
	case "order":
		return (*parser).order
	case "rsc_ticket":
		return (*parser).ticket
	case "property", "rsc_defaults", "op_defaults":
		return (*parser).property
	case "fencing_topology", "fencing-topology":
		return (*parser).fencing
	case "tag":
		return (*parser).tag
	case "role":
		return (*parser).role
	case "user":
		return (*parser).user
	case "acl_target", "acl_group":
		return (*parser).target
	case "alert":
		return (*parser).alert
	}
	return nil
}

// says reports whether a word is a command that files for crm have around the
// configuration, and that declares nothing.
func saysNothing(word string) bool {
	switch word {
	case "commit", "verify", "up", "end", "cd", "exit", "quit", "bye", "configure", "show":
		return true
	}
	return false
}

// read reads a line. It is ignored when it declares nothing.
func read(l *line) (s *statement, ignored bool) {
	s = &statement{line: l}
	if word, ok := l.xml(); ok {
		s.word, s.xml = "xml", true
		s.take(s.readXML(word))
		return s, false
	}
	words, err := l.words()
	if err != nil {
		s.take(err)
		return s, false
	}
	// crm configure primitive ..., as one types it in a shell.
	for len(words) > 1 && (words[0].text == "crm" || words[0].text == "configure") {
		words = words[1:]
	}
	first := strings.ToLower(words[0].text)
	reader := readers(first)
	if reader == nil {
		if len(words) == 1 && saysNothing(first) {
			return s, true
		}
		s.refuse(l.pos(words[0].at), found(words[0])+" is no word that crm configure show begins a line with",
			"it has node, primitive, group, clone, location and others; what goes on in the next line ends with \\")
		return s, false
	}
	s.word = first
	p := &parser{statement: s, words: words, next: 1}
	err = reader(p)
	if w, more := p.peek(); err == nil && more {
		err = p.unexpected(w, "")
	}
	s.take(err)
	return s, false
}

// take leaves the statement out if there is an error.
func (s *statement) take(err error) {
	var f *fault
	switch {
	case errors.As(err, &f):
		s.refuse(s.line.pos(f.at), f.what, f.do)
	case err != nil:
		s.refuse(s.line.pos(0), err.Error(), "")
	}
}

// found is a word for a message. What stands behind = may be a password.
func found(w word) string {
	name, _, pair := strings.Cut(w.text, "=")
	if pair {
		name += "=..."
	}
	if w.text == "" {
		return "an empty word"
	}
	return excerpt.Printable(name, 60)
}

// valid finds what XML cannot have.
func valid(text string) (at int, ok bool) {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i, false
			}
		}
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return i, false
		}
	}
	return 0, true
}
