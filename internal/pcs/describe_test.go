package pcs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// describe writes a model down, one line for each thing in it, for golden
// files that a person can check against the text above them.
func describe(s *Status) string {
	var b strings.Builder
	p := func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	p("cluster %q stack %q dc %q %s%s", s.Cluster, s.Stack, s.DC, s.DCVersion,
		flags("quorum", s.Quorum, "maintenance", s.Maintenance, "stop-all", s.StopAll, "mixed-version", s.MixedVersion, "active-only", s.ActiveOnly))
	if s.Pacemakerd != "" {
		p("pacemakerd %s", s.Pacemakerd)
	}
	p("updated %q changed %q", s.LastUpdated, s.LastChange)
	if c := s.Counts; c != nil {
		p("counts %d nodes, %d resources, %d disabled, %d blocked", c.Nodes, c.Resources, c.Disabled, c.Blocked)
	}
	for _, w := range s.Warnings {
		p("warning %s", w)
	}
	for _, n := range s.Nodes {
		p("%s %s%s%s", n.Kind, n.Name,
			flags("online", n.Online, "standby", n.Standby, "on-fail", n.StandbyOnFail, "maintenance", n.Maintenance, "pending", n.Pending, "unclean", n.Unclean, "not-told", n.NotTold),
			values("id", n.ID, "host", n.Host, "container", n.Container, "health", n.Health, "features", n.FeatureSet))
		for _, k := range slices.Sorted(maps.Keys(n.Attributes)) {
			p("  attribute %s=%s", k, n.Attributes[k])
		}
	}
	for _, set := range s.Sets {
		p("%s %s%s%s", set.Kind, set.ID, values("of", set.Member, "image", set.Image, "in", set.Clone, "described", set.Description),
			flags("promotable", set.Promotable, "unique", set.Unique, "unmanaged", !set.Managed, "disabled", set.Disabled, "maintenance", set.Maintenance))
	}
	for _, r := range s.Resources {
		p("resource %s", describeResource(&r))
	}
	for _, r := range s.Implicit {
		p("implicit %s", describeResource(&r))
	}
	for _, a := range s.FailedActions {
		p("failed %s %s interval %dms on %s: rc %d %q status %q%s", a.Resource, a.Operation, a.IntervalMS, a.Node, a.RC, a.RCText, a.Status,
			values("reason", a.ExitReason, "at", a.LastChange, "call", a.Call, "exec", nonzero(a.ExecMS), "queued", nonzero(a.QueuedMS)))
	}
	for _, e := range s.Fencing {
		p("fencing %s of %s %s%s%s", e.Action, e.Target, e.Status,
			values("by", e.Delegate, "client", e.Client, "origin", e.Origin, "reason", e.ExitReason, "at", e.Completed), flags("later-succeeded", e.LaterSucceeded))
	}
	for _, t := range s.Tickets {
		p("ticket %s%s%s", t.ID, flags("granted", t.Granted, "standby", t.Standby), values("last", t.LastGranted))
	}
	for _, n := range s.Bans {
		p("ban %s keeps %s off %s%s", n.ID, n.Resource, n.Node, flags("promoted-only", n.PromotedOnly))
	}
	for _, f := range s.FailCounts {
		p("failcount %s on %s%s", f.Resource, f.Node, values("count", f.Count, "threshold", f.Threshold, "last", f.LastFailure))
	}
	for _, k := range slices.Sorted(maps.Keys(s.PCSD)) {
		p("pcsd %s %s", k, s.PCSD[k])
	}
	for _, k := range slices.Sorted(maps.Keys(s.Daemons)) {
		p("daemon %s %s", k, s.Daemons[k])
	}
	if len(s.NotTold) > 0 {
		p("not told: %s", strings.Join(s.NotTold, ", "))
	}
	for _, u := range s.Undone {
		p("undone %s", u)
	}
	for _, u := range s.Beside {
		p("beside line %d, %d lines: %q", u.Line, u.Lines, u.Text)
	}
	for _, u := range s.Unparsed {
		p("unparsed line %d: %q", u.Line, u.Text)
	}
	for _, m := range s.Incomplete {
		p("incomplete: %s", m)
	}
	return b.String()
}

func describeResource(r *Resource) string {
	s := r.ID + " (" + r.Agent + ") " + r.Role
	if len(r.Nodes) > 0 {
		s += " on " + strings.Join(r.Nodes, ",")
	}
	s += values("group", r.Group, "clone", r.Clone, "bundle", r.Bundle) +
		flags("unmanaged", !r.Managed, "failed", r.Failed, "blocked", r.Blocked, "disabled", r.Disabled, "orphaned", r.Orphaned,
			"maintenance", r.Maintenance, "unclean", r.Unclean, "failure-ignored", r.FailureIgnored) +
		values("instances", strings.Join(r.Instances, ","), "pending", r.Pending, "locked-to", r.LockedTo, "target-role", r.TargetRole,
			"stopped-on", strings.Join(r.StoppedOn, ","), "probe", r.Probe, "address", r.Address, "described", r.Description)
	for _, m := range r.Members {
		s += fmt.Sprintf(" member(%s %s %s)", m.ID, m.Agent, m.Role)
	}
	if p := r.Replica; p != nil {
		s += fmt.Sprintf(" replica(%s%s)", p.ID, values("primitive", p.Primitive, "container", p.Container, "remote", p.Remote, "ip", p.IP))
	}
	return s
}

func nonzero(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n, "ms")
}

func flags(pairs ...any) (s string) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1].(bool) {
			s += " " + pairs[i].(string)
		}
	}
	return s
}

func values(pairs ...string) (s string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := pairs[i+1]; v != "" {
			if strings.ContainsAny(v, " ,") {
				v = fmt.Sprintf("%q", v)
			}
			s += " " + pairs[i] + ":" + v
		}
	}
	return s
}
