package steps

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// checkResources compares the role of every declared resource with its status.
func checkResources(c *Cluster, st *pcs.Status) (found []plan.Finding) {
	for i := range c.Playbook.Resources {
		r := &c.Playbook.Resources[i]
		switch {
		case r.Clone != nil:
			found = append(found, checkClone(c, st, r, r.Clone)...)
		case r.Promotable != nil:
			found = append(found, checkClone(c, st, r, r.Promotable)...)
		default:
			for _, p := range r.Primitives() {
				found = append(found, checkSingle(st, p, disabled(p.Meta) || r.Group != nil && disabled(r.Meta))...)
			}
		}
	}
	for i := range c.Playbook.Stonith.Devices {
		d := &c.Playbook.Stonith.Devices[i]
		found = append(found, checkSingle(st, d, disabled(d.Meta))...)
	}
	return found
}

// checkSingle is for what runs once: a primitive, alone or in a group.
func checkSingle(st *pcs.Status, p *playbook.Primitive, wantStopped bool) []plan.Finding {
	all := entries(st, p.ID)
	if len(all) == 0 {
		return []plan.Finding{{Code: "RESOURCE_MISSING", Severity: plan.Error, Object: p.ID, Expected: pcs.Started, Seen: "absent",
			Message: "the resource is not in the cluster", Fix: "hadeploy apply"}}
	}
	if found := troubles(all); found != nil {
		return found
	}
	r := all[0]
	want := pcs.Started
	if wantStopped {
		want = pcs.Stopped
	}
	if r.Role == want && (want == pcs.Stopped || len(r.Nodes) == 1) {
		return nil
	}
	f := plan.Finding{Code: "RESOURCE_ROLE", Severity: plan.Error, Object: p.ID, Expected: want, Seen: seenAs(all)}
	switch {
	case len(r.Nodes) > 1:
		f.Code = "RESOURCE_MULTIPLE"
		f.Message = fmt.Sprintf("%s is active on %d nodes (%s); it must be on one", p.ID, len(r.Nodes), strings.Join(r.Nodes, ", "))
	case r.Role == pcs.Stopped && r.Disabled:
		f.Code, f.Severity = "RESOURCE_DISABLED", plan.Warning
		f.Message, f.Fix = p.ID+" is stopped, as a person set it (target-role)", "pcs resource enable "+p.ID
	case r.Role == pcs.Stopped && (!r.Managed || st.Maintenance):
		f.Code, f.Severity = "RESOURCE_UNMANAGED", plan.Warning
		f.Message = p.ID + " is stopped and not managed by the cluster"
	case r.Role == pcs.Stopped:
		f.Code = "RESOURCE_STOPPED"
		f.Message, f.Fix = p.ID+" is stopped", "pcs resource debug-start "+p.ID+", and pcs resource failcount show "+p.ID
	default:
		f.Message = fmt.Sprintf("%s is %s, not %s", p.ID, r.Role, want)
	}
	return []plan.Finding{f}
}

// checkClone is for clones and promotable clones of a primitive or a group.
func checkClone(c *Cluster, st *pcs.Status, r *playbook.Resource, what *playbook.Cloned) (found []plan.Finding) {
	if disabled(r.Meta) {
		return nil
	}
	ids := []string{what.GroupID}
	if what.Primitive != nil {
		ids = []string{what.Primitive.ID}
	} else {
		for _, p := range what.Group {
			ids = append(ids, p.ID)
		}
	}
	var all []pcs.Resource
	for _, id := range ids {
		all = append(all, entries(st, id)...)
	}
	if len(all) == 0 {
		return []plan.Finding{{Code: "RESOURCE_MISSING", Severity: plan.Error, Object: r.ID, Expected: "running", Seen: "absent",
			Message: "the resource is not in the cluster", Fix: "hadeploy apply"}}
	}
	if found := troubles(all); found != nil {
		return found
	}
	active, promoted := map[string]bool{}, map[string]bool{}
	isDisabled := false
	for _, e := range all {
		isDisabled = isDisabled || e.Disabled
		for _, n := range e.Nodes {
			switch e.Role {
			case pcs.Promoted:
				promoted[n], active[n] = true, true
			case pcs.Started, pcs.Unpromoted:
				active[n] = true
			}
		}
	}
	if isDisabled {
		return []plan.Finding{{Code: "RESOURCE_DISABLED", Severity: plan.Warning, Object: r.ID, Expected: "running", Seen: seenAs(all),
			Message: r.ID + " is stopped, as a person set it (target-role)", Fix: "pcs resource enable " + r.ID}}
	}
	hosts := possibleHosts(c, st, r)
	want := min(len(hosts), metaInt(r.Meta, "clone-max", len(c.Nodes)))
	if len(active) < want {
		var missing []string
		for _, h := range hosts {
			if !active[h] {
				missing = append(missing, h)
			}
		}
		found = append(found, plan.Finding{Code: "RESOURCE_STOPPED", Severity: plan.Error, Object: r.ID,
			Expected: fmt.Sprintf("running on %d nodes", want), Seen: seenAs(all),
			Message: fmt.Sprintf("%s runs on %d of %d nodes; not on %s", r.ID, len(active), want, strings.Join(missing, ", ")),
			Fix:     "pcs resource failcount show " + ids[0]})
	}
	if r.Promotable != nil {
		if wantUp := min(len(hosts), metaInt(r.Meta, "promoted-max", metaInt(r.Meta, "master-max", 1))); len(promoted) != wantUp {
			found = append(found, plan.Finding{Code: "RESOURCE_ROLE", Severity: plan.Error, Object: r.ID,
				Expected: fmt.Sprintf("%d Promoted", wantUp), Seen: seenAs(all),
				Message: fmt.Sprintf("%s is promoted on %d nodes, and should be on %d", r.ID, len(promoted), wantUp),
				Fix:     "look at the promotion scores: crm_simulate -sL"})
		}
	}
	return found
}

