package verify

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/inventory"
)

// Resource is a resource as a status shows it, and what is to be said of one that
// is stopped.
type Resource struct {
	pcs.Resource
	// Missed says that it should run: it is stopped, or an instance of it is where
	// it could run, and nothing speaks for that.
	Missed bool
	// Why it is stopped, in words, as far as its own flags do not say it: the good
	// reason, or of one that is missed the fault. "" where none is known.
	Why string
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
			r.Missed, r.Why = j.instanceMissed(&r.Resource)
		default:
			explained, fault := j.whyStopped(j.chain(r.ID), waits[r.Group])
			r.Missed, r.Why = explained == "", explained+fault
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
// can run one. Where the status does not say on which nodes they are, and others
// run, they are taken to be on a node that cannot, if there is one.
func (j *Judge) instanceMissed(r *pcs.Resource) (missed bool, why string) {
	chain := j.chain(r.ID)
	if on := j.failures(chain...); on != nil {
		why = strings.Join(on, ", ")
	} else if held := j.heldBack(chain, pcs.Started); held != nil {
		return false, strings.Join(held, "; ")
	}
	nodes := r.StoppedOn
	if len(nodes) == 0 {
		nodes = j.members()
	}
	var reasons []string
	free := 0
	for _, n := range nodes {
		reason, _ := j.notOn(chain, n, pcs.Started)
		if reason == "" {
			free++
		} else {
			reasons = append(reasons, n+": "+reason)
		}
	}
	missed = free > 0
	if len(r.StoppedOn) == 0 && slices.ContainsFunc(j.entries(r.ID), func(e pcs.Resource) bool { return e.Active() }) {
		missed = free == len(nodes)
	}
	if why == "" && !missed {
		why = strings.Join(reasons, "; ")
	}
	return missed, why
}
