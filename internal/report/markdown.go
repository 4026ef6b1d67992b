package report

import (
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// maxMarkdown is the size of a comment: GitHub takes 65536 characters.
const maxMarkdown = 60 << 10

const (
	maxUnfolded     = 25      // lines of a block that need not be folded
	maxMarkdownItem = 8 << 10 // of one change
	maxMarkdownList = 6 << 10 // of impact, of what is unmanaged, of findings
)

// PlanMarkdown writes a plan as a comment for a pull request: the sum first,
// details folded. It is never longer than maxMarkdown bytes, and says what it
// leaves out.
func PlanMarkdown(w io.Writer, p *plan.Plan) error {
	p = p.Public()
	head := &page{}
	head.line("### Plan for cluster ", mdCode(p.Cluster))
	head.line()
	head.line("**", strings.ReplaceAll(planSumMarkdown(p), "\n", " "), "**")
	head.line()
	head.line("From ", mdCode(p.Playbook), ", nodes ", mdCodes(p.Nodes, 40))
	if notices := attention(p); len(notices) > 0 {
		head.line()
		head.line("> [!WARNING]")
		for i, n := range notices {
			end := "\\"
			if i == len(notices)-1 {
				end = ""
			}
			head.line("> ", n.words, " ", mdCodes(n.names, 12), end)
		}
	}

	tail := &page{}
	tail.markdownImpact(p.Impact)
	tail.markdownUnmanaged(p.LeftAlone)
	if len(p.Findings) > 0 {
		tail.line()
		tail.line("#### Findings")
		tail.line()
		tail.markdownFindings(p.Findings)
	}

	const noteRoom = 300
	room := maxMarkdown - head.b.Len() - tail.b.Len() - noteRoom
	left := 0
	for _, sec := range fold(p) {
		left += head.markdownSection(sec, &room)
	}
	if left > 0 {
		tail.line()
		tail.line("**", count(left, "change"), " not shown, or not in full, for the size of a comment.** ",
			"All of it: ", mdCode("hadeploy plan -o json "+p.Playbook))
	}
	head.b.WriteString(tail.b.String())
	return head.to(w)
}

func planSumMarkdown(p *plan.Plan) string {
	if len(p.Changes) == 0 && countSeverity(p.Findings, plan.Error) == 0 {
		return "No changes. The cluster matches " + mdCode(p.Playbook) + "."
	}
	return planSum(p)
}

// markdownSection writes a folded block of changes as far as there is room, and
// returns how many were cut.
func (p *page) markdownSection(sec section, room *int) (cut int) {
	where := "In the cluster"
	if len(sec.nodes) > 0 {
		names, rest := some(sec.nodes, 40)
		where = "On " + htmlCodes(names) + rest
	}
	summary := fmt.Sprintf("<summary>%s: %s</summary>", where, count(sec.changes(), "change"))
	*room -= len(summary) + 120 // with fences and details
	per := max(1, len(sec.nodes))

	l := layout{width: 110, full: true, pairs: true}
	var lines []string
	sec.pcsOnce()
	notes := sec.footnotes()
	for i, n := range notes {
		*room -= len(n) + 20
		notes[i] = fmt.Sprintf("  (%d) %s", i+1, untilWhen(n))
	}
	for _, it := range sec.items {
		all := diffLines(l.item(it))
		text := shorten(all, min(*room, maxMarkdownItem))
		if len(text) < len(all) {
			cut += per * len(it.ids)
		}
		for _, t := range text {
			lines = append(lines, t)
			*room -= len(t) + 1
		}
	}
	if len(lines) == 0 {
		return cut
	}
	block := &page{}
	block.line()
	if len(lines) <= maxUnfolded {
		block.line("<details open>", summary)
	} else {
		block.line("<details>", summary)
	}
	block.line()
	block.fence("diff", append(lines, notes...))
	block.line()
	block.line("</details>")
	p.b.WriteString(block.b.String())
	return cut
}

// diffLines sets rows so that a highlighter of diffs sees their signs.
func diffLines(rows []row) []string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		switch {
		case r.depth == 0:
			lines[i] = r.sign + " " + r.text
		case r.sign == "" || r.sign == "~":
			lines[i] = "      " + r.text
		case r.sign == "@":
			lines[i] = "      " + r.sign + r.text
		case r.sign == "#":
			lines[i] = "      # " + r.text
		default:
			lines[i] = r.sign + "     " + r.text
		}
		lines[i] = guard(lines[i])
	}
	return lines
}

// shorten keeps the lines that fit into a number of bytes and says how many do
// not; nothing, when not even the first fits.
func shorten(lines []string, room int) []string {
	const note = 40
	used := 0
	for i, l := range lines {
		used += len(l) + 1
		rest := 0
		if i < len(lines)-1 {
			rest = note
		}
		if used+rest > room {
			if i == 0 {
				return nil
			}
			return append(lines[:i:i], fmt.Sprintf("      ... %s", count(len(lines)-i, "more line")))
		}
	}
	return lines
}

func (p *page) markdownImpact(impact []plan.Impact) {
	if len(impact) == 0 {
		return
	}
	p.line()
	p.line("#### What Pacemaker would do")
	p.line()
	p.line("| action | resource | |")
	p.line("|---|---|---|")
	end := p.b.Len() + maxMarkdownList
	for i, im := range flatten(byAction(impact)) {
		if p.b.Len() > end {
			p.line(fmt.Sprintf("| ... | and %d more | |", len(impact)-i))
			return
		}
		p.line("| ", mdText(im.Action), " | ", mdCell(im.Resource), " | ", mdCell(detail(im)), " |")
	}
}

