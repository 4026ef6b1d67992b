package agent

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var inFile = regexp.MustCompile(`\([^ ]*/cluster.yaml:`)

func TestAdvice(t *testing.T) {
	db := &Agent{Name: "ocf:acme:db",
		Parameters: []Parameter{{Name: "config", Unique: true}, {Name: "host", Unique: true, UniqueGroup: "address"}, {Name: "port", Unique: true, UniqueGroup: "address"},
			{Name: "mode", Type: "select", Enum: []string{"fast", "safe"}}, {Name: "plain"}},
		Actions: []Action{{Name: "start", Timeout: "60s"}, {Name: "promote"}, {Name: "demote"}, {Name: "monitor", Timeout: "20s", Role: "Promoted"}, {Name: "monitor", Timeout: "30s", Role: "Unpromoted"}}}
	p := load(t, `
properties: {stonith-enabled: false}
resources:
  - {id: a, agent: "ocf:acme:db", options: {config: /etc/a, host: h1, port: 1, mode: quick}, op: {start: {timeout: 10s}, monitor: {timeout: 20s, role: Started}}}
  - {id: b, agent: "ocf:acme:db", options: {config: /etc/b, host: h1, port: 2, plain: x}, op: {start: {timeout: 2min}}}
  - {id: c, agent: "ocf:acme:db", options: {config: /etc/a, host: h1, port: 2, plain: x}, op: {start: {timeout: 1s}}}
  - {id: d, agent: "ocf:acme:other", options: {config: /etc/a}, op: {start: {timeout: 1s}}}
  - {id: e, agent: "ocf:acme:db"}
  - {id: f, agent: "ocf:acme:db"}
  - {id: g-clone, promotable: {id: g, agent: "ocf:acme:db", op: {monitor: [{interval: 5s}, {interval: 6s, role: Unpromoted, timeout: 30s}]}}}
  - {id: h-clone, promotable: {id: h, agent: "ocf:acme:db", op: {monitor: {interval: 5s, role: Promoted, timeout: 20s}}}}
  - {id: i-clone, promotable: {id: i, agent: "ocf:acme:db"}}
`)
	var got []string
	for _, f := range Advice(p, map[string]*Agent{"ocf:acme:db": db}) {
		got = append(got, inFile.ReplaceAllString(f.Code+": "+f.Message+"; "+f.Fix, "(cluster.yaml:"))
	}
	want := `
OPTION_VALUE_DOUBTFUL: "quick" is none of the values that the agent names for mode: fast, safe (cluster.yaml:4);` + " " + `
OPTION_NOT_UNIQUE: c has the same config as a (cluster.yaml:6), and ocf:acme:db says that each needs its own; give each its own value, or keep one of the two
OPTION_NOT_UNIQUE: c has the same host and port as b (cluster.yaml:6), and ocf:acme:db says that each needs its own; give each its own value, or keep one of the two
OP_TIMEOUT_SHORT: the operation start of a may take 10s (cluster.yaml:4), and ocf:acme:db advises 60s at the least; give it 60s or more, or leave timeout out
OP_TIMEOUT_SHORT: the operation start of c may take 1s (cluster.yaml:6), and ocf:acme:db advises 60s at the least; give it 60s or more, or leave timeout out
PROMOTED_NOT_MONITORED: g can be promoted, and no monitor of it is for the role Promoted (cluster.yaml:10): nobody sees when the promoted instance dies; add {interval: 11s, role: Promoted}, or leave monitor out
UNPROMOTED_UNWATCHED: every monitor of h is for the role Promoted (cluster.yaml:11): nobody sees when an instance dies that is not promoted, and could not take over; add {interval: 11s, role: Unpromoted}, or leave monitor out
`
	if d := cmp.Diff(strings.Trim(want, "\n"), strings.Join(got, "\n")); d != "" {
		t.Error(d)
	}
}
