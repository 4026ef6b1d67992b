package pcs

import (
	"slices"
	"strconv"
	"strings"
)

// setKinds are the headlines of sets, up to their colon.
var setKinds = map[string]string{
	"Clone Set":            kindClone,
	"Master/Slave Set":     kindClone, // until 2.0.0
	"Resource Group":       kindGroup,
	"Container bundle":     kindBundle, // 2.0.2 and later
	"Container bundle set": kindBundle,
	"Docker container":     kindBundle, // 1.1.17 to 2.0.1
	"Docker container set": kindBundle,
	"rkt container":        kindBundle,
	"rkt container set":    kindBundle,
	"podman container":     kindBundle,
	"podman container set": kindBundle,
}

const (
	kindGroup   = "group"
	kindClone   = "clone"
	kindBundle  = "bundle"
	kindReplica = "replica"
)

// instanceLists are the lists of a clone's instances that need no line of
// their own.
var instanceLists = map[string]string{
	"Started": Started, "Stopped": Stopped,
	"Masters": Promoted, "Promoted": Promoted,
	"Slaves": Unpromoted, "Unpromoted": Unpromoted,
}

// openSet is a set whose parts are being read.
type openSet struct {
	Set
	indent int
	line   int
	parts  int             // lines that belong to it
	inner  int             // indent of the first of them, -1 before
	step   int             // how much deeper they are
	lists  string          // of the instances of a clone: the last one, with its qualifier
	told   []string        // roles of those lists
	first  int             // line of the first of them
	onList map[string]bool // nodes in them
	from   int             // where its resources begin in the model
	number string          // of a replica, or of an instance of a cloned group
	inside []Resource      // of a replica, a bundle or a cloned group
	like   []string        // of a cloned group: the members of the instance before
}

// resourceReader reads the resources and the tree they stand in.
type resourceReader struct {
	st   *Status
	out  *collector
	open []*openSet             // outermost first
	gone func(node string) bool // it is off, and nothing runs there any more
	none bool                   // "No resources"
	// before21: 2.1.0 was the first to write agents with one colon.
	before21 bool
	// singles counts the lines of primitives, lists those that name nodes in place
	// of instances.
	singles, lists int
	// counted is the first line that gives a number in place of names.
	counted int
	// lost is the indent of a headline that was not understood, -1 for none: what
	// is deeper belongs to a set that nobody knows.
	lost int
	// base is the indent of the headline of the resources, -1 before.
	base int
	tops []topLine
	// headed is the set of the last headline, and its line.
	headed     string
	headedLine int
}

// topLine is a line that stands in no set.
type topLine struct {
	line, indent int
	id           string // "" for the headline of a set
}

func (rr *resourceReader) init(st *Status, gone func(node string) bool) {
	rr.st, rr.gone, rr.lost, rr.base = st, gone, -1, -1
	rr.out = newCollector(st)
}

// line reads one line.
func (rr *resourceReader) line(ln line) bool {
	switch ln.s {
	case "No resources", "No active resources", "No inactive resources":
		rr.none = true
		if ln.s == "No active resources" {
			rr.st.ActiveOnly = true
		}
		return true
	}
	if strings.HasPrefix(ln.s, "[") && rr.memberBelow(ln.s) {
		return true
	}
	if strings.HasPrefix(ln.s, "Replica[") {
		return rr.replica(ln)
	}
	if key, value, ok := strings.Cut(ln.s, ":"); ok {
		if kind := setKinds[key]; kind != "" {
			return rr.headline(kind, key, strings.TrimSpace(value), ln)
		}
		word, _ := cutWord(key)
		if role := instanceLists[word]; role != "" && rr.instances(role, key[len(word):], strings.TrimSpace(value), ln) {
			return true
		}
	}
	if r, ok := resourceLine(ln.s); ok {
		if rr.lost >= 0 && ln.indent >= rr.lost+2 {
			return false
		}
		rr.lost = -1
		rr.primitive(r, ln)
		return true
	}
	if !countedLine(ln.s) {
		return false
	}
	if rr.counted == 0 {
		rr.counted = ln.no
	}
	rr.pop(ln.indent)
	for _, o := range rr.open {
		o.parts++
	}
	return true
}

