package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// TestPlanOfSecrets: what is not compared is not said to differ, and neither is
// among the changes that are counted.
func TestPlanOfSecrets(t *testing.T) {
	for name, c := range map[string]struct {
		maybe bool
		want  []string
	}{
		"at hand":     {false, []string{"password hacluster  password: (secret, differs)", "Plan: 0 to create, 0 to change, 0 to delete; 3 secrets to replace."}},
		"not at hand": {true, []string{"password: (secret, not compared)", "whether it differs not known until the secret is at hand", "Plan: 0 to create, 0 to change, 0 to delete; 3 secrets not compared."}},
	} {
		p := &plan.Plan{Cluster: "c", Playbook: "cluster.yaml", Nodes: reporttest.ThreeNodes, Changes: reporttest.OnEach(func(string) plan.Change {
			ch := plan.Change{Step: "hacluster", Action: plan.Update, Kind: "password", ID: "hacluster", Diffs: []plan.Diff{reporttest.Secretly("password", true, true)}}
			if c.maybe {
				ch.Maybe, ch.Unknown = true, "whether it differs: until the secret is at hand"
			}
			return ch
		})}
		p.Tell(nil)
		var out bytes.Buffer
		if err := planreport.Text(&out, term.Style{Width: 200}, planreport.Report{Plan: p}); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, out.String())
			}
		}
	}
}

// TestDestroyNotice: what is not known is said so, and never as nothing.
func TestDestroyNotice(t *testing.T) {
	p := &plan.Plan{Changes: []plan.Change{
		{Node: "n1", Interrupts: []plan.Interruption{{What: "web-ip", How: plan.Stops}, {What: "web-server", How: plan.Stops}}},
		{Node: "n2"}, {Node: "n3", Note: "what runs there is not known: no answer\x1b[2J"}}}
	var out bytes.Buffer
	if err := planreport.DestroyNotice(&out, term.Style{Width: 200}, p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"! stops on n1: web-ip, web-server\n", "  no service stops on n2\n", "! on n3: what runs there is not known: no answer", "  stays: packages, files"} {
		if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "\x1b") {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
