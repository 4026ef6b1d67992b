// Command bench measures hadeploy against a plain script of pcs commands that
// does the same work over ssh (integration/script), on the same three
// preinstalled nodes, in one run, and prints the ratios; and how long the
// readers take for 10 MB. Run it by make bench, as root, on a machine with
// nothing else to do.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

func main() {
	hadeploy := flag.String("hadeploy", "bin/hadeploy", "the program")
	rounds := flag.Int("rounds", 3, "how often each first apply is measured; the median counts")
	onlyLarge := flag.Bool("large", false, "measure only what a thousand primitives cost")
	onlyRead := flag.Bool("read", false, "measure only how fast a status is read; needs no root and no nodes")
	flag.Parse()
	var t table
	err := reading(t.add)
	if err == nil && !*onlyRead {
		err = bench(*hadeploy, func(r *rig) error {
			if *onlyLarge {
				return r.large(t.add)
			}
			if err := r.small(*rounds, t.add); err != nil {
				return err
			}
			return r.large(t.add)
		})
	}
	if err == nil {
		err = t.print()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// rig is a lab with what the measurements need.
type rig struct {
	hadeploy, dir, work, vip string
	nodes                    []node
}

type node struct {
	Name    string   `json:"name"`
	Address string   `json:"address"`
	Links   []string `json:"links"`
}

// table is what is printed at the end; a line of it is shown when it is known.
type table [][]string

func (t *table) add(what, script, ours, ratio, goal string) {
	*t = append(*t, []string{what, script, ours, ratio, goal})
	fmt.Fprintf(os.Stderr, "%s: script %s, hadeploy %s, %s\n", what, script, ours, ratio)
}

func (t *table) print() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WORK\tPLAIN SCRIPT\tHADEPLOY\tRATIO\tGOAL")
	for _, row := range *t {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// bench measures on nodes of its own.
func bench(hadeploy string, measure func(*rig) error) (err error) {
	if os.Getuid() != 0 {
		return errors.New("the nodes of the lab need root")
	}
	if hadeploy, err = filepath.Abs(hadeploy); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "hadeploy-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r := &rig{hadeploy: hadeploy, dir: filepath.Join(work, "lab"), work: work}
	if err := os.Setenv("HACLUSTER_PASSWORD", "bench-only"); err != nil {
		return err
	}
	if err := os.Setenv("XDG_STATE_HOME", work); err != nil {
		return err
	}
	if err := r.up(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.do("lab", "down", "--dir", r.dir)) }()
	return measure(r)
}

// small is the quickstart, and a hundred resources more.
func (r *rig) small(rounds int, add func(what, script, ours, ratio, goal string)) error {
	var script, apply []time.Duration
	for range rounds {
		if err := r.clean(); err != nil {
			return err
		}
		took, err := r.time("sh", r.script("setup.sh", "-v", r.vip)...)
		if err != nil {
			return err
		}
		script = append(script, took)
		if err := r.clean(); err != nil {
			return err
		}
		if took, err = r.time(r.hadeploy, r.args("apply", "--yes")...); err != nil {
			return err
		}
		apply = append(apply, took)
	}
	add("first apply, verified", secs(median(script)), secs(median(apply)), times(median(script), median(apply)), "at least 3 x")

	const more = 7
	var status, nothing, planned []time.Duration
	for range more {
		took, err := r.everyStatus()
		if err != nil {
			return err
		}
		status = append(status, took)
		if took, err = r.time(r.hadeploy, r.args("apply", "--yes")...); err != nil {
			return err
		}
		nothing = append(nothing, took)
		if took, err = r.time(r.hadeploy, r.args("plan")...); err != nil {
			return err
		}
		planned = append(planned, took)
	}
	add("apply, nothing to change", "pcs status on all nodes: "+secs(median(status)), secs(median(nothing)),
		"+"+secs(median(nothing)-median(status)), "at most +1.2 s")
	add("plan, nothing to change", "-", secs(median(planned)), "-", "at most 0.5 s")

	if err := r.moreDummies(100); err != nil {
		return err
	}
	ours, err := r.time(r.hadeploy, r.args("apply", "--yes")...)
	if err != nil {
		return err
	}
	if err := r.ssh(r.nodes[0], "test $(crm_resource -l | grep -c '^ours') = 100"); err != nil {
		return err
	}
	plain, err := r.time("sh", r.script("add100.sh", "-n", "100")...)
	if err != nil {
		return err
	}
	add("100 Dummy resources more", secs(plain), secs(ours), times(plain, ours), "at least 10 x")
	floor, err := r.pacemakerAlone()
	if err != nil {
		return err
	}
	add("  of which Pacemaker alone", "-", secs(floor), times(plain, floor), "-")
	return nil
}

// up boots the lab and makes every node have what both contestants take for
// granted: the packages.
func (r *rig) up() error {
	if err := r.do("lab", "up", "--preinstalled", "--image", "debian12", "--dir", r.dir, "--name", fmt.Sprintf("bench%d", os.Getpid()), "--owner", fmt.Sprint(os.Getpid())); err != nil {
		return err
	}
	var state struct {
		FreeFirst string `json:"free_first"`
		Nodes     []node `json:"nodes"`
	}
	b, err := os.ReadFile(filepath.Join(r.dir, "lab.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &state); err != nil {
		return err
	}
	r.vip, r.nodes = state.FreeFirst, state.Nodes
	if err := os.CopyFS(filepath.Join(r.work, "playbooks"), os.DirFS("examples/playbooks")); err != nil {
		return err
	}
	return r.all("apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y nginx >/dev/null 2>&1; systemctl disable --now -q nginx; rm -f /etc/corosync/corosync.conf")
}

// clean takes the nodes back to packages and nothing else.
func (r *rig) clean() error {
	return r.all("pcs cluster destroy >/dev/null 2>&1; rm -rf /etc/nginx/conf.d/quickstart.conf /usr/lib/ocf/resource.d/acme /var/lib/pcsd/known-hosts /var/lib/pcsd/pcs_users.conf; usermod -p '!' hacluster; systemctl restart pcsd")
}

func (r *rig) args(verb string, more ...string) []string {
	return append([]string{verb, filepath.Join(r.work, "playbooks", "quickstart.yaml"), "-i", filepath.Join(r.dir, "inventory.yaml"), "-e", "vip=" + r.vip, "--progress", "quiet"}, more...)
}

func (r *rig) sshOptions() []string {
	return []string{"-i", filepath.Join(r.dir, "id_ed25519"), "-o", "UserKnownHostsFile=" + filepath.Join(r.dir, "known_hosts")}
}

// script is a script's arguments: add100.sh talks to one node, setup.sh to all.
func (r *rig) script(name string, more ...string) []string {
	args := append([]string{"integration/script/" + name}, more...)
	args = append(args, r.sshOptions()...)
	for _, n := range r.nodes {
		if name == "add100.sh" {
			return append(args, n.Name+"="+n.Address)
		}
		args = append(args, n.Name+"="+n.Address+","+strings.Join(n.Links, ","))
	}
	return args
}

// everyStatus is the nodes' own pcs status, on all of them at once.
func (r *rig) everyStatus() (time.Duration, error) {
	began := time.Now()
	err := r.all("pcs status >/dev/null")
	return time.Since(began), err
}

// moreDummies adds resources to the playbook.
func (r *rig) moreDummies(n int) error {
	path := filepath.Join(r.work, "playbooks", "quickstart.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var more strings.Builder
	more.WriteString("resources:\n")
	for i := range n {
		fmt.Fprintf(&more, "  - {id: ours%d, agent: \"ocf:pacemaker:Dummy\"}\n", i+1)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(b), "resources:\n", more.String(), 1)), 0o644)
}

// pacemakerAlone is the time that the cluster itself needs for 100 Dummy
// resources more, given to it at once: nobody can be quicker.
func (r *rig) pacemakerAlone() (time.Duration, error) {
	const make = `{ echo "<resources>"; for i in $(seq 100); do echo "<primitive id=\"alone$i\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"><operations><op id=\"alone$i-m\" name=\"monitor\" interval=\"10s\"/></operations></primitive>"; done; echo "</resources>"; } >/tmp/alone.xml`
	if err := r.ssh(r.nodes[0], make); err != nil {
		return 0, err
	}
	began := time.Now()
	err := r.ssh(r.nodes[0], "cibadmin --modify --allow-create -o resources --xml-file /tmp/alone.xml && crm_resource --wait -t 300")
	return time.Since(began), err
}

func (r *rig) all(command string) error {
	errs := make([]error, len(r.nodes))
	var wg sync.WaitGroup
	for i, n := range r.nodes {
		wg.Go(func() { errs[i] = r.ssh(n, command) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (r *rig) ssh(n node, command string) error {
	_, err := r.time("ssh", append(r.sshOptions(), "-o", "BatchMode=yes", "root@"+n.Address, command)...)
	return err
}

func (r *rig) do(args ...string) error {
	_, err := r.time(r.hadeploy, args...)
	return err
}

// time runs a command to its end.
func (r *rig) time(name string, args ...string) (time.Duration, error) {
	began := time.Now()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return time.Since(began), err
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

func secs(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func times(script, ours time.Duration) string {
	return fmt.Sprintf("%.1f x faster", script.Seconds()/ours.Seconds())
}
