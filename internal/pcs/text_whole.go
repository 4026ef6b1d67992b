package pcs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// finish closes what is open and judges whether the text was whole.
func (r *reader) finish() (*Status, error) {
	r.flushAction()
	r.res.close()
	st := r.st
	r.by.finish(st)
	if r.by.line == 0 {
		r.res.judgeTops(r.head.bulleted)
		st.judgeTwice()
	}
	r.hideConnections()
	r.preambleKnown()
	slices.SortStableFunc(st.Unparsed, byLine)
	if r.nothing() {
		return nil, r.whyNothing()
	}
	if r.notRun != nil && !(r.notRun.connecting && r.head.dc) {
		st.keep(r.notRun.Line, r.notRun.Text)
		slices.SortStableFunc(st.Unparsed, byLine)
	}
	if r.lines.moved > 0 {
		st.missing("line %d: control codes that move the cursor or erase were removed, so what the terminal showed is not known; save the text without them (pcs status | cat)", r.lines.moved)
	}
	if r.only.seen {
		r.only.finish(r)
	}
	if !r.only.seen || r.head.any {
		r.judge()
	}
	r.notTold()
	st.failed(r.ran)
	st.tidy()
	return st, nil
}

// failed tells that the command that printed the status did not end well.
func (s *Status) failed(ran line) {
	if ran.no > 0 {
		s.ranBadly = true
		s.missing("line %d: Ansible says that the command failed (%s), so this may not be all that it prints", ran.no, clip(strings.TrimRight(ran.s, " >="), 60))
	}
}

// notTold names what no line of the text tells.
func (r *reader) notTold() {
	st := r.st
	if !r.head.dc {
		st.untold("dc", "quorum")
	}
	if !r.head.any {
		st.untold("maintenance")
	}
	if len(st.Nodes) == 0 && !(st.Counts != nil && st.Counts.Nodes == 0) {
		st.untold("nodes")
	}
	if len(st.Resources) == 0 && !r.res.none && !st.ActiveOnly && !(st.Counts != nil && st.Counts.Resources == 0) {
		st.untold("resources")
	}
}

func (s *Status) untold(what ...string) { s.NotTold = append(s.NotTold, what...) }

// Tells reports whether the status tells something: dc, quorum, maintenance,
// nodes or resources.
func (s *Status) Tells(what string) bool { return !slices.Contains(s.NotTold, what) }

func byLine(a, b Line) int { return cmp.Compare(a.Line, b.Line) }

// hideConnections puts the connections to guest nodes, which --full shows,
// where XML has them. A guest that is off may stand in no list, a remote node
// always does.
func (r *reader) hideConnections() {
	st := r.st
	if len(st.Nodes) == 0 {
		return
	}
	st.Resources = slices.DeleteFunc(st.Resources, func(res Resource) bool {
		if res.Agent != "ocf:pacemaker:remote" || res.Orphaned || res.Group+res.Clone+res.Bundle != "" {
			return false
		}
		if i, ok := r.nodes[res.ID]; ok && st.Nodes[i].Kind != Guest {
			return false
		}
		st.Implicit = append(st.Implicit, res)
		return true
	})
}

// nothing tells that no line of a status was read.
func (r *reader) nothing() bool {
	return !r.head.any && len(r.st.Nodes) == 0 && len(r.st.Resources) == 0 && !r.only.seen
}

// whyNothing says why no status could be read.
func (r *reader) whyNothing() error {
	if r.notRun != nil {
		return r.notRun
	}
	if r.last.s == "" {
		return &SyntaxError{Message: "the text is empty; was the status printed to another stream, or is the cluster just starting?"}
	}
	if len(r.st.Unparsed) > 0 {
		first := r.st.Unparsed[0]
		return &SyntaxError{first.Line, fmt.Sprintf("no line of a cluster status was found, the text begins with %q; %s", clip(first.Text, 60), otherText(r.st.Unparsed))}
	}
	return &SyntaxError{r.last.no, fmt.Sprintf("the text ends before any node or resource, at %q", clip(r.last.s, 60))}
}

