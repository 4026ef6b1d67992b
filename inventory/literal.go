package inventory

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// literal is the value of a variable of an INI inventory. Ansible takes it for
// a literal of Python, and where it is none for plain text: "['a', 'b']" is a
// list, 0x10 is 16, and 10.0.0.1, yes and 007 are text. Numbers become the
// text that Python prints of them.
// Source: ansible/plugins/inventory/ini.py, _parse_value.
func literal(text string, line, column int) *yamldoc.Node {
	p := &literals{text: strings.TrimLeft(text, " \t"), line: line, column: column}
	if n, ok := p.whole(); ok {
		return n
	}
	return &yamldoc.Node{Kind: yamldoc.Scalar, Text: text, Line: line, Column: column}
}

// maxLiteralDepth bounds lists in lists.
const maxLiteralDepth = 50

// literals reads one expression; every method says whether there was one.
type literals struct {
	text         string
	next         int
	depth        int
	line, column int
}

func (p *literals) node(kind yamldoc.Kind, text string) *yamldoc.Node {
	return &yamldoc.Node{Kind: kind, Text: text, Line: p.line, Column: p.column}
}

// whole reads the text as one expression; one with commas is a tuple.
func (p *literals) whole() (*yamldoc.Node, bool) {
	n, ok := p.value()
	if !ok {
		return nil, false
	}
	if p.take(",") {
		list := p.node(yamldoc.Seq, "")
		list.Items = []*yamldoc.Node{n}
		for !p.atEnd() {
			if n, ok = p.value(); !ok {
				return nil, false
			}
			list.Items = append(list.Items, n)
			if !p.take(",") {
				break
			}
		}
		n = list
	}
	return n, p.atEnd()
}

// blanks skips what separates words; a comment ends the line.
func (p *literals) blanks() {
	for p.next < len(p.text) {
		switch p.text[p.next] {
		case ' ', '\t', '\f':
			p.next++
		case '#':
			p.next = len(p.text)
		default:
			return
		}
	}
}

func (p *literals) atEnd() bool {
	p.blanks()
	return p.next == len(p.text)
}

func (p *literals) take(word string) bool {
	p.blanks()
	if !strings.HasPrefix(p.text[p.next:], word) {
		return false
	}
	p.next += len(word)
	return true
}

func (p *literals) value() (*yamldoc.Node, bool) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxLiteralDepth || p.atEnd() {
		return nil, false
	}
	switch p.text[p.next] {
	case '[':
		p.next++
		return p.items("]")
	case '(':
		p.next++
		return p.parenthesis()
	case '{':
		p.next++
		return p.braces()
	case '+', '-':
		return p.signed()
	case '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return p.number()
	}
	if p.atString() {
		return p.strings()
	}
	return p.word()
}

// items are those of a list, after its bracket.
func (p *literals) items(end string) (*yamldoc.Node, bool) {
	list := p.node(yamldoc.Seq, "")
	for !p.take(end) {
		n, ok := p.value()
		if !ok {
			return nil, false
		}
		list.Items = append(list.Items, n)
		if !p.take(",") {
			return list, p.take(end)
		}
	}
	return list, true
}

// parenthesis is a tuple, or a value by itself.
func (p *literals) parenthesis() (*yamldoc.Node, bool) {
	list := p.node(yamldoc.Seq, "")
	for !p.take(")") {
		n, ok := p.value()
		if !ok {
			return nil, false
		}
		list.Items = append(list.Items, n)
		if !p.take(",") {
			if len(list.Items) == 1 {
				return n, p.take(")")
			}
			return list, p.take(")")
		}
	}
	return list, true
}

