package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/playbook"
)

// cloned is what a clone, or promotable clone, of the playbook comes to in the
// cluster.
type cloned struct {
	*playbook.Resource
	members []string // ids of the primitives inside
	all     []pcs.Resource
	active  map[string]bool // nodes with a whole instance
}

// checkClone is for clones and promotable clones of a primitive or a group.
func (j *Judge) checkClone(r *playbook.Resource, what *playbook.Cloned) (found []plan.Finding) {
	if r.Meta.Disabled() || what.Meta.Disabled() {
		return nil
	}
	c := j.cloned(r, what)
	if len(c.all) == 0 {
		return []plan.Finding{missing(r.ID, "running")}
	}
	if found := j.troubles(c.all); found != nil {
		return found
	}
	stopped := plan.Finding{Code: "RESOURCE_STOPPED", Severity: plan.Error, Object: r.ID, Expected: "running", Seen: seenAs(c.all)}
	switch {
	case slices.ContainsFunc(c.all, func(e pcs.Resource) bool { return e.Disabled }):
		stopped.Code, stopped.Severity = "RESOURCE_DISABLED", plan.Warning
		stopped.Message, stopped.Fix = r.ID+" is stopped, as a person set it (target-role)", "pcs resource enable "+r.ID
		return []plan.Finding{stopped}
	case j.allStopped():
		return nil
	}
	if found = append(j.checkInstances(c, stopped), j.checkPromoted(c)...); found != nil {
		return found
	}
	return j.unwatched(r.ID, c.all, r.Meta)
}

func (j *Judge) cloned(r *playbook.Resource, what *playbook.Cloned) cloned {
	c := cloned{Resource: r, active: map[string]bool{}}
	if what.Primitive != nil {
		c.members = []string{what.Primitive.ID}
	} else {
		for _, p := range what.Group {
			c.members = append(c.members, p.ID)
		}
		c.all = j.entries(what.GroupID)
	}
	whole := map[string]int{}
	count := func(e pcs.Resource, n int) {
		switch e.Role {
		case pcs.Started, pcs.Promoted, pcs.Unpromoted, pcs.Promoting, pcs.Demoting:
			for _, node := range e.Nodes {
				whole[node] += n
			}
		}
	}
	for _, e := range c.all { // instances of a cloned group that are whole
		count(e, len(c.members))
	}
	for _, id := range c.members {
		seen := map[string]bool{}
		for _, e := range j.entries(id) {
			c.all = append(c.all, e)
			for _, node := range e.Nodes { // several instances of a unique clone count once
				if !seen[node] {
					seen[node] = true
					one := e
					one.Nodes = []string{node}
					count(one, 1)
				}
			}
		}
	}
	for node, n := range whole {
		c.active[node] = n >= len(c.members)
	}
	return c
}

// running is how many whole instances run: on as many nodes, unless the clone
// is globally unique.
func (c *cloned) running() (n int) {
	if c.unique() && len(c.members) == 1 {
		for _, e := range c.all {
			if e.Active() && e.Role != pcs.Starting {
				n += max(len(e.Instances), len(e.Nodes))
			}
		}
		return n
	}
	for _, is := range c.active {
		n += boolRank(is)
	}
	return n
}

func (c *cloned) unique() bool {
	v, _ := c.Meta.Get("globally-unique")
	return pacemaker.True(v.Text)
}

// instances tells a number of instances in words.
func (c *cloned) instances(n int) string {
	if c.unique() {
		return plural.Of(n, "instance")
	}
	return "on " + plural.Of(n, "node")
}