// pop closes the sets that a line at this indent cannot belong to.
func (rr *resourceReader) pop(indent int) {
	for len(rr.open) > 0 && rr.open[len(rr.open)-1].indent+1 >= indent {
		rr.closeLast()
	}
}

// close closes all sets.
func (rr *resourceReader) close() {
	for len(rr.open) > 0 {
		rr.closeLast()
	}
}

// unread takes note of a line among the resources that was not understood: it
// ends the sets at its level, and what is below a headline is not known either.
func (rr *resourceReader) unread(ln line) {
	rr.pop(ln.indent)
	key, _, _ := strings.Cut(ln.s, ":")
	if setKinds[key] != "" || ln.s[len(ln.s)-1] == ':' {
		rr.close()
		rr.lost = ln.indent
	}
}

func (rr *resourceReader) closeLast() {
	last := rr.open[len(rr.open)-1]
	rr.open = rr.open[:len(rr.open)-1]
	switch last.Kind {
	case kindReplica:
		if b := rr.inner(kindBundle); b != nil {
			rr.out.replica(b.Set, last.number, last.inside)
		}
	case kindClone:
		if last.Member == "" { // every release from 1.1.10 on names it
			rr.st.missing("line %d: the headline of the clone %s does not name its member: was the line broken?", last.line, clip(last.ID, maxKept))
		}
		rr.roles(last)
		rr.out.closeClone(last.Set, Untold)
	case kindBundle:
		strangers := last.strangers()
		rr.out.bundled(last.Set, last.inside)
		rr.unpromote(rr.st.Resources[last.from:])
		for _, r := range strangers {
			rr.st.missing("%s stands below the bundle %s and has no name of a replica: was a line lost?", r.ID, last.ID)
			rr.out.add(r)
		}
	case kindGroup:
		if c := rr.inner(kindClone); c != nil {
			rr.sameMembers(c, last)
			rr.out.cloned(c.Set, last.Set, last.number, last.inside)
		}
		if last.parts == 0 {
			rr.st.missing("line %d: the group %s has no members below it; was the indentation lost?", last.line, last.ID)
		}
		rr.notTwice(last)
	}
}

// inner is the innermost open set of a kind, or nil.
func (rr *resourceReader) inner(kind string) *openSet {
	for _, set := range slices.Backward(rr.open) {
		if set.Kind == kind {
			return set
		}
	}
	return nil
}

// roles judges the lists of a clone that is not promotable. Pacemaker lists those
// that run in the promoted role below any clone, for an agent may say so, but the
// others of this one as started (clone_print, pe__clone_default).
func (rr *resourceReader) roles(c *openSet) {
	if c.Promotable || !slices.Contains(c.told, Promoted) && !slices.Contains(c.told, Unpromoted) ||
		slices.Contains(c.told, Started) && !slices.Contains(c.told, Unpromoted) {
		return
	}
	told := slices.DeleteFunc(c.told, func(role string) bool { return role != Promoted && role != Unpromoted })
	rr.st.missing("line %d: the clone %s is not promotable, and its instances are told as %s", c.first, clip(c.ID, maxKept), strings.Join(told, " and "))
	for i := c.from; i < len(rr.st.Resources); i++ {
		if r := &rr.st.Resources[i]; r.listed && (r.Role == Promoted || r.Role == Unpromoted) {
			r.Role = Started
		}
	}
}

// unpromote gives the failed replicas of a promotable bundle their role: the
// text has only FAILED, unless they are promoted, and no word at the bundle.
func (rr *resourceReader) unpromote(replicas []Resource) {
	promotable := func(r Resource) bool { return r.Role == Promoted || r.Role == Unpromoted }
	if !slices.ContainsFunc(replicas, promotable) {
		return
	}
	for i := range replicas {
		if r := &replicas[i]; r.Failed && r.Role == Started {
			r.Role = Unpromoted
		}
	}
}

