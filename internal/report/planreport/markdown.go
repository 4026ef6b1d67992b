package planreport

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Markdown writes a plan as a comment for a pull request: the verdict, what
// is dangerous, a row for each object, and folded, all of it in full. It is
// never longer than markdown.MaxComment bytes. What is read first is cut last, and the
// comment says what was cut.
func Markdown(w io.Writer, _ term.Style, r Report) error {
	p := r.Public()
	top, foot := &term.Page{}, &term.Page{}
	top.Line(Marker(p.Cluster))
	top.Line("### ", verdict(p))
	top.Line()
	top.Line("Cluster ", markdown.Code(p.Cluster), ", nodes ", markdown.Codes(clipped(p.Nodes), 20), ", from ", markdown.Code(p.Playbook))
	footer(foot, p.Made, p.CIB)

	// In the order of importance; each takes what the ones before have left.
	rest := &room{left: markdown.MaxComment - top.Size() - foot.Size() - 1500} // for the note of what was cut
	caution := cautionMarkdown(p, rest)
	warnings := warningsMarkdown(p.Findings, rest)
	sections := fold(p)
	table := tableMarkdown(p, sections, rest)
	alone := leftAloneMarkdown(p.LeftAlone, rest)
	impact := impactMarkdown(p.Impact, rest)
	infos := infosMarkdown(p.Findings, rest)
	full := fullMarkdown(sections, rest)

	join(top, caution, warnings)
	if len(rest.cut) > 0 {
		top.Line()
		top.Line("**Cut to the size of a comment:** ", strings.Join(rest.cut, "; "), ". All of it: ",
			markdown.Code("hadeploy show --full"), " with the saved plan, or ", markdown.Code("hadeploy plan --full "+term.Clip(p.Playbook, maxName)))
	}
	join(top, table, impact, alone, infos, full, foot)
	return top.To(w)
}

// Marker is the first line of a plan's comment, which does not show. By it a
// program finds the comment again, to put a newer plan in its place.
func Marker(cluster string) string {
	return "<!-- hadeploy plan: " + cmp.Or(unmarked.ReplaceAllString(term.Clip(cluster, maxName), "_"), "_") + " -->"
}

// unmarked is what a cluster cannot be called, the end of a comment among it.
var unmarked = regexp.MustCompile(`[^A-Za-z0-9._-]`)

// join appends what is not empty, each after an empty line.
func join(p *term.Page, parts ...*term.Page) {
	for _, part := range parts {
		if part.Size() > 0 {
			p.Line()
			p.Add(part.Text())
		}
	}
}

// verdict says in one line what a plan comes to.
func verdict(p *plan.Plan) string {
	if len(p.Changes) == 0 {
		if n := findings.Count(p.Findings, plan.Error); n > 0 {
			return fmt.Sprintf("No changes, but %s to be looked at", plural.Of(n, "error"))
		}
		if n := factsUnread(p); n > 0 {
			return fmt.Sprintf("Nothing differs of what could be read; %s could not be read", plural.Of(n, "fact"))
		}
		return "No changes: the cluster matches " + markdown.Code(p.Playbook)
	}
	return countsInWords(p)
}

// severest orders interruptions by what they cost.
var severest = []string{plan.Fenced, plan.Stops, plan.Restarts, plan.Moves, plan.Demotes}

// cautionMarkdown is an alert that names what stops, where and why, and what
// is deleted.
func cautionMarkdown(p *plan.Plan, r *room) *term.Page {
	var lines []string
	outage, removed := &changed{}, &changed{}
	for _, c := range p.Changes {
		if c.Disruption == plan.Outage {
			outage.add(c)
		}
		if c.Action == plan.Delete && c.Unknown == "" {
			removed.add(c)
		}
	}
	if outage.list != nil {
		lines = append(lines, ln("> **The whole cluster has to stop**, and apply refuses that, for ", outage.markdown()), ln(">"))
	}
	stops := plan.ByWhat(p.Interruptions)
	slices.SortStableFunc(stops, func(a, b plan.Interrupted) int {
		rank := func(how string) int { return cmp.Or(slices.Index(severest, how)+1, len(severest)+1) }
		return rank(a.How) - rank(b.How)
	})
	if len(stops) > 0 {
		lines = append(lines, ln("> **Interrupted**, if only for a moment:"))
	}
	for _, i := range stops {
		lines = append(lines, ln("> - ", interruptedMarkdown(i)))
	}
	if names := allowMarkdown(p.Interruptions); names != "" {
		lines = append(lines, ln(">"), ln("> ", markdown.Code("apply --yes"), " does this only with ", names))
	}
	if removed.list != nil {
		lines = append(lines, ln(">"), ln("> **Deleted**: ", removed.markdown()))
	}
	out := &term.Page{}
	written := r.fill(out, maxAlert, ln("> [!CAUTION]"), lines, "")
	r.lost(len(lines)-written, "line", "of the caution")
	return out
}

