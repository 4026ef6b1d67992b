package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func ciFile(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples/ci", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// shWith runs a script with programs of a name and a script of their own, each
// of which notes its command line in a file "ran". It returns that file.
func shWith(t *testing.T, dir, script string, programs map[string]string, env ...string) (ran string, code int) {
	t.Helper()
	bin := t.TempDir()
	for name, text := range programs {
		path := filepath.Join(bin, name)
		write(t, path, "#!/bin/sh\necho \""+name+" $*\" >> \"$RAN\"\n"+text+"\n")
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("bash", "-e", "-o", "pipefail", "-c", script)
	c.Dir = dir
	c.Env = append(env, "PATH="+bin+":/usr/bin:/bin", "RAN="+filepath.Join(dir, "ran"), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary"))
	out, err := c.CombinedOutput()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	if c.ProcessState.ExitCode() != 0 {
		t.Logf("%s", out)
	}
	b, _ := os.ReadFile(filepath.Join(dir, "ran"))
	return string(b), c.ProcessState.ExitCode()
}

const aComment = "<!-- hadeploy plan: web_ha -->\n### Plan: 1 to create, 0 to change, 0 to delete\n"

type ciStep struct {
	Name, Run, Uses string
	Env             map[string]string
	With            map[string]string
}

func ciWorkflow(t *testing.T) (jobs map[string][]ciStep) {
	t.Helper()
	var flow struct {
		On          map[string]any
		Permissions map[string]string
		Jobs        map[string]struct {
			If          string
			Timeout     int `yaml:"timeout-minutes"`
			Environment string
			Concurrency any
			Permissions map[string]string
			Steps       []ciStep
		}
	}
	ciFile(t, "github-actions.yml", &flow)
	for _, on := range []string{"pull_request", "push", "schedule"} {
		if _, ok := flow.On[on]; !ok {
			t.Errorf("nothing happens on %s", on)
		}
	}
	if flow.Permissions["contents"] != "read" || len(flow.Permissions) != 1 || len(flow.Jobs) != 3 {
		t.Errorf("permissions %v, %d jobs", flow.Permissions, len(flow.Jobs))
	}
	if flow.Jobs["plan"].Concurrency == nil || flow.Jobs["apply"].Concurrency != "apply" {
		t.Error("two plans of one pull request, or two applies, may run at once")
	}
	if !strings.Contains(flow.Jobs["plan"].If, "head.repo.full_name == github.repository") || flow.Jobs["apply"].Environment == "" {
		t.Error("the job plan runs for forks, or the job apply waits for nobody")
	}
	jobs = map[string][]ciStep{}
	for name, j := range flow.Jobs {
		if j.Timeout == 0 {
			t.Errorf("%s has no time limit", name)
		}
		for what, right := range j.Permissions {
			if right == "write" && (name != "plan" || what != "pull-requests") {
				t.Errorf("%s may write %s", name, what)
			}
		}
		jobs[name] = j.Steps
	}
	return jobs
}

func ciStepOf(t *testing.T, steps []ciStep, name string) ciStep {
	t.Helper()
	i := slices.IndexFunc(steps, func(s ciStep) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no step %q", name)
	}
	return steps[i]
}

// TestCIGitHub: the workflow is YAML, its steps are shell with commands of ours
// that exist, no expression is pasted into a script, and a failure of hadeploy
// is one of the job.
func TestCIGitHub(t *testing.T) {
	ours := 0
	for job, steps := range ciWorkflow(t) {
		for _, s := range steps {
			if s.Run == "" {
				continue
			}
			n := shellIsFine(t, job+": "+s.Name, s.Run)
			ours += n
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s: an expression within a script", s.Name)
			}
			for _, status := range []string{"0", "1", "2", "4"} {
				_, code := shWith(t, t.TempDir(), s.Run, map[string]string{"hadeploy": "exit " + status})
				if n > 0 && status != string(rune('0'+code)) {
					t.Errorf("%s: hadeploy ends with %s, the step with %d", s.Name, status, code)
				}
			}
		}
	}
	if ours != 3 {
		t.Errorf("%d commands of ours", ours)
	}
}

// TestCIGitHubComment: the comment is made once and put in its own place from
// then on.
func TestCIGitHubComment(t *testing.T) {
	step := ciStepOf(t, ciWorkflow(t)["plan"], "Comment, in place of the last one")
	for ids, want := range map[string]string{
		"":       "gh api --method POST repos/o/r/issues/7/comments -F body=@plan.md --silent",
		"31\\n9": "gh api --method PATCH repos/o/r/issues/comments/31 -F body=@plan.md --silent",
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "plan.md"), aComment)
		gh := `[ "$MARKER" = "<!-- hadeploy plan: web_ha -->" ] || exit 9; case $* in *--paginate*) printf '` + ids + `' ;; esac`
		ran, code := shWith(t, dir, step.Run, map[string]string{"gh": gh}, "GITHUB_REPOSITORY=o/r", "PULL=7")
		if code != 0 || !strings.HasSuffix(ran, want+"\n") || strings.Count(ran, "gh api") != 2 {
			t.Errorf("with the comments %q: status %d, it ran\n%s", ids, code, ran)
		}
	}
	if _, code := shWith(t, t.TempDir(), step.Run, map[string]string{"gh": "exit 1"}, "GITHUB_REPOSITORY=o/r", "PULL=7"); code == 0 {
		t.Error("comments that cannot be read make a second one")
	}
}

