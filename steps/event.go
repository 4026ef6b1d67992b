package steps

import (
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// Event is something that happened in a run. Renderers (internal/report) turn
// events into text or JSON; the engine itself never prints. Events of one run
// arrive one at a time, from one goroutine at a time.
type Event interface{ event() }

type (
	// RunStarted opens a run.
	RunStarted struct {
		Command string // plan, apply, verify, destroy, status
		Cluster string
		Nodes   []string
		// ShowsFindings is the operation's: a plan or a verdict shows what is found.
		ShowsFindings bool
	}
	// NodeConnected says that a node answered and let us in.
	NodeConnected struct {
		Node string
		Took time.Duration
	}
	// Observed says that all nodes have been read.
	Observed struct {
		Took time.Duration
	}
	// StepStarted opens a step; Nodes have changes to be made, and are empty
	// for a cluster-wide step.
	StepStarted struct {
		Step         string
		Index, Total int
		Nodes        []string
		Changes      int
	}
	// Waiting says what a step waits for. It is sent when the wait begins,
	// and again when Detail changes. Done closes it.
	Waiting struct {
		Step   string
		Node   string // empty: the cluster
		For    string // "the first DC", "the package lock"
		Detail string // "held by unattended-upgr (pid 4750)", "2 of 3 members online"
		Since  time.Time
		Limit  time.Duration
		Done   bool
	}
	// Working is a line of progress inside a step, to be shown while it lasts.
	Working struct {
		Step, Node, Text string
	}
	// NodeChanged says that a step's changes on a node (or, with Node empty,
	// on the cluster) were made and proved.
	NodeChanged struct {
		Step    string
		Node    string
		Changes []plan.Change
		Took    time.Duration
	}
	// NodeFailed says that a node, or with Node empty the cluster-wide step,
	// failed; it takes no further part.
	NodeFailed struct {
		Step string
		Node string
		Err  error
	}
	// Skipped says that a step was not run, for an earlier failure.
	Skipped struct {
		Step   string
		Node   string
		Reason string // "n2 failed at packages"
	}
	// StepDone closes a step.
	StepDone struct {
		Step    string
		Changes int
		Took    time.Duration
	}
	// FindingSeen is a finding of preflight or verify, as soon as it is known.
	FindingSeen struct {
		Finding plan.Finding
	}
	// RunDone closes the run.
	RunDone struct {
		Summary Summary
	}
)

func (RunStarted) event()    {}
func (NodeConnected) event() {}
func (Observed) event()      {}
func (StepStarted) event()   {}
func (Waiting) event()       {}
func (Working) event()       {}
func (NodeChanged) event()   {}
func (NodeFailed) event()    {}
func (Skipped) event()       {}
func (StepDone) event()      {}
func (FindingSeen) event()   {}
func (RunDone) event()       {}

// Summary is the recap of a run.
type Summary struct {
	Command string        `json:"command"`
	Cluster string        `json:"cluster"`
	Nodes   []NodeSummary `json:"nodes"`
	Changes int           `json:"changes"`           // made, on nodes and in the cluster
	Skipped []string      `json:"skipped,omitempty"` // "corosync: n2 failed at packages"
	Failure string        `json:"failure,omitempty"` // root cause of a cluster-wide failure
	// Interrupted says that the user asked to stop, or the time was up: what was
	// under way has been finished, but for what Unknown names, and Left was not
	// begun.
	Interrupted bool       `json:"interrupted,omitempty"`
	Left        []StepLeft `json:"left,omitempty"`
	Unknown     []string   `json:"unknown,omitempty"` // what was cut off
	// Partly is what a step of the whole cluster that failed had written before,
	// and what stays: "/etc/corosync/authkey on n2".
	Partly []string `json:"partly,omitempty"`
	// Stopped says why a run was given up: what is there is no longer what was
	// planned. Changes made before stay made.
	Stopped string `json:"stopped,omitempty"`
	// Done are changes that were planned and done already, by somebody else or
	// by an earlier run; they were left out. Since are objects that came into the
	// CIB after the plan was made; they are not declared, and were left alone.
	Done     []plan.Change  `json:"done_already,omitempty"`
	Since    []plan.Object  `json:"new_since_plan,omitempty"`
	Verified bool           `json:"verified"`
	Findings []plan.Finding `json:"findings,omitempty"` // of verify
	Took     time.Duration  `json:"took_ns"`
	// Ends says that the cluster was to be gone: there is nothing to verify.
	Ends bool `json:"-"`
}

// NodeSummary is one node's line of the recap.
type NodeSummary struct {
	Node     string `json:"node"`
	Changes  int    `json:"changes"`
	FailedAt string `json:"failed_at,omitempty"` // the step
	Error    string `json:"error,omitempty"`
}
