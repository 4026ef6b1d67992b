package agentreport

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// Description is what an agent says of itself, and where it is.
type Description struct {
	*agent.Agent
	Nodes   []string          // where it is so
	Lacking []string          // nodes that have it not
	Others  []Version         // where it is another version
	Unread  []steps.NodeError // nodes that did not tell
	Full    bool              // whether the text has all options and descriptions
}

// Version is an agent that differs from the one that is shown.
type Version struct {
	Nodes       []string `json:"nodes"`
	Differences []string `json:"differences"`
}

// What is shown of an agent without --full.
const (
	proseLines = 24       // of the long description
	proseBytes = 64 << 10 // of any description, always
)

// DescriptionText writes a description for people. Full has deprecated and advanced
// options and each option's long description too.
func DescriptionText(w io.Writer, s term.Style, d Description) error {
	p := &descriptionPage{Page: term.Page{Style: s}, Description: d}
	p.head()
	p.about()
	p.options()
	p.actions()
	p.Line()
	p.Line(p.Paint(term.Bold, "In a playbook"))
	for _, l := range term.CleanLines(d.Example()) {
		p.Line("  ", l)
	}
	return p.To(w)
}

type descriptionPage struct {
	term.Page
	Description
}

func (p *descriptionPage) head() {
	text := p.Paint(term.Bold, term.Clean(term.Clip(p.Name, term.MaxValue)))
	if short := term.Clean(term.Clip(joined(p.ShortDesc), 2*term.MaxValue)); short != "" {
		text += " - " + short
	}
	p.Flowed("", text)
	p.Line("  on ", strings.Join(term.Cleaned(p.Nodes), ", "), "; written for OCF ", term.Clean(p.OCF))
	if len(p.Lacking) > 0 {
		p.Flowed("! ", "not on "+strings.Join(term.Cleaned(p.Lacking), ", "))
	}
	for _, o := range p.Others {
		p.Flowed("! ", "another version on "+strings.Join(term.Cleaned(o.Nodes), ", ")+":")
		for i, l := range o.Differences {
			if !p.Full && i == foldedPattern && len(o.Differences) > i+1 {
				p.Line("    ", fmt.Sprintf("... %d more: --full", len(o.Differences)-i))
				break
			}
			p.Under(4, term.Clean(term.Clip(l, term.MaxValue)))
		}
	}
	for _, e := range p.Unread {
		p.Flowed("! ", term.Clean(term.Clip(e.Error(), 2*term.MaxValue)))
	}
	for _, l := range p.Warnings {
		p.Flowed("! ", term.Clean(term.Clip(l, term.MaxValue)))
	}
}

func (p *descriptionPage) about() {
	if joined(p.LongDesc) == "" || joined(p.LongDesc) == joined(p.ShortDesc) {
		return
	}
	lines := prose(p.LongDesc, p.Columns()-2)
	p.Line()
	for i, l := range lines {
		if !p.Full && i == proseLines && len(lines) > proseLines+2 {
			p.Line("  ... ", plural.Of(len(lines)-i, "more line"), ": --full")
			break
		}
		p.Line("  ", l)
	}
}

// optionColumns are the widths of the table of options.
type optionColumns struct{ name, typ, def, text int }

func (p *descriptionPage) columns(shown []agent.Parameter) optionColumns {
	c := optionColumns{name: term.Cells("OPTION"), typ: term.Cells("TYPE"), def: term.Cells("DEFAULT")}
	widest := 16 // of a default in its own column
	if p.Columns() < 100 {
		widest = 10
	}
	for _, o := range shown {
		c.name = max(c.name, min(term.Cells(term.Clean(o.Name)), 28))
		c.typ = max(c.typ, min(term.Cells(term.Clean(o.Type)), 10))
		if n := term.Cells(term.Clean(o.Default)); n <= widest {
			c.def = max(c.def, n)
		}
	}
	c.text = p.Columns() - 2 - c.name - 2 - c.typ - 2 - c.def - 2
	if c.text < 32 { // then a default stands in the text
		c.text += c.def + 2
		c.def = 0
	}
	return c
}

