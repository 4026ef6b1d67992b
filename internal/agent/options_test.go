package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/playbook"
)

// loads loads an example as a part of a playbook.
func loads(t *testing.T, text string) *playbook.Playbook {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	src := "name: x\nhacluster: {password: {env: PW}}\n" + text
	if !strings.HasPrefix(text, "stonith:") {
		src += "properties: {stonith-enabled: false}\n"
	}
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	p, list := playbook.Load(path, playbook.LoadOptions{})
	if list.Err() != nil { // a warning speaks of fencing, not of the resource
		t.Fatalf("%v:\n%s", list, src)
	}
	return p
}

// The example of every captured agent is a playbook that the agent's own
// metadata finds nothing wrong with, once the gaps are filled.
func TestExampleOfCaptured(t *testing.T) {
	seen := 0
	for _, dir := range []string{"debian11", "debian12", "debian13"} {
		for name, a := range captured(t, dir) {
			text := a.Example()
			if strings.Contains(text, "CHANGE_ME") {
				for _, p := range a.Options() {
					fill := map[string]string{"integer": "1", "boolean": "true", "time": "1s", "second": "1s"}[p.Type]
					if fill != "" {
						text = strings.ReplaceAll(text, p.Name+": CHANGE_ME", p.Name+`: "`+fill+`"`)
					}
				}
			}
			p := loads(t, strings.ReplaceAll(text, Fill, "192.0.2.10"))
			if list := CheckOptions(p, map[string]*Agent{name: a}); len(list) > 0 {
				t.Errorf("%s %s: %v\n%s", dir, name, list, text)
			}
			if got := Names(p); len(got) != 1 || got[0] != name {
				t.Errorf("%s: the example is of %v", name, got)
			}
			seen++
		}
	}
	if seen < 10 {
		t.Errorf("only %d agents", seen)
	}
}

func TestExampleText(t *testing.T) {
	agent := func(name string, a Agent) *Agent { a.Name = name; return &a }
	for _, c := range []struct {
		a    *Agent
		want string
	}{
		{agent("ocf:heartbeat:IPaddr2", Agent{Parameters: []Parameter{{Name: "nic"}, {Name: "ip", Required: true, ShortDesc: "IPv4 or\n IPv6 address"}}}), `
resources:
  - id: ipaddr2
    agent: ocf:heartbeat:IPaddr2
    options:
      ip: CHANGE_ME  # IPv4 or IPv6 address
`},
		{agent("systemd:getty@", Agent{}), `
resources:
  - id: getty
    agent: systemd:getty@
`},
		{agent("ocf:acme:db", Agent{Actions: []Action{{Name: "promote"}, {Name: "demote"}}, Parameters: []Parameter{
			{Name: "mode", Required: true, Enum: []string{"on", "warm"}}, {Name: "port", Required: true, Default: "5432"},
			{Name: "old", Required: true, Deprecated: true, DeprecatedBy: []string{"mode"}}}}), `
resources:
  - id: db-clone
    promotable:
      id: db
      agent: ocf:acme:db
      options:
        mode: "on"  # one of on, warm
        port: "5432"
`},
		{agent("stonith:fence_acme", Agent{Parameters: []Parameter{{Name: "action", Required: true, Default: "reboot"},
			{Name: "port", Required: true}, {Name: "ip", Required: true}, {Name: "passwd", Required: true}}}), `
stonith:
  devices:
    - id: fence-acme
      agent: stonith:fence_acme
      options:
        ip: CHANGE_ME
        passwd: {file: secrets/passwd}
`},
		{agent("ocf:acme:9", Agent{Parameters: []Parameter{{Name: "a: b", Required: true, Default: "x: [\n\"\x1b", ShortDesc: "first\x1b[2J\nsecond: {"}}}), `
resources:
  - id: resource-9
    agent: ocf:acme:9
    options:
      "a: b": "x: [\n\"\u001b"  # first [2J second: {
`},
	} {
		if d := cmp.Diff(strings.TrimPrefix(c.want, "\n"), c.a.Example()); d != "" {
			t.Errorf("%s: %s", c.a.Name, d)
		}
		if c.a.Name != "ocf:acme:9" { // whose names no playbook takes
			loads(t, strings.NewReplacer("{file: secrets/passwd}", "{env: PW}", Fill, "192.0.2.10").Replace(c.a.Example()))
		}
	}
}

func TestOptions(t *testing.T) {
	show := func(a *Agent) string {
		var out []string
		for _, p := range a.Options() {
			word := p.Name
			if p.Required {
				word += "*"
			}
			out = append(out, word)
		}
		return strings.Join(out, " ")
	}
	params := []Parameter{{Name: "action", Required: true}, {Name: "a"}, {Name: "port", Required: true, DeprecatedBy: []string{"plug"}, Deprecated: true},
		{Name: "plug", Required: true}, {Name: "ip", Required: true}, {Name: "old", Required: true, Deprecated: true}, {Name: "version"}}
	for name, want := range map[string]string{
		"stonith:fence_acme": "ip* a port plug old",
		"ocf:acme:x":         "action* plug* ip* a port old version",
	} {
		if got := show(&Agent{Name: name, Parameters: params}); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestDifferences(t *testing.T) {
	here := &Agent{OCF: "1.0", Parameters: []Parameter{{Name: "a", Type: "string", Default: "1"}, {Name: "b", Required: true}, {Name: "c", Type: "select", Enum: []string{"x"}}},
		Actions: []Action{{Name: "start", Timeout: "20s"}, {Name: "stop", Timeout: "5"}, {Name: "monitor", Role: "Promoted", Interval: "9s"}, {Name: "status"}}}
	there := &Agent{OCF: "1.1", Parameters: []Parameter{{Name: "a", Type: "integer"}, {Name: "b", Reloadable: true, Deprecated: true, DeprecatedBy: []string{"d"}},
		{Name: "d", ShortDesc: "new"}}, Actions: []Action{{Name: "start", Timeout: "40s", Interval: "1s"}, {Name: "stop", Timeout: "5s", Interval: "0"},
		{Name: "monitor", Role: "Promoted"}, {Name: "monitor", Depth: "10"}}, LongDesc: "x"}
	if d := cmp.Diff([]string{
		"the OCF version is 1.1, not 1.0",
		"the type of option a is integer, not string",
		"the default of option a is none, not 1",
		"option b is not required",
		"option b is reloadable",
		"option b is deprecated",
		"the replacement of option b is d, not none",
		"no option c",
		"one more option: d",
		"the timeout of action start is 40s, not 20s",
		"the interval of action start is 1s, not none",
		"the interval of action monitor Promoted is none, not 9s",
		"no action status",
		"one more action: monitor 10",
		"other descriptions",
	}, here.Differences(there)); d != "" {
		t.Error(d)
	}
	if got := here.Differences(here); got != nil {
		t.Errorf("from itself: %v", got)
	}
	for name, a := range captured(t, "debian12") {
		b := captured(t, "debian12")[name]
		if got := fmt.Sprint(a.Differences(b)); got != "[]" {
			t.Errorf("%s differs from itself: %s", name, got)
		}
	}
}