// braces is a dictionary, or a set, which is read as a list.
func (p *literals) braces() (*yamldoc.Node, bool) {
	if p.take("}") {
		return p.node(yamldoc.Map, ""), true
	}
	first, ok := p.value()
	if !ok {
		return nil, false
	}
	if !p.take(":") {
		if p.take("}") {
			set := p.node(yamldoc.Seq, "")
			set.Items = []*yamldoc.Node{first}
			return set, true
		}
		if !p.take(",") {
			return nil, false
		}
		set, ok := p.items("}")
		if ok {
			set.Items = append([]*yamldoc.Node{first}, set.Items...)
		}
		return set, ok
	}
	m := p.node(yamldoc.Map, "")
	for key := first; ; {
		v, ok := p.value()
		if !ok {
			return nil, false
		}
		if key.Kind == yamldoc.Map || key.Kind == yamldoc.Seq {
			return nil, false
		}
		if f := m.Field(key.Text); f != nil {
			f.Value = v
		} else {
			m.Fields = append(m.Fields, yamldoc.Field{Key: key.Text, Value: v, Line: p.line, Column: p.column})
		}
		if p.take("}") {
			return m, true
		}
		if !p.take(",") {
			return nil, false
		}
		if p.take("}") {
			return m, true
		}
		if key, ok = p.value(); !ok || !p.take(":") {
			return nil, false
		}
	}
}

func (p *literals) signed() (*yamldoc.Node, bool) {
	minus := p.text[p.next] == '-'
	p.next++
	if p.atEnd() || p.text[p.next] != '.' && (p.text[p.next] < '0' || p.text[p.next] > '9') {
		return nil, false
	}
	n, ok := p.number()
	if !ok || !minus {
		return n, ok
	}
	if n.Text != "0" {
		n.Text = "-" + n.Text
	}
	return n, true
}

// number reads one number; what follows it at once must not be of a name.
func (p *literals) number() (*yamldoc.Node, bool) {
	start := p.next
	for p.next < len(p.text) {
		c := p.text[p.next]
		sign := (c == '+' || c == '-') && p.next > start && strings.ContainsRune("eE", rune(p.text[p.next-1])) && !hexadecimal(p.text[start:p.next])
		if !sign && c != '.' && c != '_' && !('0' <= c && c <= '9') && !('a' <= c && c <= 'z') && !('A' <= c && c <= 'Z') && c < utf8.RuneSelf {
			break
		}
		p.next++
	}
	text, ok := pythonNumber(p.text[start:p.next])
	return p.node(yamldoc.Scalar, text), ok
}