// TestCIGitHubApply: what is applied is the plan of the head that was merged, of
// a run in this repository, under the name that the plan was kept under.
func TestCIGitHubApply(t *testing.T) {
	jobs := ciWorkflow(t)
	fetch := ciStepOf(t, jobs["apply"], "Fetch the plan that was reviewed")
	kept := ciStepOf(t, jobs["plan"], "Keep the plan under its commit")
	if kept.With["name"] != "plan-${{ github.event.pull_request.head.sha }}" {
		t.Errorf("it is kept as %q", kept.With["name"])
	}
	for _, c := range []struct {
		head, run string
		ok        bool
	}{{"abc", "42", true}, {"", "42", false}, {"abc", "", false}} {
		gh := `case $* in *" repos/o/r/commits/fff/pulls "*|*"api repos/o/r/commits/fff/pulls"*) echo "` + c.head + `" ;; *head_sha=abc*) echo "` + c.run + `" ;; esac`
		ran, code := shWith(t, t.TempDir(), fetch.Run, map[string]string{"gh": gh}, "GITHUB_REPOSITORY=o/r", "GITHUB_SHA=fff")
		if (code == 0) != c.ok || strings.Contains(ran, "gh run download 42 --repo o/r --name plan-abc\n") != c.ok {
			t.Errorf("%+v: status %d, it ran\n%s", c, code, ran)
		}
	}
}

type ciJob struct {
	Extends, Stage, Timeout, Environment string
	Before                               []string `yaml:"before_script"`
	Script                               []string
	Rules                                []struct{ If string }
	AllowFailure                         struct {
		ExitCodes []int `yaml:"exit_codes"`
	} `yaml:"allow_failure"`
	Artifacts struct{ Paths []string }
}

func ciPipeline(t *testing.T) map[string]ciJob {
	t.Helper()
	var nodes map[string]yaml.Node
	ciFile(t, "gitlab-ci.yml", &nodes)
	jobs := map[string]ciJob{}
	for name, node := range nodes {
		if node.Kind != yaml.MappingNode {
			continue
		}
		var j ciJob
		if err := node.Decode(&j); err != nil {
			t.Fatal(err)
		}
		jobs[name] = j
	}
	return jobs
}

