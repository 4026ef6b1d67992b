package agent

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAgentDeprecated: the ways in which agents say it of themselves, and
// those that say it of something else.
func TestAgentDeprecated(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
		by         string
	}{
		{"resource-agents", `<longdesc>
Deprecation warning: This agent is deprecated and may be removed from
a future release. See the ocf:pacemaker:pingd resource agent for a
supported alternative. --
This is a pingd Resource Agent, and not ocf:heartbeat:IPaddr2.
</longdesc><shortdesc>Monitors connectivity to
specific hosts (deprecated)</shortdesc>`, true, "ocf:pacemaker:pingd"},
		{"without another agent", `<longdesc>Deprecation warning: EVMS is no longer actively maintained. --
Runs beside ocf:heartbeat:IPaddr2.</longdesc>`, true, ""},
		{"itself", `<longdesc>This agent is deprecated; ocf:heartbeat:x was split, use ocf:heartbeat:y.</longdesc>`, true, "ocf:heartbeat:y"},
		{"in short", `<longdesc>Runs x.</longdesc><shortdesc>Manages x (deprecated)</shortdesc>`, true, ""},
		{"the element", `<deprecated><replaced-with name="ocf:heartbeat:z"/></deprecated><shortdesc>x</shortdesc>`, true, "ocf:heartbeat:z"},
		{"of something else", `<longdesc>The marked deprecated "legacy" layer can make it workable. This agent is not deprecated.</longdesc>
<shortdesc>Manages x</shortdesc><parameters><parameter name="a"><longdesc>This agent is deprecated</longdesc>
<shortdesc>interval (deprecated)</shortdesc></parameter></parameters>`, false, ""},
	} {
		a, err := Parse("ocf:heartbeat:x", []byte(`<resource-agent name="x">`+c.text+`</resource-agent>`))
		if err != nil {
			t.Fatal(err)
		}
		if a.Deprecated != c.want || a.DeprecatedBy != c.by {
			t.Errorf("%s: deprecated %v by %q", c.name, a.Deprecated, a.DeprecatedBy)
		}
	}
	for _, release := range []string{"debian11", "debian12", "debian13"} {
		for name, a := range captured(t, release) {
			if a.Deprecated {
				t.Errorf("%s of %s is said to be deprecated", name, release)
			}
		}
	}
}

func TestDeprecated(t *testing.T) {
	p := load(t, `
stonith: {devices: [{id: f, agent: fence_ipmilan, options: {ipaddr: 10.9.0.1, passwd: {env: X}, sudo: 1, ip: x}}]}
resources:
  - {id: old, agent: "ocf:heartbeat:old"}
  - {id: older, agent: "ocf:heartbeat:older"}
  - {id: job, agent: "upstart:cron"}
  - {id: c, clone: {id: check, agent: "nagios:check_http"}}
  - {id: fine, agent: "ocf:pacemaker:Dummy", options: {fake: x}}
  - {id: unknown, agent: "ocf:acme:unknown", options: {fake: x}}
`)
	agents := captured(t, "debian12")
	agents["ocf:heartbeat:old"] = &Agent{Name: "ocf:heartbeat:old", Deprecated: true, DeprecatedBy: "ocf:heartbeat:new"}
	agents["ocf:heartbeat:older"] = &Agent{Name: "ocf:heartbeat:older", Deprecated: true}
	var got []string
	for _, f := range Deprecated(p, agents) {
		got = append(got, strings.ReplaceAll(strings.Join([]string{f.Code, string(f.Severity), f.Object, f.Message, f.Fix}, " | "), filepath.Dir(p.File)+"/", ""))
	}
	want := []string{
		"OPTION_DEPRECATED | warning | f | f gives the option ipaddr (cluster.yaml:2), which stonith:fence_ipmilan calls deprecated: a later release may no longer take it | use ip",
		"OPTION_DEPRECATED | warning | f | f gives the option passwd (cluster.yaml:2), which stonith:fence_ipmilan calls deprecated: a later release may no longer take it | use password",
		"OPTION_DEPRECATED | warning | f | f gives the option sudo (cluster.yaml:2), which stonith:fence_ipmilan calls deprecated: a later release may no longer take it | use use_sudo",
		"AGENT_DEPRECATED | warning | old | old uses ocf:heartbeat:old (cluster.yaml:4), which says of itself that it is deprecated: a later release may no longer have it | use ocf:heartbeat:new in its place; the resource restarts with it",
		"AGENT_DEPRECATED | warning | older | older uses ocf:heartbeat:older (cluster.yaml:5), which says of itself that it is deprecated: a later release may no longer have it | see what the agent says: pcs resource describe ocf:heartbeat:older",
		"AGENT_DEPRECATED | warning | job | job uses upstart:cron (cluster.yaml:6): Pacemaker 3 has no agents of the standard upstart any more, and would not run it after an upgrade | declare the service as systemd:UNIT, before Pacemaker is upgraded",
		"AGENT_DEPRECATED | warning | check | check uses nagios:check_http (cluster.yaml:7): Pacemaker 3 has no agents of the standard nagios any more, and would not run it after an upgrade | use an OCF agent that watches the service, or watch it from outside of the cluster, before Pacemaker is upgraded",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
