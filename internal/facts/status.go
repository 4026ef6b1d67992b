package facts

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How the status is asked for.
const (
	StatusText    = "text"  // pcs status
	StatusXML     = "xml"   // and the XML beside it
	StatusBriefly = "brief" // crm_mon alone: no Python, and no word of the daemons
)

// Status is what a node says of the running cluster, as it says it.
type Status struct {
	Now       time.Time // the node's clock
	Addresses []netip.Addr
	Text      string // of pcs status or crm_mon
	TextCode  int    // its exit status
	TextSaid  string // what it wrote on standard error
	TextErr   *Error // it was cut off, or took too long
	// What follows is asked only where there is a text with exit status 0.
	Links    []Link // of the node; none where Corosync tells none
	XML      []byte
	XMLErr   *Error // it was asked for and there is none
	CIB      []byte
	Scores   []byte   // crm_simulate -sL
	Problems []*Error // all that could not be read
}

// TakeStatus takes the answer of an observation of SectionStatus. The error says
// that there is no whole answer.
func TakeStatus(q Ask, mark string, stdout, stderr []byte) (*Status, error) {
	a, err := readAnswers(q, mark, stdout, stderr)
	if err != nil {
		return nil, err
	}
	s := &Status{}
	command := "pcs status"
	if q.Status == StatusBriefly {
		command = "crm_mon -1 -r"
	}
	text := a.frames["text"]
	s.Text, s.TextCode, s.TextSaid = string(text.Out), text.Status, text.Said
	switch {
	case text.cut, text.Status < 0, text.Status == statusTimedOut, text.Status == statusKilled:
		_, s.TextErr = a.look("text", command)
	}
	if now, ok := a.line("now", "date"); ok {
		sec, err := strconv.ParseInt(now, 10, 64)
		if err != nil {
			a.fail("date", a.frames["now"], "%s", garbled(now))
		}
		s.Now = time.Unix(sec, 0).UTC()
	}
	for _, p := range a.addresses() {
		s.Addresses = append(s.Addresses, p.Addr())
	}
	if s.TextErr == nil && text.Status == 0 {
		s.ofRunning(a)
	}
	s.Problems = a.errs
	return s, nil
}

// ofRunning takes what only a running cluster answers.
func (s *Status) ofRunning(a *answers) {
	links, ok := a.got("links", "corosync-cfgtool -s")
	list, whole := a.got("nodelist", "corosync-cmapctl nodelist.")
	if s.Links = parseLinks(string(links.Out) + namesOf(string(list.Out))); ok && whole {
		if wrong := incomplete(string(links.Out), string(list.Out)); wrong != "" {
			a.fail("corosync-cfgtool -s, corosync-cmapctl nodelist.", links, "%s", wrong)
		}
	}
	if _, asked := a.frames["xml"]; asked {
		ans, err := a.look("xml", "crm_mon --output-as=xml")
		if s.XMLErr = err; err == nil {
			s.XML = ans.Out
		}
	}
	if ans, ok := a.got("status-cib", "cibadmin --query"); ok {
		s.CIB = ans.Out
	}
	if ans, ok := a.got("scores", "crm_simulate -sL"); ok {
		s.Scores = ans.Out
	}
}

// incomplete says what is missing in the answers of corosync-cfgtool -s and
// corosync-cmapctl: every node of the list has an id; every link of the node is
// told; and where a link tells of nodes it tells of all but perhaps its own.
func incomplete(links, list string) string {
	if !strings.HasSuffix(links, "\n") {
		return "ends in the middle of a line"
	}
	type node struct {
		id    string
		rings int
	}
	nodes := map[string]node{}
	local := ""
	for line := range strings.Lines(list) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok || !strings.HasPrefix(key, "nodelist.") || !strings.HasSuffix(line, "\n") {
			return garbled(line)
		}
		key, _, _ = strings.Cut(key, " ")
		if key == "nodelist.local_node_pos" {
			local = value
		}
		place, what, ok := strings.Cut(strings.TrimPrefix(key, "nodelist.node."), ".")
		if !ok || !strings.HasPrefix(key, "nodelist.node.") {
			continue
		}
		n := nodes[place]
		if what == "nodeid" {
			n.id = value
		} else if strings.HasPrefix(what, "ring") {
			n.rings++
		}
		nodes[place] = n
	}
	if len(nodes) == 0 || local == "" {
		return "the list of nodes is not told"
	}
	for place, n := range nodes {
		if n.id == "" {
			return "told no id of the node at place " + place
		}
	}
	blocks := linkBlocks(links)
	// A node by itself has links to nobody, and tells of the first one only.
	if alone := len(nodes) == 1 && len(blocks) > 0; len(blocks) != nodes[local].rings && !alone {
		return fmt.Sprintf("told of %d links, and the node has %d", len(blocks), nodes[local].rings)
	}
	tells := slices.ContainsFunc(blocks, func(told map[string]bool) bool { return len(told) > 0 })
	for _, told := range blocks {
		for place, n := range nodes {
			if tells && !told[n.id] && place != local {
				return "a link tells nothing of the node with the id " + n.id
			}
		}
		for id := range told {
			known := false
			for _, n := range nodes {
				known = known || n.id == id
			}
			if !known {
				return "the list of nodes has none with the id " + id
			}
		}
	}
	return ""
}

// namesOf are the lines of the list that name the nodes.
func namesOf(list string) string {
	var b strings.Builder
	for line := range strings.Lines(list) {
		if key, _, _ := strings.Cut(line, " "); strings.HasSuffix(key, ".name") || strings.HasSuffix(key, ".nodeid") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// linkBlocks are the ids of the nodes that each link or ring tells of, in
// corosync-cfgtool -s of Corosync 2 (none), 3.0 and 3.1.
func linkBlocks(text string) (blocks []map[string]bool) {
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		switch {
		case len(w) >= 3 && (w[0] == "LINK" || w[0] == "RING") && w[1] == "ID":
			blocks = append(blocks, map[string]bool{})
		case len(w) >= 2 && strings.TrimSuffix(w[0], ":") == "nodeid" && len(blocks) > 0:
			blocks[len(blocks)-1][strings.Trim(w[1], ":")] = true
		}
	}
	return blocks
}
