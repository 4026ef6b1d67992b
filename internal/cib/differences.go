package cib

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// DifferencesOf holds two configurations against each other by what they mean.
// Ids that pcs makes, the order of what is no list, defaults and the forms of
// times, scores, roles and booleans are no differences. What Pacemaker writes
// itself is left out. a and b are what the two are called.
func DifferencesOf(first, second *Configuration, a, b string) *Differences {
	c := &comparison{first: first, second: second, a: a, b: b}
	left, right := first.meaning(), second.meaning()
	if !hasMembers(left) || !hasMembers(right) {
		without := func(list []*said) []*said {
			return slices.DeleteFunc(list, func(m *said) bool { return m.kind == kindMember })
		}
		if hasMembers(left) || hasMembers(right) {
			side := a
			if hasMembers(left) {
				side = b
			}
			c.unknown("members", "nodes", side+" does not name them")
		}
		left, right = without(left), without(right)
	}
	mate := pairUp(left, right)
	back := map[*said]*said{}
	for l, r := range mate {
		back[r] = l
	}
	for _, sort := range sortsOf(left, right) {
		for _, m := range left {
			if m.among() == sort && mate[m] == nil {
				c.only(m, plan.Delete)
			}
		}
		for _, m := range right {
			switch {
			case m.among() != sort:
			case back[m] != nil:
				c.both(back[m], m)
			default:
				c.only(m, plan.Create)
			}
		}
	}
	return &c.Differences
}

func hasMembers(list []*said) bool {
	return slices.ContainsFunc(list, func(m *said) bool { return m.kind == kindMember })
}

// among is what an object is listed among: the resources stand together.
func (m *said) among() string {
	switch m.sort {
	case "primitive", "template", "group", "clone", "bundle":
		return "resource"
	}
	return m.sort
}

// sortsOf are the sorts of objects in the order in which they are shown.
func sortsOf(left, right []*said) (sorts []string) {
	for _, list := range [][]*said{left, right} {
		at := 0
		for _, m := range list {
			if i := slices.Index(sorts, m.among()); i >= 0 {
				at = i + 1
				continue
			}
			sorts = slices.Insert(sorts, at, m.among())
			at++
		}
	}
	return sorts
}

// pairUp finds for each object of the left the one of the right that it is: by id
// where that means something, else by what it says, by id, by what it is about.
func pairUp(left, right []*said) map[*said]*said {
	mate, taken := map[*said]*said{}, map[*said]bool{}
	pass := func(key func(*said) string) {
		waiting := map[string][]*said{}
		for _, r := range right {
			if k := key(r); !taken[r] && k != "" {
				k = r.sort + "\n" + k
				waiting[k] = append(waiting[k], r)
			}
		}
		for _, l := range left {
			k := l.sort + "\n" + key(l)
			if list := waiting[k]; mate[l] == nil && len(list) > 0 {
				mate[l], taken[list[0]] = list[0], true
				waiting[k] = list[1:]
			}
		}
	}
	ofFree := func(key func(*said) string) func(*said) string {
		return func(m *said) string {
			if !m.free || m.kept != nobody {
				return ""
			}
			return key(m)
		}
	}
	pass(func(m *said) string { return m.id + "\n" + m.content() })
	pass(ofFree((*said).content))
	pass(func(m *said) string { return m.id })
	pass(ofFree(func(m *said) string { return m.key }))
	return mate
}

