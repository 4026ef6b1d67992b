package pcs

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Roles of a resource, in the words of Pacemaker 2.1 for every release.
const (
	Started    = "Started"
	Stopped    = "Stopped"
	Promoted   = "Promoted"   // Master before 2.1
	Unpromoted = "Unpromoted" // Slave before 2.1
	Starting   = "Starting"
	Stopping   = "Stopping"
	Promoting  = "Promoting"
	Demoting   = "Demoting"
	Migrating  = "Migrating"
	Untold     = "" // the text has a set and no word of what is in it
)

// Kinds of a node.
const (
	Member = "member"
	Remote = "remote" // runs pacemaker_remote, has no vote
	Guest  = "guest"  // a virtual machine or a container that the cluster runs
)

// Status is what a cluster says of itself at one moment.
type Status struct {
	Cluster       string            `json:"cluster"` // "" when pcs was not asked
	Stack         string            `json:"stack"`
	DC            string            `json:"dc"`          // "" while there is none
	Quorum        bool              `json:"quorum"`      // of the partition that answered
	Maintenance   bool              `json:"maintenance"` // of the whole cluster
	Nodes         []Node            `json:"nodes"`
	Resources     []Resource        `json:"resources"`
	FailedActions []FailedAction    `json:"failed_actions"`
	Fencing       []FencingEvent    `json:"fencing"`
	Daemons       map[string]string `json:"daemons"` // corosync: active/enabled
	PCSD          map[string]string `json:"pcsd"`    // node: Online
	Warnings      []string          `json:"warnings"`
	Unparsed      []Line            `json:"unparsed"`

	Incomplete   []string   `json:"incomplete"` // what a whole status has and this one has not
	Source       string     `json:"source"`     // text or xml
	ActiveOnly   bool       `json:"active_only,omitempty"`
	DCVersion    string     `json:"dc_version,omitempty"`
	MixedVersion bool       `json:"mixed_version,omitempty"`
	StopAll      bool       `json:"stop_all_resources,omitempty"`
	Pacemakerd   string     `json:"pacemakerd,omitempty"` // "Pacemaker is running", 2.1.6 and later
	LastUpdated  string     `json:"last_updated,omitempty"`
	LastChange   string     `json:"last_change,omitempty"` // with by, via and on
	Counts       *Counts    `json:"counts,omitempty"`
	Sets         []Set      `json:"sets"`
	Tickets      []Ticket   `json:"tickets,omitempty"`
	Bans         []Ban      `json:"bans,omitempty"`
	FailCounts   []Failures `json:"fail_counts,omitempty"`
	// NotTold names what this text or document does not tell, so that its value
	// here means nothing: dc, quorum, maintenance, nodes, resources.
	NotTold []string `json:"not_told,omitempty"`
	// Beside are the parts of the input that are no status, by their place.
	Beside []Beside `json:"beside,omitempty"`
	// Undone names what a saved text was wrapped in, outermost first.
	Undone []string `json:"undone,omitempty"`
	// Implicit are the resources that Pacemaker itself makes for a bundle or
	// a guest node. Text shows them only with --full.
	Implicit []Resource `json:"implicit,omitempty"`

	ranBadly bool // an entry of Incomplete says that its command failed
}