// headline reads "NAME [MEMBER] (flags) (description):" of a set.
func (rr *resourceReader) headline(kind, key, s string, ln line) bool {
	s = strings.TrimSpace(strings.TrimSuffix(s, ":"))
	name, rest := cutWord(s)
	if name == "" || strings.ContainsAny(name, "()[]") {
		return false
	}
	o := &openSet{indent: ln.indent, line: ln.no, inner: -1, step: 4}
	if ln.bullet || kind == kindBundle {
		o.step = 2
	}
	o.Kind, o.Managed, o.from = kind, true, len(rr.st.Resources)
	o.Promotable = key == "Master/Slave Set"
	if strings.HasPrefix(rest, "[") {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return false
		}
		if in := strings.TrimSpace(rest[1:end]); kind == kindBundle {
			o.Image = in
		} else {
			o.Member = in
		}
		rest = strings.TrimLeft(rest[end+1:], " \t")
	}
	for parts := 0; rest != ""; parts++ {
		in, more, ok := cutDescribed(rest)
		if !ok || parts == maxWords {
			return false
		}
		o.flags(in)
		rest = more
	}
	o.ID = name
	if kind == kindGroup {
		o.ID, o.number = cutInstance(name)
	}
	c := rr.inner(kindClone)
	if c != nil && kind == kindGroup && (c.Member == o.ID || c.Member == "" && ln.indent >= c.indent+2) {
		rr.closeTo(c)
		c.part(ln.indent)
		o.Clone = c.ID
	} else {
		rr.close() // a clone and a bundle stand in nothing, a group only in its clone
		rr.tops = append(rr.tops, topLine{ln.no, ln.indent, ""})
		if o.number != "" {
			rr.st.missing("line %d: %s is an instance of a cloned group, and the line of its clone is missing", ln.no, clip(name, maxKept))
		}
	}
	rr.lost = -1
	rr.headed, rr.headedLine = o.ID, ln.no
	o.from = len(rr.st.Resources)
	rr.open = append(rr.open, o)
	if kind != kindGroup || o.Clone == "" { // of a cloned group only where it shows
		rr.out.set(o.Set)
	}
	return true
}

// memberBelow joins "[MEMBER]:" with the headline of a clone that ended before
// it, for the line was too long for somebody's window.
func (rr *resourceReader) memberBelow(s string) bool {
	c := rr.inner(kindClone)
	if c == nil || c.Member != "" || c.parts > 0 || len(rr.st.Sets) == 0 {
		return false
	}
	s = strings.TrimSpace(strings.TrimSuffix(s, ":"))
	items, rest, ok := cutList(s)
	if !ok || len(items) != 1 {
		return false
	}
	for rest != "" {
		in, more, ok := cutDescribed(rest)
		if !ok {
			return false
		}
		c.flags(in)
		rest = more
	}
	c.Member = items[0]
	rr.st.Sets[len(rr.st.Sets)-1] = c.Set
	return true
}

// flags reads the flags of a headline, or else takes them for a description.
func (o *openSet) flags(in string) {
	if len(in) >= maxFlags {
		o.Description = in
		return
	}
	try := o.Set
	for _, f := range strings.Split(in, ",") {
		switch f = strings.TrimSpace(f); f {
		case "promotable":
			try.Promotable = true
		case "unique":
			try.Unique = true
		case "unmanaged":
			try.Managed = false
		case "maintenance":
			try.Maintenance, try.Managed = true, false
		case "disabled":
			try.Disabled = true
		default:
			// (1 member inactive), with --hide-inactive from 2.1.1 on
			number, what := cutWord(f)
			n, err := strconv.Atoi(number)
			if err != nil || n < 0 || what != "member inactive" && what != "members inactive" {
				o.Description = in
				return
			}
			try.Inactive = n
		}
	}
	o.Set = try
}

