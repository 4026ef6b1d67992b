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
	any           bool
	bulleted      bool // 2.0.3 and later
}

// notRunning are the ways to say that nothing runs here: of pcs up to 0.10.3
// and of `pcs cluster status` in any release; of pcs from 0.10.4; of crm_mon.
// The value is true where the daemons are there and do not answer yet.
var notRunning = map[string]bool{
	"cluster is not currently running on this node": false,
	"error running crm_mon, is pacemaker running?":  false,
	"cluster is not available on this node":         false,
	"connection to cluster failed:":                 false,
	"could not connect to the cluster":              false,
	"pacemaker daemons not running":                 false,
	"corosync not running":                          false,
	"connection to the cluster-daemons terminated":  true,
	"reading stonith-history failed":                true,
	"unable to get stonith-history":                 true,
}

// saysNotRunning finds one of these in a line.
func saysNotRunning(ln line) *NotRunningError {
	if len(ln.s) > maxKept {
		return nil
	}
	low := strings.ToLower(ln.s)
	for words, starting := range notRunning {
		if strings.Contains(low, words) {
			return &NotRunningError{Line: ln.no, Text: clip(ln.s, maxKept), Starting: starting}
		}
	}
	return nil
}

// notRunningLine keeps the first line that says so, and the more certain one.
func (r *reader) notRunningLine(ln line) bool {
	e := saysNotRunning(ln)
	if e == nil {
		return false
	}
	if r.notRun == nil || r.notRun.Starting && !e.Starting {
		r.notRun = e
	}
	return true
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
		return r.bannerLine(s) || r.notRunningLine(ln)
	}
	value = strings.TrimSpace(value)
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
		if i := strings.Index(value, " (Pacemaker "); i > 0 && strings.HasSuffix(value, ")") {
			r.st.Stack, r.st.Pacemakerd = value[:i], value[i+2:len(value)-1]
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
	case "WARNING", "Warning", "Deprecation Warning":
		r.st.Warnings = append(r.st.Warnings, value)
	default:
		return r.notRunningLine(ln) || r.bannerLine(s)
	}
	return true
}

// bannerLine reads the second line of the banner, which says which of two
// things is meant.
func (r *reader) bannerLine(s string) bool {
	if r.head.banner == 0 || r.head.bannerSaid {
		return false
	}
	switch {
	case s == "The cluster will not attempt to start, stop or recover services":
		r.st.Maintenance = true
	case s == "The cluster will keep all resources stopped":
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
		return false
	}
	c, counted := Counts{}, false
	if r.st.Counts != nil {
		c = *r.st.Counts
	}
	for _, part := range strings.Split(before, " and ") {
		number, what := cutWord(part)
		n, err := strconv.Atoi(number)
		if err != nil {
			return false
		}
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
	case strings.HasPrefix(after, " (") && strings.HasSuffix(after, ")"):
		for _, part := range strings.Split(after[2:len(after)-1], ", ") {
			number, what := cutWord(part)
			n, err := strconv.Atoi(number)
			if err != nil {
				return false
			}
			switch what {
			case "DISABLED":
				c.Disabled = n
			case "BLOCKED from further action due to failure":
				c.Blocked = n
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

// countResources marks in reader.seen that the number of resources was told.
const countResources section = -1
