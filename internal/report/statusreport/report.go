// Package statusreport shows a live or saved cluster, once or on a screen that
// changes.
package statusreport

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// Report is a live or saved cluster, as a person wants to see it.
type Report struct {
	Views []View
	// Saved names the file that the only view was read from, "" for a live
	// cluster.
	Saved string
	// File is the playbook that Findings compare with; "" compares nothing.
	File     string
	Findings []plan.Finding
	Compact  bool // JSON on one line
}

// View is the cluster in the eyes of one node.
type View struct {
	Node   string      // who was asked, "" for saved text
	Status *pcs.Status // nil: see Err
	// Resources are those of Status, with verify's verdict on what is stopped.
	Resources []verify.Resource
	Err       error // not running, not reached, not read
	Links     []facts.Link
	Note      string    // what else has to be known of this view
	Now       time.Time // the node's clock when it answered, zero: not known
}

// Main is the view that is shown: of the first node with quorum, else with a
// DC, else that can be read at all; nil when there is none.
func (r Report) Main() *View {
	var best *View
	rank := func(v *View) int {
		switch {
		case v == nil || v.Status == nil:
			return 0
		case v.Status.Quorum:
			return 3
		case v.Status.DC != "":
			return 2
		}
		return 1
	}
	for i := range r.Views {
		if v := &r.Views[i]; rank(v) > rank(best) {
			best = v
		}
	}
	return best
}

// sight is what nodes of one partition agree on.
func sight(s *pcs.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s", s.Quorum, s.DC)
	for _, n := range s.Nodes {
		fmt.Fprintf(&b, "\x00%s %v %v", n.Name, n.Online, n.Unclean)
	}
	return b.String()
}

// Disagree tells that nodes see different clusters, or that one is silent.
func (r Report) Disagree() bool {
	first := r.Main()
	return slices.ContainsFunc(r.Views, func(v View) bool {
		return first == nil || v.Status == nil || sight(v.Status) != sight(first.Status)
	})
}
