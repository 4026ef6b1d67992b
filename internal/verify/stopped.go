package verify

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/inventory"
)

// Resource is a resource as a status shows it, and whether it is missed.
type Resource struct {
	pcs.Resource
	// Missed says that it should run: it is stopped, or an instance of it is where
	// it could run, and nothing speaks for that. What nobody meant does not, as a
	// node that is lost, nor what is not known.
	Missed bool
}

// Saved is the judge of a status of which there is nothing else: no file, and no
// configuration.
func Saved(st *pcs.Status) *Judge {
	in := Input{Said: []NodeStatus{{Status: st}}}
	for _, n := range st.Nodes {
		if n.Kind == pcs.Member {
			in.Nodes = append(in.Nodes, inventory.Node{Name: n.Name, NodeName: n.Name})
		}
	}
	return New(in)
}

// Resources are those of the status that is believed, in its order. The reasons
// are those by which the check of resources goes.
func (j *Judge) Resources() (out []Resource) {
	if !j.Sees() {
		return nil
	}
	waits := map[string]string{} // group: its first member that does not run
	for i := range j.st.Resources {
		r := Resource{Resource: j.st.Resources[i]}
		switch {
		case r.Role != pcs.Stopped, j.wantedStopped(&r.Resource):
		case r.Clone != "":
			r.Missed = j.instanceMissed(&r.Resource)
		default:
			explained, _, _ := j.whyStopped(j.chain(r.ID), waits[r.Group])
			r.Missed = explained == ""
		}
		if r.IsFencing() && r.Role == pcs.Stopped && !j.wantedStopped(&r.Resource) {
			r.Missed = true // nobody watches whether it could fence
		}
		if r.Group != "" && waits[r.Group] == "" && len(j.activeOn(r.ID, "")) == 0 {
			waits[r.Group] = r.ID
		}
		out = append(out, r)
	}
	return out
}

// wantedStopped reports whether the status itself says that somebody wants a
// resource stopped, or that the cluster is not to start it.
func (j *Judge) wantedStopped(r *pcs.Resource) bool {
	return r.Disabled || r.TargetRole == pcs.Stopped || !r.Managed || j.st.StopAll || j.st.Maintenance
}

// instanceMissed reports whether instances of a clone are stopped on a node that
// can run one, or all of them only because a node is lost. Where the status does not
// say on which nodes they are, and others run, they are taken to be on a node that
// cannot, if there is one.
func (j *Judge) instanceMissed(r *pcs.Resource) bool {
	chain := j.chain(r.ID)
	if on, _ := j.failures(chain...); on == nil && j.heldBack(chain, pcs.Started) != nil {
		return false
	}
	nodes := r.StoppedOn
	if len(nodes) == 0 {
		nodes = j.members()
	}
	free, lost := 0, 0
	for _, n := range nodes {
		if why, _ := j.notOn(chain, n, pcs.Started); why == "" {
			free++
		} else if _, isLost := j.stays(chain, n, pcs.Started); isLost {
			lost++
		}
	}
	switch {
	case !slices.ContainsFunc(j.entries(r.ID), func(e pcs.Resource) bool { return e.Active() }):
		return free+lost > 0 || !j.tellsNodes()
	case len(r.StoppedOn) == 0:
		return free == len(nodes)
	}
	return free > 0
}
