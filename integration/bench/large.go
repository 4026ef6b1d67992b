package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// large is the price of 1,000 primitives with 2,800 constraints. Times are
// processor time of the program itself, and the memory is the most that it held:
// what the nodes do meanwhile is Pacemaker's. The push is held against
// cibadmin --replace of the same configuration on the same cluster.
func (r *rig) large(add func(what, script, ours, ratio, goal string)) error {
	const many = 1000
	if _, err := r.time(r.hadeploy, r.args("apply", "--yes")...); err != nil { // a cluster that runs
		return err
	}
	path := filepath.Join(r.work, "playbooks", "large.yaml")
	if err := os.WriteFile(path, []byte(largePlaybook(many)), 0o644); err != nil {
		return err
	}
	args := func(verb string, more ...string) []string {
		return append([]string{verb, path, "-i", filepath.Join(r.dir, "inventory.yaml")}, more...)
	}
	own := func(what string, args ...string) error {
		used, _, err := r.used(args...)
		if err == nil {
			add(what, "-", fmt.Sprintf("%.2f s, %d MB", used.time.Seconds(), used.memory>>20), "-", "at most 1 s, 200 MB")
		}
		return err
	}
	if err := own("1,000 primitives: validate", args("validate")...); err != nil {
		return err
	}
	if err := own("1,000 primitives: render", args("render")...); err != nil {
		return err
	}
	if err := own("1,000 primitives: plan, all to be made", args("plan", "--prune")...); err != nil {
		return err
	}
	if err := r.ssh(r.nodes[0], "cibadmin --query >/root/before.xml"); err != nil {
		return err
	}
	_, lines, err := r.used(args("apply", "--prune", "--yes", "--allow-disruption=all", "--progress", "plain", "-v")...)
	if err != nil {
		return err
	}
	pushed, err := pushTook(lines)
	if err != nil {
		return err
	}
	if err := own("1,000 primitives: plan, nothing to change", args("plan", "--prune", "--detailed-exitcode")...); err != nil {
		return err
	}
	// The same configuration once more, in one piece, on the cluster as it was.
	const again = `cibadmin --query >/root/after.xml && cibadmin --replace --xml-file /root/before.xml --scope configuration && crm_resource --wait --timeout=600`
	if err := r.ssh(r.nodes[0], again); err != nil {
		return err
	}
	began := time.Now()
	if err := r.ssh(r.nodes[0], "cibadmin --replace --scope configuration --xml-file /root/after.xml"); err != nil {
		return err
	}
	replaced := time.Since(began)
	add("1,000 primitives: the push", "cibadmin --replace: "+secs(replaced), secs(pushed), fmt.Sprintf("%.1f x its time", pushed.Seconds()/replaced.Seconds()), "at most 1.5 x")
	return nil
}

// usage is what a run of the program took.
type usage struct {
	time   time.Duration // of the processor
	memory int64         // bytes, at most
}

// used runs the program and returns what it took, and its standard error.
func (r *rig) used(args ...string) (usage, []byte, error) {
	cmd := exec.Command(r.hadeploy, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	// 5: what Pacemaker has not made of the configuration yet is no part of this.
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 5 {
		return usage{}, nil, fmt.Errorf("hadeploy %s: %w\n%s%s", strings.Join(args, " "), err, tail(out.Bytes()), tail(said.Bytes()))
	}
	u := usage{time: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if s, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.memory = s.Maxrss << 10
	}
	return u, said.Bytes(), nil
}

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }

var pushLine = regexp.MustCompile(`# script: cibadmin --patch +\(exit status 0, ([0-9a-zµ.]+)\)`)

// pushTook is how long the command that pushes took, by the program's own log:
// crm_verify of both configurations, crm_diff, and cibadmin. What goes is stopped
// by a push before, which is a small one.
func pushTook(said []byte) (most time.Duration, err error) {
	for _, m := range pushLine.FindAllSubmatch(said, -1) {
		took, err := time.ParseDuration(string(m[1]))
		if err != nil {
			return 0, err
		}
		most = max(most, took)
	}
	if most == 0 {
		return 0, fmt.Errorf("no line of the log tells how long the push took:\n%s", tail(said))
	}
	return most, nil
}

// largePlaybook declares n primitives, each with a location, and by tens with a
// colocation and an order with the one before.
func largePlaybook(n int) string {
	var b strings.Builder
	b.WriteString("name: quickstart\nhacluster: {password: {env: HACLUSTER_PASSWORD}}\nproperties: {stonith-enabled: false}\nverify: {within: 1s}\nresources:\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "  - {id: r%d, agent: \"ocf:pacemaker:Dummy\", options: {fake: x%d}, meta: {priority: %d, target-role: Stopped}, op: {monitor: {interval: 30s}}}\n", i, i, i%9)
	}
	b.WriteString("constraints:\n  location:\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "    - {resource: r%d, node: n%d, score: %d}\n", i, i%3+1, i)
	}
	b.WriteString("  colocation:\n")
	for i := 1; i <= n; i++ {
		if i%10 != 1 {
			fmt.Fprintf(&b, "    - {resource: r%d, with: r%d, score: 5}\n", i, i-1)
		}
	}
	b.WriteString("  order:\n")
	for i := 1; i <= n; i++ {
		if i%10 != 1 {
			fmt.Fprintf(&b, "    - {first: r%d, then: r%d}\n", i-1, i)
		}
	}
	return b.String()
}