// judge names what a whole status has and this one has not: a text may have
// been cut on its way.
func (r *reader) judge() {
	st := r.st
	if !r.head.dc {
		st.missing("no line says which node is the DC and whether there is quorum")
	}
	if r.head.banner > 0 && !r.head.bannerSaid {
		st.missing("line %d: resource management is disabled, and the line that says how is missing", r.head.banner)
	}
	if r.head.clusterStatus { // pcs cluster status ends with the state of pcsd
		if len(st.PCSD) == 0 {
			st.missing("line %d: the text ends before the PCSD Status that pcs cluster status prints", r.last.no)
		}
		return
	}
	if _, ok := r.nodes[st.DC]; st.DC != "" && len(st.Nodes) > 0 && !ok {
		st.missing("the DC %s is not among the nodes: was a line lost?", clip(st.DC, maxKept))
	}
	none := st.Counts != nil && st.Counts.Nodes == 0 && r.seen[inResources] > 0
	if len(st.Nodes) == 0 && !none {
		st.missing("line %d: the text ends before any node", r.last.no)
	}
	if r.res.counted > 0 {
		st.missing("line %d: the resources are counted by their agent (crm_mon -b) and not named; give the output of pcs status or crm_mon -1 -r", r.res.counted)
	} else if len(st.Resources) == 0 && !r.res.none && r.by.line == 0 {
		r.noResources()
	}
	if r.head.clusterName {
		r.judgeDaemons()
	}
	r.judgeNames()
	r.judgeSigns()
	r.judgeCount()
	r.judgeFull()
	r.judgeHeadline()
	r.judgeEnd()
}

// judgeHeadline: no text ends with a headline, whose members or actions it has
// lost. Where what is not active is hidden, so may be all of a clone.
func (r *reader) judgeHeadline() {
	const lost = "line %d: the text ends with the headline of %s: was it cut?"
	switch r.last.no {
	case r.res.headedLine:
		if !r.st.ActiveOnly {
			r.st.missing(lost, r.last.no, clip(r.res.headed, maxKept))
		}
	case r.seen[inFailed]:
		r.st.missing(lost, r.last.no, "the failed actions")
	}
}

// noResources: 1.1.x prints nothing at all under the headline when there are
// none, and then other parts follow.
func (r *reader) noResources() {
	st := r.st
	counted := r.seen[countResources] > 0
	switch {
	case counted && st.Counts.Resources == 0:
	case st.ActiveOnly || r.seen[inResources] == 0 && counted && r.seen[inDaemons] > 0: // none is active
	case counted:
		st.missing("line %d: %d resources are configured and none is listed", r.seen[countResources], st.Counts.Resources)
	default:
		st.missing("line %d: the text ends before any resource", r.last.no)
	}
}

// judgeDaemons: pcs status always ends with these.
func (r *reader) judgeDaemons() {
	st := r.st
	if r.seen[inDaemons] == 0 {
		st.missing("line %d: the text ends before the Daemon Status that pcs status prints", r.last.no)
		return
	}
	for _, name := range []string{"corosync", "pacemaker", "pcsd"} {
		if _, ok := st.Daemons[name]; ok {
			continue
		}
		if _, cman := st.Daemons["cman"]; cman && name == "corosync" { // CentOS 6
			continue
		}
		st.missing("line %d: the Daemon Status does not name %s", r.last.no, name)
	}
}

// judgeNames finds a resource on a node that no line names, which is what a
// cut in the middle of a name looks like. Guests that are off are in no list,
// so a name is wrong only when every node is accounted for.
func (r *reader) judgeNames() {
	st := r.st
	if len(st.Nodes) == 0 {
		return
	}
	all := st.Counts != nil && st.Counts.Nodes == len(st.Nodes)
	guests := slices.ContainsFunc(st.Nodes, func(n Node) bool { return n.Kind == Guest })
	bundles := map[string]bool{}
	for i := range st.Sets {
		if set := &st.Sets[i]; set.Kind == kindBundle {
			bundles[set.ID] = true
		}
	}
	replica := func(node string) bool { // its name is that of a replica of a bundle
		bundle, number, ok := cutLastString(node, "-")
		return ok && digits(number) && bundles[bundle]
	}
	for _, res := range st.Resources {
		for _, n := range res.Nodes {
			if _, ok := r.nodes[n]; !ok && (all || !guests && !replica(n)) {
				st.missing("%s is %s on %s, which is not among the nodes: was the text cut?", res.ID, res.Role, n)
			}
		}
	}
}

