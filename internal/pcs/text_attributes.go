package pcs

import "strings"

// nodeHeading reads "Node: n1 (1):" and "Node n1:", which begin the
// attributes and the history of a node.
func (r *reader) nodeHeading(ln line) bool {
	rest, ok := strings.CutPrefix(ln.s, "Node")
	if !ok || rest == "" || rest[0] != ' ' && rest[0] != ':' || !strings.HasSuffix(rest, ":") && !strings.HasPrefix(rest, ": ") {
		return false
	}
	rest = strings.TrimSpace(strings.TrimPrefix(rest, ":"))
	name, id := cutWord(strings.TrimSpace(strings.TrimSuffix(rest, ":")))
	if _, left, ok := cutParens(id); id != "" && (!ok || left != "") {
		return false
	}
	n := Node{Kind: Member}
	if _, known := r.nodes[name]; !known && strings.IndexByte(name, '@') > 0 {
		n.Kind = Guest
	}
	n.setName(name)
	r.attrNode = n.Name
	return n.Name != ""
}

// attributeLine reads "* Node: n1:" and "* name   \t: value".
func (r *reader) attributeLine(ln line) bool {
	if r.nodeHeading(ln) {
		return true
	}
	if r.attrNode == "" {
		return false
	}
	s := strings.TrimPrefix(ln.s, "+ ")
	name, value, ok := strings.Cut(s, "\t:")
	if !ok { // the tab was lost
		name, value = cutWord(s)
		if value, ok = strings.CutPrefix(value, ":"); !ok {
			return false
		}
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	// An attribute of ping has "\t: Connectivity is lost" behind it.
	if i := strings.LastIndex(value, ": Connectivity is "); i > 0 && (value[i-1] == '\t' || value[i-1] == ' ') {
		value = strings.TrimSpace(value[:i])
	}
	if i, ok := r.nodes[r.attrNode]; ok {
		n := &r.st.Nodes[i]
		if n.Attributes == nil {
			n.Attributes = map[string]string{}
		}
		n.Attributes[name] = value
	}
	return true
}

// migrationLine reads the migration summary and the history of operations,
// of which only the fail counts are kept.
func (r *reader) migrationLine(ln line) bool {
	if r.nodeHeading(ln) {
		return true
	}
	s := ln.s
	if strings.HasPrefix(s, "+ (") || strings.HasPrefix(s, "(") { // crm_mon -o
		_, rest, ok := cutParens(strings.TrimPrefix(s, "+ "))
		return ok && rest != ""
	}
	if strings.HasPrefix(s, "Orphan resource: ") {
		return true
	}
	id, rest, ok := strings.Cut(s, ":")
	for ok && rest != "" && rest[0] != ' ' { // an instance: r:0: migration-threshold=
		var more string
		more, rest, ok = strings.Cut(rest, ":")
		id += ":" + more
	}
	rest = strings.TrimSuffix(strings.TrimSpace(rest), ":") // before the operations
	if !ok || strings.ContainsAny(id, " \t") {
		return false
	}
	if rest == "" || rest == "orphan" {
		return true
	}
	f := Failures{Resource: id, Node: r.attrNode}
	if left, value, ok := cutLast(rest, "last-failure="); ok {
		f.LastFailure, rest = value, left
	}
	if !whole(f.LastFailure) {
		return false
	}
	for _, word := range strings.Fields(rest) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "migration-threshold":
			f.Threshold = value
		case "fail-count":
			f.Count = value
		default:
			return false
		}
	}
	r.st.FailCounts = append(r.st.FailCounts, f)
	return true
}
