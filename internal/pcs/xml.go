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

// ParseStatusXML reads the XML of `pcs status xml` and of `crm_mon
// --output-as=xml` (or -X), with the root of either: <crm_mon> until pcs 0.10
// and Pacemaker 2.0.2, <pacemaker-result> since.
//
// The error is *NotRunningError or *SyntaxError as with ParseStatus. Status's
// Unknown tells of parts that are missing.
func ParseStatusXML(b []byte) (*Status, error) {
	if len(b) > maxInput {
		return nil, tooLarge(len(b))
	}
	b = decode(b)
	start := xmlStart(b)
	preface := b
	if start >= 0 {
		preface = b[:start]
	}
	st := &Status{Source: "xml"}
	if err := xmlPreface(st, string(preface), start < 0); err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(bytes.NewReader(b[start:]))
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") { // see decode
			return in, nil
		}
		return nil, fmt.Errorf("the encoding %q is not known, Pacemaker writes UTF-8", clip(label, 40))
	}
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
	xmlAfter(st, string(b[start+int(dec.InputOffset()):]), bytes.Count(b[:start+int(dec.InputOffset())], []byte("\n")))
	x := xmlReader{st: st, out: newCollector(st)}
	x.read(root)
	if st.full() {
		return nil, tooMany(0)
	}
	st.tidy()
	return st, nil
}

// xmlStart finds where the document begins: at the line that only it begins
// with, else at the first <. It is -1 where there is none.
func xmlStart(b []byte) int {
	for at := 0; at < len(b); {
		line := b[at:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end+1]
		}
		s := bytes.TrimLeft(line, " \t")
		if len(s) > 0 && s[0] == '<' && beginsXML(string(s[:min(len(s), 40)])) {
			return at + len(line) - len(s)
		}
		at += len(line)
	}
	return bytes.IndexByte(b, '<')
}

// xmlAfter looks at what stands behind the document: it is no part of the
// status, unless it is another or says that the cluster does not run.
func xmlAfter(st *Status, text string, above int) {
	ls := lines{rest: text, no: above}
	for {
		ln, ok := ls.next()
		if !ok {
			return
		}
		switch {
		case ln.s == "", strings.HasPrefix(ln.s, "<!--") && strings.HasSuffix(ln.s, "-->"):
		case beginsXML(ln.s), likeStatus(ln):
			st.missing("line %d: a second status begins here, and only the first was read: give one at a time", ln.no)
			return
		case saysNotRunning(ln) != nil, garbled(ln.s), len(ln.s) > maxLine, ln.s[0] == '<':
			st.keep(ln.no, ln.s)
		case bystander(ln):
		default:
			st.passBy(ln)
		}
	}
}

// passBy notes a line that is no part of the status; lines one below the other
// make one part.
func (s *Status) passBy(ln line) {
	if n := len(s.Beside); n > 0 && s.Beside[n-1].Line+s.Beside[n-1].Lines >= ln.no-2 {
		s.Beside[n-1].Lines = ln.no - s.Beside[n-1].Line + 1
	} else if n < maxLines {
		s.Beside = append(s.Beside, Beside{Line: ln.no, Lines: 1, Text: clip(ln.s, maxKept)})
	}
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
		if ln.s == "" || bystander(ln) {
			continue
		}
		if e := saysNotRunning(ln); e != nil && all {
			return e
		}
		if all {
			return &SyntaxError{ln.no, fmt.Sprintf("this is no XML, it begins with %q", clip(ln.s, 60))}
		}
		if w, ok := cutWarning(ln.s); ok && len(ln.s) < maxLine && !garbled(ln.s) && len(st.Warnings) < maxLines {
			st.Warnings = append(st.Warnings, w)
		} else if saysNotRunning(ln) != nil || likeStatus(ln) || garbled(ln.s) || len(ln.s) > maxLine {
			st.keep(ln.no, ln.s)
		} else {
			st.passBy(ln)
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
		return cutLog(s)
	}
	return strings.TrimSpace(value), true
}