// judgeSigns finds names with a backslash: ids are XML names, nodes are hosts and
// agents are files, so what escaped the text on its way left it there.
func (r *reader) judgeSigns() {
	said := func(name string) bool {
		if !strings.Contains(name, `\`) {
			return false
		}
		r.st.missing("the name %s holds a backslash, which no name of a cluster does: was the text changed on its way?", clip(name, maxKept))
		return true // one says enough
	}
	for i := range r.st.Nodes {
		if said(r.st.Nodes[i].Name) {
			return
		}
	}
	for i := range r.st.Sets {
		if said(r.st.Sets[i].ID) {
			return
		}
	}
	for i := range r.st.Resources {
		if said(r.st.Resources[i].ID) || said(r.st.Resources[i].Agent) {
			return
		}
	}
}

// judgeCount holds the counts of the head against what is listed. A guest that is
// off is counted and stands in no list, and neither does the connection to any
// guest. So what is missing of both has to be the same, but for the guests that
// are listed.
func (r *reader) judgeCount() {
	st, c := r.st, r.st.Counts
	if c == nil || c.Nodes < 0 || len(st.Nodes) == 0 || r.by.line > 0 || r.res.counted > 0 || r.full() || // see judgeFull
		slices.ContainsFunc(st.Sets, func(s Set) bool { return s.Kind == kindBundle }) { // hides as many as it likes
		return
	}
	off := c.Nodes - len(st.Nodes)
	if off < 0 {
		st.missing("%d nodes are configured and %d are listed: are there lines of another status?", c.Nodes, len(st.Nodes))
		return
	}
	if r.seen[countResources] == 0 {
		return
	}
	hidden := off + countFunc(st.Nodes, func(n Node) bool { return n.Kind == Guest })
	// Instances of a clone may be more than are listed, and some releases count
	// orphaned resources.
	least := countFunc(st.Resources, func(res Resource) bool { return res.Role != Untold && !res.Orphaned })
	switch {
	case least > c.Resources:
		st.missing("line %d: %d resource instances are configured and %d are listed: are there lines of another status?", r.seen[countResources], c.Resources, least)
	case off > 0 && c.Resources-least < hidden:
		st.missing("%d nodes are configured and only %d are listed: was a line lost?", c.Nodes, len(st.Nodes))
	}
	whole := !st.ActiveOnly && r.seen[inResources] > 0 && !r.head.capitals && // 1.1.10 lists guests among the members
		!slices.ContainsFunc(st.Sets, func(s Set) bool { return s.Kind == kindClone })
	if listed := len(st.Resources) + hidden; whole && listed < c.Resources {
		st.missing("line %d: %d resource instances are configured and only %d are listed: was a line lost?", r.seen[countResources], c.Resources, len(st.Resources))
	}
}

// full tells that this is pcs status --full or crm_mon -1 -r -R, which gives the
// id of each member and a line to each instance, stopped ones and those that
// Pacemaker makes itself as well. Not all of 1.1 showed those.
func (r *reader) full() bool {
	st, members := r.st, 0
	for i := range st.Nodes {
		if n := &st.Nodes[i]; n.Kind == Member {
			if members++; n.ID == "" {
				return false
			}
		}
	}
	return members > 0 && r.head.bulleted && r.seen[inResources] > 0 && !st.ActiveOnly && r.by.line == 0 && r.res.counted+r.res.lists == 0
}

// judgeFull holds the counts of the head against a text that lists everything.
// Short text does not: it names no instance of a clone that has no node, no
// guest that is off, and not what Pacemaker makes for guests and bundles.
func (r *reader) judgeFull() {
	st := r.st
	if st.Counts == nil || r.seen[countResources] == 0 || !r.full() {
		return
	}
	if r.res.singles < st.Counts.Resources {
		st.missing("line %d: %d resource instances are configured and only %d are listed: was a line lost?", r.seen[countResources], st.Counts.Resources, r.res.singles)
	}
	off := countFunc(st.Implicit, func(c Resource) bool { // Pacemaker 2.0 lists no guest that is off, but its connection
		_, ok := r.nodes[c.ID]
		return strings.HasSuffix(c.Agent, ":remote") && !ok
	})
	if len(st.Nodes)+off < st.Counts.Nodes {
		st.missing("%d nodes are configured and only %d are listed: was a line lost?", st.Counts.Nodes, len(st.Nodes))
	}
}

// judgeEnd looks at a last line without its newline: "Started n1" may have
// been "Started n10", and "Started" cannot end there.
func (r *reader) judgeEnd() {
	if ended := r.lines.ended || r.lines.no > r.last.no; ended || r.section != inResources && r.section != inNodes || len(r.st.Resources) == 0 {
		return
	}
	res, ok := resourceLine(r.last.s)
	if !ok {
		return
	}
	if len(res.Nodes) == 0 && res.Role != Stopped {
		r.st.missing("line %d: the text ends in the middle of the line of %s", r.last.no, res.ID)
		return
	}
	for _, n := range r.st.Nodes {
		if len(res.Nodes) == 1 && n.Name != res.Nodes[0] && strings.HasSuffix(r.last.s, res.Nodes[0]) && strings.HasPrefix(n.Name, res.Nodes[0]) {
			r.st.missing("line %d: the text ends without a newline, and %s may be the beginning of %s", r.last.no, res.Nodes[0], n.Name)
			return
		}
	}
}
