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
