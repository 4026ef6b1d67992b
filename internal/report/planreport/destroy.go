package planreport

import (
	"fmt"
	"io"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// DestroyNotice writes what a person should have read before the question:
// what stops where, and what stays.
func DestroyNotice(w io.Writer, s term.Style, p *plan.Plan) error {
	out := &term.Page{Style: s}
	out.Line()
	for _, c := range p.Changes {
		node := term.Clean(c.Node)
		switch {
		case c.Note != "":
			out.Words("! on "+node+": ", strings.Fields(term.Clean(term.Clip(c.Note, 2*term.MaxValue))), false)
		case len(c.Interrupts) > 0:
			var names []string
			for _, i := range c.Interrupts {
				names = append(names, term.Clean(i.What))
			}
			out.Words(fmt.Sprintf("! stops on %s: ", node), names, true)
		default:
			out.Line("  no service stops on ", node) // at most a fencing device
		}
	}
	out.Words("  stays: ", []string{"packages", "files", "agents", "the account hacluster and its password", "pcsd and its tokens"}, true)
	return out.To(w)
}
