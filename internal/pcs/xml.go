package pcs

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// element is any element: releases add elements and attributes, so they are
// looked up by name and what is not known is left alone.
type element struct {
	tag      string
	attrs    []xml.Attr
	children []element
	text     string
}

// maxDepth bounds the nesting; a cloned group in a status has seven levels.
const maxDepth = 64

// readElement reads the next element with all that is in it, and skips what
// stands before it.
func readElement(dec *xml.Decoder) (*element, error) {
	root := element{}
	open := make([]*element, 1, maxDepth) // the last one is being filled
	open[0] = &root
	for {
		tok, err := dec.RawToken() // names have no prefixes here
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		last := open[len(open)-1]
		switch t := tok.(type) {
		case xml.StartElement:
			if len(open) == maxDepth {
				return nil, fmt.Errorf("elements are nested more than %d deep", maxDepth)
			}
			last.children = append(last.children, element{tag: t.Name.Local, attrs: t.Attr})
			open = append(open, &last.children[len(last.children)-1])
		case xml.EndElement:
			if len(open) == 1 || last.tag != t.Name.Local {
				return nil, fmt.Errorf("</%s> ends what is <%s>", clip(t.Name.Local, 60), clip(last.tag, 60))
			}
			open = open[:len(open)-1]
			if len(open) == 1 {
				return &root.children[0], nil
			}
		case xml.CharData:
			if len(open) > 1 && len(last.text)+len(t) <= maxKept {
				last.text += string(t)
			}
		}
	}
}

func (e *element) name() string { return e.tag }

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e *element) is(name string) bool { return e.attr(name) == "true" }

func (e *element) number(name string) int {
	n, _ := strconv.Atoi(e.attr(name))
	return n
}

// child is the first child of that name, or nil.
func (e *element) child(name string) *element {
	for i := range e.children {
		if e.children[i].name() == name {
			return &e.children[i]
		}
	}
	return nil
}

// each calls f for the children of the child: each("nodes", "node", f).
func (e *element) each(list, item string, f func(*element)) {
	l := e.child(list)
	if l == nil {
		return
	}
	for i := range l.children {
		if l.children[i].name() == item {
			f(&l.children[i])
		}
	}
}

// ParseStatusXML reads the XML of `pcs status xml` and of `crm_mon
// --output-as=xml` (or -X), with the root of either: <crm_mon> until pcs 0.10
// and Pacemaker 2.0.2, <pacemaker-result> since.
//
// The error is *NotRunningError or *SyntaxError as with ParseStatus. Status's
// Unknown tells of parts that are missing.
func ParseStatusXML(b []byte) (*Status, error) {
	if len(b) > maxInput {
		return nil, &SyntaxError{Message: tooLarge(len(b))}
	}
	start := bytes.IndexByte(b, '<')
	preface := b
	if start >= 0 {
		preface = b[:start]
	}
	st := &Status{Source: "xml"}
	if err := xmlPreface(st, string(preface), start < 0); err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(bytes.NewReader(b[start:]))
	skipped := bytes.Count(preface, []byte("\n"))
	root, err := readElement(dec)
	if err != nil {
		return nil, xmlError(err, dec, skipped)
	}
	switch root.name() {
	case "crm_mon", "pacemaker-result":
	default:
		return nil, &SyntaxError{skipped + 1, fmt.Sprintf("the root element is <%s>, not <pacemaker-result> or <crm_mon>", clip(root.name(), 60))}
	}
	if err := xmlResult(root); err != nil {
		return nil, err
	}
	for {
		tok, err := dec.Token()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				st.missing("something that is no XML follows the document: %v", err)
			}
			break
		}
		switch t := tok.(type) {
		case xml.Comment:
			continue
		case xml.CharData:
			if len(bytes.TrimSpace(t)) == 0 {
				continue
			}
		}
		st.missing("something follows the end of the document")
		break
	}
	x := xmlReader{st: st, out: newCollector(st)}
	x.read(root)
	st.tidy()
	return st, nil
}

