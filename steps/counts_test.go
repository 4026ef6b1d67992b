package steps

import (
	"fmt"
	"os"
	"testing"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

const otherPassword = "hacluster:$6$abcdefgh$2zEoZvJ6xQ9dQ1bq0lqX1zqkQWq0hN8dJfN0n3mHq3S0b2b9mV0o0nS0f0Y1wJp6p2o3q4r5s6t7u8v9w0x1y.:20000:0:99999:7:::\n"

// TestPlanCountsTheSameWithoutTheSecret: whoever makes the plan, with the
// hacluster password at hand or without, counts the same. The case that was
// found by hand: three nodes whose account had another password counted 51
// changes with it and 48 without.
func TestPlanCountsTheSameWithoutTheSecret(t *testing.T) {
	shadows := map[string]string{"as captured": "", "another password": otherPassword, "locked": "hacluster:!:20000:0:99999:7:::\n"}
	for _, kind := range []string{"bare", "preinstalled", "running"} {
		for name, shadow := range shadows {
			if kind == "bare" && shadow != "" {
				continue // no account
			}
			t.Run(kind+", "+name, func(t *testing.T) {
				count := func(set bool) (plan.Counts, int) {
					if set {
						t.Setenv("HACLUSTER_PASSWORD", "sekrit-pw")
					} else {
						unset(t, "HACLUSTER_PASSWORD")
					}
					c := cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": kind}}
					for i := 1; shadow != "" && i <= 3; i++ {
						cases.Write(t, fmt.Sprintf("%s/n%d/shadow", c.Dir, i), []byte(shadow))
					}
					p := casePlan(t, caseCluster(t, c))
					maybe := 0
					for _, ch := range p.Changes {
						if ch.Maybe {
							maybe++
						}
					}
					return p.Counts, maybe
				}
				with, none := count(true)
				without, maybe := count(false)
				if none != 0 {
					t.Errorf("with the secret, %d changes are not known to be any", none)
				}
				if with.Create != without.Create || with.Update != without.Update || with.Delete != without.Delete {
					t.Errorf("with the secret %+v, without %+v", with, without)
				}
				if with.Secrets > maybe {
					t.Errorf("%d secrets are replaced, and without them only %d are said to be unknown", with.Secrets, maybe)
				}
				if name == "another password" && (with.Secrets != 3 || maybe != 3 || without.Secrets != 0) {
					t.Errorf("with the secret %d are replaced, without it %d may be", with.Secrets, maybe)
				}
				if name == "locked" && (with.Secrets != 0 || maybe != 0) {
					t.Errorf("a locked account gets a password in any case: %d, %d", with.Secrets, maybe)
				}
			})
		}
	}
}

// casePlan is the plan of a case, as far as it rests on what was observed.
func casePlan(t *testing.T, c *Cluster) *plan.Plan {
	t.Helper()
	run := &Run{Cluster: c, op: Plan}
	p := &plan.Plan{}
	for _, s := range run.op.Steps {
		for _, target := range run.targets(s) {
			changes, err := run.check(t.Context(), s, &target)
			if err != nil {
				t.Fatal(err)
			}
			p.Changes = append(p.Changes, changes...)
		}
	}
	p.Findings = c.findings
	p.Tell(nil)
	return p
}

var someHash = secret.New("$6$abcdefgh$1")

// TestPlannedPasswordIsCovered: what a plan says of a password covers what
// apply finds when it knows more.
func TestPlannedPasswordIsCovered(t *testing.T) {
	stamp := func(c plan.Change) []plan.Change { c.Step, c.Node = "hacluster", "n1"; return []plan.Change{c} }
	unknown := passwordChange(&facts.Facts{Account: facts.Account{Exists: true, Shadow: someHash}})
	unknown.Maybe, unknown.Unknown, unknown.Open = true, "whether it differs: until the secret is at hand", []string{"password"}
	for name, planned := range map[string]plan.Change{"bare": passwordChange(&facts.Facts{}), "without the secret": unknown} {
		for state, f := range map[string]*facts.Facts{"locked": {Account: facts.Account{Exists: true}}, "with a password": {Account: facts.Account{Exists: true, Shadow: someHash}}} {
			if cover := plan.Cover(stamp(planned), stamp(passwordChange(f))); len(cover.Moved) > 0 || len(cover.Due) != 1 {
				t.Errorf("planned %s, found %s: %+v", name, state, cover)
			}
		}
	}
}

// TestPlanCountsTheSameWithoutAnOptionsSecret: the same of an option in the CIB.
func TestPlanCountsTheSameWithoutAnOptionsSecret(t *testing.T) {
	t.Setenv("HACLUSTER_PASSWORD", "sekrit-pw")
	for _, value := range []string{"lit", "another"} { // what is there, and something else
		count := func(set bool) (plan.Counts, []plan.Change) {
			if set {
				t.Setenv("BEACON", value)
			} else {
				unset(t, "BEACON")
			}
			c := cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "running",
				"-playbook": "options: {message: lit} => options: {message: {env: BEACON}}\n"}}
			p := casePlan(t, caseCluster(t, c))
			return p.Counts, p.Changes
		}
		with, found := count(true)
		without, planned := count(false)
		if with.Create != without.Create || with.Update != without.Update || with.Delete != without.Delete {
			t.Errorf("%s: with the secret %+v, without %+v", value, with, without)
		}
		if without.Unknown != 1 || with.Unknown != 0 {
			t.Errorf("%s: not known: %d with the secret, %d without", value, with.Unknown, without.Unknown)
		}
		if moved := plan.Cover(planned, found).Moved; moved != nil {
			t.Errorf("%s: the plan without the secret does not cover %+v", value, moved)
		}
	}
}

// unset takes a variable out of the environment; t.Setenv puts it back.
func unset(t *testing.T, name string) {
	t.Helper()
	if err := os.Unsetenv(name); err != nil {
		t.Fatal(err)
	}
}