func (p *descriptionPage) options() {
	all := p.Options()
	p.Line()
	if len(all) == 0 {
		p.Line(p.Paint(term.Bold, "Options"), ": none")
		return
	}
	var shown []agent.Parameter
	deprecated, advanced := 0, 0
	for _, o := range all {
		switch {
		case p.Full || o.Required || !o.Deprecated && !o.Advanced:
			shown = append(shown, o)
		case o.Deprecated:
			deprecated++
		default:
			advanced++
		}
	}
	head := p.Paint(term.Bold, "Options")
	if slices.ContainsFunc(shown, func(o agent.Parameter) bool { return o.Required }) {
		head += " (* is required)"
	}
	p.Line(head)
	c := p.columns(shown)
	titles := "  " + term.Pad("OPTION", c.name) + "  " + term.Pad("TYPE", c.typ) + "  "
	if c.def > 0 {
		titles += term.Pad("DEFAULT", c.def) + "  "
	}
	p.Line(titles, "MEANING")
	for _, o := range shown {
		p.option(o, c)
	}
	var hidden []string
	if deprecated > 0 {
		hidden = append(hidden, fmt.Sprintf("%d deprecated", deprecated))
	}
	if advanced > 0 {
		hidden = append(hidden, fmt.Sprintf("%d advanced", advanced))
	}
	if len(hidden) > 0 {
		p.Under(2, "Not shown: "+strings.Join(hidden, ", ")+"; --full shows them, and the long descriptions.")
	}
	if strings.HasPrefix(p.Name, "stonith:") {
		p.Under(2, "Pacemaker gives every fencing device options of its own: pcmk_host_list, pcmk_host_map, pcmk_delay_max and others (man pacemaker-fenced).")
	}
}

// option is one row, with what does not fit below.
func (p *descriptionPage) option(o agent.Parameter, c optionColumns) {
	sign := "  "
	if o.Required {
		sign = p.Paint(term.Yellow, "*") + " "
	}
	name, typ, def := term.Clean(term.Clip(o.Name, term.MaxValue)), term.Fit(term.Clean(o.Type), 10), term.Clean(term.Clip(o.Default, term.MaxValue))
	text := term.Clean(term.Clip(joined(o.ShortDesc), 4*term.MaxValue))
	below := p.Full && joined(o.LongDesc) != joined(o.ShortDesc)
	if text == "" {
		text, below = term.Clean(term.Clip(joined(o.LongDesc), term.MaxValue)), below && len(o.LongDesc) > term.MaxValue
	}
	var notes []string
	if def != "" && (c.def == 0 || term.Cells(def) > c.def) {
		notes, def = append(notes, "default "+def), ""
	}
	if len(o.Enum) > 0 {
		notes = append(notes, "one of "+term.Clean(term.Clip(strings.Join(o.Enum, ", "), 2*term.MaxValue)))
	}
	for _, n := range []struct {
		is   bool
		text string
	}{{o.Unique, "unique"}, {o.Reloadable, "reloadable"}, {o.Advanced, "advanced"}, {o.Deprecated && len(o.DeprecatedBy) == 0, "deprecated"},
		{o.Deprecated && len(o.DeprecatedBy) > 0, "deprecated, use " + term.Clean(strings.Join(o.DeprecatedBy, " or "))}} {
		if n.is {
			notes = append(notes, n.text)
		}
	}
	words := strings.Fields(text)
	if len(notes) > 0 {
		for _, w := range strings.Fields("(" + strings.Join(notes, "; ") + ")") {
			words = append(words, p.Paint(term.Dim, w))
		}
	}
	left := term.Pad(name, c.name) + "  " + term.Pad(typ, c.typ) + "  "
	if c.def > 0 {
		left += term.Pad(def, c.def) + "  "
	}
	indent := 2 + c.name + 2 + c.typ + 2
	if c.def > 0 {
		indent += c.def + 2
	}
	if term.Cells(name) > c.name { // a very long name has a line of its own
		p.Line(sign, term.Fit(name, p.Columns()-2))
		sign, left = "  ", strings.Repeat(" ", c.name)+left[len(name):]
	}
	for i, l := range term.Flow(words, c.text, c.text) {
		if i == 0 {
			p.Line(sign, left, l)
		} else {
			p.Line(strings.Repeat(" ", indent), l)
		}
	}
	if below {
		for _, l := range prose(o.LongDesc, p.Columns()-8) {
			p.Line("        ", l)
		}
	}
}

