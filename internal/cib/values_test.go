package cib

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestCheckValues looks for every place of a playbook whose text goes into the
// CIB.
func TestCheckValues(t *testing.T) {
	p := load(t, `properties: {x-team: "café"}
resource_defaults: [{meta: {x-a: "ä"}}]
operation_defaults: [{meta: {x-b: "ä"}}]
nodes:
  n1: {attributes: {size: groß}}
stonith:
  devices:
    - {id: f, agent: "stonith:fence_x", options: {x-c: "ä"}, meta: {x-d: "ä"}}
resources:
  - id: a
    agent: ocf:pacemaker:Dummy
    options: {fake: "plain ~", passwd: {env: LINES}, token: {env: AWAY}}
    op: {monitor: {description: "ä"}}
  - id: b
    group:
      - {id: b1, agent: "ocf:pacemaker:Dummy", meta: {x-e: "ä"}}
    meta: {x-f: "ä"}
`)
	secrets := func(r playbook.SecretRef) (secret.Value, bool) {
		return secret.New("hidden\nhidden"), r.Env == "LINES"
	}
	say := func(release pacemaker.Release) string {
		var out strings.Builder
		for _, d := range CheckValues(p, release, secrets) {
			d.File = "cluster.yaml"
			out.WriteString(d.String() + "\n")
		}
		return out.String()
	}
	const hint = "; write it in plain ASCII, or upgrade Pacemaker to 2.1.8 or later on every node\n"
	old := ", which Pacemaker 2.0.5 damages in the CIB, whoever writes it there" + hint
	want := `cluster.yaml:1:22: the value of x-team holds a character that is not ASCII` + old +
		`cluster.yaml:2:34: the value of x-a holds a character that is not ASCII` + old +
		`cluster.yaml:3:35: the value of x-b holds a character that is not ASCII` + old +
		`cluster.yaml:5:27: the value of size holds a character that is not ASCII` + old +
		`cluster.yaml:8:56: the value of x-c holds a character that is not ASCII` + old +
		`cluster.yaml:8:74: the value of x-d holds a character that is not ASCII` + old +
		`cluster.yaml:12:40: the secret for passwd holds a line end` + old +
		`cluster.yaml:13:33: the value of description holds a character that is not ASCII` + old +
		`cluster.yaml:16:60: the value of x-e holds a character that is not ASCII` + old +
		`cluster.yaml:17:17: the value of x-f holds a character that is not ASCII` + old
	if got := say(pacemaker.Release{2, 0, 5}); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	if CheckValues(p, pacemaker.Release{2, 0, 5}, secrets).Err() == nil {
		t.Error("no error on 2.0.5")
	}
	if got := say(pacemaker.Release{2, 1, 5}); strings.Count(got, "\n") != 1 || !strings.Contains(got, "12:40: the secret for passwd holds a line end, which Pacemaker 2.1.5 damages") {
		t.Errorf("2.1.5: got:\n%s", got)
	}
	if got := say(pacemaker.Release{3, 0, 0}); got != "" {
		t.Errorf("3.0.0: got:\n%s", got)
	}
	behind := load(t, `properties: {x-team: "é & co"}`)
	if list := CheckValues(behind, pacemaker.Release{2, 1, 5}, secrets); len(list) != 1 || !strings.Contains(list[0].Message, `holds a ", & or < behind a character that is not ASCII, which Pacemaker 2.1.5 damages`) {
		t.Errorf("behind: %v", list)
	}
	unknown := CheckValues(p, pacemaker.Release{}, secrets)
	if unknown.Err() != nil || len(unknown) != 10 || !strings.Contains(unknown[0].Message, "is not known yet") {
		t.Errorf("of an unknown release: %v", unknown)
	}
}