func hexadecimal(s string) bool { return len(s) > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') }

// pythonNumber is what Python prints of a number that is written as s.
func pythonNumber(s string) (string, bool) {
	if strings.HasSuffix(s, "_") || strings.Contains(s, "__") || strings.ContainsAny(s, "pP") {
		return "", false
	}
	for i := 1; i < len(s)-1; i++ { // an underscore stands between digits
		if s[i] == '_' && (strings.ContainsRune("._eE+-", rune(s[i+1])) || strings.ContainsRune(".eE+-", rune(s[i-1])) && !hexadecimal(s)) {
			return "", false
		}
	}
	plain := strings.ReplaceAll(s, "_", "")
	if len(plain) > 1 && plain[0] == '0' && strings.ContainsRune("xXoObB", rune(plain[1])) {
		n, ok := new(big.Int).SetString(strings.ToLower(plain), 0)
		if !ok || len(plain) > 4000 {
			return "", false
		}
		return n.String(), true
	}
	if strings.Trim(plain, "0123456789") == "" {
		if len(plain) > 4000 || plain == "" || plain[0] == '0' && strings.Trim(plain, "0") != "" {
			return "", false // 007 is no number
		}
		n, _ := new(big.Int).SetString(plain, 10)
		return n.String(), true
	}
	if strings.Trim(plain, "0123456789.eE+-") != "" {
		return "", false
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil && !math.IsInf(f, 0) {
		return "", false
	}
	return pythonFloat(f), true
}

// pythonFloat is the shortest text that gives the number back, as Python
// writes it.
func pythonFloat(f float64) string {
	if math.IsInf(f, 0) {
		return "inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func (p *literals) word() (*yamldoc.Node, bool) {
	start := p.next
	for p.next < len(p.text) && (p.text[p.next] == '_' || 'a' <= p.text[p.next] && p.text[p.next] <= 'z' || 'A' <= p.text[p.next] && p.text[p.next] <= 'Z') {
		p.next++
	}
	switch word := p.text[start:p.next]; word {
	case "True", "False":
		return p.node(yamldoc.Scalar, word), p.endOfWord()
	case "None":
		return p.node(yamldoc.Null, ""), p.endOfWord()
	}
	return nil, false
}

func (p *literals) endOfWord() bool {
	if p.next == len(p.text) {
		return true
	}
	c := p.text[p.next]
	return !(c == '_' || '0' <= c && c <= '9' || c >= utf8.RuneSelf)
}

// prefix is what may stand before a quote: r, b, u and their pairs.
func (p *literals) prefix() (length int, raw, bytes bool) {
	for length < 2 && p.next+length < len(p.text) {
		switch p.text[p.next+length] {
		case 'r', 'R':
			raw = true
		case 'b', 'B':
			bytes = true
		case 'u', 'U':
			if length > 0 || len(p.text) > p.next+1 && strings.ContainsRune("rRbB", rune(p.text[p.next+1])) {
				return 0, false, false
			}
		default:
			return length, raw, bytes
		}
		length++
	}
	return length, raw, bytes
}

func (p *literals) atString() bool {
	n, _, _ := p.prefix()
	return p.next+n < len(p.text) && (p.text[p.next+n] == '"' || p.text[p.next+n] == '\'')
}

// strings reads texts in quotes; neighbours are one.
func (p *literals) strings() (*yamldoc.Node, bool) {
	var b strings.Builder
	first, binary := true, false
	for !p.atEnd() && p.atString() {
		n, raw, bytes := p.prefix()
		if !first && bytes != binary {
			return nil, false
		}
		first, binary = false, bytes
		p.next += n
		if !p.quoted(&b, raw, bytes) {
			return nil, false
		}
	}
	if !utf8.ValidString(b.String()) {
		return nil, false
	}
	return p.node(yamldoc.Scalar, b.String()), true
}

// quoted reads one text from its opening quote on.
func (p *literals) quoted(b *strings.Builder, raw, bytes bool) bool {
	quote := p.text[p.next : p.next+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(p.text[p.next:], long) {
		quote = long
	}
	p.next += len(quote)
	for p.next < len(p.text) {
		switch c := p.text[p.next]; {
		case strings.HasPrefix(p.text[p.next:], quote):
			p.next += len(quote)
			return true
		case c == '\\' && p.next+1 < len(p.text):
			p.next++
			if raw {
				b.WriteString(p.text[p.next-1 : p.next+1])
				p.next++
			} else if !p.escape(b, bytes) {
				return false
			}
		case bytes && c >= utf8.RuneSelf:
			return false
		default:
			b.WriteByte(c)
			p.next++
		}
	}
	return false
}

// escape reads what follows a backslash.
func (p *literals) escape(b *strings.Builder, bytes bool) bool {
	c := p.text[p.next]
	p.next++
	digits := func(n, base int) bool {
		if p.next+n > len(p.text) {
			return false
		}
		v, err := strconv.ParseUint(p.text[p.next:p.next+n], base, 32)
		if err != nil || v > utf8.MaxRune || v >= 0xd800 && v < 0xe000 {
			return false
		}
		p.next += n
		if bytes {
			b.WriteByte(byte(v & 0xff)) // as Python has it of three octal digits
		} else {
			b.WriteRune(rune(v))
		}
		return true
	}
	switch {
	case strings.IndexByte(`abfnrtv\'"`, c) >= 0:
		b.WriteByte("\a\b\f\n\r\t\v\\'\""[strings.IndexByte(`abfnrtv\'"`, c)])
	case c == 'x':
		return digits(2, 16)
	case c == 'u' && !bytes:
		return digits(4, 16)
	case c == 'U' && !bytes:
		return digits(8, 16)
	case c == 'N' && !bytes:
		return false // names of characters are not known here
	case '0' <= c && c <= '7':
		p.next--
		n := 1
		for n < 3 && p.next+n < len(p.text) && '0' <= p.text[p.next+n] && p.text[p.next+n] <= '7' {
			n++
		}
		return digits(n, 8)
	default:
		fmt.Fprintf(b, `\%c`, c)
		if c >= utf8.RuneSelf { // the rest of it follows by itself
			return false
		}
	}
	return true
}
