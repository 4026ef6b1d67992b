package progress

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// jsonProgress writes one JSON object per line: type, version, time, and what
// the event holds. The last line of a run is of type summary.
type jsonProgress struct {
	mu     sync.Mutex
	o      Options
	closed bool
}

// linesVersion is the version of the lines' format.
const linesVersion = 1

// line holds every field that an event may have; durations are nanoseconds.
type line struct {
	Type    string `json:"type"`
	Version int    `json:"version"`
	Time    string `json:"time"` // RFC 3339, UTC

	Command string         `json:"command,omitempty"`
	Cluster string         `json:"cluster,omitempty"`
	Nodes   []string       `json:"nodes,omitempty"`
	Step    string         `json:"step,omitempty"`
	Index   int            `json:"index,omitempty"`
	Total   int            `json:"total,omitempty"`
	Node    string         `json:"node,omitempty"`
	Count   *int           `json:"count,omitempty"`   // of changes
	ByNode  map[string]int `json:"by_node,omitempty"` // of a cluster-wide step's changes; "": in the cluster
	For     string         `json:"for,omitempty"`
	Detail  string         `json:"detail,omitempty"`
	Since   string         `json:"since,omitempty"`
	Limit   time.Duration  `json:"limit_ns,omitempty"`
	Done    bool           `json:"done,omitempty"`
	Text    string         `json:"text,omitempty"`
	Changes []plan.Change  `json:"changes,omitempty"`
	Error   string         `json:"error,omitempty"`
	Hint    string         `json:"hint,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Finding *plan.Finding  `json:"finding,omitempty"`
	Took    time.Duration  `json:"took_ns,omitempty"`
	Summary *steps.Summary `json:"summary,omitempty"`
}

func (j *jsonProgress) Event(ev steps.Event) {
	var l line
	switch e := ev.(type) {
	case steps.RunStarted:
		l = line{Type: "run_started", Command: e.Command, Cluster: e.Cluster, Nodes: e.Nodes}
	case steps.NodeConnected:
		l = line{Type: "node_connected", Node: e.Node, Took: e.Took}
	case steps.Observed:
		l = line{Type: "observed", Took: e.Took}
	case steps.StepStarted:
		l = line{Type: "step_started", Step: e.Step, Index: e.Index, Total: e.Total, Nodes: e.Nodes, Count: &e.Changes}
	case steps.Waiting:
		l = line{Type: "waiting", Step: e.Step, Node: e.Node, For: e.For, Detail: e.Detail, Limit: e.Limit, Done: e.Done}
		if !e.Since.IsZero() {
			l.Since = stampJSON(e.Since)
		}
	case steps.Working:
		l = line{Type: "working", Step: e.Step, Node: e.Node, Text: e.Text}
	case steps.NodeChanged:
		n := len(e.Changes)
		l = line{Type: "node_changed", Step: e.Step, Node: e.Node, Changes: plan.PublicChanges(e.Changes), Count: &n, Took: e.Took}
		if e.Node == "" {
			l.ByNode = tallyOf(e)
		}
	case steps.NodeFailed:
		l = line{Type: "node_failed", Step: e.Step, Node: e.Node}
		if e.Err != nil {
			l.Error, l.Hint = e.Err.Error(), failure.Hint(e.Err)
		}
	case steps.Skipped:
		l = line{Type: "skipped", Step: e.Step, Node: e.Node, Reason: e.Reason}
	case steps.StepDone:
		l = line{Type: "step_done", Step: e.Step, Count: &e.Changes, Took: e.Took}
	case steps.FindingSeen:
		l = line{Type: "finding", Finding: &e.Finding}
	case steps.RunDone:
		l = line{Type: "summary", Summary: &e.Summary}
	default:
		return
	}
	j.write(l)
}

func (j *jsonProgress) Note(text string) { j.write(line{Type: "note", Text: text}) }

func (j *jsonProgress) Suspend(f func()) { f() }

func (j *jsonProgress) write(l line) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	l.Version, l.Time = linesVersion, stampJSON(j.o.Now())
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(l) == nil {
		_, _ = j.o.W.Write(term.SafeJSON(b.Bytes())) // showing progress must never end a run
	}
}

func stampJSON(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func (j *jsonProgress) Close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
}
