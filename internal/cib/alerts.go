package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// alerts are programs that Pacemaker runs when something happens. A declared one
// belongs to the file as a whole, with its options and recipients.
var alerts = &kind{
	word: "alert", section: "alerts", tag: "alert",
	want: wantAlerts, match: byID, write: writeAlert, pcs: pcsAlert,
	text: func(_ *editor, x *etree.Element) string { return attr(x, "path") },
}

func wantAlerts(b *builder, p *playbook.Playbook) (list []*object) {
	text := func(a playbook.Alert, name, value string) pair {
		if !xmlText(value) {
			b.fail(a.Pos, name+" holds a control character, which the CIB cannot store")
		}
		return pair{name: name, value: value}
	}
	for _, a := range p.Alerts {
		body := &alertBody{selects: selectWords(a.Select, a.Attributes), notice: notice{
			attrs:   []pair{text(a, "path", a.Path), text(a, "description", a.Description)},
			options: b.pairs(a.Options), meta: b.pairs(a.Meta)}}
		for _, r := range a.Recipients {
			body.recipients = append(body.recipients, notice{id: r.ID,
				attrs:   []pair{text(a, "value", r.Value), text(a, "description", r.Description)},
				options: b.pairs(r.Options), meta: b.pairs(r.Meta)})
		}
		list = append(list, &object{id: a.ID, at: a.Pos.InFile(), alert: body})
	}
	return list
}

// eventSorts are those that an alert gets without any selection
// (pcmk__alert_default in Pacemaker's lib/common/alerts.c).
var eventSorts = []string{"fencing", "nodes", "resources"}

// selectWords are the sorts of events in one order, and the attributes that
// count: fencing, attributes, attributes=pingd.
func selectWords(sorts, attributes []string) (list []string) {
	if len(sorts) == 0 {
		return eventSorts
	}
	list = slices.Clone(sorts)
	slices.Sort(list)
	names := slices.Clone(attributes)
	slices.Sort(names)
	for _, name := range names {
		list = append(list, "attributes="+name)
	}
	return list
}

// liveSelect is the same of an element.
func liveSelect(x *etree.Element) []string {
	var sorts, names []string
	if s := x.SelectElement("select"); s != nil {
		for _, c := range s.ChildElements() {
			sorts = append(sorts, strings.TrimPrefix(c.Tag, "select_"))
			for _, a := range children(c, "attribute") {
				names = append(names, attr(a, "name"))
			}
		}
	}
	return selectWords(sorts, names)
}

func writeAlert(e *editor, w *object, x *etree.Element, c *plan.Change) {
	made := x == nil
	if made {
		x = e.make(w, w.id)
	}
	e.managed[x] = true
	var typed []string
	own := e.writeNotice(x, w.alert.notice, "")
	if len(own) > 0 {
		typed = append(typed, "pcs alert update "+w.id+noticeDiffs(own, ""))
	}
	chosen := e.writeSelect(x, w.alert.selects, made)
	recipients, more := e.writeRecipients(x, w)
	c.Diffs = slices.Concat(own, chosen, recipients)
	switch {
	case len(chosen) > 0:
		c.Pcs = "" // pcs cannot select events
	case !made:
		c.Pcs = commands(append(typed, more...))
	}
}

// writeNotice makes the attributes and pairs equal, and returns the differences.
func (e *editor) writeNotice(x *etree.Element, n notice, prefix string) (diffs []plan.Diff) {
	for _, a := range n.attrs {
		was, had := attr(x, a.name), attr(x, a.name) != ""
		switch {
		case was == a.value:
			continue
		case a.value == "":
			x.RemoveAttr(a.name)
		default:
			x.CreateAttr(a.name, a.value)
		}
		diffs = append(diffs, diff(prefix+a.name, was, a.value, had, a.value != "", false))
	}
	for _, part := range []struct {
		tag, word string
		want      []pair
	}{{"instance_attributes", "options.", n.options}, {"meta_attributes", "meta.", n.meta}} {
		diffs = append(diffs, e.setPairs(pairSet{parent: x, tag: part.tag, newID: attr(x, "id") + "-" + part.tag, prefix: prefix + part.word,
			want: part.want, keep: func(string) bool { return false }})...)
		for _, set := range otherSets(x, part.tag) {
			e.leave("set of "+x.Tag+" "+attr(x, "id"), setName(set), e.setText(set))
		}
	}
	// The schema has the sets before the events and the recipients.
	for _, tag := range []string{"select", "recipient"} {
		for _, y := range children(x, tag) {
			x.RemoveChild(y)
			x.AddChild(y)
		}
	}
	return diffs
}