// Node is one node of the cluster. Text says of a node only its first trouble
// in this order: unclean, pending, standby, maintenance; XML says them all.
type Node struct {
	Name          string `json:"name"`
	Kind          string `json:"kind"` // Member, Remote or Guest
	Online        bool   `json:"online"`
	Standby       bool   `json:"standby"`
	StandbyOnFail bool   `json:"standby_onfail"`
	Maintenance   bool   `json:"maintenance"`
	Pending       bool   `json:"pending"`
	Unclean       bool   `json:"unclean"`
	// NotTold: only the name is told. JSON then has none of the states above.
	NotTold bool `json:"not_told,omitempty"`

	ID         string            `json:"id,omitempty"`
	Host       string            `json:"host,omitempty"`      // of a guest node
	Container  string            `json:"container,omitempty"` // resource that is the guest
	Health     string            `json:"health,omitempty"`    // green, yellow, red
	FeatureSet string            `json:"feature_set,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// MarshalJSON leaves out the states of a node of which none is told.
func (n Node) MarshalJSON() ([]byte, error) {
	type node Node
	if !n.NotTold {
		return json.Marshal(node(n))
	}
	return json.Marshal(struct {
		Name    string `json:"name"`
		Kind    string `json:"kind"`
		NotTold bool   `json:"not_told"`
		ID      string `json:"id,omitempty"`
	}{n.Name, n.Kind, true, n.ID})
}

// Resource is a primitive as the status shows it. An instance of a clone is
// one entry per (id without its number, role, node); an instance of a cloned
// group that is whole is one entry with the group's id, as the text has it,
// and its Members where they are known (XML). A replica of a bundle is one
// entry with the id that the text shows and the node that runs its container.
type Resource struct {
	ID       string   `json:"id"`
	Agent    string   `json:"agent"` // ocf:heartbeat:IPaddr2; "" where text gives only a list of nodes
	Role     string   `json:"role"`  // or Untold
	Nodes    []string `json:"nodes"` // where it is active
	Group    string   `json:"group"`
	Clone    string   `json:"clone"`
	Bundle   string   `json:"bundle"`
	Managed  bool     `json:"managed"`
	Failed   bool     `json:"failed"`
	Blocked  bool     `json:"blocked"`
	Disabled bool     `json:"disabled"` // target-role is Stopped
	Orphaned bool     `json:"orphaned"`

	Instances      []string      `json:"instances,omitempty"` // numbers, where printed
	Maintenance    bool          `json:"maintenance,omitempty"`
	Pending        string        `json:"pending,omitempty"` // Monitoring
	LockedTo       string        `json:"locked_to,omitempty"`
	FailureIgnored bool          `json:"failure_ignored,omitempty"`
	Unclean        bool          `json:"unclean,omitempty"` // its node is lost and not yet fenced
	TargetRole     string        `json:"target_role,omitempty"`
	StoppedOn      []string      `json:"stopped_on,omitempty"` // nodes where a clone may run and does not
	Probe          string        `json:"probe,omitempty"`      // why a probe failed: not installed
	Address        string        `json:"address,omitempty"`    // of a replica
	Description    string        `json:"description,omitempty"`
	Members        []GroupMember `json:"members,omitempty"`
	Replica        *Replica      `json:"replica,omitempty"`

	listed   bool // came from a list of nodes, which has no flags
	inactive bool // its node is gone, whatever the role says (XML)
	terse    bool // the XML has no word of blocked and target-role
}

// GroupMember is one resource in an instance of a cloned group.
type GroupMember struct {
	ID    string `json:"id"`
	Agent string `json:"agent"`
	Role  string `json:"role"`
}

// Replica says what a replica of a bundle is made of (XML and --full).
type Replica struct {
	ID        string `json:"id"`                  // its number
	Primitive string `json:"primitive,omitempty"` // runs inside
	Container string `json:"container,omitempty"`
	Remote    string `json:"remote,omitempty"` // the connection, and the guest node's name
	IP        string `json:"ip,omitempty"`
}

// Set is a group, a clone or a bundle as its headline shows it.
type Set struct {
	Kind        string `json:"kind"` // group, clone or bundle
	ID          string `json:"id"`
	Member      string `json:"member,omitempty"` // of a clone
	Image       string `json:"image,omitempty"`  // of a bundle
	Clone       string `json:"clone,omitempty"`  // of a cloned group
	Promotable  bool   `json:"promotable,omitempty"`
	Unique      bool   `json:"unique,omitempty"`
	Managed     bool   `json:"managed"`
	Disabled    bool   `json:"disabled,omitempty"`
	Maintenance bool   `json:"maintenance,omitempty"`
	Description string `json:"description,omitempty"`
	Inactive    int    `json:"inactive_members,omitempty"` // not shown
}

// FailedAction is an operation that failed and was not cleaned up since.
type FailedAction struct {
	Resource   string `json:"resource"`
	Operation  string `json:"operation"`   // monitor; a probe is a monitor with interval 0
	IntervalMS int64  `json:"interval_ms"` // 0: once
	Node       string `json:"node"`
	RC         int    `json:"rc"` // -1: not said
	RCText     string `json:"rc_text"`
	Status     string `json:"status,omitempty"` // complete, Timed Out
	ExitReason string `json:"exit_reason"`
	LastChange string `json:"last_change,omitempty"` // in the node's time zone
	Call       string `json:"call,omitempty"`
	ExecMS     int64  `json:"exec_ms,omitempty"`
	QueuedMS   int64  `json:"queued_ms,omitempty"`
}

// FencingEvent is a fencing action that failed, is under way or succeeded.
type FencingEvent struct {
	Action         string `json:"action"` // reboot, off, on
	Target         string `json:"target"`
	Status         string `json:"status"`             // failed, pending or success
	Delegate       string `json:"delegate,omitempty"` // node that did it
	Client         string `json:"client,omitempty"`
	Origin         string `json:"origin,omitempty"`
	ExitReason     string `json:"exit_reason,omitempty"`
	Completed      string `json:"completed,omitempty"`
	LaterSucceeded bool   `json:"later_succeeded,omitempty"`
}

// Ticket is a ticket of a multi-site cluster.
type Ticket struct {
	ID          string `json:"id"`
	Granted     bool   `json:"granted"`
	Standby     bool   `json:"standby,omitempty"`
	LastGranted string `json:"last_granted,omitempty"`
}

// Ban is a location constraint that keeps a resource off a node.
type Ban struct {
	ID           string `json:"id"`
	Resource     string `json:"resource"`
	Node         string `json:"node"`
	PromotedOnly bool   `json:"promoted_only,omitempty"`
}

// Failures is the fail count of a resource on a node.
type Failures struct {
	Resource    string `json:"resource"`
	Node        string `json:"node"`
	Count       string `json:"count,omitempty"` // a number or INFINITY
	Threshold   string `json:"migration_threshold,omitempty"`
	LastFailure string `json:"last_failure,omitempty"`
}

// Counts are the numbers in the head of the status; -1: not told.
type Counts struct {
	Nodes     int `json:"nodes"`
	Resources int `json:"resources"`
	Disabled  int `json:"disabled"`
	Blocked   int `json:"blocked"`
}

// Line is a line of the input that was not understood.
type Line struct {
	Line int    `json:"line"` // from 1
	Text string `json:"text"` // at most maxKept bytes
}

// Beside is a part of the input that is no status, such as what another command
// printed.
type Beside struct {
	Line  int    `json:"line"` // its first one, from 1
	Lines int    `json:"lines"`
	Text  string `json:"text"` // the first line, or the command; at most maxKept bytes

	titled bool // a title of a status is in one of its lines
}

// NotRunningError says that the node that was asked is no part of a running
// cluster.
type NotRunningError struct {
	Line     int    // where the text says so, from 1
	Text     string // in its words
	Starting bool   // the daemons are there and do not answer yet: ask again

	connecting bool // and a status may follow
}

func (e *NotRunningError) Error() string {
	if e.Starting {
		return fmt.Sprintf("the cluster on this node does not answer yet (line %d: %q)", e.Line, e.Text)
	}
	return fmt.Sprintf("the cluster is not running on this node (line %d: %q)", e.Line, e.Text)
}

// SyntaxError says why a text or an XML document cannot be read at all.
type SyntaxError struct {
	Line    int // from 1; 0 means the whole input
	Message string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// Unknown tells that the model is not the whole truth: a line was not
// understood or a part is missing. Such a status must not be called good.
func (s *Status) Unknown() bool {
	return len(s.Unparsed) > 0 || len(s.Incomplete) > 0
}

// Problem explains Unknown as an error, or is nil. It names the first lines and
// parts only.
func (s *Status) Problem() error {
	var parts []string
	for i, l := range s.Unparsed {
		if i == 3 {
			parts = append(parts, fmt.Sprintf("and %d more", len(s.Unparsed)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("line %d was not understood: %q", l.Line, l.Text))
	}
	for i, what := range s.Incomplete {
		if i == 8 {
			parts = append(parts, fmt.Sprintf("and %d more", len(s.Incomplete)-i))
			break
		}
		parts = append(parts, what)
	}
	if len(parts) == 0 {
		return nil
	}
	return errors.New("the state is unknown: " + strings.Join(parts, "; "))
}

// Node finds a node by its name, or nil.
func (s *Status) Node(name string) *Node {
	for i := range s.Nodes {
		if s.Nodes[i].Name == name {
			return &s.Nodes[i]
		}
	}
	return nil
}

// Find gives the entries of a resource: by the id of a primitive, of a
// member of a group, of a clone, of a bundle or of a primitive inside one.
func (s *Status) Find(id string) []Resource {
	var found []Resource
	for _, r := range s.Resources {
		if r.answersTo(id) {
			found = append(found, r)
		}
	}
	return found
}

func (r *Resource) answersTo(id string) bool {
	return id != "" && slices.Contains(r.names(), id)
}

// names are the ids of the resource, of what it consists of and of the sets
// around it; some may be empty.
func (r *Resource) names() []string {
	names := []string{r.ID, r.Group, r.Clone, r.Bundle}
	if p := r.Replica; p != nil {
		names = append(names, p.Primitive, p.Container, p.Remote)
	}
	for _, m := range r.Members {
		names = append(names, m.ID)
	}
	return names
}

// Active tells that the resource runs in some role, or is about to.
func (r *Resource) Active() bool { return r.Role != Stopped && r.Role != Untold }

// IsFencing tells that the resource is a fencing device.
func (r *Resource) IsFencing() bool { return strings.HasPrefix(r.Agent, "stonith:") }
