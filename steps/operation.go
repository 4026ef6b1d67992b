package steps

import "slices"

// Operation is what a run is for: all that tells one run from another.
type Operation struct {
	// Name is its word in events, logs, errors and for those who find the lock
	// taken. Nothing is decided by it.
	Name string
	// Steps are what it compares and, where it changes anything, carries out, in
	// the order they happen; none where it only looks.
	Steps []Step
	// ReadOnly says that its connections refuse every command that is not marked
	// as reading.
	ReadOnly bool
	// Partial says that it goes on without the nodes that cannot be reached, as
	// long as there is one that can.
	Partial bool
	// Secrets says that those of the playbook must be at hand. Without it, what
	// rests on one that is not is left open: a plan can be made where secrets do
	// not belong.
	Secrets bool
	// Ends says that the cluster is to be gone afterwards: it may stop as a whole,
	// may be divided, and there is nothing to verify.
	Ends bool
	// Doing says what is under way while its steps are carried out, for an
	// interruption: "interrupted while ...".
	Doing string
}

// The operations there are.
var (
	Plan    = Operation{Name: "plan", Steps: All(), ReadOnly: true}
	Apply   = Operation{Name: "apply", Steps: All(), Secrets: true, Doing: "applying"}
	Verify  = Operation{Name: "verify", Steps: All(), ReadOnly: true, Partial: true}
	Status  = Operation{Name: "status", ReadOnly: true, Partial: true}
	Agents  = Operation{Name: "agents", ReadOnly: true, Partial: true}
	History = Operation{Name: "history", ReadOnly: true, Partial: true}
	Diff    = Operation{Name: "diff", ReadOnly: true, Partial: true}
	Import  = Operation{Name: "import", ReadOnly: true}
	Restore = Operation{Name: "restore", Steps: []Step{keptConf{}, cibConf{}}, Doing: "restoring"}
	Destroy = Operation{Name: "destroy", Steps: []Step{destroy{}}, Ends: true, Doing: "the cluster was destroyed"}
)

// All is the way to a cluster, in the order it happens.
func All() []Step {
	return []Step{
		preflight{},
		leftovers{},
		packages{},
		defaultCluster{},
		files{},
		agents{},
		hacluster{},
		ownedUnits{},
		pcsd{},
		nodeAuth{},
		corosyncConf{},
		start{},
		enable{},
		remoteNodes{},
		cibConf{},
	}
}

// ShowsFindings reports whether a plan or a verdict shows what is found, what the
// playbook itself gives cause for too: nobody is to read it twice.
func (o Operation) ShowsFindings() bool { return slices.Contains(o.Steps, Step(preflight{})) }

// SetsUpRemotes reports whether it goes to the hosts of remote and guest nodes
// too.
func (o Operation) SetsUpRemotes() bool { return slices.ContainsFunc(o.Steps, onRemotes) }
