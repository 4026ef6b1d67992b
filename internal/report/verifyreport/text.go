package verifyreport

import (
	"io"
	"strings"

	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Text writes a report for people: findings first, then what is well,
// then the verdict. Of a run without one it writes nothing: its error is shown
// as every other.
func Text(w io.Writer, s term.Style, r Report) error {
	if r.Err != nil {
		return nil //nolint:nilerr // see above
	}
	out := &term.Page{Style: s}
	if len(r.Findings) > 0 {
		findings.Write(out, r.Findings)
		out.Line(out.Paint(term.Dim, "Why it matters and how to mend it: hadeploy verify --explain CODE"))
		out.Line()
	}
	if well := r.well(); len(well) > 0 {
		color := term.Green
		if !r.OK {
			color = ""
		}
		for i, l := range term.Flow(term.Listed(term.Cleaned(well)), out.Columns()-4, out.Columns()-4) {
			head := out.Paint(color, "ok: ")
			if i > 0 {
				head = "    "
			}
			out.Line(head, l)
		}
	}
	for _, u := range r.unasked() {
		words := append(term.Listed(term.Cleaned(u.names)), strings.Fields("("+term.Clean(term.Clip(u.reason, term.MaxValue))+")")...)
		for i, l := range term.Flow(append([]string{"not asked:"}, words...), out.Columns(), out.Columns()-4) {
			if i > 0 {
				l = "    " + l
			}
			out.Line(l)
		}
	}
	verdict := r.verdict()
	if c := r.counts(); c != "" {
		verdict += ": " + c
	}
	if _, rest := r.howDeclared(); r.OK {
		verdict += rest
	}
	color := term.Bold
	if !r.OK {
		color = term.Red
	}
	out.Line(out.Paint(color, strings.ToUpper(verdict[:1])+verdict[1:]+" ("+term.Duration(r.Took)+")."))
	return out.To(w)
}
