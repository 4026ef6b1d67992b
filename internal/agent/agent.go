// Package agent knows what a resource or fence agent says of itself, its
// metadata: it reads it, judges the options of a playbook by it, and shows what
// a user can write. It is pure: bytes in, values out.
package agent

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/playbook"
)

const maxMetadataBytes = 1 << 20

// Agent is what a resource or fence agent says about itself.
type Agent struct {
	Name       string // ocf:heartbeat:IPaddr2
	OCF        string // version of the OCF standard that it is written for: 1.0, 1.1
	ShortDesc  string
	LongDesc   string
	Parameters []Parameter
	Actions    []Action
	// Deprecated agents say so of themselves; DeprecatedBy is the one that they
	// name in their place, if any.
	Deprecated   bool
	DeprecatedBy string
	// Warnings tell what was wrong with the metadata and was read all the same.
	Warnings []string
}

// Parameter is one option of an agent.
type Parameter struct {
	Name         string
	Type         string // string, integer, boolean, select, time, second; as the agent says
	Default      string
	Enum         []string // of a select
	Required     bool
	Unique       bool
	Reloadable   bool // OCF 1.1: a change needs no restart
	Advanced     bool
	Deprecated   bool
	DeprecatedBy []string // the parameters to use instead
	ShortDesc    string
	LongDesc     string
}

// Action is one action of an agent, with the values it advises. An attribute
// that is not given is empty.
type Action struct {
	Name, Timeout, Interval, Role, StartDelay, Depth string
	OnTarget, Automatic                              bool
}

// Parameter finds a parameter by name.
func (a *Agent) Parameter(name string) (Parameter, bool) {
	i := slices.IndexFunc(a.Parameters, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return Parameter{}, false
	}
	return a.Parameters[i], true
}

// HasAction reports whether the agent knows the action.
func (a *Agent) HasAction(name string) bool {
	return slices.ContainsFunc(a.Actions, func(x Action) bool { return x.Name == name })
}

