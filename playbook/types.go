package playbook

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// SecretRef says where a secret comes from; it is resolved when it is needed.
type SecretRef struct {
	Env     string       // name of an environment variable of the controller
	File    string       // path on the controller, relative to the playbook; one trailing newline is dropped
	Command []string     // argv run on the controller; its stdout less one trailing newline
	Plain   secret.Value // written in the playbook as it is (a warning is given)
	Pos     diag.Pos
}

// IsZero reports whether no source is given.
func (r SecretRef) IsZero() bool {
	return r.Env == "" && r.File == "" && r.Command == nil && !r.Plain.IsSet()
}

// Options are named values in the order they were written.
type Options []Option

// Option is one of them.
type Option struct {
	Name  string
	Value Value
	Pos   diag.Pos // of the name
}

// Value is a scalar's text exactly as it was written (010, 1_000, yes), or a
// secret.
type Value struct {
	Text   string
	Secret *SecretRef
	Pos    diag.Pos
}

// Get returns the value of the named option.
func (o Options) Get(name string) (Value, bool) {
	for _, x := range o {
		if x.Name == name {
			return x.Value, true
		}
	}
	return Value{}, false
}

// Stonith holds the fencing devices, and which of them fence a node together.
type Stonith struct {
	Devices []Primitive // Agent is stonith:NAME
	Levels  []FencingLevel
	Pos     diag.Pos
}

// Resource is one top-level resource; exactly one of its five kinds is set.
type Resource struct {
	ID         string
	Primitive  *Primitive
	Group      []Primitive // members, started in this order on one node
	Clone      *Cloned
	Promotable *Cloned
	Bundle     *Bundle
	// Meta, Description and Ignored are of the group, clone, promotable clone or bundle; a
	// primitive has its own.
	Meta        Options
	Description Value
	Ignored     []Ignored
	Pos         diag.Pos
}

// Cloned is what a clone runs: a primitive or a group.
type Cloned struct {
	Primitive *Primitive
	GroupID   string
	Group     []Primitive
	// Meta, Description and Ignored are of the group.
	Meta        Options
	Description Value
	Ignored     []Ignored
	Pos         diag.Pos
}

// Primitive is one resource that an agent runs.
type Primitive struct {
	ID         string
	Agent      string // ocf:heartbeat:IPaddr2, systemd:nginx, stonith:fence_xvm
	Options    Options
	Meta       Options
	Operations []Operation
	// OnlyOperations leaves out what the agent advises.
	OnlyOperations bool
	// Utilization is what it needs of a node: whole numbers.
	Utilization Options
	Description Value // a text for people; empty: none
	Ignored     []Ignored
	// Template is the template that it is made of, "" for none. What the template
	// gives stands in all of the above too, and Own has what the primitive declares
	// itself.
	Template string
	Own      *Primitive
	Pos      diag.Pos
	AgentPos diag.Pos // of the template, where there is one
}

// Ignored is one entry of ignore_changes: what it names is used when the object
// is created, and left as it is from then on.
type Ignored struct {
	Part string // options, meta, op or utilization
	Name string // empty: all of that part
	Pos  diag.Pos
}

// Operation is one declared operation: op.monitor and so on.
type Operation struct {
	Name    string
	Options Options // interval, timeout, role, on-fail, ...
	Own     Options // what the agent gets in this operation only
	Pos     diag.Pos
}
