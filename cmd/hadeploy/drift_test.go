package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func driftFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples/drift", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sh runs a script with a hadeploy before all others on its PATH, that prints
// its arguments and ends with a status. It returns what both wrote.
func sh(t *testing.T, dir, script string, status string, args ...string) (out string, code int) {
	t.Helper()
	bin := t.TempDir()
	write(t, filepath.Join(bin, "hadeploy"), "#!/bin/sh\necho \"hadeploy $*\"\nexit "+status+"\n")
	if err := os.Chmod(filepath.Join(bin, "hadeploy"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...)
	c.Dir = dir
	c.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "STATE_DIRECTORY=" + dir, "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary")}
	b, err := c.CombinedOutput()
	if err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	return string(b), c.ProcessState.ExitCode()
}

// shellIsFine checks a script's grammar, and every command of ours in it.
func shellIsFine(t *testing.T, name, script string) (ours int) {
	t.Helper()
	c := exec.Command("sh", "-n")
	c.Stdin = strings.NewReader(script)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s: %v: %s", name, err, out)
	}
	for _, line := range strings.Split(script, "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "hadeploy ") {
			continue
		}
		ours++
		if err := parses(strings.NewReplacer(`"`, "", "$@", "cluster.yaml").Replace(line)); err != "" {
			t.Errorf("%s: %s: %s", name, line, err)
		}
	}
	return ours
}

// TestDriftScript: the report is kept when there is one, and the exit status
// is hadeploy's.
func TestDriftScript(t *testing.T) {
	script := driftFile(t, "hadeploy-drift")
	if shellIsFine(t, "hadeploy-drift", script) != 1 {
		t.Error("the script does not run hadeploy once")
	}
	dir := t.TempDir()
	kept := func() string {
		b, _ := os.ReadFile(filepath.Join(dir, "report.txt"))
		return string(b)
	}
	for _, tc := range []struct {
		status string
		code   int
		report bool
	}{{"2", 2, true}, {"4", 4, false}, {"0", 0, true}, {"130", 130, false}} {
		before := kept()
		out, code := sh(t, dir, script, tc.status, tc.status+".yaml", "-e", "a=b c")
		want := "hadeploy plan --detailed-exitcode --progress quiet --log-file none --timeout 10m " + tc.status + ".yaml -e a=b c\n"
		if code != tc.code {
			t.Errorf("hadeploy ends with %s, the script with %d", tc.status, code)
		}
		if tc.report && (out != want || kept() != want) {
			t.Errorf("%s: it says %q and keeps %q", tc.status, out, kept())
		}
		if !tc.report && (!strings.Contains(out, "could not compare: exit status "+tc.status) || kept() != before) {
			t.Errorf("%s: it says %q and keeps %q", tc.status, out, kept())
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); left != nil {
			t.Errorf("%s: %q is left over", tc.status, left)
		}
	}
	if info, err := os.Stat(filepath.Join(root, "examples/drift/hadeploy-drift")); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("hadeploy-drift cannot be executed: %v", err)
	}
}

