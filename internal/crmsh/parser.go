package crmsh

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// A parser reads the words of one statement.
type parser struct {
	*statement
	words []word
	next  int
	// valued is set behind options: a word there may be a piece of a password
	// that lacks its quotes, and is shown to nobody.
	valued bool
}

func fail(w word, what, do string) error { return &fault{w.at, what, do} }

// unexpected is an error at a word that has no place in the statement.
func (p *parser) unexpected(w word, do string) error {
	if p.valued {
		return fail(w, "what stands here is no option and no word that begins a list", cmp.Or(do, "options are written NAME=VALUE; a value with blanks stands in quotes"))
	}
	return fail(w, found(w)+" is not expected here", do)
}

// peek is the next word; behind the last one, an empty word at the end.
func (p *parser) peek() (word, bool) {
	if p.next < len(p.words) {
		return p.words[p.next], true
	}
	return word{at: len(p.line.text)}, false
}

// is reports whether the next word is one of these, in any case.
func (p *parser) is(words ...string) bool {
	w, more := p.peek()
	return more && slices.Contains(words, strings.ToLower(w.text))
}

// accept takes the next word if it is this one.
func (p *parser) accept(text string) bool {
	if !p.is(text) {
		return false
	}
	p.next++
	return true
}

// want takes the next word, whatever it is.
func (p *parser) want(what string) (word, error) {
	w, more := p.peek()
	if !more {
		return w, fail(w, what+" is missing", "")
	}
	p.next++
	return w, nil
}

// pair is a word of the form NAME=VALUE with this name, in any case; a $ before
// it is how older releases wrote it.
func (p *parser) pair(name string) (value string, at word, ok bool) {
	w, _ := p.peek()
	key, value, ok := strings.Cut(strings.TrimPrefix(w.text, "$"), "=")
	if !ok || !strings.EqualFold(key, name) {
		return "", w, false
	}
	p.next++
	return value, w, true
}

// label is a word that ends with a colon, without it: a score, an id, a ticket.
func (p *parser) label() (word, bool) {
	w, _ := p.peek()
	text, ok := strings.CutSuffix(w.text, ":")
	if !ok || text == "" || strings.Contains(text, ":") {
		return w, false
	}
	p.next++
	return word{text, w.at}, true
}

// new is an element that was written at a word.
func (p *parser) new(tag string, w word) *element {
	return &element{tag: tag, owner: p.statement, at: p.line.pos(w.at)}
}

// begin reads the id of what the statement declares; id= may stand before it.
func (p *parser) begin(tag string) (*element, error) {
	w, err := p.want("the id of the " + p.word)
	if err != nil {
		return nil, err
	}
	if id, ok := strings.CutPrefix(w.text, "id="); ok {
		w.text = id
	}
	if p.id = w.text; !name(w.text) {
		p.id = ""
		return nil, fail(w, found(w)+" is no id", "an id begins with a letter or _, and goes on with letters, digits, . _ and -")
	}
	e := p.new(tag, w)
	e.set("id", w.text)
	p.out = append(p.out, e)
	return e, nil
}

// describe takes a description, if there is one here.
func (p *parser) describe(e *element) {
	if value, w, ok := p.pair("description"); ok {
		e.setAt("description", value, p.line.pos(w.at))
	}
}

// resource takes the name of a resource that a container or constraint names.
func (p *parser) resource(what string) (word, error) {
	w, err := p.want(what)
	if err == nil && !name(w.text) {
		err = fail(w, found(w)+" is no id of a resource", "")
	}
	return w, err
}

// score reads a score as crmsh writes it.
func score(text string) (string, bool) {
	switch strings.ToLower(text) {
	case "advisory":
		return "0", true
	case "mandatory":
		return "INFINITY", true
	}
	sign, digits := "", text
	if text != "" && (text[0] == '+' || text[0] == '-') {
		sign, digits = text[:1], text[1:]
	}
	switch strings.ToLower(digits) {
	case "inf", "infinity":
		return strings.TrimPrefix(sign, "+") + "INFINITY", true
	}
	_, ok := pacemaker.Score(text)
	return text, ok
}

// role reads a role as the schema has it.
func role(text string) (string, bool) {
	for _, r := range []string{"Stopped", "Started", "Promoted", "Unpromoted", "Master", "Slave"} {
		if strings.EqualFold(text, r) {
			return r, true
		}
	}
	return "", false
}

const roles = "roles are Started, Stopped, Promoted and Unpromoted, or Master and Slave"

// boolean writes a boolean as the schema has it.
func boolean(text string) (string, bool) {
	switch {
	case pacemaker.True(text):
		return "true", true
	case pacemaker.False(text):
		return "false", true
	}
	return "", false
}

// name reports whether a text can be an id of XML, which has no colon.
func name(text string) bool {
	for i, r := range text {
		switch {
		case r == '_', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= 0xC0 && r != 0xD7 && r != 0xF7 && r < 0x2000:
		case i > 0 && (r == '-' || r == '.' || r >= '0' && r <= '9'):
		default:
			return false
		}
	}
	return text != ""
}
