package pcs

import (
	"strconv"
	"strings"
)

// head is what the head of the text has shown so far.
type head struct {
	clusterName   bool // this is pcs status
	clusterStatus bool // this is pcs cluster status
	dc            bool
	banner        int // line of "Resource management is DISABLED"
	bannerSaid    bool
	begun         bool // a line of it was seen
	nodes         int  // that were known before it, from pcs status nodes
	any           bool
	capitals      bool // "2 Nodes configured": to 1.1.13
	bulleted      bool // 2.0.3 and later
}

// headLine reads a line of the head of the status.
func (r *reader) headLine(ln line) bool {
	s := ln.s
	switch c := s[0]; {
	case c >= '0' && c <= '9':
		return r.countLine(ln)
	case c == '*':
		if strings.HasPrefix(s, "*** Resource management is DISABLED ***") {
			r.head.banner = ln.no
			return true
		}
		return false
	}
	key, value, ok := strings.Cut(s, ":")
	if !ok {
		return r.bannerLine(s) || optionLine(s)
	}
	value = strings.TrimSpace(value)
	switch key {
	case "Cluster name", "Stack", "Current DC", "Last updated":
		if r.anotherHead(ln) {
			return true
		}
		if !r.head.begun {
			r.head.begun, r.head.nodes = true, len(r.st.Nodes)
		}
	}
	switch key {
	case "Cluster name":
		if r.head.clusterName {
			r.second(ln)
			return true
		}
		r.head.clusterName = true
		r.st.Cluster = value
	case "Stack":
		if r.st.Stack != "" {
			r.second(ln)
			return true
		}
		r.head.any, r.head.bulleted = true, ln.bullet
		r.st.Stack = value
		// From 2.1.6 on the state of pacemakerd follows: pcmk__pcmkd_state_enum2friendly.
		if name, state, ok := strings.Cut(value, " ("); ok && state != "with plugin)" && strings.HasSuffix(state, ")") {
			r.st.Stack, r.st.Pacemakerd = name, state[:len(state)-1]
		}
	case "Status of pacemakerd": // 2.1.0 to 2.1.5: 'Pacemaker is running' (last updated …)
		end := strings.Index(value, "' (last updated ")
		if end <= 0 || value[0] != '\'' || value[len(value)-1] != ')' {
			return false
		}
		r.st.Pacemakerd = value[1:end]
	case "Current DC":
		if r.head.dc {
			r.second(ln)
			return true
		}
		return r.dcLine(value)
	case "Version":
		r.st.DCVersion = value
	case "Last updated":
		// 1.1.13 and .14 put both on one line
		if i := strings.Index(value, "Last change:"); i >= 0 {
			r.st.LastChange = strings.TrimSpace(value[i+len("Last change:"):])
			value = strings.TrimSpace(value[:i])
		}
		r.st.LastUpdated = value
		r.head.any = true
	case "Last change":
		r.st.LastChange = value
	case "Using the original execution date of", "Setting effective cluster time": // crm_simulate
		r.st.LastUpdated = value
	case "No quorum policy": // crm_mon --include=options
	case "WARNING", "Warning", "Deprecation Warning":
		r.st.Warnings = append(r.st.Warnings, value)
	default:
		return false
	}
	return true
}

// logLine keeps what Pacemaker's libraries print along as a warning.
func (r *reader) logLine(ln line) bool {
	message, ok := cutLog(ln.s)
	if !ok || ln.bullet {
		return false
	}
	r.st.Warnings = append(r.st.Warnings, clip(message, maxKept))
	return true
}

// optionLine recognises what crm_mon --include=options adds to the head.
func optionLine(s string) bool {
	if rest, ok := strings.CutSuffix(s, "abled"); ok { // 2.0 and later; 3.0.2 is about to call it fencing
		return strings.HasPrefix(rest, "STONITH of failed nodes ") || strings.HasPrefix(rest, "Fencing of failed nodes ")
	}
	return s == "Cluster is symmetric" || s == "Cluster is asymmetric"
}

// bannerLine reads the second line of the banner, which says which of two
// things is meant.
func (r *reader) bannerLine(s string) bool {
	if r.head.banner == 0 || r.head.bannerSaid {
		return false
	}
	switch s {
	case "The cluster will not attempt to start, stop or recover services":
		r.st.Maintenance = true
	case "The cluster will keep all resources stopped":
		r.st.StopAll = true
	default:
		return false
	}
	r.head.bannerSaid = true
	return true
}

