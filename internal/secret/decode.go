package secret

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text made of another one, with the part of the first that each of
// its bytes comes from.
type view struct {
	text string
	from []span // nil: the text is the first one
}

func plainView(s string) view { return view{text: s} }

// source is where the bytes [i, j) come from.
func (v view) source(i, j int) span {
	if v.from == nil {
		return span{i, j}
	}
	return span{v.from[i].from, v.from[j-1].to}
}

// find adds to all where a text stands in the view.
func (v view) find(all []span, text string) []span {
	for at := 0; ; {
		i := strings.Index(v.text[at:], text)
		if i < 0 {
			return all
		}
		all = append(all, v.source(at+i, at+i+len(text)))
		at += i + 1 // the next one may begin inside of this one
	}
}

// viewBuilder makes a view of a view.
type viewBuilder struct {
	old  view
	text []byte
	from []span
}

// put writes text for the bytes [i, j) of the old view.
func (b *viewBuilder) put(text string, i, j int) {
	src := b.old.source(i, j)
	for k := range len(text) {
		b.text = append(b.text, text[k])
		b.from = append(b.from, src)
	}
}

func (b *viewBuilder) view() view { return view{string(b.text), b.from} }

// without is the view without some characters of one byte.
func (v view) without(chars string) view {
	if !strings.ContainsAny(v.text, chars) {
		return v
	}
	b := viewBuilder{old: v}
	for i := range len(v.text) {
		if strings.IndexByte(chars, v.text[i]) < 0 {
			b.put(v.text[i:i+1], i, i+1)
		}
	}
	return b.view()
}

// decoded takes one level of escapes out of a text: percent-encoding, XML's
// entities, backslashes and what follows them. It need not know which of them
// the text is written in: a secret is decoded in the same way before it is
// looked for. Quotes stay: without them, what stands on both sides could be
// taken for one escape.
func decoded(v view) view { return decodedOf(v, `%&\`) }

// decodedOf is decoded for the escapes that begin with one of these characters.
func decodedOf(v view, leads string) view {
	s := v.text
	if !strings.ContainsAny(s, leads) {
		return v
	}
	b := viewBuilder{old: v}
	for i := 0; i < len(s); {
		text, n := s[i:i+1], 1
		if strings.IndexByte(leads, s[i]) >= 0 {
			switch s[i] {
			case '%':
				text, n = percent(s[i:])
			case '&':
				text, n = entity(s[i:])
			case '\\':
				text, n = backslash(s[i:])
			}
		}
		b.put(text, i, i+n)
		i += n
	}
	return b.view()
}

// percent reads %41 at the beginning of s, and how long that is.
func percent(s string) (string, int) {
	if c, ok := number(s, 1, 2, 16); ok {
		return string([]byte{byte(c & 0xff)}), 3
	}
	return s[:1], 1
}

var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

// entity reads &amp; or &#233; at the beginning of s.
func entity(s string) (string, int) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';')
	if end < 0 {
		return s[:1], 1
	}
	name := s[1:end]
	if text, ok := entities[name]; ok {
		return text, end + 1
	}
	digits, base := strings.CutPrefix(name, "#")
	if !base {
		return s[:1], 1
	}
	radix := 10
	if hex := strings.TrimLeft(digits, "xX"); hex != digits {
		digits, radix = hex, 16
	}
	r, ok := character(digits, radix)
	if !ok {
		return s[:1], 1
	}
	return string(r), end + 1
}

// backslash reads an escape at the beginning of s: \u00e9, \xe9, \351, \".
func backslash(s string) (string, int) {
	if len(s) < 2 {
		return "", 1
	}
	switch c := s[1]; c {
	case 'u':
		if r, ok := number(s, 2, 4, 16); ok {
			if low, ok := number(s, 8, 4, 16); ok && utf16.IsSurrogate(r) && s[6:8] == `\u` {
				return string(utf16.DecodeRune(r, low)), 12
			}
			return string(r), 6
		}
	case 'U':
		if r, ok := number(s, 2, 8, 16); ok {
			return string(r), 10
		}
	case 'x':
		if r, ok := number(s, 2, 2, 16); ok {
			return string([]byte{byte(r & 0xff)}), 4
		}
	case 't':
		return "\t", 2
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case '\\': // a backslash that is meant: it escapes what follows at the next level
		return `\`, 2
	}
	if r, ok := number(s, 1, 3, 8); ok && r < 256 {
		return string([]byte{byte(r & 0xff)}), 4
	}
	return s[1:2], 2
}

// number reads so many digits at a place.
func number(s string, at, digits, base int) (rune, bool) {
	if len(s) < at+digits {
		return 0, false
	}
	return character(s[at:at+digits], base)
}

// character reads digits, which are all of s, up to the last character there is.
func character(s string, base int) (rune, bool) {
	n, err := strconv.ParseUint(s, base, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}
