package steps

import (
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
)

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

// StepLeft is what an interrupted run has left of a step's planned changes.
type StepLeft struct {
	Step    string `json:"step"`
	Changes int    `json:"changes"`
}

// Verification is what a look at the running cluster found.
type Verification struct {
	OK       bool
	Checks   []plan.Check   // what was looked at, in a fixed order
	Findings []plan.Finding // of all checks
	Took     time.Duration
}
