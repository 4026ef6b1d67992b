// Package plan holds what hadeploy found and means to do, as plain data: a
// Plan can be rendered, compared, published in a pull request, and stored. It
// holds no secret and no code.
package plan

import (
	"fmt"
	"slices"
)

// Action says what happens to an object.
type Action string

// What can happen to an object.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Symbol is the sign that marks an action in text.
func (a Action) Symbol() string {
	switch a {
	case Create:
		return "+"
	case Update:
		return "~"
	case Delete:
		return "-"
	}
	return "?"
}

// Disruption says what a change costs the running cluster.
type Disruption string

// From what nobody notices to what everybody does.
const (
	None    Disruption = ""        // nobody notices
	Reload  Disruption = "reload"  // corosync re-reads its configuration, no stop
	Restart Disruption = "restart" // a resource or daemon restarts
	Outage  Disruption = "outage"  // the whole cluster has to stop
)

// rank orders disruptions by what they cost.
func (d Disruption) rank() int {
	return slices.Index([]Disruption{None, Reload, Restart, Outage}, d)
}

// Change is one difference between what is declared and what is there.
type Change struct {
	Step   string `json:"step"`           // the step that owns it: packages, files, cib
	Node   string `json:"node,omitempty"` // inventory name; empty: the cluster as a whole
	Action Action `json:"action"`
	Kind   string `json:"kind"` // package, file, service, primitive, location constraint
	ID     string `json:"id"`   // nginx, /etc/motd, web-ip
	// At is where the playbook declares it, "cluster.yaml:17"; empty: nowhere
	// in particular.
	At string `json:"at,omitempty"`
	// Diffs are the attributes that differ; for a created object, those it gets.
	Diffs []Diff `json:"diffs,omitempty"`
	// Unknown, when set, says that this change cannot be told in full before
	// another one is made: "until packages are installed".
	Unknown string `json:"unknown,omitempty"`
	// Maybe says that it is not known whether this is a change at all: what is
	// there is a secret, and the one to compare it with is not at hand. Unknown
	// says until when.
	Maybe bool `json:"maybe,omitempty"`
	// Open names the attributes of which an earlier step of the same run may
	// still change what is there, and those that may turn up besides: "state",
	// "op.*". All others are as they stand in Diffs.
	Open       []string   `json:"open,omitempty"`
	Disruption Disruption `json:"disruption,omitempty"`
	// Interrupts is what runs now and stops for this change, if only for a
	// moment. What Pacemaker does about a change is in the plan's Impact.
	Interrupts []Interruption `json:"interrupts,omitempty"`
	// Note is what else a reader has to know: a running service reads the file.
	Note string `json:"note,omitempty"`
	// Pcs is the command that a person would have typed for it. It never
	// holds a secret.
	Pcs string `json:"pcs,omitempty"`
}

func (c Change) String() string {
	where := c.Node
	if where == "" {
		where = "cluster"
	}
	return fmt.Sprintf("%s: %s %s %q", where, c.Action, c.Kind, c.ID)
}

// Diff is one attribute before and after. An attribute that is not there has
// an empty text and its Has flag false.
type Diff struct {
	Name      string `json:"name"` // options.ip, meta.target-role, content, active
	Before    string `json:"before,omitempty"`
	After     string `json:"after,omitempty"`
	HasBefore bool   `json:"has_before"`
	HasAfter  bool   `json:"has_after"`
	// Secret values are shown as ***, and only whether they differ is told.
	Secret bool `json:"secret,omitempty"`
	// Lines says that the values are texts of many lines, to be shown as a
	// unified diff.
	Lines bool `json:"lines,omitempty"`
	// Default says that the playbook does not name it: it is what pcs adds by
	// itself, such as an agent's default operations.
	Default bool `json:"default,omitempty"`

	// Seal tells secret values apart within one process; see Sealed.
	Seal string `json:"-"`
}

// Was is an attribute that is gone.
func Was(name, before string) Diff { return Diff{Name: name, Before: before, HasBefore: true} }

// Becomes is an attribute that did not exist.
func Becomes(name, after string) Diff { return Diff{Name: name, After: after, HasAfter: true} }

// Changes is an attribute with another value.
func Changes(name, before, after string) Diff {
	return Diff{Name: name, Before: before, After: after, HasBefore: true, HasAfter: true}
}

// Object is something in the live CIB that the playbook does not declare and
// that is left alone.
type Object struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	// Value is what it is, in a few words: a property's value, a primitive's
	// agent. A secret is ***.
	Value string `json:"value,omitempty"`
	// Why it is left alone though its object is declared: "ignore_changes".
	Why string `json:"why,omitempty"`
}

// Impact is one thing that Pacemaker's own simulator expects the cluster to do
// when the new CIB goes in.
type Impact struct {
	Action   string `json:"action"` // Start, Stop, Move, Restart, Promote, Demote, Fence
	Resource string `json:"resource"`
	Detail   string `json:"detail"` // the simulator's words: "n1 -> n2"
}