func flatten(groups [][]plan.Impact) []plan.Impact {
	var out []plan.Impact
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

func (p *page) markdownUnmanaged(objects []plan.Object) {
	if len(objects) == 0 {
		return
	}
	p.line()
	p.line("#### Unmanaged (not in the playbook, left alone)")
	p.line()
	kinds, byKind := objectsByKind(objects)
	end := p.b.Len() + maxMarkdownList
	for i, k := range kinds {
		if p.b.Len() > end {
			p.line(fmt.Sprintf("- and %d kinds more", len(kinds)-i))
			return
		}
		p.line("- ", mdText(k), ": ", mdCodes(objectIDs(byKind[k]), 30))
	}
}

func (p *page) markdownFindings(findings []plan.Finding) {
	end := p.b.Len() + maxMarkdownList
	all := foldFindings(findings)
	for i, f := range all {
		if p.b.Len() > end {
			p.line(fmt.Sprintf("- and %d more", len(all)-i))
			return
		}
		about := append([]string{}, f.nodes...)
		if f.Object != "" {
			about = append(about, f.Object)
		}
		head := "- **" + mdText(string(f.Severity)) + "** " + mdCode(f.Code)
		if len(about) > 0 {
			head += " " + mdCodes(about, 20)
		}
		p.line(head, ": ", mdText(clip(f.Message, 2*maxValue)))
		for _, d := range [][2]string{{"expected", f.Expected}, {"seen", f.Seen}} {
			if d[1] != "" {
				p.line("  - ", d[0], " ", mdCode(d[1]))
			}
		}
		if f.Fix != "" {
			p.line("  - do: ", mdText(clip(f.Fix, 2*maxValue)))
		}
	}
}

// VerifyMarkdown writes a report as a comment.
func VerifyMarkdown(w io.Writer, r VerifyReport) error {
	out := &page{}
	switch {
	case r.OK:
		words, rest := r.howDeclared()
		out.line("### Cluster ", mdCode(r.Cluster), " ", words, rest)
	case r.State() == StateUnknown:
		out.line("### The state of cluster ", mdCode(r.Cluster), " is **not known**")
	default:
		out.line("### Cluster ", mdCode(r.Cluster), " is **not** as declared")
	}
	out.line()
	if c := r.counts(); c != "" {
		out.line("**", c, "**, after ", duration(r.Took))
	} else {
		out.line("Verified in ", duration(r.Took))
	}
	if len(r.Findings) > 0 {
		out.line()
		out.markdownFindings(r.Findings)
		out.line()
		out.line("Why it matters and how to mend it: ", mdCode("hadeploy verify --explain CODE"))
	}
	if well := r.well(); len(well) > 0 {
		out.line()
		checks, rest := some(well, 40)
		for _, c := range checks {
			out.line("- ok: ", mdText(clip(c, maxValue)))
		}
		if rest != "" {
			out.line("-", rest)
		}
	}
	for i, u := range r.unasked() {
		if i == 0 {
			out.line()
		}
		out.line("- not asked: ", mdCodes(u.names, 40), " (", mdText(clip(u.reason, maxValue)), ")")
	}
	return out.to(w)
}

// fence writes lines as a code block that none of them can end.
func (p *page) fence(lang string, lines []string) {
	longest := 0
	for _, l := range lines {
		longest = max(longest, longestRun(l))
	}
	ticks := strings.Repeat("`", max(3, longest+1))
	p.line(ticks, lang)
	for _, l := range lines {
		p.line(l)
	}
	p.line(ticks)
}

func longestRun(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// mdCode is text as inline code: nothing in it is Markdown, a mention or a link.
func mdCode(text string) string {
	text = Clean(clip(text, maxValue))
	if strings.TrimSpace(text) == "" {
		return "(empty)"
	}
	ticks := strings.Repeat("`", longestRun(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") ||
		strings.HasPrefix(text, " ") && strings.HasSuffix(text, " ") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// mdCell is mdCode within a table, where a pipe would end the cell even in code.
func mdCell(text string) string {
	if text == "" {
		return ""
	}
	return strings.ReplaceAll(mdCode(text), "|", `\|`)
}

func mdCodes(names []string, most int) string {
	names, rest := some(names, most)
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = mdCode(n)
	}
	return strings.Join(out, ", ") + rest
}

func htmlCodes(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = "<code>" + html.EscapeString(Clean(clip(n, maxValue))) + "</code>"
	}
	return strings.Join(out, ", ")
}

var mdSpecial = regexp.MustCompile("[\\\\`*_\\[\\]|~$#!^]")

// mdText is text as text: no markup, no HTML, and no mention, reference or
// link, which an empty comment breaks.
func mdText(text string) string {
	text = mdSpecial.ReplaceAllString(Clean(text), `\$0`)
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;",
		"@", "@<!-- -->", `\#`, `\#<!-- -->`, "://", ":<!-- -->//", "www.", "www<!-- -->.").Replace(text)
}

func objectIDs(objects []plan.Object) (ids []string) {
	for _, o := range objects {
		ids = append(ids, o.ID)
	}
	return ids
}