func interruptedMarkdown(i plan.Interrupted) string {
	text := markdown.Code(term.Clip(i.What, maxName)) + " **" + markdown.Text(term.Clip(i.How, maxName)) + "**"
	if len(i.Nodes) > 0 {
		text += " on " + markdown.Codes(clipped(i.Nodes), 8)
	}
	if i.Why != "" {
		text += ": " + markdown.Text(term.Clip(i.Why, 2*maxName))
	}
	return text
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@:-]*$`)

// allowMarkdown is the flag that allows the interruptions of a plan, for a
// reviewer to copy; empty when there is none, or a name that no shell takes as
// it is.
func allowMarkdown(all []plan.Interruption) string {
	names := InterruptedNames(all)
	for _, n := range names {
		if !plainName.MatchString(n) {
			return ""
		}
	}
	if len(names) == 0 || len(names) > 10 {
		return ""
	}
	return markdown.Code("--allow-disruption=" + strings.Join(names, ","))
}

// changed are objects, each with the nodes where it is.
type changed struct {
	list  []string
	nodes map[string][]string
}

func (n *changed) add(c plan.Change) {
	name := strings.TrimSpace(term.Clip(c.Kind+" "+c.ID, maxName))
	if n.nodes == nil {
		n.nodes = map[string][]string{}
	}
	if _, known := n.nodes[name]; !known {
		n.list = append(n.list, name)
		n.nodes[name] = nil
	}
	if c.Node != "" {
		n.nodes[name] = append(n.nodes[name], c.Node)
	}
}

func (n *changed) markdown() string {
	list, rest := term.Some(n.list, 20)
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = markdown.Code(name)
		if on := n.nodes[name]; on != nil {
			out[i] += " on " + markdown.Codes(clipped(on), 8)
		}
	}
	return strings.Join(out, ", ") + rest
}

// warningsMarkdown lists all findings that are more than information.
func warningsMarkdown(all []plan.Finding, r *room) *term.Page {
	out := &term.Page{}
	list := slices.DeleteFunc(findings.Fold(all), func(f findings.Shared) bool { return f.Severity == plan.Info })
	title := "#### Warnings\n\n"
	if findings.Count(all, plan.Error) > 0 {
		title = "#### Errors and warnings\n\n"
	}
	r.lost(findingList(out, list, maxWarnings, title, "", r), "finding", "not told")
	return out
}

func infosMarkdown(all []plan.Finding, r *room) *term.Page {
	out := &term.Page{}
	infos := slices.DeleteFunc(findings.Fold(all), func(f findings.Shared) bool { return f.Severity != plan.Info })
	begin := "<details>\n<summary>For information: " + plural.Of(len(infos), "finding") + "</summary>\n\n"
	r.lost(findingList(out, infos, maxFolded, begin, "\n</details>\n", r), "finding", "for information")
	return out
}

// findingList fills a part with findings and returns how many were cut.
func findingList(p *term.Page, list []findings.Shared, limit int, begin, end string, r *room) (cut int) {
	lines := make([]string, len(list))
	for i, f := range list {
		lines[i] = findings.Markdown(f)
	}
	return len(lines) - r.fill(p, limit, begin, lines, end)
}

// impactMarkdown is what Pacemaker would do, folded: its interruptions stand in
// the caution.
func impactMarkdown(impact []plan.Impact, r *room) *term.Page {
	var lines, sums []string
	for _, group := range byAction(impact) {
		sums = append(sums, fmt.Sprintf("%d %s", len(group), markdown.HTMLCode(term.Clip(group[0].Action, maxName))))
		for _, im := range group {
			lines = append(lines, ln("| ", markdown.Text(term.Clip(im.Action, maxName)), " | ", markdown.Cell(im.Resource), " | ", markdown.Cell(detail(im)), " |"))
		}
	}
	sums, rest := term.Some(sums, 10)
	out := &term.Page{}
	n := r.fill(out, maxFolded, "<details>\n<summary>What Pacemaker would do: "+strings.Join(sums, ", ")+rest+"</summary>\n\n| action | resource | |\n|---|---|---|\n",
		lines, "\n</details>\n")
	r.lost(len(lines)-n, "action", "of Pacemaker")
	return out
}

// leftAloneMarkdown lists what the playbook does not declare, by kind.
func leftAloneMarkdown(objects []plan.Object, r *room) *term.Page {
	const mostOfAKind = 40
	kinds, byKind := objectsByKind(objects)
	var lines []string
	var shown []int // how many objects a line shows
	for _, k := range kinds {
		some := byKind[k][:min(len(byKind[k]), mostOfAKind)]
		words := make([]string, len(some))
		for i, o := range some {
			words[i] = objectMarkdown(o)
		}
		rest := ""
		if n := len(byKind[k]) - len(some); n > 0 {
			rest = fmt.Sprintf(" and %d more", n)
		}
		lines = append(lines, ln("- ", markdown.Text(term.Clip(k, maxName)), ": ", strings.Join(words, ", "), rest))
		shown = append(shown, len(some))
	}
	out := &term.Page{}
	written := r.fill(out, maxFolded, "#### Not in the playbook, left alone\n\n", lines, "")
	left := len(objects)
	for _, n := range shown[:written] {
		left -= n
	}
	r.lost(left, "object", "left alone")
	return out
}

func objectMarkdown(o plan.Object) string {
	text := markdown.Code(term.Clip(o.ID, maxName))
	if o.Value != "" {
		text += " = " + markdown.Code(term.Clip(o.Value, maxName))
	}
	if o.Why != "" {
		text += " (" + markdown.Text(term.Clip(o.Why, maxName)) + ")"
	}
	return text
}

// footer says what made the plan, when, and of what.
func footer(p *term.Page, m plan.Made, cib string) {
	words := []string{"hadeploy"}
	if m.Hadeploy != "" {
		words[0] += " " + markdown.Code(term.Clip(m.Hadeploy, maxName))
	}
	for _, w := range [][2]string{{"commit", m.Commit}, {"at", m.Time}, {"CIB", cib}} {
		if w[1] != "" {
			words = append(words, w[0]+" "+markdown.Code(term.Clip(w[1], maxName)))
		}
	}
	p.Line("<sub>", strings.Join(words, ", "), "</sub>")
}
