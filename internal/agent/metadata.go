package agent

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/playbook"
)

const maxMetadataBytes = 1 << 20

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
			Required: pacemaker.True(p.Required), Unique: pacemaker.True(p.Unique) || p.UniqueIn != "", UniqueGroup: p.UniqueIn, Reloadable: pacemaker.True(p.Reloadable),
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

var (
	// retired are the words with which agents say of themselves that they are
	// deprecated: those of resource-agents begin their description with them.
	retired = regexp.MustCompile(`(?i)^\s*(deprecation warning\b|(note:? )?(this|the) (resource )?agent is (now )?(deprecated|obsolete))`)
	// inShort finds it in a short description: "... (deprecated)".
	inShort = regexp.MustCompile(`(?i)\b(deprecated|obsolete)\b`)
	// otherAgent is the name of an agent within a text.
	otherAgent = regexp.MustCompile(`\bocf:+[A-Za-z0-9_.-]+:[A-Za-z0-9_-]+|\bfence_[A-Za-z0-9_]+`)
)

// nearWarning is how far behind the warning an agent is still named as part of
// it, and not for another reason.
const nearWarning = 400

// fillDeprecated reads whether an agent is deprecated: by the element that
// parameters have too, or in words.
func (a *Agent) fillDeprecated(m *metadata) {
	if m.Deprecated != nil {
		a.Deprecated = true
		for _, by := range m.Deprecated.By {
			a.DeprecatedBy = by.Name
		}
	}
	long := retired.MatchString(a.LongDesc)
	if !long && !inShort.MatchString(a.ShortDesc) {
		return
	}
	a.Deprecated = true
	if !long || a.DeprecatedBy != "" {
		return
	}
	text := a.LongDesc[:min(len(a.LongDesc), nearWarning)]
	// resource-agents ends the warning with a dash, and the description follows.
	text, _, _ = strings.Cut(text, "--")
	for _, name := range otherAgent.FindAllString(text, -1) {
		if playbook.ParseAgent(name) != playbook.ParseAgent(a.Name) {
			a.DeprecatedBy = name
			return
		}
	}
}
