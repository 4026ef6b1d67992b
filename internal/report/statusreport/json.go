package statusreport

import (
	"io"
	"slices"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// viewJSON is one node's view among others.
type viewJSON struct {
	Node   string     `json:"node"`
	Error  string     `json:"error,omitempty"` // it tells nothing, and why
	Quorum bool       `json:"quorum"`
	DC     string     `json:"dc"`
	Nodes  []pcs.Node `json:"nodes"`
}

// JSON writes the main view as one JSON document. It has "views", one
// for each node, when the nodes disagree or one of them tells nothing, and
// "differs" when there is a playbook to compare with. When no node tells
// anything, only "views" is in it.
func JSON(w io.Writer, _ term.Style, r Report) error {
	type model = pcs.Status
	doc := struct {
		*model
		From    string                  `json:"from,omitempty"`
		Views   []viewJSON              `json:"views,omitempty"`
		Links   map[string][]facts.Link `json:"links,omitempty"`
		Differs any                     `json:"differs,omitempty"`
	}{Links: linksJSON(r.Views)}
	if v := r.Main(); v != nil {
		doc.model, doc.From = v.Status, v.Node
	}
	if r.File != "" {
		doc.Differs = slices.Clone(r.Findings)
		if len(r.Findings) == 0 {
			doc.Differs = []string{}
		}
	}
	if r.Disagree() {
		for _, v := range r.Views {
			one := viewJSON{Node: v.Node, Nodes: []pcs.Node{}}
			if v.Err != nil {
				one.Error = v.Err.Error()
			}
			if v.Status != nil {
				one.Quorum, one.DC, one.Nodes = v.Status.Quorum, v.Status.DC, v.Status.Nodes
			}
			doc.Views = append(doc.Views, one)
		}
	}
	indent := "  "
	if r.Compact {
		indent = ""
	}
	return term.JSON(w, doc, indent)
}

// linksJSON are the links of each node.
func linksJSON(views []View) map[string][]facts.Link {
	out := map[string][]facts.Link{}
	for _, v := range views {
		if len(v.Links) > 0 {
			out[v.Node] = v.Links
		}
	}
	return out
}