// possibleHosts are the members that may run the resource: online, not in
// standby, and not forbidden by a declared location constraint.
func possibleHosts(c *Cluster, st *pcs.Status, r *playbook.Resource) (hosts []string) {
	for _, n := range c.Nodes {
		s := findNode(st, n.NodeName)
		if s == nil || !s.Online || s.Standby || s.StandbyOnFail {
			continue
		}
		banned := slices.ContainsFunc(c.Playbook.Constraints.Location, func(l playbook.Location) bool {
			return l.Resource == r.ID && l.Node == n.NodeName && l.Score == "-INFINITY"
		})
		if !banned {
			hosts = append(hosts, n.NodeName)
		}
	}
	return hosts
}

// troubles are what is wrong with a resource whatever its role.
func troubles(all []pcs.Resource) (found []plan.Finding) {
	for _, r := range all {
		f := plan.Finding{Severity: plan.Error, Object: r.ID, Seen: seenAs([]pcs.Resource{r}), Expected: "no failure"}
		switch {
		case r.Failed:
			f.Code, f.Message, f.Fix = "RESOURCE_FAILED", r.ID+" has failed", "mend the cause, then pcs resource cleanup "+r.ID
		case r.Blocked:
			f.Code, f.Message, f.Fix = "RESOURCE_BLOCKED", r.ID+" is blocked: the cluster may not touch it", "mend the cause, then pcs resource cleanup "+r.ID
		case r.Orphaned:
			f.Code, f.Message, f.Fix = "RESOURCE_ORPHANED", r.ID+" runs and is no longer configured", "pcs resource cleanup "+r.ID
		default:
			continue
		}
		found = append(found, f)
	}
	return found
}

func checkFailedActions(st *pcs.Status) (found []plan.Finding) {
	for _, a := range st.FailedActions {
		reason := a.RCText
		if a.ExitReason != "" && a.ExitReason != "none" {
			reason += ": " + a.ExitReason
		}
		found = append(found, plan.Finding{Code: "FAILED_ACTION", Severity: plan.Error, Node: a.Node, Object: a.Resource,
			Expected: "no failed action", Seen: a.Operation + " failed",
			Message: fmt.Sprintf("%s of %s failed (%s)", a.Operation, a.Resource, reason), Fix: "mend the cause, then pcs resource cleanup " + a.Resource})
	}
	return found
}

// addressResources are the declared IPaddr2 primitives that run once.
func addressResources(p *playbook.Playbook) (out []*playbook.Primitive) {
	for i := range p.Resources {
		r := &p.Resources[i]
		if r.Clone != nil || r.Promotable != nil {
			continue
		}
		for _, x := range r.Primitives() {
			if playbook.ParseAgent(x.Agent).Type == "IPaddr2" && !disabled(x.Meta) && !disabled(r.Meta) {
				out = append(out, x)
			}
		}
	}
	return out
}

// checkAddressesUp looks whether each address sits on exactly the node that
// pcs status names.
func checkAddressesUp(views []view, vips []*playbook.Primitive) (found []plan.Finding) {
	for _, p := range vips {
		text, _ := p.Options.Get("ip")
		ip, err := netip.ParseAddr(text.Text)
		if err != nil {
			continue // the agent takes names as well
		}
		var says []string
		for _, r := range entries(views[0].status, p.ID) {
			says = append(says, r.Nodes...)
		}
		if len(says) == 0 {
			continue // not running: said elsewhere
		}
		var has []string
		for _, v := range views {
			if slices.Contains(v.addresses, ip) {
				has = append(has, v.node.NodeName)
			}
		}
		if slices.Equal(has, says) {
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
		found = append(found, f)
	}
	return found
}

// entries are what the status says of a resource id.
func entries(st *pcs.Status, id string) (out []pcs.Resource) {
	for _, r := range st.Resources {
		if r.ID == id {
			out = append(out, r)
		}
	}
	return out
}

// seenAs tells roles and nodes in words: "Promoted on n1, Unpromoted on n2".
func seenAs(all []pcs.Resource) string {
	var parts []string
	for _, r := range all {
		s := r.Role
		if len(r.Nodes) > 0 {
			s += " on " + strings.Join(r.Nodes, ", ")
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

func disabled(meta playbook.Options) bool {
	v, ok := meta.Get("target-role")
	return ok && strings.EqualFold(v.Text, "Stopped")
}

func metaInt(meta playbook.Options, name string, fallback int) int {
	v, ok := meta.Get(name)
	if !ok {
		return fallback
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil {
		return fallback
	}
	return n
}

func countDeclared(p *playbook.Playbook) int {
	n := len(p.Stonith.Devices)
	for i := range p.Resources {
		n += len(p.Resources[i].Primitives())
	}
	return n
}
