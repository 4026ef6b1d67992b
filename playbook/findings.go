package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// Findings are what the file itself gives a reader to think about. They belong
// to a plan and to a verdict as much as to the reading of the file.
func (p *Playbook) Findings() []plan.Finding {
	if _, off := p.fencingOff(); !off {
		return nil
	}
	if len(p.Stonith.Devices) > 0 {
		return []plan.Finding{{Code: "FENCING_OFF", Severity: plan.Warning, Object: "stonith-enabled",
			Message: "fencing devices are declared, but fencing is switched off: none will ever be used", Fix: "remove the property, or the devices"}}
	}
	if risks := p.withoutFencing(); len(risks) > 0 {
		return []plan.Finding{{Code: "NO_FENCING", Severity: plan.Warning, Object: "stonith-enabled",
			Message: "fencing is switched off: when nodes lose each other, each side may " + strings.Join(risks, ", "),
			Fix:     "add stonith.devices before this cluster carries anything real"}}
	}
	return nil
}

// fencingOff reports whether the file switches fencing off, and where.
func (p *Playbook) fencingOff() (at string, off bool) {
	for _, name := range fencingProperties {
		if v, ok := p.Properties.Get(name); ok {
			at, off = name, pacemaker.False(v.Text)
		}
	}
	return at, off
}

// sharedData are agents whose data two nodes must never write at once.
var sharedData = []string{"Filesystem", "LVM-activate", "LVM", "drbd", "mdraid", "ZFS", "controld", "VirtualDomain"}

// floating are agents that give a node an address that only one may have.
var floating = []string{"IPaddr2", "IPaddr", "IPv6addr", "IPsrcaddr"}

// maxNamed bounds how many resources a risk names.
const maxNamed = 4

// withoutFencing says what two sides of a split may both do, worst first. Only
// clones of what writes nothing that is shared are at no risk: they run
// everywhere anyway.
func (p *Playbook) withoutFencing() (risks []string) {
	var write, promote, answer, run []string
	for i := range p.Resources {
		r := &p.Resources[i]
		once := r.Clone == nil && r.Promotable == nil && r.Bundle == nil
		if r.Promotable != nil {
			promote = append(promote, r.ID)
		}
		for _, x := range r.Primitives() {
			if x.ID == "" {
				continue // what is not even named is told of elsewhere
			}
			switch kind := ParseAgent(x.Agent).Type; {
			case x.ID == "": // told as an error
			case x.Ref().String() == connection: // what runs on that node counts
			case slices.Contains(sharedData, kind):
				write = append(write, x.ID)
			case once && slices.Contains(floating, kind):
				answer = append(answer, x.ID)
			case once:
				run = append(run, x.ID)
			}
		}
	}
	for _, r := range []struct {
		does string
		ids  []string
	}{{"write to", write}, {"promote", promote}, {"hold the address", answer}, {"run", run}} {
		if len(r.ids) == 0 {
			continue
		}
		rest := ""
		if n := len(r.ids) - maxNamed; n > 0 {
			r.ids, rest = r.ids[:maxNamed], fmt.Sprintf(" and %d more", n)
		}
		risks = append(risks, r.does+" "+strings.Join(r.ids, ", ")+rest)
	}
	if len(risks) > 1 {
		risks[len(risks)-1] = "and " + risks[len(risks)-1]
	}
	return risks
}