func xmlError(err error, dec *xml.Decoder, skipped int) error {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return &SyntaxError{syntax.Line + skipped, "the XML is broken or was cut: " + clip(syntax.Msg, maxKept)}
	}
	line, _ := dec.InputPos()
	if limit, ok := errors.AsType[*SyntaxError](err); ok {
		return &SyntaxError{line + skipped, limit.Message}
	}
	return &SyntaxError{line + skipped, clip(fmt.Sprintf("the XML is broken or was cut: %v", err), 2*maxKept)}
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
	by     byNode
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
	} else if x.by.line == 0 && (st.Counts == nil || st.Counts.Resources > 0) { // 2.1 leaves it out when there are none
		st.missing("the document has no <resources>")
		st.untold("resources")
	}
	x.by.finish(st)
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
	if h := root.child("fence_history"); h != nil && h.number("status") != 0 {
		st.missing("the fencing history could not be read (exit code %s)", clip(h.attr("status"), 20))
	}
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
		st.untold("dc", "quorum", "maintenance")
		return
	}
	if e := sum.child("stack"); e != nil {
		st.Stack, st.Pacemakerd = e.attr("type"), e.attr("pacemakerd-state")
	}
	dc := sum.child("current_dc")
	if dc == nil {
		st.missing("the document does not say which node is the DC")
		st.untold("dc", "quorum")
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
		x.st.untold("nodes")
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
			if n.Container = cmp.Or(e.attr("id_as_resource"), e.attr("container_id")); n.Container != "" {
				n.Kind = Guest
				x.guests[n.Name] = true
			}
		}
		if _, twice := x.nodes[n.Name]; twice {
			x.st.missing("the node %s is listed twice", clip(n.Name, maxKept))
		}
		x.nodes[n.Name] = n.Unclean && !n.Online
		x.st.Nodes = append(x.st.Nodes, n)
		for i := range e.children { // crm_mon -n
			if r, ok := x.primitive(&e.children[i]); ok {
				x.by.add(r, n.Name)
			}
			x.by.note(-1)
		}
	})
	if c := x.st.Counts; c != nil && len(x.st.Nodes) < c.Nodes {
		x.st.missing("%d nodes are configured and only %d are in the document", c.Nodes, len(x.st.Nodes))
	}
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
// reason of a failure: &amp;apos; in the document for an apostrophe, and
// \37777777703 for the byte c3, its octal number with the sign (crm_xml_escape),
// and \n for the end of a line.
func unescape(s string) string {
	if strings.Contains(s, octal) {
		var b strings.Builder
		for {
			before, after, found := strings.Cut(s, octal)
			b.WriteString(before)
			if !found {
				break
			}
			if n, err := strconv.ParseUint(after[:min(3, len(after))], 8, 16); err == nil && len(after) >= 3 {
				b.WriteByte(byte(n & 0xff))
				after = after[3:]
			} else {
				b.WriteString(octal)
			}
			s = after
		}
		s = strings.ToValidUTF8(b.String(), "\uFFFD")
	}
	s = strings.ReplaceAll(s, `\n`, "\n")
	if !strings.Contains(s, "&") {
		return s
	}
	return twice.Replace(s)
}

const octal = `\37777777`

var twice = strings.NewReplacer("&apos;", "'", "&quot;", "\"", "&lt;", "<", "&gt;", ">", "&amp;", "&",
	"&#x9;", "\t", "&#xA;", "\n", "&#xD;", "\r", "&#x09;", "\t", "&#x0A;", "\n", "&#x0D;", "\r") // the last ones: 3.0

func (x *xmlReader) failure(e *element) {
	a := FailedAction{
		Node: e.attr("node"), RC: e.number("exitcode"), RCText: e.attr("exitstatus"),
		Status: e.attr("status"), ExitReason: oneReason(unescape(e.attr("exitreason"))),
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
