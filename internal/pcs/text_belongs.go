package pcs

import (
	"slices"
	"strings"
)

// What is read has to be possible in Pacemaker. A clone and a bundle stand in
// no other set. An instance of a clone has the id of its member, a replica that
// of its bundle and a number. Only for the members of a group there is nothing
// but the indent: two columns deeper than the headline with bullets, four
// without; one column deeper is the level of the headline itself, as the first
// line of what was pasted often has lost its blanks.

// part notes a line that belongs to the set.
func (o *openSet) part(indent int) {
	o.parts++
	if o.inner < 0 {
		o.inner = indent
	}
}

// beside tells that a line at this indent is at the level of the headline.
func (o *openSet) beside(indent int) bool {
	return indent <= o.indent || o.indent == 0 && indent == 1 || o.inner >= 0 && indent == o.inner-o.step
}

// settle closes the sets that a primitive does not belong to. It gives the name
// of one of which that cannot be told; the primitive then stands in none.
func (rr *resourceReader) settle(r *Resource, ln line) (doubt string) {
	for len(rr.open) > 0 {
		o := rr.open[len(rr.open)-1]
		switch o.Kind {
		case kindReplica:
			if b := rr.inner(kindBundle); ln.indent >= o.indent+2 || b != nil && b.namesReplica(r, o.number) {
				return ""
			}
		case kindBundle:
			if o.names(r) || !o.beside(ln.indent) && (o.inner < 0 || ln.indent == o.inner) {
				return ""
			}
			if !o.beside(ln.indent) {
				doubt = o.ID
			}
		case kindGroup:
			switch {
			case r.Address != "", r.Orphaned && o.Clone == "": // of a bundle; what a group has no more stands behind it
				doubt = o.ID
			case o.inner < 0 && ln.indent >= o.indent+2, o.inner >= 0 && ln.indent == o.inner:
				return ""
			case o.inner < 0, ln.indent == o.indent, ln.indent == o.inner-o.step, rr.besideClone(o, ln.indent):
			case ln.indent > o.indent:
				return o.ID // the next line may be a member again
			default:
				doubt = o.ID
			}
		case kindClone:
			if id, _ := cutInstance(r.ID); id == o.Member || o.Member == "" && ln.indent >= o.indent+2 {
				return ""
			}
			if !o.beside(ln.indent) {
				doubt = o.ID
			}
		}
		rr.closeLast()
	}
	return doubt
}

// besideClone tells that a line is at the level of the clone around a group.
func (rr *resourceReader) besideClone(o *openSet, indent int) bool {
	c := rr.inner(kindClone)
	return o.Clone != "" && c != nil && indent >= c.indent && c.beside(indent)
}

// names tells that a resource has the name of a part of the bundle.
func (o *openSet) names(r *Resource) bool {
	rest, ok := strings.CutPrefix(r.ID, o.ID+"-")
	if !ok {
		return false
	}
	if digits(rest) || strings.HasPrefix(rest, "ip-") && strings.HasSuffix(r.Agent, ":IPaddr2") {
		return true
	}
	_, number, ok := cutLastString(rest, "-")
	return ok && isContainer(r, o.ID, number)
}

// namesReplica tells that a resource has the name of a part of one replica.
func (o *openSet) namesReplica(r *Resource, number string) bool {
	return r.ID == o.ID+"-"+number || isContainer(r, o.ID, number)
}

// notTwice takes out of a group what stands in it twice, as the instances of a
// clone do whose headline is missing.
func (rr *resourceReader) notTwice(g *openSet) {
	seen := map[string]int{}
	for i := g.from; i < len(rr.st.Resources); i++ {
		r := &rr.st.Resources[i]
		if r.Group != g.ID || r.Clone != "" {
			continue
		}
		if first, twice := seen[r.ID]; twice {
			rr.st.Resources[first].Group, r.Group = "", ""
			rr.st.missing("%s stands twice in the group %s: was a line lost?", clip(r.ID, maxKept), clip(g.ID, maxKept))
			continue
		}
		seen[r.ID] = i
	}
}

