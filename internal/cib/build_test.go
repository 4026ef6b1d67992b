package cib

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

func TestBuildRefuses(t *testing.T) {
	p := load(t, `
properties: {stonith-enabled: false}
resources:
  - {id: a, agent: "ocf:pacemaker:Dummy", options: {passwd: {env: NOWHERE}, fake: {env: BELL}}}
`)
	none := func(r playbook.SecretRef) (secret.Value, bool) { return secret.New("\a"), r.Env == "BELL" }
	_, err := Build(p, nil, none, Options{})
	if err == nil {
		t.Fatal("it is built")
	}
	for _, want := range []string{":4:53: the secret for passwd is not available", ":4:77: fake holds a control character"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestNothingPrintsSecrets: neither what is built nor what comes of it shows a
// secret to any printer.
func TestNothingPrintsSecrets(t *testing.T) {
	p := load(t, `
stonith: {devices: [{id: f, agent: fence_ipmilan, options: {ip: 10.9.0.1, password: {env: MASKED}}}]}
`)
	want, err := Build(p, agentsFrom(t, "debian12"), secretsForTests, Options{})
	if err != nil {
		t.Fatal(err)
	}
	live, err := Parse([]byte(emptyCIB))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Compare(live, want)
	if err != nil {
		t.Fatal(err)
	}
	result, err := d.Result()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(result.Reveal(), `value="secret MASKED"`) {
		t.Error("the result does not hold the secret")
	}
	for _, v := range []any{want, d, result, live} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "secret MASKED") {
				t.Errorf("%s of a %T shows the secret", verb, v)
			}
		}
	}
}