// content is all that an object says by what it means.
func (m *said) content() string {
	var list []string
	for _, s := range m.says {
		if s.means != "" {
			list = append(list, s.name+s.means)
		}
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// change is one of an object.
func (m *said) change(action plan.Action, diffs []plan.Diff) plan.Change {
	return plan.Change{Step: Step, Action: action, Kind: m.kind, ID: m.id, Diffs: diffs}
}

// only notes an object that one side has.
func (c *comparison) only(m *said, action plan.Action) {
	side, name := c.first, c.a
	if action == plan.Create {
		side, name = c.second, c.b
	}
	if m.kept != nobody && !side.declared {
		if m.kept == operators {
			c.Kept = append(c.Kept, plan.Object{Kind: m.kind, ID: m.id, Value: m.value(), Why: "only in " + name})
		}
		return
	}
	var diffs []plan.Diff
	add := func(name, text string, masked bool) {
		d := diff(name, cut(text), "", true, false, masked)
		if action == plan.Create {
			d = diff(name, "", cut(text), false, true, masked)
		}
		diffs = append(diffs, d)
	}
	for _, s := range m.says {
		if s.name != "in" && s.text != "" && (s.kept == nobody || side.declared) {
			add(s.name, s.text, m.secret(s))
		}
	}
	ops := known(m.ops, side.open, m.id)
	for _, o := range ops {
		add("op."+opName(o, ops), opText(o), false)
	}
	c.Changes = append(c.Changes, m.change(action, diffs))
}

// value is what is shown of an object that is left out.
func (m *said) value() string {
	var words []string
	for _, s := range m.says {
		text := cut(s.text)
		if m.secret(s) {
			text = secret.Mask
		}
		if s.name != "value" && text != "" {
			text = s.name + "=" + text
		}
		if text != "" {
			words = append(words, text)
		}
	}
	return cut(strings.Join(words, " "))
}

// secret reports whether a value must not be shown.
func (m *said) secret(s statement) bool {
	name := lastWord(s.name)
	if name == "value" {
		name = m.id[strings.LastIndexByte(m.id, ' ')+1:]
	}
	return secret.Named(name) || s.text == secret.Mask
}

// hides reports whether a value is not there to be compared: it was masked by
// render or by crm_report, or the secret was not fetched.
func (m *said) hides(s statement) bool {
	return s.text == secret.Mask || m.secret(s) && len(s.text) >= len(secret.Mask) && strings.Trim(s.text, "*") == ""
}

// both compares one object that both have.
func (c *comparison) both(l, r *said) {
	intended := l.kept == nobody && r.kept == nobody || c.first.declared || c.second.declared
	var diffs []plan.Diff
	if l.kind != r.kind {
		diffs = append(diffs, plan.Changes("kind", l.kind, r.kind))
	}
	for _, name := range namesOf(l, r) {
		diffs = append(diffs, c.statements(l, r, name)...)
	}
	diffs = append(diffs, c.operations(l, r)...)
	switch {
	case len(diffs) == 0:
	case intended:
		c.Changes = append(c.Changes, r.change(plan.Update, diffs))
	case l.kept == operators || r.kept == operators:
		c.Kept = append(c.Kept, plan.Object{Kind: r.kind, ID: r.id, Value: l.value() + " in " + c.a + ", " + r.value() + " in " + c.b})
	}
}

// namesOf are the names of all that two objects say, in their order.
func namesOf(l, r *said) (names []string) {
	for _, m := range []*said{l, r} {
		for _, s := range m.says {
			if !slices.Contains(names, s.name) {
				names = append(names, s.name)
			}
		}
	}
	return names
}

// statements compares what two objects say under one name.
func (c *comparison) statements(l, r *said, name string) []plan.Diff {
	before, after := l.find(name), r.find(name)
	x, y := statement{name: name}, statement{name: name}
	if before != nil {
		x = *before
	}
	if after != nil {
		y = *after
	}
	hidden := before != nil && after != nil && (l.hides(x) || r.hides(y))
	if x.means == y.means && !hidden {
		return nil
	}
	masked := l.secret(x) || r.secret(y)
	part, option, _ := strings.Cut(name, ".")
	was, is := apartFrom(x.text, y.text)
	d := diff(name, was, is, before != nil, after != nil, masked)
	if masked {
		d = diff(name, x.text, y.text, before != nil, after != nil, true)
	} else if before != nil && after != nil && x.text == y.text { // what differs is not shown
		d = diff(name, x.means, y.means, true, true, true)
	}
	switch {
	case c.first.ignored[l.id].of(part)(option) || c.second.ignored[r.id].of(part)(option):
		c.leaveOut(r, d, whyIgnored)
	case hidden:
		why := "neither side has its value"
		switch {
		case !l.hides(x):
			why = c.b + " does not have its value"
		case !r.hides(y):
			why = c.a + " does not have its value"
		}
		c.unknown("secret", r.id+" "+name, why)
	case (x.kept != nobody || y.kept != nobody) && !(before != nil && c.first.declared) && !(after != nil && c.second.declared):
		c.leaveOut(r, d, "")
	default:
		return []plan.Diff{d}
	}
	return nil
}

// apartFrom are two texts as they are shown: long ones from near where they part.
func apartFrom(a, b string) (string, string) {
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	const before = 20
	if same < maxValue-2*before || cut(a) == a && cut(b) == b {
		return cut(a), cut(b)
	}
	from := func(s string) string { return cut("..." + strings.ToValidUTF8(s[same-before:], "")) }
	return from(a), from(b)
}
