package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/steps"
)

// AgentDescription is what an agent says of itself, and where it is.
type AgentDescription struct {
	*agent.Agent
	Nodes   []string          // where it is so
	Lacking []string          // nodes that have it not
	Others  []AgentVersion    // where it is another version
	Unread  []steps.NodeError // nodes that did not tell
}

// AgentVersion is an agent that differs from the one that is shown.
type AgentVersion struct {
	Nodes       []string `json:"nodes"`
	Differences []string `json:"differences"`
}

// What is shown of an agent without --full.
const (
	proseLines = 24       // of the long description
	proseBytes = 64 << 10 // of any description, always
)

// AgentText writes a description for people. Full has deprecated and advanced
// options and each option's long description too.
func AgentText(w io.Writer, s Style, d AgentDescription, full bool) error {
	p := &agentPage{page: page{Style: s}, AgentDescription: d, full: full}
	p.head()
	p.about()
	p.options()
	p.actions()
	p.line()
	p.line(p.paint(bold, "In a playbook"))
	for _, l := range cleanLines(d.Example()) {
		p.line("  ", l)
	}
	return p.to(w)
}

type agentPage struct {
	page
	AgentDescription
	full bool
}

func (p *agentPage) head() {
	text := p.paint(bold, Clean(clip(p.Name, maxValue)))
	if short := Clean(clip(joined(p.ShortDesc), 2*maxValue)); short != "" {
		text += " - " + short
	}
	p.flowed("", text)
	p.line("  on ", strings.Join(cleaned(p.Nodes), ", "), "; written for OCF ", Clean(p.OCF))
	if len(p.Lacking) > 0 {
		p.flowed("! ", "not on "+strings.Join(cleaned(p.Lacking), ", "))
	}
	for _, o := range p.Others {
		p.flowed("! ", "another version on "+strings.Join(cleaned(o.Nodes), ", ")+":")
		for i, l := range o.Differences {
			if !p.full && i == foldedPattern && len(o.Differences) > i+1 {
				p.line("    ", fmt.Sprintf("... %d more: --full", len(o.Differences)-i))
				break
			}
			p.under(4, Clean(clip(l, maxValue)))
		}
	}
	for _, e := range p.Unread {
		p.flowed("! ", Clean(clip(e.Error(), 2*maxValue)))
	}
	for _, l := range p.Warnings {
		p.flowed("! ", Clean(clip(l, maxValue)))
	}
}

// under sets a text into lines that begin in a column.
func (p *page) under(column int, text string) {
	for _, l := range flow(strings.Fields(text), p.width()-column, p.width()-column) {
		p.line(strings.Repeat(" ", column), l)
	}
}

func (p *agentPage) about() {
	if joined(p.LongDesc) == "" || joined(p.LongDesc) == joined(p.ShortDesc) {
		return
	}
	lines := prose(p.LongDesc, p.width()-2)
	p.line()
	for i, l := range lines {
		if !p.full && i == proseLines && len(lines) > proseLines+2 {
			p.line("  ... ", count(len(lines)-i, "more line"), ": --full")
			break
		}
		p.line("  ", l)
	}
}

// optionColumns are the widths of the table of options.
type optionColumns struct{ name, typ, def, text int }

func (p *agentPage) columns(shown []agent.Parameter) optionColumns {
	c := optionColumns{name: cells("OPTION"), typ: cells("TYPE"), def: cells("DEFAULT")}
	widest := 16 // of a default in its own column
	if p.width() < 100 {
		widest = 10
	}
	for _, o := range shown {
		c.name = max(c.name, min(cells(Clean(o.Name)), 28))
		c.typ = max(c.typ, min(cells(Clean(o.Type)), 10))
		if n := cells(Clean(o.Default)); n <= widest {
			c.def = max(c.def, n)
		}
	}
	c.text = p.width() - 2 - c.name - 2 - c.typ - 2 - c.def - 2
	if c.text < 32 { // then a default stands in the text
		c.text += c.def + 2
		c.def = 0
	}
	return c
}

