package pcs

import (
	"bytes"
	"encoding/xml"
	"math/rand"
	"strings"
	"testing"
)

// Bytes alone seldom make a line that a reader knows. These targets mix lines,
// words and elements of the project's own texts, led by one number.

// fixtures are the texts, or the documents, of testdata/text.
func fixtures(t testing.TB, wantXML bool) (texts []string) {
	for _, name := range globAll(t, "testdata/text/*.txtar") {
		for _, p := range readArchive(t, name).parts {
			if p.name != "model" && p.name != "quoted" && strings.HasSuffix(p.name, "xml") == wantXML {
				texts = append(texts, p.data)
			}
		}
	}
	return texts
}

// mixText takes one text and drops, doubles, swaps and changes some of its
// lines, or puts in lines of others.
func mixText(rnd *rand.Rand, texts []string) []byte {
	some := func() []string { return strings.Split(texts[rnd.Intn(len(texts))], "\n") }
	lines := some()
	for range 1 + rnd.Intn(6) {
		i := rnd.Intn(len(lines))
		other := some()
		foreign := other[rnd.Intn(len(other))]
		switch rnd.Intn(7) {
		case 0:
			lines = append(lines[:i:i], lines[i+1:]...)
		case 1:
			lines = append(lines[:i:i], append([]string{lines[i]}, lines[i:]...)...)
		case 2:
			lines = append(lines[:i:i], append([]string{foreign}, lines[i:]...)...)
		case 3:
			j := rnd.Intn(len(lines))
			lines[i], lines[j] = lines[j], lines[i]
		case 4: // another depth
			lines[i] = strings.Repeat(" ", rnd.Intn(9)) + strings.TrimLeft(lines[i], " ")
		case 5: // a word of another line, or one less
			words, more := strings.Split(lines[i], " "), strings.Fields(foreign)
			words[rnd.Intn(len(words))] = strings.Join(more[:min(len(more), rnd.Intn(3))], " ")
			lines[i] = strings.Join(words, " ")
		case 6: // the rest comes from another text
			lines = append(lines[:i:i], other[rnd.Intn(len(other)):]...)
		}
		if len(lines) == 0 {
			lines = []string{""}
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

func FuzzMixedText(f *testing.F) {
	for seed := range int64(400) {
		f.Add(seed)
	}
	texts := fixtures(f, false)
	f.Fuzz(func(t *testing.T, seed int64) { checkText(t, mixText(rand.New(rand.NewSource(seed)), texts)) })
}

func FuzzMixedXML(f *testing.F) {
	for seed := range int64(200) {
		f.Add(seed)
	}
	var roots []*element
	for _, doc := range fixtures(f, true) {
		at := strings.IndexByte(doc, '<')
		if root, err := readElement(xml.NewDecoder(strings.NewReader(doc[max(at, 0):]))); err == nil {
			roots = append(roots, root)
		}
	}
	f.Fuzz(func(t *testing.T, seed int64) {
		rnd := rand.New(rand.NewSource(seed))
		root := copyOf(roots[rnd.Intn(len(roots))])
		for range 1 + rnd.Intn(6) {
			change(rnd, anyOf(rnd, root), anyOf(rnd, roots[rnd.Intn(len(roots))]))
		}
		var b bytes.Buffer
		write1(&b, root)
		checkXML(t, b.Bytes())
	})
}

// change alters one element, with the help of another.
func change(rnd *rand.Rand, e, other *element) {
	switch n := len(e.children); {
	case n > 0 && rnd.Intn(4) == 0: // one child less
		i := rnd.Intn(n)
		e.children = append(e.children[:i:i], e.children[i+1:]...)
	case rnd.Intn(3) == 0: // a child of another kind, or the same twice
		e.children = append(e.children, *copyOf(other))
	case len(e.attrs) > 0:
		i := rnd.Intn(len(e.attrs))
		switch rnd.Intn(3) {
		case 0:
			e.attrs = append(e.attrs[:i:i], e.attrs[i+1:]...)
		case 1:
			e.attrs[i].Value = []string{"", "true", "false", "Stopped", "Promoted", "-1", "a:0", "b-0"}[rnd.Intn(8)]
		default:
			if len(other.attrs) > 0 {
				e.attrs[i].Value = other.attrs[rnd.Intn(len(other.attrs))].Value
			}
		}
	default:
		e.tag = other.tag
	}
}

// anyOf walks down from an element and stops somewhere.
func anyOf(rnd *rand.Rand, e *element) *element {
	for len(e.children) > 0 && rnd.Intn(5) > 0 {
		e = &e.children[rnd.Intn(len(e.children))]
	}
	return e
}

func copyOf(e *element) *element {
	c := &element{tag: e.tag, text: e.text, attrs: append([]xml.Attr(nil), e.attrs...)}
	for i := range e.children {
		c.children = append(c.children, *copyOf(&e.children[i]))
	}
	return c
}

func write1(b *bytes.Buffer, e *element) {
	b.WriteString("<" + e.tag)
	for _, a := range e.attrs {
		b.WriteString(" " + a.Name.Local + `="`)
		_ = xml.EscapeText(b, []byte(a.Value))
		b.WriteString(`"`)
	}
	b.WriteString(">\n")
	_ = xml.EscapeText(b, []byte(strings.TrimSpace(e.text)))
	for i := range e.children {
		write1(b, &e.children[i])
	}
	b.WriteString("</" + e.tag + ">\n")
}