// TestCIGitLab: the pipeline is YAML, its jobs are shell with commands of ours
// that exist; drift is told from a failure; no secret stands in a command line.
func TestCIGitLab(t *testing.T) {
	jobs := ciPipeline(t)
	shellIsFine(t, "before_script", strings.Join(jobs[".cluster"].Before, "\n"))
	for name, where := range map[string]string{"plan": "merge_request_event", "apply": "CI_DEFAULT_BRANCH", "drift": "schedule"} {
		j := jobs[name]
		if shellIsFine(t, name, strings.Join(j.Script, "\n")) != 1 {
			t.Errorf("the job %s does not run hadeploy once", name)
		}
		if j.Extends != ".cluster" || len(j.Rules) != 1 || !strings.Contains(j.Rules[0].If, where) {
			t.Errorf("%s: %+v", name, j)
		}
		if regexp.MustCompile(`(curl|api|hadeploy)\b[^\n]*(TOKEN|PASSWORD|PRIVATE_KEY)`).MatchString(strings.Join(j.Script, "\n")) {
			t.Errorf("%s has a secret in a command line", name)
		}
	}
	if jobs["apply"].Environment == "" {
		t.Error("apply waits for nobody")
	}
	if codes := jobs["drift"].AllowFailure.ExitCodes; len(codes) != 1 || codes[0] != exitCode(errChanges) {
		t.Errorf("drift may fail with %v", codes)
	}
	if p := jobs["plan"].Artifacts.Paths; !slices.Contains(p, "plan-$CI_COMMIT_SHA.json") {
		t.Errorf("the plan is kept as %q", p)
	}
}

// TestCIGitLabNote: the note is made once and put in its own place from then on,
// whoever else writes its marker; what is applied is the plan of the merged head.
func TestCIGitLabNote(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not here, so the jobs were not run")
	}
	jobs := ciPipeline(t)
	api := jobs[".cluster"].Before[len(jobs[".cluster"].Before)-1]
	env := []string{"CI_API_V4_URL=https://gl/api/v4", "CI_PROJECT_ID=5", "CI_MERGE_REQUEST_IID=7", "CI_COMMIT_SHA=abc", "NOTE_TOKEN=s3cr3t-canary"}
	run := func(job, notes, merged string) (string, int) {
		curl := `grep -q 'PRIVATE-TOKEN: s3cr3t-canary' || exit 9
case $* in */user) echo '{"id": 3}' ;; *sort=asc) printf '%s\n' '` + notes + `' ;; */merge_requests) printf '%s\n' '` + merged + `' ;; esac`
		return shWith(t, t.TempDir(), api+"\n"+strings.Join(jobs[job].Script, "\n"), map[string]string{"curl": curl, "hadeploy": "printf '" + aComment + "'"}, env...)
	}
	const marked = `"body": "<!-- hadeploy plan: web_ha -->\nold"`
	for notes, want := range map[string]string{
		`[]`: "--request POST --form body=<plan.md https://gl/api/v4/projects/5/merge_requests/7/notes\n",
		`[{"id": 1, "author": {"id": 4}, ` + marked + `}]`: "--request POST ",
		`[{"id": 1, "author": {"id": 4}, ` + marked + `}, {"id": 2, "author": {"id": 3}, "body": "x"}, {"id": 31, "author": {"id": 3}, ` + marked + `}]`: "--request PUT --form body=<plan.md https://gl/api/v4/projects/5/merge_requests/7/notes/31\n",
	} {
		ran, code := run("plan", notes, "")
		if code != 0 || !strings.Contains(ran, want) || strings.Contains(ran, "canary") || !strings.Contains(ran, "hadeploy plan cluster.yaml --out plan-abc.json ") {
			t.Errorf("with the notes %s: status %d, it ran\n%s", notes, code, ran)
		}
	}
	ran, code := run("apply", "", `[{"iid": 7, "sha": "def"}]`)
	if code != 0 || !strings.Contains(ran, "/projects/5/jobs/artifacts/refs%2Fmerge-requests%2F7%2Fhead/raw/plan-def.json?job=plan\nhadeploy apply plan.json --yes ") {
		t.Errorf("status %d, it ran\n%s", code, ran)
	}
	if ran, code := run("apply", "", `[]`); code == 0 || strings.Contains(ran, "hadeploy") {
		t.Errorf("a commit of no merge request: status %d, it ran\n%s", code, ran)
	}
}
