package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

func (j *Judge) hasAddresses() bool { return len(j.Playbook.Addresses()) > 0 }

// checkAddresses looks whether each address sits on exactly the node that
// pcs status names. Where that node told nothing, the others can only tell that
// they have it too.
func (j *Judge) checkAddresses() (a answer) {
	held := 0 // those that run and were looked for
	for _, p := range j.Playbook.Addresses() {
		text, _ := p.Options.Get("ip")
		ip, err := netip.ParseAddr(text.Text)
		if err != nil {
			continue // the agent takes names as well
		}
		var says []string
		for _, r := range j.entries(p.ID) {
			says = append(says, r.Nodes...)
		}
		if len(says) == 0 {
			continue // not running: said elsewhere
		}
		told := slices.ContainsFunc(j.views, func(v NodeStatus) bool { return len(v.Addresses) > 0 && slices.Contains(says, v.NodeName) })
		var has []string
		for _, v := range j.views {
			if slices.Contains(v.Addresses, ip) {
				has = append(has, v.NodeName)
			}
		}
		if !told && has == nil {
			continue // that the node told nothing is said elsewhere
		}
		if held++; slices.Equal(has, says) {
			continue
		}
		f := plan.Finding{Code: "ADDRESS_ELSEWHERE", Severity: plan.Error, Object: p.ID, Expected: ip.String() + " on " + strings.Join(says, ", "),
			Seen: "on " + strings.Join(has, ", "), Message: fmt.Sprintf("%s is on %s, and pcs says %s", ip, strings.Join(has, ", "), strings.Join(says, ", ")),
			Fix: "look at ip addr on the nodes"}
		switch len(has) {
		case 0:
			f.Code, f.Seen, f.Message = "ADDRESS_ABSENT", "on no node", fmt.Sprintf("%s is on no node, and pcs says %s", ip, strings.Join(says, ", "))
		case 1:
		default:
			f.Code, f.Message = "ADDRESS_TWICE", fmt.Sprintf("%s is on %d nodes at once: %s", ip, len(has), strings.Join(has, ", "))
		}
		a.found = append(a.found, f)
	}
	if held > 0 {
		a.seen = plural.Of(held, "address") + " where pcs says"
	}
	return a
}

// stoppedAddress is the resource of an address that runs nowhere, "" for an
// address that is none of ours or is up.
func (j *Judge) stoppedAddress(host string) string {
	for _, p := range j.Playbook.Addresses() {
		if ip, _ := p.Options.Get("ip"); ip.Text == host && len(j.activeOn(p.ID, "")) == 0 {
			return p.ID
		}
	}
	return ""
}
