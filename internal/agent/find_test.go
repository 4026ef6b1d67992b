package agent

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilter(t *testing.T) {
	agents := []string{"lsb:ssh", "ocf:heartbeat:IPaddr2", "ocf:heartbeat:nginx", "ocf:pacemaker:ping", "service:nginx", "service:ssh",
		"stonith:external/ipmi", "stonith:fence_ipmilan", "systemd:nginx", "systemd:odd[1]", "systemd:getty@"}
	for filter, want := range map[string]string{
		"":                 "lsb:ssh ocf:heartbeat:IPaddr2 ocf:heartbeat:nginx ocf:pacemaker:ping stonith:external/ipmi stonith:fence_ipmilan systemd:nginx systemd:odd[1] systemd:getty@",
		"nginx":            "ocf:heartbeat:nginx systemd:nginx",
		"NGINX":            "ocf:heartbeat:nginx systemd:nginx",
		"ocf:heart":        "ocf:heartbeat:IPaddr2 ocf:heartbeat:nginx",
		"ipaddr2":          "ocf:heartbeat:IPaddr2",
		"ip*":              "ocf:heartbeat:IPaddr2",
		"*ip*":             "ocf:heartbeat:IPaddr2 stonith:external/ipmi stonith:fence_ipmilan",
		"ocf:*:?ing":       "ocf:pacemaker:ping",
		"external*":        "stonith:external/ipmi",
		"*[1]":             "systemd:odd[1]",
		"[1]":              "systemd:odd[1]",
		"getty?":           "systemd:getty@",
		"service:":         "service:nginx service:ssh",
		"service":          "service:nginx service:ssh",
		"service:n*":       "service:nginx",
		`\*`:               "",
		"nothing":          "",
		"ocf:heartbeat:ng": "ocf:heartbeat:nginx",
	} {
		f := NewFilter(filter)
		got := slices.DeleteFunc(slices.Clone(agents), func(a string) bool { return !f.Match(a) })
		if d := cmp.Diff(want, strings.Join(got, " ")); d != "" {
			t.Errorf("%q: %s", filter, d)
		}
	}
}

func TestFind(t *testing.T) {
	all := []string{"lsb:cron", "lsb:only", "ocf:heartbeat:Dummy", "ocf:heartbeat:IPaddr2", "ocf:heartbeat:nginx", "ocf:heartbeat:Squid", "ocf:pacemaker:Dummy",
		"ocf:pacemaker:squid", "service:cron", "stonith:external/ssh", "stonith:fence_xvm", "systemd:cron", "systemd:nginx", "systemd:getty@", "systemd:ntp"}
	for name, want := range map[string]string{
		"ocf:heartbeat:IPaddr2":  "ocf:heartbeat:IPaddr2",
		"ocf::heartbeat:IPaddr2": "ocf:heartbeat:IPaddr2",
		"OCF:heartbeat:ipaddr2":  "ocf:heartbeat:IPaddr2",
		"ocf:HEARTBEAT:ipaddr2":  "ocf:heartbeat:IPaddr2",
		"IPaddr2":                "ocf:heartbeat:IPaddr2",
		"ipaddr2":                "ocf:heartbeat:IPaddr2",
		"nginx":                  "ocf:heartbeat:nginx", // before the unit
		"Dummy":                  "? ocf:heartbeat:Dummy ocf:pacemaker:Dummy",
		"squid":                  "ocf:pacemaker:squid", // as it is written
		"SQUID":                  "? ocf:heartbeat:Squid ocf:pacemaker:squid",
		"fence_xvm":              "stonith:fence_xvm",
		"external/ssh":           "stonith:external/ssh",
		"cron":                   "systemd:cron",
		"only":                   "lsb:only",
		"service:cron":           "service:cron",
		"systemd:none":           "",
		"ocf:heartbeat":          "",
		"":                       "",
	} {
		agent, found := Find(name, all)
		got := agent
		if len(found) > 0 {
			got = strings.TrimSpace("? " + agent + strings.Join(found, " "))
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestNear(t *testing.T) {
	all := []string{"ocf:heartbeat:IPaddr", "ocf:heartbeat:IPaddr2", "ocf:heartbeat:nginx", "service:nginx", "stonith:fence_xvm", "systemd:nginx"}
	for name, want := range map[string]string{
		"ngnix":                 "ocf:heartbeat:nginx systemd:nginx",
		"ocf:hearbeat:nginx":    "ocf:heartbeat:nginx systemd:nginx",
		"IPadr2":                "ocf:heartbeat:IPaddr2 ocf:heartbeat:IPaddr",
		"*ngix*":                "ocf:heartbeat:nginx systemd:nginx",
		"fence_xmv":             "stonith:fence_xvm",
		"quite another":         "",
		"":                      "",
		strings.Repeat("x", 90): "",
	} {
		if got := strings.Join(Near(name, all), " "); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