// xmlPreface looks at what stands before the document: pcs up to 0.10 prints
// its warnings there.
func xmlPreface(st *Status, text string, all bool) error {
	ls := lines{rest: text}
	for {
		ln, ok := ls.next()
		if !ok {
			break
		}
		if ln.s == "" || prompt(ln) {
			continue
		}
		if e := saysNotRunning(ln); e != nil && all {
			return e
		}
		if all {
			return &SyntaxError{ln.no, fmt.Sprintf("this is no XML, it begins with %q", clip(ln.s, 60))}
		}
		if w, ok := cutWarning(ln.s); ok {
			st.Warnings = append(st.Warnings, w)
		} else {
			st.keep(ln.no, ln.s)
		}
	}
	if all {
		return &SyntaxError{Message: "the document is empty; just after a start pcs status xml prints nothing, ask again"}
	}
	return nil
}

func cutWarning(s string) (string, bool) {
	key, value, ok := strings.Cut(s, ":")
	if !ok || key != "WARNING" && key != "Warning" && key != "Deprecation Warning" {
		return "", false
	}
	return strings.TrimSpace(value), true
}

func xmlError(err error, dec *xml.Decoder, skipped int) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return &SyntaxError{syntax.Line + skipped, "the XML is broken or was cut: " + syntax.Msg}
	}
	line, _ := dec.InputPos()
	return &SyntaxError{line + skipped, fmt.Sprintf("the XML is broken or was cut: %v", err)}
}

// exitDisconnected is Pacemaker's exit code 102, connection lost or none.
const exitDisconnected = "102"

// xmlResult looks at <status code=…>, which crm_mon fills in when it failed.
func xmlResult(root *element) error {
	status := root.child("status")
	if status == nil || status.attr("code") == "" {
		return nil
	}
	text, failed := status.attr("message"), status.attr("code") != "0"
	status.each("errors", "error", func(e *element) {
		text += ": " + strings.TrimSpace(e.text)
		failed = failed || root.child("summary") == nil // some errors come with code 0
	})
	if !failed {
		return nil
	}
	if e := saysNotRunning(line{no: 1, s: clip(text, maxKept)}); e != nil {
		return e
	}
	if status.attr("code") == exitDisconnected {
		return &NotRunningError{Line: 1, Text: clip(text, maxKept)}
	}
	return &SyntaxError{Message: fmt.Sprintf("crm_mon failed with exit code %s: %s", status.attr("code"), clip(text, maxKept))}
}

// xmlReader fills a Status from a document.
type xmlReader struct {
	st     *Status
	out    *collector
	guests map[string]bool // guest nodes, whose connection has their name
	nodes  map[string]bool // lost and unclean
	where  map[string]string
}

func (x *xmlReader) read(root *element) {
	st := x.st
	x.summary(root)
	x.where = map[string]string{}
	x.readNodes(root)
	if res := root.child("resources"); res != nil {
		for i := range res.children {
			x.resource(&res.children[i])
		}
	} else if st.Counts == nil || st.Counts.Resources > 0 { // 2.1 leaves it out when there are none
		st.missing("the document has no <resources>")
	}
	for i := range st.Nodes {
		if n := &st.Nodes[i]; n.Container != "" {
			n.Host = x.where[n.Container]
		}
	}
	root.each("node_attributes", "node", func(e *element) {
		n := st.Node(e.attr("name"))
		if n == nil || len(e.children) == 0 {
			return
		}
		n.Attributes = map[string]string{}
		for i := range e.children {
			n.Attributes[e.children[i].attr("name")] = e.children[i].attr("value")
		}
	})
	x.history(root)
	root.each("failures", "failure", func(e *element) { x.failure(e) })
	root.each("fence_history", "fence_event", func(e *element) {
		st.Fencing = append(st.Fencing, FencingEvent{
			Action: e.attr("action"), Target: e.attr("target"), Status: e.attr("status"),
			Delegate: e.attr("delegate"), Client: e.attr("client"), Origin: e.attr("origin"),
			ExitReason: e.attr("exit-reason"), Completed: e.attr("completed"),
		})
	})
	root.each("tickets", "ticket", func(e *element) {
		st.Tickets = append(st.Tickets, Ticket{ID: e.attr("id"), Granted: e.attr("status") == "granted",
			Standby: e.is("standby"), LastGranted: e.attr("last-granted")})
	})
	root.each("bans", "ban", func(e *element) {
		st.Bans = append(st.Bans, Ban{ID: e.attr("id"), Resource: e.attr("resource"), Node: e.attr("node"),
			PromotedOnly: e.is("promoted-only") || e.is("master_only")})
	})
	if root.name() == "pacemaker-result" && root.child("status") == nil {
		st.missing("the document has no <status>")
	}
}