// noticeDiffs are differences in the words of pcs's create and update.
func noticeDiffs(diffs []plan.Diff, prefix string) string {
	var own, options, meta string
	for _, d := range diffs {
		name := strings.TrimPrefix(d.Name, prefix)
		p := pair{name: name, value: d.After, secret: d.Secret && d.HasAfter}
		switch {
		case strings.HasPrefix(name, "options."):
			p.name = name[len("options."):]
			options += " " + pcsPair(p)
		case strings.HasPrefix(name, "meta."):
			p.name = name[len("meta."):]
			meta += " " + pcsPair(p)
		default:
			own += " " + pcsPair(p)
		}
	}
	return own + led(" options", options) + led(" meta", meta)
}

// writeSelect makes the selection of events, and nothing for what Pacemaker does
// without one.
func (e *editor) writeSelect(x *etree.Element, want []string, made bool) []plan.Diff {
	was := liveSelect(x)
	if slices.Equal(was, want) {
		return nil
	}
	for _, s := range children(x, "select") {
		e.drop(s)
	}
	if !slices.Equal(want, eventSorts) {
		s := etree.NewElement("select")
		for _, word := range want {
			name, ok := strings.CutPrefix(word, "attributes=")
			if !ok {
				s.CreateElement("select_" + word)
				continue
			}
			a := s.SelectElement("select_attributes").CreateElement("attribute")
			e.setID(a, sanitizeID(attr(x, "id")+"-select-"+name))
			a.CreateAttr("name", name)
		}
		at := len(x.Child)
		if r := x.SelectElement("recipient"); r != nil {
			at = r.Index()
		}
		x.InsertChildAt(at, s)
	}
	if made {
		return []plan.Diff{plan.Becomes("select", strings.Join(want, " "))}
	}
	return []plan.Diff{plan.Changes("select", strings.Join(was, " "), strings.Join(want, " "))}
}

// writeRecipients makes the recipients equal. One without an id is the one of
// its value.
func (e *editor) writeRecipients(x *etree.Element, w *object) (diffs []plan.Diff, typed []string) {
	stays := map[*etree.Element]bool{}
	live := make([]*etree.Element, len(w.alert.recipients))
	for _, byIDs := range []bool{true, false} {
		for i, n := range w.alert.recipients {
			for _, r := range children(x, "recipient") {
				same := attr(r, "id") == n.id
				if n.id == "" {
					same = attr(r, "value") == n.attrs[0].value
				}
				if byIDs == (n.id != "") && same && !stays[r] {
					live[i], stays[r] = r, true
					break
				}
			}
		}
	}
	// What goes comes first: pcs takes a value once.
	for _, r := range children(x, "recipient") {
		if !stays[r] {
			id, value := attr(r, "id"), attr(r, "value")
			diffs = append(diffs, diff("recipients."+id, value, "", true, false, false))
			typed = append(typed, "pcs alert recipient remove "+id)
			e.drop(r)
		}
	}
	write := func(r *etree.Element, n notice, do string) {
		prefix := "recipients." + attr(r, "id") + "."
		if own := e.writeNotice(r, n, prefix); len(own) > 0 {
			diffs = append(diffs, own...)
			typed = append(typed, do+noticeDiffs(own, prefix))
		}
	}
	for i, n := range w.alert.recipients {
		if r := live[i]; r != nil {
			do := "pcs alert recipient update " + attr(r, "id")
			for _, other := range children(x, "recipient") {
				// Values that change places stand twice for a moment.
				if other != r && attr(other, "value") == n.attrs[0].value && attr(r, "value") != n.attrs[0].value {
					do = "pcs --force alert recipient update " + attr(r, "id")
				}
			}
			write(r, n, do)
		}
	}
	for i, n := range w.alert.recipients {
		switch other := e.ids[n.id]; {
		case live[i] != nil:
		case other != nil:
			e.errorf("the playbook declares recipient %q of alert %q, but in the CIB that id belongs to another object (<%s>); "+
				"give the recipient another id", n.id, w.id, other.Tag)
		default:
			r := x.CreateElement("recipient")
			e.setID(r, cmp.Or(n.id, w.id+"-recipient"))
			write(r, n, "pcs alert recipient add "+w.id+led(" id=", n.id))
		}
	}
	return diffs, typed
}

// pcsAlert creates one. What changes one that is there writeAlert knows.
func pcsAlert(_ *editor, w *object, _ *etree.Element) string {
	list := []string{"pcs alert create id=" + w.id + w.alert.words()}
	for _, r := range w.alert.recipients {
		list = append(list, "pcs alert recipient add "+w.id+led(" id=", r.id)+r.words())
	}
	return commands(list)
}

func (n notice) words() string {
	line := ""
	for _, a := range n.attrs {
		if a.value != "" {
			line += " " + pcsPair(a)
		}
	}
	if len(n.options) > 0 {
		line += pcsLine(" options", n.options...)
	}
	if len(n.meta) > 0 {
		line += pcsLine(" meta", n.meta...)
	}
	return line
}

// led is a text with what leads to it, "" when there is none.
func led(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}