// instances reads "Started: [ n1 n2 ]", "Stopped (disabled): [ n3 ]".
func (rr *resourceReader) instances(role, qualifier, value string, ln line) bool {
	names, rest, ok := cutList(value)
	if !ok || rest != "" {
		return false
	}
	c := rr.inner(kindClone)
	if c == nil || !c.takes(role, qualifier, names) {
		return false
	}
	rr.closeTo(c)
	member := c.Member
	if member == "" { // before 1.1.6 the headline did not name it
		member = c.ID
	}
	r := Resource{ID: member, Role: role, Clone: c.ID, Managed: c.Managed, Maintenance: c.Maintenance, Disabled: c.Disabled, listed: true}
	if qualifier = strings.TrimSpace(qualifier); qualifier != "" {
		in, left, ok := cutParens(qualifier)
		if !ok || left != "" {
			return false
		}
		switch low := strings.ToLower(in); {
		case low == "disabled":
			r.Disabled = true
		case low == "target-role":
			r.TargetRole = Unpromoted
		case role == Stopped && exitTexts[low] > 0:
			r.Probe = low
		case role == Stopped && strings.HasPrefix(low, "disabled, "):
			r.Disabled, r.Probe = true, low[len("disabled, "):]
		default:
			return false
		}
	}
	rr.lists++
	c.part(ln.indent)
	if c.told = append(c.told, role); len(c.told) == 1 {
		c.first = ln.no
	}
	if c.Promotable && r.Role == Started {
		r.Role = Unpromoted
	}
	if role == Stopped {
		for _, name := range names {
			// 1.1.10 lists instances here, later releases nodes
			if base, number := cutInstance(name); number == "" || base != member {
				r.StoppedOn = append(r.StoppedOn, name)
			}
		}
		rr.out.instance(r)
		return true
	}
	for _, name := range names {
		r.Nodes = []string{name}
		rr.out.instance(r)
	}
	return true
}

func (rr *resourceReader) replica(ln line) bool {
	number, ok := strings.CutSuffix(ln.s[len("Replica["):], "]")
	if !ok {
		return false
	}
	b := rr.inner(kindBundle)
	if b == nil {
		return false
	}
	rr.closeTo(b)
	b.part(ln.indent)
	rr.open = append(rr.open, &openSet{Set: Set{Kind: kindReplica}, indent: ln.indent, line: ln.no, number: number, inner: -1, step: 2})
	return true
}

// primitive puts a resource into the set that can hold it.
func (rr *resourceReader) primitive(r Resource, ln line) {
	rr.singles++
	doubt := rr.settle(&r, ln)
	if doubt != "" {
		rr.st.missing("line %d: %s may stand in %s or not: was the indentation changed, or a line lost?", ln.no, clip(r.ID, maxKept), clip(doubt, maxKept))
	} else if len(rr.open) == 0 {
		rr.tops = append(rr.tops, topLine{ln.no, ln.indent, r.ID})
	}
	// As Pacemaker sees it: what it manages is not active on a node that is off,
	// and until 2.0 what it does not manage neither (native_active).
	r.inactive = (r.Managed || rr.before21) && !slices.ContainsFunc(r.Nodes, func(n string) bool { return !rr.gone(n) })
	if doubt != "" {
		rr.out.add(r)
		return
	}
	for _, o := range rr.open {
		o.part(ln.indent)
	}
	if len(rr.open) > 0 {
		if last := rr.open[len(rr.open)-1]; last.Kind == kindReplica {
			last.inside = append(last.inside, r)
			return
		}
	}
	clone, group, bundle := rr.inner(kindClone), rr.inner(kindGroup), rr.inner(kindBundle)
	switch {
	case bundle != nil:
		bundle.inside = append(bundle.inside, r)
	case group != nil:
		if clone != nil {
			group.inside = append(group.inside, r)
			return
		}
		r.Group = group.ID
		rr.out.add(r)
	case clone != nil:
		rr.out.numbered(clone.Set, "", r)
	default:
		rr.out.add(r)
	}
}