// TestDriftUnits: systemd takes the units without a word, and they run the
// script.
func TestDriftUnits(t *testing.T) {
	service, timer := driftFile(t, "hadeploy-drift.service"), driftFile(t, "hadeploy-drift.timer")
	start := regexp.MustCompile(`(?m)^ExecStart=(/\S+/hadeploy-drift) \S+$`).FindStringSubmatch(service)
	if start == nil {
		t.Fatal("the service does not run hadeploy-drift")
	}
	if page := pages(t)["docs/drift.md"]; !strings.Contains(page, filepath.Dir(start[1])+"/\n") {
		t.Errorf("docs/drift.md does not install the script into %s", filepath.Dir(start[1]))
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here, so the units were not given to it")
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "hadeploy-drift")
	write(t, script, "#!/bin/sh\n")
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(dir, "hadeploy-drift.service")
	write(t, unit, strings.Replace(service, start[1], script, 1))
	write(t, filepath.Join(dir, "hadeploy-drift.timer"), timer)
	c := exec.Command(analyze, "verify", "--man=no", unit, filepath.Join(dir, "hadeploy-drift.timer"))
	c.Env = append(os.Environ(), "SYSTEMD_LOG_COLOR=0")
	out, err := c.CombinedOutput()
	for _, l := range strings.Split(string(out), "\n") { // of our units: it reads those of the machine too
		if strings.Contains(l, "hadeploy-drift") || strings.Contains(l, dir) {
			t.Error(l)
		}
	}
	if err != nil && strings.Contains(string(out), "hadeploy") {
		t.Errorf("%v: %s", err, out)
	}
	calendar := regexp.MustCompile(`(?m)^OnCalendar=(.*)$`).FindStringSubmatch(timer)
	if calendar == nil {
		t.Fatal("the timer has no time")
	}
	if out, err := exec.Command(analyze, "calendar", calendar[1]).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestDriftGitLab: the pipeline is YAML, its jobs are shell that works, and
// drift and failure end differently.
func TestDriftGitLab(t *testing.T) {
	type job struct {
		Extends      string
		Before       []string `yaml:"before_script"`
		Script       []string
		AllowFailure struct {
			ExitCodes []int `yaml:"exit_codes"`
		} `yaml:"allow_failure"`
		Artifacts struct {
			When    string
			Paths   []string
			Reports struct{ JUnit string }
		}
	}
	var jobs map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(driftFile(t, "gitlab-ci.yml")), &jobs); err != nil {
		t.Fatal(err)
	}
	get := func(name string) (j job) {
		t.Helper()
		node := jobs[name]
		if err := node.Decode(&j); err != nil {
			t.Fatal(err)
		}
		return j
	}
	look, drift, verify := get(".look"), get("drift"), get("verify")
	if drift.Extends != ".look" || verify.Extends != ".look" {
		t.Error("the jobs do not extend .look")
	}
	shellIsFine(t, "before_script", strings.Join(look.Before, "\n"))
	for name, j := range map[string]job{"drift": drift, "verify": verify} {
		script := strings.Join(j.Script, "\n")
		if shellIsFine(t, name, script) != 1 {
			t.Errorf("the job %s does not run hadeploy once", name)
		}
		for _, status := range []string{"0", "2", "4", "5"} {
			dir := t.TempDir()
			if out, code := sh(t, dir, "set -e\n"+script, status); out == "" && name == "drift" || status != strconv.Itoa(code) {
				t.Errorf("%s: hadeploy ends with %s, the job with %d: %s", name, status, code, out)
			}
			for _, p := range append(j.Artifacts.Paths, j.Artifacts.Reports.JUnit) {
				if _, err := os.Stat(filepath.Join(dir, p)); p != "" && err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if j.Artifacts.When != "always" {
			t.Errorf("%s: no report is kept of a run that fails", name)
		}
	}
	if codes := drift.AllowFailure.ExitCodes; len(codes) != 1 || codes[0] != exitCode(errChanges) {
		t.Errorf("drift may fail with %v", codes)
	}
}

// TestDriftGitHub: the workflow is YAML and its steps are shell that works; no
// expression is pasted into a script, where its value would be run.
func TestDriftGitHub(t *testing.T) {
	var flow struct {
		On   map[string]any
		Jobs map[string]struct {
			Timeout int `yaml:"timeout-minutes"`
			Steps   []struct {
				Name, Run, Uses string
			}
		}
		Permissions map[string]string
	}
	if err := yaml.Unmarshal([]byte(driftFile(t, "github-actions.yml")), &flow); err != nil {
		t.Fatal(err)
	}
	if flow.On["schedule"] == nil || flow.Permissions["contents"] != "read" || len(flow.Permissions) != 1 {
		t.Errorf("%+v %+v", flow.On, flow.Permissions)
	}
	ours := 0
	for _, j := range flow.Jobs {
		if j.Timeout == 0 {
			t.Error("a job without a time limit")
		}
		for _, s := range j.Steps {
			if s.Run == "" {
				continue
			}
			n := shellIsFine(t, s.Name, s.Run)
			ours += n
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s: an expression within a script", s.Name)
			}
			for _, status := range []string{"0", "2", "4"} {
				if _, code := sh(t, t.TempDir(), "set -e\n"+s.Run, status); n > 0 && strconv.Itoa(code) != status {
					t.Errorf("%s: hadeploy ends with %s, the step with %d", s.Name, status, code)
				}
			}
		}
	}
	if ours != 2 {
		t.Errorf("%d commands of ours", ours)
	}
}

// TestDriftPageShell: what the pages about verify and drift tell to type is
// shell.
func TestDriftPageShell(t *testing.T) {
	all, seen := pages(t), 0
	for _, page := range []string{"docs/drift.md", verifyPage} {
		for _, b := range blocks(all[page]) {
			if b.kind == "sh" {
				seen++
				shellIsFine(t, page, b.text)
			}
		}
	}
	if seen < 3 {
		t.Errorf("only %d blocks", seen)
	}
}