func (p *agentPage) options() {
	all := p.Options()
	p.line()
	if len(all) == 0 {
		p.line(p.paint(bold, "Options"), ": none")
		return
	}
	var shown []agent.Parameter
	deprecated, advanced := 0, 0
	for _, o := range all {
		switch {
		case p.full || o.Required || !o.Deprecated && !o.Advanced:
			shown = append(shown, o)
		case o.Deprecated:
			deprecated++
		default:
			advanced++
		}
	}
	head := p.paint(bold, "Options")
	if slices.ContainsFunc(shown, func(o agent.Parameter) bool { return o.Required }) {
		head += " (* is required)"
	}
	p.line(head)
	c := p.columns(shown)
	titles := "  " + pad("OPTION", c.name) + "  " + pad("TYPE", c.typ) + "  "
	if c.def > 0 {
		titles += pad("DEFAULT", c.def) + "  "
	}
	p.line(titles, "MEANING")
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
		p.under(2, "Not shown: "+strings.Join(hidden, ", ")+"; --full shows them, and the long descriptions.")
	}
	if strings.HasPrefix(p.Name, "stonith:") {
		p.under(2, "Pacemaker gives every fencing device options of its own: pcmk_host_list, pcmk_host_map, pcmk_delay_max and others (man pacemaker-fenced).")
	}
}

// option is one row, with what does not fit below.
func (p *agentPage) option(o agent.Parameter, c optionColumns) {
	sign := "  "
	if o.Required {
		sign = p.paint(yellow, "*") + " "
	}
	name, typ, def := Clean(clip(o.Name, maxValue)), fit(Clean(o.Type), 10), Clean(clip(o.Default, maxValue))
	text := Clean(clip(joined(o.ShortDesc), 4*maxValue))
	below := p.full && joined(o.LongDesc) != joined(o.ShortDesc)
	if text == "" {
		text, below = Clean(clip(joined(o.LongDesc), maxValue)), below && len(o.LongDesc) > maxValue
	}
	var notes []string
	if def != "" && (c.def == 0 || cells(def) > c.def) {
		notes, def = append(notes, "default "+def), ""
	}
	if len(o.Enum) > 0 {
		notes = append(notes, "one of "+Clean(clip(strings.Join(o.Enum, ", "), 2*maxValue)))
	}
	for _, n := range []struct {
		is   bool
		text string
	}{{o.Unique, "unique"}, {o.Reloadable, "reloadable"}, {o.Advanced, "advanced"}, {o.Deprecated && len(o.DeprecatedBy) == 0, "deprecated"},
		{o.Deprecated && len(o.DeprecatedBy) > 0, "deprecated, use " + Clean(strings.Join(o.DeprecatedBy, " or "))}} {
		if n.is {
			notes = append(notes, n.text)
		}
	}
	words := strings.Fields(text)
	if len(notes) > 0 {
		for _, w := range strings.Fields("(" + strings.Join(notes, "; ") + ")") {
			words = append(words, p.paint(dim, w))
		}
	}
	left := pad(name, c.name) + "  " + pad(typ, c.typ) + "  "
	if c.def > 0 {
		left += pad(def, c.def) + "  "
	}
	indent := 2 + c.name + 2 + c.typ + 2
	if c.def > 0 {
		indent += c.def + 2
	}
	if cells(name) > c.name { // a very long name has a line of its own
		p.line(sign, fit(name, p.width()-2))
		sign, left = "  ", strings.Repeat(" ", c.name)+left[len(name):]
	}
	for i, l := range flow(words, c.text, c.text) {
		if i == 0 {
			p.line(sign, left, l)
		} else {
			p.line(strings.Repeat(" ", indent), l)
		}
	}
	if below {
		for _, l := range prose(o.LongDesc, p.width()-8) {
			p.line("        ", l)
		}
	}
}

// actions is a table of the columns that the agent fills.
func (p *agentPage) actions() {
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
			rows[i+1][j] = Clean(clip(v, 60))
			widths[j] = max(widths[j], cells(rows[i+1][j]))
		}
	}
	p.line()
	p.line(p.paint(bold, "Actions"), ", with what the agent advises")
	for _, row := range rows {
		line := ""
		for j, v := range row {
			if widths[j] > 0 {
				line += "  " + pad(v, max(widths[j], cells(rows[0][j])))
			}
		}
		p.line(line)
	}
}

// joined is a text as one line of words.
func joined(text string) string { return strings.Join(strings.Fields(text), " ") }

// prose sets a long description: paragraphs are set anew, and what is indented
// or a list is left in its lines.
func prose(text string, width int) (out []string) {
	text = strings.ReplaceAll(strings.ReplaceAll(clip(text, proseBytes), "\r\n", "\n"), "\t", "    ")
	lines := cleanLines(strings.Trim(text, "\n"))
	dedent(lines)
	var paragraph []string
	end := func() {
		if len(paragraph) > 0 {
			out = append(out, flow(strings.Fields(strings.Join(paragraph, " ")), width, width)...)
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
			for i, part := range flow(strings.Split(bare, " "), width-indent, width-indent-2) {
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