// Names lists the distinct agents that a playbook uses, sorted, by the
// names that crm_resource --show-metadata takes and Build looks up.
func Names(p *playbook.Playbook) []string {
	var names []string
	for _, r := range p.Primitives() {
		names = append(names, r.Ref().String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// metadata is the document of `meta-data`, OCF 1.0 and 1.1.
type metadata struct {
	XMLName    xml.Name
	Version    string `xml:"version"`
	ShortAttr  string `xml:"shortdesc,attr"`
	ShortDesc  string `xml:"shortdesc"`
	LongDesc   string `xml:"longdesc"`
	Deprecated *struct {
		By []struct {
			Name string `xml:"name,attr"`
		} `xml:"replaced-with"`
	} `xml:"deprecated"`
	Parameters []struct {
		Name       string `xml:"name,attr"`
		Unique     string `xml:"unique,attr"`
		UniqueIn   string `xml:"unique-group,attr"`
		Reloadable string `xml:"reloadable,attr"`
		Required   string `xml:"required,attr"`
		Advanced   string `xml:"advanced,attr"`
		Old        string `xml:"deprecated,attr"`
		Obsoletes  string `xml:"obsoletes,attr"`
		Deprecated *struct {
			By []struct {
				Name string `xml:"name,attr"`
			} `xml:"replaced-with"`
		} `xml:"deprecated"`
		ShortDesc string `xml:"shortdesc"`
		LongDesc  string `xml:"longdesc"`
		Content   struct {
			Type    string `xml:"type,attr"`
			Default string `xml:"default,attr"`
			Options []struct {
				Value string `xml:"value,attr"`
			} `xml:"option"`
		} `xml:"content"`
	} `xml:"parameters>parameter"`
	Actions []struct {
		Name       string `xml:"name,attr"`
		Timeout    string `xml:"timeout,attr"`
		Interval   string `xml:"interval,attr"`
		Role       string `xml:"role,attr"`
		StartDelay string `xml:"start-delay,attr"`
		Depth      string `xml:"depth,attr"`
		OnTarget   string `xml:"on_target,attr"`
		Automatic  string `xml:"automatic,attr"`
	} `xml:"actions>action"`
}

// Parse reads what `crm_resource --show-metadata NAME` printed. Text
// before the document and Latin-1 in place of UTF-8 are read, with a warning
// in the Agent; a document that is not well-formed or is cut is an error.
func Parse(name string, b []byte) (*Agent, error) {
	fail := func(err error) (*Agent, error) {
		return nil, fmt.Errorf("metadata of agent %s: %w", name, err)
	}
	if len(b) > maxMetadataBytes {
		return fail(fmt.Errorf("%d bytes are more than the %d that are read", len(b), maxMetadataBytes))
	}
	a := &Agent{Name: name}
	start := documentStart(b)
	if start < 0 {
		if len(bytes.TrimSpace(b)) == 0 {
			return fail(errors.New("the agent printed nothing"))
		}
		return fail(fmt.Errorf("no <resource-agent> in what it printed, which begins %.60q", b))
	}
	if noise := bytes.TrimSpace(b[:start]); len(noise) > 0 {
		a.Warnings = append(a.Warnings, fmt.Sprintf("text stands before the metadata: %.60q", noise))
	}
	b = b[start:]
	if !utf8.Valid(b) {
		b = fromLatin1(b)
		a.Warnings = append(a.Warnings, "the metadata is not UTF-8; it was read as ISO 8859-1")
	}
	var m metadata
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Entity = xml.HTMLEntity
	// The bytes are UTF-8 by now, whatever the declaration says.
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	if err := d.Decode(&m); err != nil {
		return fail(fmt.Errorf("it is not well-formed XML: %w", err))
	}
	if m.XMLName.Local != "resource-agent" {
		return fail(fmt.Errorf("the document's root is <%s>, expected <resource-agent>", m.XMLName.Local))
	}
	a.fill(&m)
	return a, nil
}

func documentStart(b []byte) int {
	for _, mark := range []string{"<?xml", "<!DOCTYPE", "<resource-agent"} {
		if i := bytes.Index(b, []byte(mark)); i >= 0 {
			return i
		}
	}
	return -1
}

func fromLatin1(b []byte) []byte {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return []byte(string(r))
}

func (a *Agent) fill(m *metadata) {
	// Of OCF 1.0, pcs takes the version only when it is exactly that of 1.1.
	a.OCF = "1.0"
	if strings.TrimSpace(m.Version) == "1.1" {
		a.OCF = "1.1"
	}
	a.ShortDesc = strings.TrimSpace(m.ShortDesc)
	if a.ShortDesc == "" {
		a.ShortDesc = m.ShortAttr
	}
	a.LongDesc = strings.TrimSpace(m.LongDesc)
	a.fillDeprecated(m)
	replacedBy := map[string][]string{}
	for _, p := range m.Parameters {
		if p.Obsoletes != "" {
			replacedBy[p.Obsoletes] = append(replacedBy[p.Obsoletes], p.Name)
		}
	}
	for _, p := range m.Parameters {
		if p.Name == "" || slices.ContainsFunc(a.Parameters, func(q Parameter) bool { return q.Name == p.Name }) {
			continue
		}
		q := Parameter{
			Name: p.Name, Type: p.Content.Type, Default: p.Content.Default,
			Required: pacemaker.True(p.Required), Unique: pacemaker.True(p.Unique) || p.UniqueIn != "", Reloadable: pacemaker.True(p.Reloadable),
			Advanced: pacemaker.True(p.Advanced), Deprecated: pacemaker.True(p.Old) || p.Deprecated != nil, DeprecatedBy: replacedBy[p.Name],
			ShortDesc: strings.TrimSpace(p.ShortDesc), LongDesc: strings.TrimSpace(p.LongDesc),
		}
		for _, o := range p.Content.Options {
			q.Enum = append(q.Enum, o.Value)
		}
		if p.Deprecated != nil {
			for _, by := range p.Deprecated.By {
				q.DeprecatedBy = append(q.DeprecatedBy, by.Name)
			}
		}
		slices.Sort(q.DeprecatedBy)
		q.DeprecatedBy = slices.Compact(q.DeprecatedBy)
		a.Parameters = append(a.Parameters, q)
	}
	for _, x := range m.Actions {
		if x.Name == "" {
			continue
		}
		a.Actions = append(a.Actions, Action{
			Name: x.Name, Timeout: x.Timeout, Interval: x.Interval, Role: pacemaker.Role(x.Role), StartDelay: x.StartDelay,
			Depth: x.Depth, OnTarget: pacemaker.True(x.OnTarget), Automatic: pacemaker.True(x.Automatic),
		})
	}
}

// CanReload reports whether Pacemaker can apply a new value of the parameter
// without a restart: OCF 1.1 agents have reload-agent and mark parameters as
// reloadable; older ones have reload and mark what must not change as unique.
func (a *Agent) CanReload(param string) bool {
	p, ok := a.Parameter(param)
	if !ok {
		return false
	}
	if a.HasAction("reload-agent") {
		return p.Reloadable
	}
	return a.OCF == "1.0" && a.HasAction("reload") && !p.Unique
}