// checkInstances: an instance on every node that may have one, at most
// clone-max.
func (j *Judge) checkInstances(c cloned, f plan.Finding) []plan.Finding {
	chain := j.chain(c.members[0])
	if !slices.Contains(chain, c.ID) {
		chain = append(chain, c.ID)
	}
	most := metaInt(c.Meta, "clone-max", len(j.Nodes))
	var without, explained, aside, lost []string
	could := 0
	for _, n := range j.members() {
		why, hidden := j.notOn(chain, n, pcs.Started)
		if why == "" || c.active[n] {
			could++
		}
		stays, isLost := j.stays(chain, n, pcs.Started)
		aside = append(aside, n+": "+stays)
		if isLost {
			lost = append(lost, n)
		}
		switch {
		case c.active[n]:
		case why == "":
			without = append(without, n)
		case !hidden:
			explained = append(explained, n+": "+why)
		}
	}
	want := min(could, most)
	if c.unique() && len(c.members) == 1 {
		want = min(could*metaInt(c.Meta, "clone-node-max", 1), most)
	}
	if c.running() < want {
		f.Expected = "running " + c.instances(want)
		f.Message = fmt.Sprintf("%s runs %s, of %d", c.ID, c.instances(c.running()), want)
		if without != nil {
			f.Message += "; not on " + strings.Join(without, ", ")
		}
		unmanaged := slices.ContainsFunc(c.all, func(e pcs.Resource) bool { return e.Role == pcs.Stopped && !e.Managed })
		on, fix := j.failures(append(c.members, chain...)...)
		if on != nil {
			f.Message += ": " + strings.Join(on, ", ")
		} else if unmanaged || j.st.Maintenance {
			f.Code, f.Severity = "RESOURCE_UNMANAGED", plan.Warning
			f.Message += "; the cluster does not manage it"
			f.Fix = "pcs resource manage " + c.ID + ", or end the maintenance"
			return []plan.Finding{f}
		} else if held := j.heldBack(chain, pcs.Started); held != nil {
			return []plan.Finding{notAllowed(c.ID, f.Expected, f.Seen, f.Message+"; rightly so: "+strings.Join(held, "; "))}
		}
		f.Fix = cmp.Or(fix, "pcs resource failcount show "+c.members[0])
		return []plan.Finding{f}
	}
	if could == 0 && most > 0 && lost != nil && j.heldBack(chain, pcs.Started) == nil {
		f.Message = c.ID + " is stopped: no node is left that may run it: " + strings.Join(aside, "; ")
		f.Fix = "bring back " + strings.Join(lost, " or ")
		return []plan.Finding{f}
	}
	if explained != nil && could < most {
		return []plan.Finding{notAllowed(c.ID, "running "+c.instances(min(most, len(j.Nodes))), f.Seen,
			fmt.Sprintf("%s runs %s only, and rightly so: %s", c.ID, c.instances(c.running()), strings.Join(explained, "; ")))}
	}
	return nil
}

// checkPromoted: as many Promoted as promoted-max, where constraints allow it.
func (j *Judge) checkPromoted(c cloned) []plan.Finding {
	if c.Promotable == nil {
		return nil
	}
	promoted := j.activeOn(c.ID, pcs.Promoted)
	chain := append(j.chain(c.members[0]), c.ID)
	most := metaInt(c.Meta, "promoted-max", metaInt(c.Meta, "master-max", 1))
	var explained []string
	could := 0
	for _, n := range j.members() {
		why, hidden := j.notOn(chain, n, pcs.Promoted)
		switch {
		case slices.Contains(promoted, n), c.active[n] && why == "":
			could++
		case c.active[n] && !hidden:
			explained = append(explained, n+": "+why)
		}
	}
	f := plan.Finding{Code: "RESOURCE_ROLE", Severity: plan.Error, Object: c.ID, Expected: fmt.Sprintf("%d Promoted", most), Seen: seenAs(c.all),
		Message: fmt.Sprintf("%s is promoted on %d nodes, and should be on %d", c.ID, len(promoted), most), Fix: "look at the promotion scores: crm_simulate -sL"}
	switch {
	case len(promoted) == min(most, c.running()), len(promoted) == 0 && c.running() == 0:
		return nil
	case len(promoted) > most:
		return []plan.Finding{f}
	case len(promoted) >= could && explained != nil && (j.scores == nil || j.scores.Promotable(c.members[0]) < most):
		return []plan.Finding{notAllowed(c.ID, f.Expected, f.Seen, fmt.Sprintf("%s is promoted on %s, and rightly so: %s", c.ID, plural.Of(len(promoted), "node"), strings.Join(explained, "; ")))}
	}
	if held := j.heldBack(chain, pcs.Promoted); held != nil {
		return []plan.Finding{notAllowed(c.ID, f.Expected, f.Seen, f.Message+"; rightly so: "+strings.Join(held, "; "))}
	}
	if slices.ContainsFunc(c.all, func(e pcs.Resource) bool { return !e.Managed }) || j.st.Maintenance {
		f.Severity, f.Fix = plan.Warning, "pcs resource manage "+c.ID+", or end the maintenance"
		f.Message += "; the cluster does not manage it"
	}
	return []plan.Finding{f}
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
