package cib

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// delta compares a playbook with one fencing device, whose password the
// controller knows as it says, with a CIB that has it as another.
func delta(t *testing.T, live, password string) *Delta {
	t.Helper()
	p := load(t, `
stonith: {devices: [{id: f, agent: fence_ipmilan, options: {ip: 10.9.0.1, password: {env: X}}, op: {monitor: {interval: 60s}}}]}
`)
	secrets := func(playbook.SecretRef) (secret.Value, bool) { return secret.New(password), password != "" }
	want, err := Build(p, agentsFrom(t, "debian12"), secrets, Options{WithoutSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	resources := "<resources/>"
	if live != "" {
		resources = `<resources><primitive id="f" class="stonith" type="fence_ipmilan"><instance_attributes id="s">
<nvpair id="s-ip" name="ip" value="10.9.0.1"/><nvpair id="s-pw" name="password" value="` + live + `"/></instance_attributes>
<operations><op id="o" name="monitor" interval="60s"/></operations></primitive></resources>`
	}
	c, err := Parse([]byte(strings.Replace(emptyCIB, "<resources/>", resources, 1)))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Compare(c, want)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSecretsSealed: a change that was planned for one secret does not cover
// the change to another; without the secret at hand it says that it may differ.
func TestSecretsSealed(t *testing.T) {
	for _, c := range []struct {
		name           string
		planned, found *Delta
		due, moved     int
	}{
		{"the same", delta(t, "old", "new"), delta(t, "old", "new"), 1, 0},
		{"another after", delta(t, "old", "new"), delta(t, "old", "newer"), 0, 1},
		{"another before", delta(t, "old", "new"), delta(t, "other", "new"), 0, 1},
		{"created", delta(t, "", "new"), delta(t, "", "new"), 1, 0},
		{"created with another", delta(t, "", "new"), delta(t, "", "newer"), 0, 1},
		{"created, planned without", delta(t, "", ""), delta(t, "", "new"), 1, 0},
		{"changed, planned without", delta(t, "old", ""), delta(t, "old", "new"), 1, 0}, // the plan said that it may
	} {
		got := plan.Cover(c.planned.Changes, c.found.Changes)
		if len(got.Due) != c.due || len(got.Moved) != c.moved {
			t.Errorf("%s: %d due, %d moved", c.name, len(got.Due), len(got.Moved))
		}
	}
}

// TestCreatedWithoutSecret: a secret that is not at hand makes no difference to
// what a plan of a new device shows.
func TestCreatedWithoutSecret(t *testing.T) {
	shown := func(password string) string { return render(delta(t, "", password).Changes) }
	if with, without := shown("new"), shown(""); with != without || with == "" {
		t.Errorf("with the secret\n%s\nwithout\n%s", with, without)
	}
}

// render is what changes show, seals and the test's folder left out.
func render(changes []plan.Change) string {
	for i := range changes {
		changes[i].At = filepath.Base(changes[i].At)
		for j := range changes[i].Diffs {
			changes[i].Diffs[j].Seal = ""
		}
	}
	b, _ := json.Marshal(changes)
	return string(b)
}
