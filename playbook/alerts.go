package playbook

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Alert is a program that Pacemaker runs on every node when something happens.
type Alert struct {
	ID, Path, Description string
	Options, Meta         Options
	// Select are the sorts of events: fencing, nodes, resources, attributes. None:
	// the first three.
	Select []string
	// Attributes are the node attributes whose changes count, none: all. Only where
	// attributes are selected.
	Attributes []string
	Recipients []Recipient
	Pos        diag.Pos
}

// Recipient is whom an alert is for; what that means is the program's.
type Recipient struct {
	ID                 string // empty: pcs's own
	Value, Description string
	Options, Meta      Options
}

// alerts: pcs takes each value once among the recipients of one alert.
func (l *loader) alerts(n *yamldoc.Node) (out []Alert) {
	for i, item := range items(n) {
		path := yamldoc.Path("alerts").Index(i)
		a := Alert{ID: text(item.Get("id")), Path: text(item.Get("path")), Description: text(item.Get("description")), Pos: l.doc.Pos(item),
			Options: l.options(item.Get("options"), path+".options"), Meta: l.options(item.Get("meta"), path+".meta"),
			Select: l.words(item.Get("select"), path+".select"), Attributes: l.words(item.Get("attributes"), path+".attributes")}
		l.declare(item.Get("id"), path+".id", &declared{kind: "alert"})
		if p := item.Get("path"); a.Path != "" && a.Path[0] != '/' {
			l.errorAt(l.doc.Pos(p), path+".path", "Pacemaker runs it on the nodes, from a folder of its own", "%s is no absolute path", quote(a.Path))
		}
		if at := item.Get("attributes"); at != nil && !slices.Contains(a.Select, "attributes") {
			l.errorAt(l.doc.Pos(at), path+".attributes", "add attributes to select", "node attributes are named, and their changes are not selected")
		}
		a.Recipients = l.recipients(item.Get("recipients"), path+".recipients")
		out = append(out, a)
	}
	return out
}

func (l *loader) recipients(n *yamldoc.Node, path yamldoc.Path) (out []Recipient) {
	lines := map[string]int{}
	for i, item := range items(n) {
		at := path.Index(i)
		value := item.Get("value")
		l.declare(item.Get("id"), at+".id", &declared{kind: "recipient"})
		if line := lines[text(value)]; line > 0 {
			l.errorAt(l.doc.Pos(value), at+".value", "remove it", "the alert has the recipient %s already, on line %d", quote(text(value)), line)
			continue
		}
		lines[text(value)] = l.doc.Pos(value).Line
		out = append(out, Recipient{ID: text(item.Get("id")), Value: text(value), Description: text(item.Get("description")),
			Options: l.options(item.Get("options"), at+".options"), Meta: l.options(item.Get("meta"), at+".meta")})
	}
	return out
}

// words are the entries of a list, each once.
func (l *loader) words(n *yamldoc.Node, path yamldoc.Path) (out []string) {
	for i, item := range items(n) {
		if slices.Contains(out, text(item)) {
			l.errorAt(l.doc.Pos(item), path.Index(i), "remove it", "%s is named already", text(item))
			continue
		}
		out = append(out, text(item))
	}
	return out
}
