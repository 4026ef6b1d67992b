package report

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// secretsSum is the end of a plan's sum: the secrets that are replaced, and
// those of which that is not known. They are counted apart, so that the rest
// is the same for whoever has the secrets and for whoever has not.
func secretsSum(p *plan.Plan) string {
	text := ""
	if n := p.Counts.Secrets; n > 0 {
		text = fmt.Sprintf("; %s to replace", count(n, "secret"))
	}
	maybe := 0
	for _, c := range p.Changes {
		if c.Maybe {
			maybe++
		}
	}
	if maybe > 0 {
		text += fmt.Sprintf("; %s not compared", count(maybe, "secret"))
	}
	return text
}
