package pcs

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statuses are one of two nodes as it is printed before 2.0.3 and from then on. The
// form that is tried belongs at one of the "@".
var statuses = map[string]string{
	"old": `Cluster name: lab
@warnings
Stack: corosync
Current DC: alpha (version 1.1.18-11.el7-2b07d5c5a9) - partition with quorum
Last updated: Mon Nov 23 03:20:31 2026
Last change: Mon Nov 23 03:20:00 2026 by root via cibadmin on alpha
@head

@counts

@nodes
Online: [ alpha beta ]

Full list of resources:

 vip	(ocf::heartbeat:IPaddr2):	Started alpha
@resources

@parts

Daemon Status:
  corosync: active/enabled
  pacemaker: active/enabled
  pcsd: active/enabled
@daemons
`,
	"new": `Cluster name: lab
@warnings
Cluster Summary:
  * Stack: corosync
  * Current DC: alpha (version 2.1.5-9.el9-a3f44794f94) - partition with quorum
  * Last updated: Mon Nov 23 03:20:31 2026
  * Last change:  Mon Nov 23 03:20:00 2026 by root via cibadmin on alpha
@counts
@head

Node List:
@nodes
  * Online: [ alpha beta ]

Full List of Resources:
  * vip	(ocf:heartbeat:IPaddr2):	 Started alpha
@resources

@parts

Daemon Status:
  corosync: active/enabled
  pacemaker: active/enabled
  pcsd: active/enabled
@daemons
`,
}

// inStatus puts a form in its place: one of those with a "@", or below its title
// behind the resources. A line of the head takes the place of the one of its kind.
func inStatus(style, place, form string) string {
	text := statuses[style]
	if place == "head" {
		for l := range strings.Lines(form) {
			key, _, ok := strings.Cut(l, ":")
			if number := strings.TrimLeft(l, " *"); isDigit(number[0]) {
				key, ok = "@counts", true
			}
			if at := strings.Index(text, "\n"+key); ok && at >= 0 {
				end := at + 1 + strings.Index(text[at+1:], "\n")
				text = text[:at] + text[end:]
			}
		}
	}
	if !strings.Contains(text, "@"+place+"\n") {
		place, form = "parts", place+"\n"+form
	}
	text = strings.Replace(text, "@"+place+"\n", form+"\n", 1)
	for _, p := range []string{"warnings", "head", "nodes", "resources", "parts", "daemons"} {
		text = strings.Replace(text, "@"+p+"\n", "", 1)
	}
	counted := func(nodes, resources int) string {
		lines := fmt.Sprintf("%d nodes configured\n%d resources configured", nodes, resources)
		if style == "new" {
			lines = fmt.Sprintf("  * %d nodes configured\n  * %d resource instances configured", nodes, resources)
		}
		return strings.Replace(text, "@counts", lines, 1)
	}
	nodes, resources := 2, 1 // and as many as the form adds
	if st, err := ParseStatus([]byte(counted(2, 1))); err == nil {
		nodes = len(st.Nodes)
		resources = countFunc(st.Resources, func(r Resource) bool { return r.Role != Untold && !r.Orphaned })
	}
	return counted(nodes, resources)
}

// What the releases print, line by line and from their sources, with what it adds
// to the model of a whole status. The files of testdata/forms have a part for
// each place: its "-- PLACE, STYLES --" names the title that the forms stand
// below, and the statuses that they are tried in. A form is a line or some; the
// lines behind it that begin with ">" are what it adds, or "> nothing". Lines
// that begin with "#" name its source.
func TestForms(t *testing.T) {
	for _, name := range glob(t, "testdata/forms/*.txtar") {
		ar := readArchive(t, name)
		tried := 0
		for i, p := range ar.parts {
			place, styles, _ := strings.Cut(p.name, ", ")
			var form, want []string
			var out strings.Builder
			flush := func() {
				if len(form) == 0 {
					return
				}
				tried++
				got := tryForm(t, place, strings.Fields(styles), form)
				if !*update && !slices.Equal(got, want) {
					t.Errorf("%s: below %s:\n%s\n(-want +got)\n%s", filepath.Base(name), place, strings.Join(form, "\n"), cmp.Diff(want, got))
				}
				for _, l := range got {
					out.WriteString("> " + l + "\n")
				}
				form, want = nil, nil
			}
			for l := range strings.Lines(p.data) {
				l = strings.TrimSuffix(l, "\n")
				if adds, ok := strings.CutPrefix(l, "> "); ok {
					want = append(want, adds)
					continue
				}
				if len(want) > 0 || l == "" || l[0] == '#' {
					flush()
				}
				out.WriteString(l + "\n")
				if l != "" && l[0] != '#' {
					form = append(form, l)
				}
			}
			flush()
			ar.parts[i].data = out.String()
		}
		if tried == 0 {
			t.Errorf("%s has no forms", name)
		}
		if *update {
			write(t, name, []byte(ar.String()))
		}
	}
}

// tryForm reads a form alone below its title, and in each of the statuses, and
// gives what it adds to their models, which has to be the same. Nodes and
// resources that are tried in both are written without what these print before.
func tryForm(t *testing.T, place string, styles, form []string) (adds []string) {
	t.Helper()
	for i, style := range styles {
		before := ""
		switch {
		case len(styles) == 1:
		case style == "new" && (place == "nodes" || place == "resources" || place == "head"):
			before = "  * "
		case place == "resources":
			before = " "
		}
		text := before + strings.Join(form, "\n"+before)
		got := added(t, place, inStatus(style, place, ""), inStatus(style, place, text))
		if i > 0 && !slices.Equal(got, adds) {
			t.Errorf("below %s:\n%s\nadds something else in the %s status:\n%s", place, text, style, cmp.Diff(adds, got))
		}
		adds = got
		title := place + "\n"
		switch place {
		case "nodes", "resources", "head", "warnings":
			title = ""
		case "daemons":
			title = "Daemon Status:\n"
		}
		alone := newReader(title + text + "\n")
		for {
			ln, ok := alone.lines.next()
			if !ok {
				break
			}
			alone.line(ln)
		}
		alone.flushAction()
		if st := alone.st; len(st.Unparsed)+len(st.Beside)+len(alone.preamble) > 0 {
			t.Errorf("below %s and alone:\n%s\nis left over: %v %v %v", place, text, st.Unparsed, st.Beside, alone.preamble)
		}
	}
	return adds
}

// added are the lines that describe the second status and not the first.
func added(t *testing.T, place, first, second string) (lines []string) {
	t.Helper()
	var said [2][]string
	for i, text := range []string{first, second} {
		st, err := ParseStatus([]byte(text))
		if err != nil {
			return []string{err.Error()}
		}
		checkModel(t, st)
		for l := range strings.Lines(describe(st)) {
			said[i] = append(said[i], strings.TrimSuffix(l, "\n"))
		}
	}
	for _, l := range said[1] {
		if !slices.Contains(said[0], l) && (!strings.HasPrefix(l, "counts ") || place == "head") {
			lines = append(lines, l)
		}
	}
	if lines == nil {
		return []string{"nothing"}
	}
	return lines
}
