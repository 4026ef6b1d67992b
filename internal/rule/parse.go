package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is what is wrong with a rule, and at which word of it.
type Error struct {
	Offset int    // of the word, in bytes; the rule's length where it is missing
	Word   string // the word there; empty: the end
	What   string
	Do     string // may be empty
}

func (e *Error) Error() string {
	if e.Do == "" {
		return e.What
	}
	return e.What + "; " + e.Do
}

// Uses are the sorts of expressions that a rule may have where it stands. Dates
// may stand in every rule.
type Uses struct {
	Attributes bool // of nodes
	Resources  bool // resource ocf:pacemaker:Dummy
	Operations bool // op monitor interval=10s
}

// Parse reads a rule. The error is an *Error.
func Parse(text string, uses Uses) (Rule, error) {
	p := &parser{text: text, uses: uses}
	if err := p.split(); err != nil {
		return Rule{}, err
	}
	if len(p.words) == 0 {
		return Rule{}, p.fail("there is no rule", "write one such as: pingd lt 1 or not_defined pingd")
	}
	r, err := p.joined(0)
	if err != nil {
		return Rule{}, err
	}
	if w, more := p.peek(); more {
		if w.text == ")" && !w.quoted {
			return Rule{}, p.fail("a ) closes nothing", "")
		}
		return Rule{}, p.unexpected(w)
	}
	return r, nil
}

type word struct {
	text   string
	at     int
	quoted bool
}

// ends tells whether a word ends what stands before it.
func (w word) ends() bool { return !w.quoted && (w.text == "and" || w.text == "or" || w.text == ")") }

// name tells whether a word can be printed bare, as no command of pcs quotes
// agents and operations.
func (w word) name() bool { return w.text != "" && !strings.ContainsFunc(w.text, apart) }

type parser struct {
	text  string
	words []word
	next  int
	uses  Uses
}

// maxDepth bounds brackets in brackets.
const maxDepth = 20

func (p *parser) split() error {
	for i := 0; i < len(p.text); {
		r, size := utf8.DecodeRuneInString(p.text[i:])
		switch {
		case unicode.IsSpace(r):
			i += size
		case r == '(' || r == ')':
			p.words = append(p.words, word{text: string(r), at: i})
			i += size
		case r == '"' || r == '\'':
			end := strings.IndexRune(p.text[i+1:], r)
			if end < 0 {
				return &Error{Offset: i, Word: p.text[i:], What: "the quote is not closed"}
			}
			p.words = append(p.words, word{text: p.text[i+1 : i+1+end], at: i, quoted: true})
			i += end + 2
		default:
			end := strings.IndexFunc(p.text[i:], func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == ')' })
			if end < 0 {
				end = len(p.text) - i
			}
			p.words = append(p.words, word{text: p.text[i : i+end], at: i})
			i += end
		}
	}
	return nil
}

func (p *parser) peek() (word, bool) {
	if p.next < len(p.words) {
		return p.words[p.next], true
	}
	return word{at: len(p.text)}, false
}

// fail is an error at the next word.
func (p *parser) fail(what, do string) *Error {
	w, _ := p.peek()
	return &Error{Offset: w.at, Word: w.text, What: what, Do: do}
}

func at(w word, what, do string) *Error {
	return &Error{Offset: w.at, Word: w.text, What: what, Do: do}
}

// joins are what people write for and and or.
var joins = map[string]string{"&&": "and", "&": "and", "AND": "and", "And": "and", "||": "or", "|": "or", "OR": "or", "Or": "or"}

func (p *parser) unexpected(w word) *Error {
	if meant := joins[w.text]; meant != "" && !w.quoted {
		return at(w, fmt.Sprintf("%s does not join expressions", clip(w.text)), "write "+meant)
	}
	return at(w, fmt.Sprintf("expected and, or, or the end, not %s", clip(w.text)), "a value with blanks stands in quotes")
}