// Severity of a Finding.
type Severity string

// An error is a reason to stop, or a failure.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Finding is something that a check saw: before (preflight) or after (verify).
type Finding struct {
	Code     string   `json:"code"` // stable: HOSTS_LOOPBACK, RESOURCE_STOPPED
	Severity Severity `json:"severity"`
	Node     string   `json:"node,omitempty"`
	Object   string   `json:"object,omitempty"`   // the resource, property or file it is about
	Message  string   `json:"message"`            // what was found and why it matters
	Expected string   `json:"expected,omitempty"` // verify: what the file declares
	Seen     string   `json:"seen,omitempty"`     // verify: what is there
	Fix      string   `json:"fix,omitempty"`      // what to do
}

// Errors are the findings that are errors.
func Errors(found []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.Severity != Error })
}

// Check is one question that verify asked of the cluster.
type Check struct {
	Name string `json:"name"` // stable: members, quorum, resources
	// Passed means that no finding of the check is an error.
	Passed bool `json:"passed"`
	// Skipped says why it was not asked; empty: it was.
	Skipped  string    `json:"skipped,omitempty"`
	Seen     string    `json:"seen,omitempty"` // of one that passed, in a few words: "3 nodes online"
	Findings []Finding `json:"findings"`
}

// Plan is everything that differs, and all that a reader needs to judge it.
type Plan struct {
	// Version is that of this document's format, see Format.
	Version  int      `json:"version"`
	Made     Made     `json:"made"`
	Cluster  string   `json:"cluster"`
	UUID     string   `json:"cluster_uuid,omitempty"` // of corosync.conf, where pcs made one
	Playbook string   `json:"playbook"`
	Nodes    []string `json:"nodes"`
	// CIB is admin_epoch.epoch of the CIB that was planned against, empty when
	// there is none yet.
	CIB     string   `json:"cib,omitempty"`
	Counts  Counts   `json:"counts"`
	Changes []Change `json:"changes"`
	Impact  []Impact `json:"impact,omitempty"`
	// Interruptions is what runs now and will stop, if only for a moment,
	// whoever causes it.
	Interruptions []Interruption `json:"interruptions,omitempty"`
	LeftAlone     []Object       `json:"left_alone,omitempty"`
	Findings      []Finding      `json:"findings,omitempty"`
	Basis         Basis          `json:"basis"`
}

// Format is the version of the document that this release writes, and the
// only one that it reads. schema/plan.schema.json describes it.
const Format = 2

// Made says what made a plan, and when.
type Made struct {
	Hadeploy string `json:"hadeploy"`         // its version
	Time     string `json:"time"`             // RFC 3339, UTC
	Commit   string `json:"commit,omitempty"` // of the playbook's repository
}

// Counts of what a plan does.
type Counts struct {
	Create int `json:"create"`
	Update int `json:"update"`
	Delete int `json:"delete"`
	// Secrets are the changes that replace nothing but secret values, and are
	// known to. They are in none of the above, so that those are the same
	// whether or not the secrets are at hand: without them such a change is
	// Maybe one, and only among Unknown.
	Secrets int `json:"secrets"`
	// Unknown are those that cannot be told in full yet, or not whether they
	// are changes at all.
	Unknown int `json:"unknown"`
	// Restarts and Interruptions count what runs now: what is restarted, and
	// all that stops, restarts among it.
	Restarts      int `json:"restarts"`
	Interruptions int `json:"interruptions"`
}

// Changes is how many changes there are for certain.
func (c Counts) Changes() int { return c.Create + c.Update + c.Delete + c.Secrets }

// replacesSecrets reports whether nothing but secret values is replaced.
func (c Change) replacesSecrets() bool {
	return c.Action == Update && len(c.Diffs) > 0 && !slices.ContainsFunc(c.Diffs, func(d Diff) bool {
		return !d.Secret || !d.HasBefore || !d.HasAfter
	})
}

// Tell fills in what follows from the rest: interruptions and counts. fencing
// names the fencing devices, which Pacemaker restarts without a stop of
// anything.
func (p *Plan) Tell(fencing []string) {
	p.Interruptions = interruptions(p, fencing)
	p.Counts = Counts{}
	for _, c := range p.Changes {
		switch {
		case c.Maybe:
		case c.replacesSecrets():
			p.Counts.Secrets++
		case c.Action == Create:
			p.Counts.Create++
		case c.Action == Update:
			p.Counts.Update++
		case c.Action == Delete:
			p.Counts.Delete++
		}
		if c.Unknown != "" {
			p.Counts.Unknown++
		}
	}
	for _, i := range ByWhat(p.Interruptions) {
		p.Counts.Interruptions++
		if i.How == Restarts {
			p.Counts.Restarts++
		}
	}
}