// dcLine reads "n1 (1) (version 2.1.5-x) - MIXED-VERSION partition with
// quorum", "NONE" and what lies between.
func (r *reader) dcLine(value string) bool {
	if value == "NONE" {
		r.head.dc, r.head.any = true, true
		return true
	}
	i := strings.LastIndex(value, "partition ")
	if i < 0 {
		return false
	}
	switch value[i:] {
	case "partition with quorum":
		r.st.Quorum = true
	case "partition WITHOUT quorum":
	default:
		return false
	}
	left := strings.TrimSpace(value[:i])
	if l, ok := strings.CutSuffix(left, "MIXED-VERSION"); ok {
		r.st.MixedVersion = true
		left = strings.TrimSpace(l)
	}
	left, ok := strings.CutSuffix(left, "-")
	if !ok {
		return false
	}
	name, rest := cutWord(strings.TrimSpace(left))
	for rest = strings.TrimSpace(rest); rest != ""; {
		in, more, ok := cutParens(rest)
		if !ok {
			return false
		}
		if v, ok := strings.CutPrefix(in, "version "); ok {
			r.st.DCVersion = v
		}
		rest = more
	}
	r.head.dc, r.head.any = true, true
	r.st.DC = name
	return name != ""
}

// countLine reads the counts: "2 Nodes configured, unknown expected votes",
// "3 nodes and 112 resources configured", "27 resource instances configured
// (4 DISABLED, 2 BLOCKED from further action due to failure)".
func (r *reader) countLine(ln line) bool {
	before, after, ok := strings.Cut(ln.s, " configured")
	if !ok {
		return simulatedCounts(ln.s)
	}
	c, counted := Counts{Nodes: -1, Resources: -1}, false
	if r.st.Counts != nil {
		c = *r.st.Counts
	}
	for _, part := range strings.Split(before, " and ") {
		number, what := cutWord(part)
		n, err := strconv.Atoi(number)
		if err != nil {
			return false
		}
		r.head.capitals = r.head.capitals || strings.HasPrefix(what, "Node") || strings.HasPrefix(what, "Resource")
		switch strings.ToLower(what) {
		case "node", "nodes":
			c.Nodes = n
		case "resource", "resources", "resource instance", "resource instances":
			c.Resources = n
			counted = true
		default:
			return false
		}
	}
	after = strings.TrimSuffix(after, ".")
	switch {
	case after == "":
	case strings.HasPrefix(after, ", ") && strings.HasSuffix(after, " expected votes"):
	case strings.HasPrefix(after, " (") && strings.HasSuffix(after, " expected votes)"): // 1.1.12 to 1.1.24, with the plugin
	case strings.HasPrefix(after, " (") && strings.HasSuffix(after, ")"):
		for _, part := range strings.Split(after[2:len(after)-1], ", ") {
			number, what := cutWord(part)
			n, err := strconv.Atoi(number)
			if err != nil {
				return false
			}
			switch {
			case what == "DISABLED":
				c.Disabled = n
			case strings.HasPrefix(what, "BLOCKED from ") && strings.HasSuffix(what, " due to failure"):
				c.Blocked = n // "starting" until 1.1.19, then "further action"
			default:
				return false
			}
		}
	default:
		return false
	}
	r.st.Counts = &c
	if counted {
		r.seen[countResources] = ln.no
	}
	r.head.any = true
	return true
}

// simulatedCounts recognises what crm_simulate prints in place of the counts:
// "1 of 5 resource instances DISABLED and 0 BLOCKED from further action due to
// failure", in 1.1 "resources" and "from being started due to failures".
func simulatedCounts(s string) bool {
	disabled, rest := cutWord(s)
	rest, ok := strings.CutPrefix(rest, "of ")
	all, rest := cutWord(rest)
	what, rest, found := strings.Cut(rest, " DISABLED and ")
	blocked, rest := cutWord(rest)
	return ok && found && digits(disabled) && digits(all) && digits(blocked) &&
		(what == "resources" || what == "resource instances") && strings.HasPrefix(rest, "BLOCKED from ")
}

// scored recognises a score or a capacity. With -s, crm_simulate from 2.1.0 on
// prints neither titles nor bullets, and these come first of what it would do
// (node_weight, promotion_score, node_capacity and resource_util of pe_output.c).
func scored(s string) bool {
	for _, words := range []string{" allocation score on ", " promotion score ", " capacity:", " utilization on "} {
		if i := strings.Index(s, words); i > 0 && strings.Count(s[:i], " ") < 2 && strings.Contains(s[i:], ":") {
			return true
		}
	}
	return false
}

// countResources marks in reader.seen that the number of resources was told.
const countResources section = -1