// joined reads expressions that are joined by and, or by or.
func (p *parser) joined(depth int) (Rule, error) {
	first, err := p.part(depth)
	if err != nil {
		return Rule{}, err
	}
	r := Rule{Parts: []Rule{first}}
	for {
		w, more := p.peek()
		if !more || w.text == ")" && !w.quoted {
			break
		}
		if w.quoted || w.text != "and" && w.text != "or" {
			return Rule{}, p.unexpected(w)
		}
		if r.Join != "" && r.Join != w.text {
			return Rule{}, p.fail("and and or stand beside each other, and what is to be joined first is not said", "put brackets around what belongs together")
		}
		r.Join = w.text
		p.next++
		part, err := p.part(depth)
		if err != nil {
			return Rule{}, err
		}
		r.Parts = append(r.Parts, part)
	}
	if r.Join == "" {
		return first, nil
	}
	return r, nil
}

func (p *parser) part(depth int) (Rule, error) {
	w, more := p.peek()
	switch {
	case !more:
		return Rule{}, p.fail("the rule ends where an expression is expected", "")
	case w.quoted:
	case w.text == ")":
		return Rule{}, p.fail("an expression is expected before )", "")
	case w.text == "(":
		if depth >= maxDepth {
			return Rule{}, p.fail(fmt.Sprintf("more than %d brackets stand in each other", maxDepth), "")
		}
		p.next++
		r, err := p.joined(depth + 1)
		if err != nil {
			return Rule{}, err
		}
		if end, more := p.peek(); !more || end.text != ")" {
			return Rule{}, at(w, "the bracket is not closed", "")
		}
		p.next++
		return r, nil
	}
	e, err := p.one()
	return Rule{Expression: e}, err
}

// one reads an expression.
func (p *parser) one() (Expression, error) {
	w := p.words[p.next]
	second := ""
	if p.next+1 < len(p.words) {
		second = p.words[p.next+1].text
	}
	compares := slices.Contains(operations, second) || slips[second] != ""
	p.next++
	switch {
	case w.quoted, compares && w.text != "date":
	case w.text == "defined", w.text == "not_defined":
		name, err := p.attribute("the name of a node attribute")
		return Expression{Tag: "expression", Attrs: []Attr{{"attribute", name}, {"operation", w.text}}}, err
	case w.text == "not" && second == "defined":
		return Expression{}, at(w, "not defined is one word here", "write not_defined")
	case w.text == "date":
		return p.date()
	case w.text == "date-spec":
		spec, err := p.options(specKeys, "date-spec")
		return Expression{Tag: "date_expression", Attrs: []Attr{{"operation", "date_spec"}}, Spec: spec}, err
	case w.text == "date_spec" || w.text == "datespec":
		return Expression{}, at(w, "unknown expression "+w.text, "write date-spec")
	case w.text == "resource":
		return p.resource(w)
	case w.text == "op":
		return p.operation(w)
	}
	p.next--
	return p.comparison()
}

// operations compare a node attribute with a value.
var operations = []string{"lt", "gt", "lte", "gte", "eq", "ne"}

// slips are what other languages have for them.
var slips = map[string]string{"=": "eq", "==": "eq", "is": "eq", "equals": "eq", "!=": "ne", "<>": "ne", "neq": "ne", "<": "lt", ">": "gt", "<=": "lte", "le": "lte", ">=": "gte", "ge": "gte"}

var types = []string{"string", "integer", "number", "version"}

func (p *parser) attribute(what string) (string, error) {
	w, more := p.peek()
	if !more {
		return "", p.fail(what+" is missing", "")
	}
	if !w.quoted && (w.text == "(" || w.text == ")" || w.text == "and" || w.text == "or") {
		return "", p.fail(fmt.Sprintf("%s is expected, not %s", what, w.text), "")
	}
	if !p.uses.Attributes {
		return "", p.fail("a rule about node attributes cannot stand here", "it holds wherever the resource runs: use dates, resource or op")
	}
	if w.text == "" || strings.ContainsFunc(w.text, unicode.IsSpace) {
		return "", p.fail(fmt.Sprintf("%s cannot be the name of a node attribute", clip(w.text)), "")
	}
	p.next++
	return w.text, nil
}

// glued takes pingd=1 apart: the name, what its sign means, the value. Without
// such a sign the meaning is empty.
func glued(text string) (name, op, value string) {
	i := strings.IndexAny(text, "=!<>")
	if i < 1 {
		return text, "", ""
	}
	value = strings.TrimLeft(text[i:], "=!<>")
	return text[:i], slips[text[i:len(text)-len(value)]], value
}

