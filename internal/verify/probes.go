package verify

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/playbook"
)

// Probes is the check of whether the declared services answer.
const Probes = "probes"

// ToProbe are the declared services that are to be asked when all else is well,
// though a node may have told nothing; why says why none is. One at an address
// that is down for a good reason is not asked.
func (j *Judge) ToProbe(before []plan.Check) (ask []playbook.Probe, why string) {
	switch {
	case !j.Sees():
		return nil, untold
	case slices.ContainsFunc(before, func(c plan.Check) bool { return !c.Passed && c.Name != Readable }):
		return nil, "the cluster is not as declared"
	}
	down := map[string]bool{}
	for _, p := range j.Playbook.Verify.Probes {
		if id := j.stoppedAddress(probeHost(p)); id != "" {
			down[id] = true
		} else {
			ask = append(ask, p)
		}
	}
	if len(ask) == 0 {
		return nil, strings.Join(slices.Sorted(maps.Keys(down)), ", ") + " is stopped for the reason given"
	}
	return ask, ""
}

// probeHost is the name or address that a probe asks, "" when it has none.
func probeHost(p playbook.Probe) string {
	if p.TCP != "" {
		host, _, _ := net.SplitHostPort(p.TCP)
		return host
	}
	u, err := url.Parse(p.HTTP)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Probed is the check of services that were asked: an error for each that did
// not answer as declared, nil for those that did.
func Probed(probes []playbook.Probe, errs []error) plan.Check {
	var found []plan.Finding
	for i, p := range probes {
		what := p.HTTP
		if what == "" {
			what = p.TCP
		}
		if err := errs[i]; err != nil {
			found = append(found, plan.Finding{Code: "PROBE_FAILED", Severity: plan.Error, Object: what, Expected: "an answer", Seen: err.Error(),
				Message: fmt.Sprintf("%s does not answer as declared: %v", what, err), Fix: "is the address reachable from here? look at the resource's log on its node"})
		}
	}
	return Judged(Probes, plural.Of(len(probes), "probe")+" answered", found)
}
