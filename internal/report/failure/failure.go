// Package failure puts errors in words: what failed, what was being done, and
// what to do, each where the eye looks for it.
package failure

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// Text writes an error for people: diagnostics of files with their lines, each
// of several errors on its own, a long chain broken before its root, and hints
// on lines of their own.
func Text(w io.Writer, s term.Style, err error) error {
	if err == nil {
		return nil
	}
	out := &term.Page{Style: s}
	Write(out, err)
	return out.To(w)
}

// Write is Text on a page.
func Write(p *term.Page, err error) { writeFault(p, explain(err)) }

// writeFault writes one error, or each of several, with its hints.
func writeFault(p *term.Page, f fault) {
	switch {
	case f.list != nil:
		var b bytes.Buffer
		_ = diag.Render(&b, f.list, diag.RenderOptions{Color: p.Color})
		for _, l := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
			p.Line(l)
		}
	case f.findings != nil:
		findings.Write(p, f.findings)
	case f.many != nil:
		each := make([]fault, len(f.many))
		same := true
		for i, e := range f.many {
			each[i] = explain(e)
			same = same && slices.Equal(each[i].hints, each[0].hints)
		}
		if same { // told once, below all
			f.hints = append(f.hints, each[0].hints...)
		}
		for _, e := range each {
			if same {
				e.hints = nil
			}
			writeFault(p, e)
		}
	default:
		for i, l := range f.lines(p.Columns() - len("error: ")) {
			if i == 0 {
				p.Line(p.Paint(term.Red, "error"), ": ", l)
			} else {
				p.Line("  ", l)
			}
		}
	}
	slices.Reverse(f.hints) // the nearest to the cause first
	for i, h := range f.hints {
		if !slices.Contains(f.hints[:i], h) {
			p.Line(p.Paint(term.Bold, "hint: "), h)
		}
	}
}

// fault is an error taken apart. One of list, findings, many and root is set.
type fault struct {
	context  []string // what was being done, outermost first
	root     string
	many     []error
	list     diag.List
	findings []plan.Finding
	hints    []string
}

// maxFaultLines bounds what is shown of one error's text.
const maxFaultLines = 40

// explain takes a chain of wrapped errors apart as far as each link only adds
// words in front of the next.
func explain(err error) fault {
	var f fault
	for {
		if h, ok := err.(interface{ Hint() string }); ok && h.Hint() != "" {
			f.hints = append(f.hints, hintText(h.Hint()))
		}
		switch e := err.(type) { //nolint:errorlint // link by link
		case diag.List:
			f.list = e
			return f
		case *steps.RefusedError:
			f.findings = e.Findings
			return f
		case *net.OpError, *os.SyscallError: // "dial tcp 10.0.0.2:22: connect: refused" is one thing
			f.root = err.Error()
			return f
		case *os.PathError: // the call that failed (open, read, fork/exec) says nothing to a reader
			f.root = e.Path + ": " + e.Err.Error()
			return f
		case *os.LinkError:
			f.root = e.New + ": " + e.Err.Error()
			return f
		}
		text := err.Error()
		if m, ok := err.(interface{ Unwrap() []error }); ok {
			many := slices.DeleteFunc(slices.Clone(m.Unwrap()), func(e error) bool { return e == nil })
			if len(many) == 1 && many[0].Error() == text {
				err = many[0]
				continue
			}
			var texts []string
			for _, e := range many {
				texts = append(texts, e.Error())
			}
			if len(many) > 1 && text == strings.Join(texts, "\n") {
				f.many = many
				for i, e := range many {
					for _, c := range slices.Backward(f.context) {
						e = inContext{c, e}
					}
					f.many[i] = e
				}
				return f
			}
			f.root = text
			return f
		}
		inner := errors.Unwrap(err)
		if inner == nil {
			f.root = text
			return f
		}
		words, ok := strings.CutSuffix(text, inner.Error())
		if !ok {
			f.root = text
			f.hints = append(f.hints, hintsBelow(inner)...)
			return f
		}
		if words = strings.TrimSuffix(strings.TrimSpace(words), ":"); words != "" {
			f.context = append(f.context, term.Clean(words))
		}
		err = inner
	}
}

// inContext puts words in front of an error.
type inContext struct {
	words string
	err   error
}

func (c inContext) Error() string { return c.words + ": " + c.err.Error() }
func (c inContext) Unwrap() error { return c.err }

// hintsBelow finds the hint of an error whose words were replaced.
func hintsBelow(err error) []string {
	if h := Hint(err); h != "" {
		return []string{hintText(h)}
	}
	return nil
}

// hintText is a hint in one line.
func hintText(hint string) string {
	return strings.Join(term.CleanLines(strings.TrimSpace(hint)), "; ")
}

// Hint is what an error says that can be done about it.
func Hint(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// lines sets an error on one line when that is easy to read, else the root
// below what was being done.
func (f fault) lines(width int) []string {
	root := term.CleanLines(strings.TrimSpace(f.root))
	if len(root) == 0 {
		root = []string{"unknown error"}
	}
	if n := len(root); n > maxFaultLines {
		root = append(root[:maxFaultLines:maxFaultLines], "... "+plural.Of(n-maxFaultLines, "line")+" more")
	}
	for i, l := range root {
		root[i] = term.Clip(l, 4*term.MaxValue)
	}
	if len(f.context) == 0 {
		return root
	}
	context := strings.Join(f.context, ": ")
	if one := context + ": " + root[0]; len(f.context) < 3 || term.Cells(one) <= width {
		return append([]string{one}, root[1:]...)
	}
	return append([]string{context + ":"}, root...)
}

// Lines is an error as plain lines, and its hint.
func Lines(err error, width int) (lines []string, hint string) {
	if err == nil {
		return []string{"unknown error"}, ""
	}
	f := explain(err)
	hint = strings.Join(f.hints, "; ")
	switch {
	case f.list != nil:
		for _, d := range f.list {
			lines = append(lines, term.Clean(d.String()))
		}
	case f.findings != nil:
		for _, e := range f.findings {
			lines = append(lines, findings.Line(term.Style{}, e))
		}
	case f.many != nil:
		for _, e := range f.many {
			l, h := Lines(e, width)
			lines = append(lines, l...)
			if hint == "" {
				hint = h
			}
		}
	default:
		lines = f.lines(width)
	}
	return lines, hint
}

// LinesOf are the lines of an error of which only the text is left.
func LinesOf(text string, width int) []string { return fault{root: text}.lines(width) }
