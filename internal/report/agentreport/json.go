package agentreport

import (
	"io"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/playbook"
)

// agentJSON is one agent of the list.
type agentJSON struct {
	Agent    string   `json:"agent"`
	Standard string   `json:"standard"`
	Provider string   `json:"provider"`
	Type     string   `json:"type"`
	Nodes    []string `json:"nodes"`
	Missing  []string `json:"missing"` // nodes that were read and have it not
}

// agentNodeJSON is one node of it.
type agentNodeJSON struct {
	Node      string `json:"node"`
	Pacemaker string `json:"pacemaker"`
	Error     string `json:"error,omitempty"`
}

// ListJSON writes the agents as one JSON document.
func ListJSON(w io.Writer, _ term.Style, l List) error {
	doc := struct {
		Version int             `json:"version"`
		Filter  string          `json:"filter"`
		Nodes   []agentNodeJSON `json:"nodes"`
		Agents  []agentJSON     `json:"agents"`
	}{Version: 1, Filter: l.Filter, Nodes: []agentNodeJSON{}, Agents: []agentJSON{}}
	for _, n := range l.Nodes {
		one := agentNodeJSON{Node: n.Node, Pacemaker: n.Pacemaker}
		if n.Err != nil {
			one.Error = n.Err.Error()
		}
		doc.Nodes = append(doc.Nodes, one)
	}
	reached := l.read()
	for _, a := range l.Agents {
		ref := playbook.ParseAgent(a)
		one := agentJSON{Agent: a, Standard: ref.Standard, Provider: ref.Provider, Type: ref.Type, Nodes: []string{}, Missing: []string{}}
		for _, n := range reached {
			if n.Has(a) {
				one.Nodes = append(one.Nodes, n.Node)
			} else {
				one.Missing = append(one.Missing, n.Node)
			}
		}
		doc.Agents = append(doc.Agents, one)
	}
	return term.JSON(w, doc, "  ")
}

// optionJSON is one option of an agent.
type optionJSON struct {
	Name         string   `json:"name"`
	Type         string   `json:"type"`
	Default      string   `json:"default"`
	Choice       []string `json:"choice"`
	Required     bool     `json:"required"`
	Unique       bool     `json:"unique"`
	Reloadable   bool     `json:"reloadable"`
	Advanced     bool     `json:"advanced"`
	Deprecated   bool     `json:"deprecated"`
	DeprecatedBy []string `json:"deprecated_by"`
	ShortDesc    string   `json:"shortdesc"`
	LongDesc     string   `json:"longdesc"`
}

// actionJSON is one action, with what the agent advises.
type actionJSON struct {
	Name       string `json:"name"`
	Timeout    string `json:"timeout"`
	Interval   string `json:"interval"`
	Role       string `json:"role"`
	Depth      string `json:"depth"`
	StartDelay string `json:"start_delay"`
}

// agentDocJSON is a description.
type agentDocJSON struct {
	Version   int           `json:"version"`
	Agent     string        `json:"agent"`
	OCF       string        `json:"ocf"`
	ShortDesc string        `json:"shortdesc"`
	LongDesc  string        `json:"longdesc"`
	Nodes     []string      `json:"nodes"`
	Missing   []string      `json:"missing"`
	Others    []Version     `json:"others"`
	Errors    []nodeErrJSON `json:"errors"`
	Warnings  []string      `json:"warnings"`
	Options   []optionJSON  `json:"options"`
	Actions   []actionJSON  `json:"actions"`
	Playbook  string        `json:"playbook"`
}

type nodeErrJSON struct {
	Node  string `json:"node"`
	Error string `json:"error"`
}

// DescriptionJSON writes a description as one JSON document; it has all options.
func DescriptionJSON(w io.Writer, _ term.Style, d Description) error {
	list := func(s []string) []string { return append([]string{}, s...) }
	doc := agentDocJSON{Version: 1, Agent: d.Name, OCF: d.OCF, ShortDesc: d.ShortDesc, LongDesc: d.LongDesc, Nodes: list(d.Nodes), Missing: list(d.Lacking),
		Others: append([]Version{}, d.Others...), Errors: []nodeErrJSON{}, Warnings: list(d.Warnings), Options: []optionJSON{}, Actions: []actionJSON{}, Playbook: d.Example()}
	for _, e := range d.Unread {
		doc.Errors = append(doc.Errors, nodeErrJSON{e.Node, e.Err.Error()})
	}
	for _, o := range d.Options() {
		doc.Options = append(doc.Options, optionFor(o, list))
	}
	for _, x := range d.Actions {
		doc.Actions = append(doc.Actions, actionJSON{x.Name, x.Timeout, x.Interval, x.Role, x.Depth, x.StartDelay})
	}
	return term.JSON(w, doc, "  ")
}

func optionFor(o agent.Parameter, list func([]string) []string) optionJSON {
	return optionJSON{Name: o.Name, Type: o.Type, Default: o.Default, Choice: list(o.Enum), Required: o.Required, Unique: o.Unique, Reloadable: o.Reloadable,
		Advanced: o.Advanced, Deprecated: o.Deprecated, DeprecatedBy: list(o.DeprecatedBy), ShortDesc: o.ShortDesc, LongDesc: o.LongDesc}
}
