package agent

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseOCF10(t *testing.T) {
	a, err := Parse("ocf:acme:old", []byte(`<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="old" version="0.9">
<longdesc lang="en"> Long. </longdesc><shortdesc lang="en">Short</shortdesc>
<parameters>
<parameter name="ip" unique="1" required="1"><longdesc>The address&nbsp;here</longdesc><shortdesc>IP</shortdesc><content type="string" default=""/></parameter>
<parameter name="ipaddr" obsoletes="addr"><content type="string"/></parameter>
<parameter name="addr" deprecated="1" required="1"><content type="string"/></parameter>
</parameters>
<actions>
<action name="monitor" depth="10" timeout="20s" interval="10s" role="Master" start-delay="5" />
<action name="start" timeout="20s"/>
<action name="on" automatic="1" on_target="1"/>
</actions></resource-agent>`))
	if err != nil {
		t.Fatal(err)
	}
	want := &Agent{
		Name: "ocf:acme:old", OCF: "1.0", ShortDesc: "Short", LongDesc: "Long.",
		Parameters: []Parameter{
			{Name: "ip", Type: "string", Required: true, Unique: true, ShortDesc: "IP", LongDesc: "The address\u00a0here"},
			{Name: "ipaddr", Type: "string"},
			{Name: "addr", Type: "string", Required: true, Deprecated: true, DeprecatedBy: []string{"ipaddr"}},
		},
		Actions: []Action{
			{Name: "monitor", Depth: "10", Timeout: "20s", Interval: "10s", Role: "Promoted", StartDelay: "5"},
			{Name: "start", Timeout: "20s"},
			{Name: "on", Automatic: true, OnTarget: true},
		},
	}
	if d := cmp.Diff(want, a); d != "" {
		t.Error(d)
	}
}

func TestParseTolerates(t *testing.T) {
	const doc = "<resource-agent name=\"x\"><longdesc>caf\u00e9</longdesc><parameters/></resource-agent>"
	latin1 := []byte(strings.ReplaceAll(doc, "\u00e9", "\xe9"))
	for _, c := range []struct{ name, text, warning string }{
		{"clean", doc, ""},
		{"noise before", "bash: warning: setlocale\n" + doc, "text stands before the metadata"},
		{"Latin-1", string(latin1), "ISO 8859-1"},
		{"Latin-1 declared", `<?xml version="1.0" encoding="iso-8859-1"?>` + string(latin1), "ISO 8859-1"},
		{"another encoding declared, text is UTF-8", `<?xml version="1.0" encoding="us-ascii"?>` + doc, ""},
		{"noise after", doc + "\nbye", ""},
	} {
		a, err := Parse("ocf:a:x", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := strings.Join(a.Warnings, "; "); !strings.Contains(got, c.warning) || c.warning == "" && got != "" {
			t.Errorf("%s: warnings %q, want %q", c.name, got, c.warning)
		}
		if a.LongDesc != "caf\u00e9" {
			t.Errorf("%s: long description %q", c.name, a.LongDesc)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "the agent printed nothing",
		"  \n":                          "the agent printed nothing",
		"command not found":             `no <resource-agent> in what it printed, which begins "command not found"`,
		"<resource-agent><parameters>":  "not well-formed XML",
		"<?xml version='1.0'?><other/>": "the document's root is <other>",
		"<resource-agent><a></b></resource-agent>": "not well-formed XML",
		strings.Repeat("x", maxMetadataBytes+1):    "more than the",
	} {
		_, err := Parse("ocf:a:x", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "metadata of agent ocf:a:x: ") {
			t.Errorf("%.40q: error %v, want %q", text, err, want)
		}
	}
}

// TestCapturedMetadata reads what real agents print.
func TestCapturedMetadata(t *testing.T) {
	for _, dir := range []string{"debian11", "debian12", "debian13"} {
		for name, a := range captured(t, dir) {
			if len(a.Warnings) > 0 || len(a.Actions) == 0 || a.ShortDesc == "" {
				t.Errorf("%s %s: warnings %v, %d actions, short description %q", dir, name, a.Warnings, len(a.Actions), a.ShortDesc)
			}
			if !a.HasAction("monitor") {
				t.Errorf("%s %s has no monitor", dir, name)
			}
			for _, x := range a.Actions {
				if x.Role == "Master" || x.Role == "Slave" {
					t.Errorf("%s %s: role %s is not in today's words", dir, name, x.Role)
				}
			}
		}
	}
	ip := captured(t, "debian12")["ocf:heartbeat:IPaddr2"]
	if p, ok := ip.Parameter("ip"); !ok || !p.Required {
		t.Errorf("IPaddr2's ip is %+v", p)
	}
}

func TestReloadable(t *testing.T) {
	dummy11, dummy12 := captured(t, "debian11")["ocf:pacemaker:Dummy"], captured(t, "debian12")["ocf:pacemaker:Dummy"]
	for _, c := range []struct {
		agent *Agent
		param string
		want  bool
	}{
		{dummy11, "fake", true}, {dummy11, "state", false}, {dummy11, "nothing", false},
		{dummy12, "fake", true}, {dummy12, "state", false},
		{captured(t, "debian12")["ocf:heartbeat:IPaddr2"], "ip", false},
	} {
		if got := c.agent.CanReload(c.param); got != c.want {
			t.Errorf("%s (OCF %s) %s: reloadable %v", c.agent.Name, c.agent.OCF, c.param, got)
		}
	}
}

func TestNames(t *testing.T) {
	p := load(t, `
stonith: {devices: [{id: f, agent: fence_ipmilan, options: {ip: 10.9.0.1}}]}
resources:
  - {id: a, agent: "ocf::pacemaker:Dummy"}
  - {id: g, group: [{id: b, agent: "ocf:pacemaker:Dummy"}, {id: s, agent: "systemd:cron"}]}
  - {id: c, clone: {id: d, agent: "ocf:pacemaker:ping", options: {host_list: n}}}
`)
	if got := strings.Join(Names(p), " "); got != "ocf:pacemaker:Dummy ocf:pacemaker:ping stonith:fence_ipmilan systemd:cron" {
		t.Error(got)
	}
}