// strangers takes out what stands among the replicas of a bundle, one line for
// each, and has another name. Where the bundle is shown in its parts, one of
// them has: the primitive.
func (o *openSet) strangers() (found []Resource) {
	replica := func(r Resource) bool {
		rest, ok := strings.CutPrefix(r.ID, o.ID+"-")
		return ok && digits(rest) && !strings.HasSuffix(r.Agent, ":remote")
	}
	named := func(r Resource) bool { return o.names(&r) }
	switch {
	case slices.ContainsFunc(o.inside, replica): // one line for each
	case slices.ContainsFunc(o.inside, named) && countFunc(o.inside, named) >= len(o.inside)-1: // the parts of one
		return nil
	}
	for _, r := range o.inside {
		if !named(r) {
			found = append(found, r)
		}
	}
	o.inside = slices.DeleteFunc(o.inside, func(r Resource) bool { return !named(r) })
	return found
}

func countFunc[T any](list []T, is func(T) bool) (n int) {
	for _, e := range list {
		if is(e) {
			n++
		}
	}
	return n
}

// closeTo closes the sets inside of o.
func (rr *resourceReader) closeTo(o *openSet) {
	for len(rr.open) > 0 && rr.open[len(rr.open)-1] != o {
		rr.closeLast()
	}
}

// listRank is the order in which the lists of a clone's instances stand.
func listRank(role string) int {
	switch role {
	case Promoted:
		return 0
	case Stopped:
		return 2
	}
	return 1
}

// takes tells that a list of instances can be the next one of the clone: each
// stands once and in its place, and no node is in two of them. Else it is of
// another clone, whose headline is missing.
func (o *openSet) takes(role, qualifier string, names []string) bool {
	if last, lastQualifier, ok := strings.Cut(o.lists, "/"); ok {
		if listRank(role) < listRank(last) || role == last && qualifier == lastQualifier {
			return false
		}
	}
	if o.Unique { // each has a line of its own
		return false
	}
	if !o.Promotable && role != Started && role != Stopped && o.parts > 0 && strings.HasPrefix(o.lists, Started) {
		return false
	}
	for _, n := range names {
		if o.onList[n] {
			return false
		}
	}
	if o.onList == nil {
		o.onList = map[string]bool{}
	}
	for _, n := range names {
		o.onList[n] = true
	}
	o.lists = role + "/" + qualifier
	return true
}

// sameMembers: all instances of a cloned group have the same members, each once.
func (rr *resourceReader) sameMembers(c, g *openSet) {
	var mine, gone []string
	for _, r := range g.inside {
		if id, _ := cutInstance(r.ID); r.Orphaned {
			gone = append(gone, id)
		} else {
			mine = append(mine, id)
		}
	}
	mixed := len(mine) > 0 && len(gone) > 0
	if len(mine) == 0 { // an instance is orphaned as a whole
		mine = gone
	}
	slices.Sort(mine)
	twice := len(slices.Compact(slices.Clone(mine))) < len(mine)
	whole := g.Inactive == 0 && !rr.st.ActiveOnly
	if mixed || twice || whole && c.like != nil && !slices.Equal(c.like, mine) {
		rr.st.missing("line %d: an instance of the group %s has other members than it can have: was a line lost?", g.line, clip(g.ID, maxKept))
	}
	if whole {
		c.like = mine
	}
}

// judgeTops finds what is indented like the member of a set and stands in none:
// its headline is missing.
func (rr *resourceReader) judgeTops(bulleted bool) {
	level := -1
	if rr.base >= 0 {
		level = rr.base + 1
		if bulleted {
			level++
		}
	}
	for _, t := range rr.tops {
		if t.indent > 0 && (level < 0 || t.indent < level) {
			level = t.indent
		}
	}
	for _, t := range rr.tops {
		if t.id != "" && level >= 0 && t.indent >= level+2 {
			rr.st.missing("line %d: %s is indented as in a set, and no set is there to hold it: was a line lost?", t.line, clip(t.id, maxKept))
		}
	}
}

// judgeTwice finds what cannot stand where it does because it stands elsewhere
// as well, or belongs there.
func (s *Status) judgeTwice() {
	member := map[string]string{}
	for _, set := range s.Sets {
		if set.Kind == kindClone && set.Member != "" {
			member[set.Member] = set.ID
		}
	}
	seen := map[string]bool{}
	for i := range s.Resources {
		r := &s.Resources[i]
		if r.Clone != "" || r.Orphaned {
			continue
		}
		if c := member[r.ID]; c != "" {
			s.missing("%s is the member of the clone %s and does not stand below it", clip(r.ID, maxKept), clip(c, maxKept))
		}
		if seen[r.ID] {
			s.missing("%s is listed twice", clip(r.ID, maxKept))
		}
		seen[r.ID] = true
	}
}
