package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// DestroyNotice writes what a person should have read before the question:
// what stops where, and what stays.
func DestroyNotice(w io.Writer, s Style, p *plan.Plan) error {
	out := &page{Style: s}
	out.line()
	for _, c := range p.Changes {
		node := Clean(c.Node)
		switch {
		case c.Note != "":
			out.words("! on "+node+": ", strings.Fields(Clean(clip(c.Note, 2*maxValue))), false)
		case len(c.Interrupts) > 0:
			var names []string
			for _, i := range c.Interrupts {
				names = append(names, Clean(i.What))
			}
			out.words(fmt.Sprintf("! stops on %s: ", node), names, true)
		default:
			out.line("  no service stops on ", node) // at most a fencing device
		}
	}
	out.words("  stays: ", []string{"packages", "files", "agents", "the account hacluster and its password", "pcsd and its tokens"}, true)
	return out.to(w)
}
