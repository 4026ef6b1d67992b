// Package plan holds what hadeploy found and means to do, as plain data: a
// Plan can be rendered, compared, published in a pull request, and stored. It
// holds no secret and no code.
package plan

import "fmt"

// Action says what happens to an object.
type Action string

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

const (
	None    Disruption = ""        // nobody notices
	Reload  Disruption = "reload"  // corosync re-reads its configuration, no stop
	Restart Disruption = "restart" // a resource or daemon restarts
	Outage  Disruption = "outage"  // the whole cluster has to stop
)

// Change is one difference between what is declared and what is there.
type Change struct {
	Step   string `json:"step"`           // the step that owns it: packages, files, cib
	Node   string `json:"node,omitempty"` // inventory name; empty: the cluster as a whole
	Action Action `json:"action"`
	Kind   string `json:"kind"` // package, file, service, primitive, location constraint
	ID     string `json:"id"`   // nginx, /etc/motd, web-ip
	// Diffs are the attributes that differ; for a created object, those it gets.
	Diffs []Diff `json:"diffs,omitempty"`
	// Unknown, when set, says that this change cannot be told in full before
	// another one is made: "until packages are installed".
	Unknown    string     `json:"unknown,omitempty"`
	Disruption Disruption `json:"disruption,omitempty"`
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
}

// Was, Becomes and Changes make the three sorts of Diff.
func Was(name, before string) Diff { return Diff{Name: name, Before: before, HasBefore: true} }

// Becomes is an attribute that did not exist.
func Becomes(name, after string) Diff { return Diff{Name: name, After: after, HasAfter: true} }

// Changes is an attribute with another value.
func Changes(name, before, after string) Diff {
	return Diff{Name: name, Before: before, After: after, HasBefore: true, HasAfter: true}
}

// Object names something in the live CIB that the playbook does not declare.
type Object struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
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

// Plan is everything that differs.
type Plan struct {
	Version   int       `json:"version"` // of this document's format: 1
	Cluster   string    `json:"cluster"`
	Playbook  string    `json:"playbook"`
	Nodes     []string  `json:"nodes"`
	Changes   []Change  `json:"changes"`
	Impact    []Impact  `json:"impact,omitempty"`
	Unmanaged []Object  `json:"unmanaged,omitempty"`
	Findings  []Finding `json:"findings,omitempty"`
	// CIB is admin_epoch.epoch of the CIB that was planned against, empty when
	// there is none yet.
	CIB string `json:"cib,omitempty"`
}

// Count tells how many changes of each action a plan has.
func (p *Plan) Count() (create, update, remove int) {
	for _, c := range p.Changes {
		switch c.Action {
		case Create:
			create++
		case Update:
			update++
		case Delete:
			remove++
		}
	}
	return
}