func (x *xmlReader) summary(root *element) {
	st := x.st
	sum := root.child("summary")
	if sum == nil {
		st.missing("the document has no <summary>")
		return
	}
	if e := sum.child("stack"); e != nil {
		st.Stack, st.Pacemakerd = e.attr("type"), e.attr("pacemakerd-state")
	}
	dc := sum.child("current_dc")
	if dc == nil {
		st.missing("the document does not say which node is the DC")
	} else if dc.is("present") {
		st.DC, st.DCVersion = dc.attr("name"), dc.attr("version")
		st.Quorum, st.MixedVersion = dc.is("with_quorum"), dc.is("mixed_version")
	}
	if e := sum.child("last_update"); e != nil {
		st.LastUpdated = e.attr("time")
	}
	if e := sum.child("last_change"); e != nil {
		st.LastChange = e.attr("time")
		for _, part := range [][2]string{{" by ", "user"}, {" via ", "client"}, {" on ", "origin"}} {
			if v := e.attr(part[1]); v != "" {
				st.LastChange += part[0] + v
			}
		}
	}
	nodes, resources := sum.child("nodes_configured"), sum.child("resources_configured")
	if nodes != nil && resources != nil {
		st.Counts = &Counts{nodes.number("number"), resources.number("number"),
			resources.number("disabled"), resources.number("blocked")}
	}
	if e := sum.child("cluster_options"); e != nil {
		st.Maintenance, st.StopAll = e.is("maintenance-mode"), e.is("stop-all-resources")
	}
}

func (x *xmlReader) readNodes(root *element) {
	x.guests, x.nodes = map[string]bool{}, map[string]bool{}
	if root.child("nodes") == nil {
		x.st.missing("the document has no <nodes>")
	}
	root.each("nodes", "node", func(e *element) {
		n := Node{
			Name: e.attr("name"), ID: e.attr("id"), Kind: Member,
			Online: e.is("online"), Standby: e.is("standby"), StandbyOnFail: e.is("standby_onfail"),
			Maintenance: e.is("maintenance"), Pending: e.is("pending"), Unclean: e.is("unclean"),
			Health: e.attr("health"), FeatureSet: e.attr("feature_set"),
		}
		if e.attr("type") == "remote" {
			n.Kind = Remote
			if n.Container = e.attr("id_as_resource"); n.Container != "" {
				n.Kind = Guest
				x.guests[n.Name] = true
			}
		}
		x.nodes[n.Name] = n.Unclean && !n.Online
		x.st.Nodes = append(x.st.Nodes, n)
	})
}

// history keeps only fail counts.
func (x *xmlReader) history(root *element) {
	root.each("node_history", "node", func(node *element) {
		for i := range node.children {
			h := &node.children[i]
			if h.attr("fail-count") == "" && h.attr("last-failure") == "" {
				continue
			}
			x.st.FailCounts = append(x.st.FailCounts, Failures{Resource: h.attr("id"), Node: node.attr("name"),
				Count: h.attr("fail-count"), Threshold: h.attr("migration-threshold"), LastFailure: h.attr("last-failure")})
		}
	})
}

// unescape undoes what Pacemaker from 2.0 on does once too often to the
// reason of a failure: &amp;apos; in the document for an apostrophe.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return twice.Replace(s)
}

var twice = strings.NewReplacer("&apos;", "'", "&quot;", "\"", "&lt;", "<", "&gt;", ">", "&amp;", "&",
	"&#x9;", "\t", "&#xA;", "\n", "&#xD;", "\r")

func (x *xmlReader) failure(e *element) {
	a := FailedAction{
		Node: e.attr("node"), RC: e.number("exitcode"), RCText: e.attr("exitstatus"),
		Status: e.attr("status"), ExitReason: noReason(unescape(e.attr("exitreason"))),
		LastChange: e.attr("last-rc-change"), Call: e.attr("call"),
		ExecMS: int64(e.number("exec")), QueuedMS: int64(e.number("queued")),
	}
	key := cmp.Or(e.attr("op_key"), e.attr("id"))
	if !a.setKey(key) {
		// An old history has no key, and 2.0.5 then writes the name of the
		// attribute in its place: id="id".
		a.Operation, a.IntervalMS = e.attr("task"), int64(e.number("interval"))
	}
	x.st.FailedActions = append(x.st.FailedActions, a)
}