// actions is a table of the columns that the agent fills.
func (p *descriptionPage) actions() {
	if len(p.Actions) == 0 {
		return
	}
	rows := [][]string{{"ACTION", "TIMEOUT", "INTERVAL", "ROLE", "DEPTH", "START-DELAY"}}
	for _, x := range p.Actions {
		rows = append(rows, []string{x.Name, x.Timeout, x.Interval, x.Role, x.Depth, x.StartDelay})
	}
	widths := make([]int, len(rows[0]))
	for i, row := range rows[1:] {
		for j, v := range row {
			if v == "0" && j > 1 {
				v = "" // as good as not given
			}
			rows[i+1][j] = term.Clean(term.Clip(v, 60))
			widths[j] = max(widths[j], term.Cells(rows[i+1][j]))
		}
	}
	p.Line()
	p.Line(p.Paint(term.Bold, "Actions"), ", with what the agent advises")
	for _, row := range rows {
		line := ""
		for j, v := range row {
			if widths[j] > 0 {
				line += "  " + term.Pad(v, max(widths[j], term.Cells(rows[0][j])))
			}
		}
		p.Line(line)
	}
}

// joined is a text as one line of words.
func joined(text string) string { return strings.Join(strings.Fields(text), " ") }

// prose sets a long description: paragraphs are set anew, and what is indented
// or a list is left in its lines.
func prose(text string, width int) (out []string) {
	text = strings.ReplaceAll(strings.ReplaceAll(term.Clip(text, proseBytes), "\r\n", "\n"), "\t", "    ")
	lines := term.CleanLines(strings.Trim(text, "\n"))
	dedent(lines)
	var paragraph []string
	end := func() {
		if len(paragraph) > 0 {
			out = append(out, term.Flow(strings.Fields(strings.Join(paragraph, " ")), width, width)...)
			paragraph = nil
		}
	}
	for _, l := range lines {
		bare := strings.TrimLeft(l, " ")
		switch indent := min(len(l)-len(bare), width/2); {
		case bare == "":
			end()
			if len(out) > 0 && out[len(out)-1] != "" {
				out = append(out, "")
			}
		case indent > 0 || strings.HasPrefix(bare, "- ") || strings.HasPrefix(bare, "* "):
			end()
			for i, part := range term.Flow(strings.Split(bare, " "), width-indent, width-indent-2) {
				if i > 0 {
					part = "  " + part
				}
				out = append(out, strings.Repeat(" ", indent)+part)
			}
		default:
			paragraph = append(paragraph, bare)
		}
	}
	end()
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// dedent takes away the indentation that all lines have; the first one has lost
// its own, unless it announces what is indented below.
func dedent(lines []string) {
	common := -1
	for i, l := range lines {
		bare := strings.TrimLeft(l, " ")
		if bare == "" || i == 0 && bare == l && !strings.HasSuffix(l, ":") {
			continue
		}
		if n := len(l) - len(bare); common < 0 || n < common {
			common = n
		}
	}
	for i, l := range lines {
		bare := strings.TrimLeft(l, " ")
		lines[i] = l[min(max(common, 0), len(l)-len(bare)):]
	}
}