func (p *parser) comparison() (Expression, error) {
	first := p.words[p.next]
	if name, op, value := glued(first.text); op != "" && !first.quoted {
		return Expression{}, p.fail(fmt.Sprintf("%s is no expression", clip(first.text)), strings.TrimSpace(fmt.Sprintf("write %s %s %s", name, op, value))+", with blanks between")
	}
	name, err := p.attribute("an expression")
	if err != nil {
		return Expression{}, err
	}
	w, more := p.peek()
	switch {
	case !more:
		return Expression{}, p.fail(fmt.Sprintf("what %s is to be compared with is missing", clip(name)), "write "+name+" eq VALUE, or defined "+name)
	case slips[w.text] != "" && !w.quoted:
		return Expression{}, p.fail(fmt.Sprintf("%s does not compare here", clip(w.text)), "write "+slips[w.text])
	case !slices.Contains(operations, w.text):
		return Expression{}, p.fail(fmt.Sprintf("%s does not compare", clip(w.text)), "write eq, ne, lt, lte, gt or gte")
	}
	op := w.text
	p.next++
	kind := ""
	if w, more := p.peek(); more && !w.quoted && slices.Contains(types, w.text) && p.next+1 < len(p.words) && !p.words[p.next+1].ends() {
		kind = w.text
		p.next++
	}
	w, more = p.peek()
	if !more || !w.quoted && (w.text == "(" || w.text == ")" || w.text == "and" || w.text == "or") {
		return Expression{}, p.fail(fmt.Sprintf("the value that %s is compared with is missing", clip(name)), "")
	}
	switch _, wrong := strconv.ParseInt(w.text, 10, 64); {
	case kind == "integer" && wrong != nil:
		return Expression{}, p.fail(fmt.Sprintf("%s is no integer", clip(w.text)), "")
	case kind == "number":
		if _, err := strconv.ParseFloat(w.text, 64); err != nil {
			return Expression{}, p.fail(fmt.Sprintf("%s is no number", clip(w.text)), "")
		}
	}
	p.next++
	e := Expression{Tag: "expression", Attrs: []Attr{{"attribute", name}, {"operation", op}}}
	if kind != "" {
		e.Attrs = append(e.Attrs, Attr{"type", kind})
	}
	e.Attrs = append(e.Attrs, Attr{"value", w.text})
	return e, nil
}

func (p *parser) resource(head word) (Expression, error) {
	if !p.uses.Resources {
		return Expression{}, at(head, "a rule about the agent of resources cannot stand here", "it is for the defaults of resources and operations")
	}
	w, more := p.peek()
	parts := strings.Split(w.text, ":")
	if !more || len(parts) > 3 || strings.Trim(w.text, ":") == "" || !w.name() {
		return Expression{}, p.fail("an agent is expected", "write it as ocf:pacemaker:Dummy; what may be any is left empty: ocf::Dummy")
	}
	if len(parts) == 2 {
		parts = []string{parts[0], "", parts[1]}
	} else if len(parts) == 1 {
		return Expression{}, p.fail(fmt.Sprintf("%s is no agent", clip(w.text)), "write ::"+w.text+" for a type of any standard")
	}
	p.next++
	e := Expression{Tag: "rsc_expression"}
	for i, name := range []string{"class", "provider", "type"} {
		if parts[i] != "" {
			e.Attrs = append(e.Attrs, Attr{name, parts[i]})
		}
	}
	return e, nil
}

func (p *parser) operation(head word) (Expression, error) {
	if !p.uses.Operations {
		return Expression{}, at(head, "a rule about operations cannot stand here", "it is for the defaults of operations")
	}
	w, more := p.peek()
	if !more || w.text == "and" || w.text == "or" || !w.name() {
		return Expression{}, p.fail("the name of an operation is expected", "write op monitor")
	}
	p.next++
	e := Expression{Tag: "op_expression", Attrs: []Attr{{"name", w.text}}}
	if w, more := p.peek(); more {
		if every, ok := strings.CutPrefix(w.text, "interval="); ok {
			if every == "" || !w.name() {
				return Expression{}, p.fail("the interval is missing", "write interval=10s")
			}
			e.Attrs = append(e.Attrs, Attr{"interval", every})
			p.next++
		}
	}
	return e, nil
}

func clip(text string) string {
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "..."
	}
	return strconv.Quote(text)
}
