package faults

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

const (
	password = "correct-horse-7f3a9"
	playbook = "quickstart.yaml"
)

var nodes = []string{"n1", "n2", "n3"}

// cluster is a lab whose cluster is as the quickstart declares, between faults.
type cluster struct {
	*labtest.Lab
	t      *testing.T // of the fault that is tried
	image  string
	vip    string
	mirror *mirror
	fence  *fence
	// What the nodes have when all is as declared; empty: not yet made.
	conf, cib string
	lost      bool // an audit failed: the next fault gets other nodes
	seed      int64
	all       bool
	env       []string         // of the command that is tried
	running   *labtest.Process // the command, when the fault strikes
}

// up boots nodes and makes the cluster, for the tests that follow t too.
func up(t *testing.T, dir, image string) *cluster {
	t.Helper()
	c := &cluster{t: t, image: image}
	work, err := os.MkdirTemp(dir, "work-") //nolint:usetesting // the next tests go on with these nodes
	if err != nil {
		t.Fatal(err)
	}
	lab, err := labtest.Up(t.Context(), binary, work+"-lab", work, image, "--preinstalled")
	c.Lab = lab
	if err != nil {
		_ = lab.Down()
		t.Fatal(err)
	}
	c.vip = lab.State.FreeFirst
	c.files()
	if c.mirror, err = newMirror(c); err != nil {
		c.down()
		t.Fatal(err)
	}
	if r := c.hadeploy(5*time.Minute, apply...); r.Code != 0 {
		c.down()
		t.Fatalf("the first apply: %s", r)
	}
	c.keep()
	return c
}

func (c *cluster) down() {
	if c.mirror != nil {
		c.mirror.close()
	}
	if c.fence != nil {
		c.fence.close()
	}
	if err := c.Down(); err != nil {
		c.t.Error(err)
	}
}

// files lays out the playbook as it is when nothing is wrong.
func (c *cluster) files() {
	c.t.Helper()
	for _, sub := range []string{"agents", "files"} {
		_ = os.RemoveAll(filepath.Join(c.Work, sub))
		if err := os.CopyFS(filepath.Join(c.Work, sub), os.DirFS("../../examples/playbooks/"+sub)); err != nil {
			c.t.Fatal(err)
		}
	}
	b, err := os.ReadFile("../../examples/playbooks/" + playbook)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(playbook, string(b), 0o644)
	c.write("secret", password+"\n", 0o600)
	c.edit("{env: HACLUSTER_PASSWORD}", "{file: secret}")
	c.edit("within: 120s", "within: 60s")
	if b, err = os.ReadFile(filepath.Join(c.Dir, "inventory.yaml")); err != nil {
		c.t.Fatal(err)
	}
	c.write("inventory.yaml", string(b), 0o644)
	c.env = nil
}

func (c *cluster) path(name string) string { return filepath.Join(c.Work, name) }

func (c *cluster) write(name, text string, mode os.FileMode) {
	c.t.Helper()
	if err := os.WriteFile(c.path(name), []byte(text), mode); err != nil {
		c.t.Fatal(err)
	}
}

// edit replaces text of the playbook that must be there.
func (c *cluster) edit(old, new string) { c.t.Helper(); c.editFile(playbook, old, new) }

func (c *cluster) editFile(name, old, new string) {
	c.t.Helper()
	b, err := os.ReadFile(c.path(name))
	if err != nil || !strings.Contains(string(b), old) {
		c.t.Fatalf("%s does not contain %q (%v)", name, old, err)
	}
	c.write(name, strings.Replace(string(b), old, new, 1), 0o644)
}

// declare adds resources to the playbook, each a line of YAML.
func (c *cluster) declare(resources ...string) {
	c.t.Helper()
	c.edit("\nconstraints:\n", "  - "+strings.Join(resources, "\n  - ")+"\n\nconstraints:\n")
}

// totem declares options of totem.
func (c *cluster) totem(options string) {
	c.t.Helper()
	c.edit("  start: true\n", "  start: true\n  totem: {"+options+"}\n")
}

// ship declares a file.
func (c *cluster) ship(path string) {
	c.t.Helper()
	c.write("files/shipped", "shipped\n", 0o644)
	c.edit("\nagents:\n", "  - path: "+path+"\n    source: files/shipped\n\nagents:\n")
}

// args puts playbook, inventory and address into a command.
func (c *cluster) args(args ...string) []string {
	if len(args) > 1 && strings.HasSuffix(args[1], ".yaml") {
		return args // it names its own
	}
	all := []string{args[0], playbook}
	if args[0] != "validate" {
		all = append(all, "-i", "inventory.yaml")
	}
	return append(append(all, "-e", "vip="+c.vip), args[1:]...)
}

// hadeploy runs a command; one that takes longer than it may is a failure.
func (c *cluster) hadeploy(within time.Duration, args ...string) end {
	c.t.Helper()
	r := c.Exec(context.Background(), within, c.env, c.args(args...)...)
	if r.Took >= within {
		c.t.Errorf("it hangs: %s", r)
	}
	return r
}

// must is hadeploy with the exit status that is expected.
func (c *cluster) must(exit int, args ...string) end {
	c.t.Helper()
	r := c.hadeploy(3*time.Minute, args...)
	if r.Code != exit {
		c.t.Errorf("expected exit %d: %s", exit, r)
	}
	return r
}

// lab runs a lab command.
func (c *cluster) lab(args ...string) {
	c.t.Helper()
	if r := c.Exec(context.Background(), 2*time.Minute, nil, append(append([]string{"lab"}, args...), "--dir", c.Dir)...); r.Code != 0 {
		c.t.Error(r)
	}
}

// try runs shell on a node.
func (c *cluster) try(node, shell string) end {
	return c.Exec(context.Background(), 2*time.Minute, nil, "lab", "ssh", "--dir", c.Dir, node, "--", shell)
}

// on runs shell on a node, which must succeed, and returns what it printed.
func (c *cluster) on(node, shell string) string {
	c.t.Helper()
	r := c.try(node, "set -e\n"+shell)
	if r.Code != 0 {
		c.t.Errorf("on %s: %s\n%s", node, shell, r)
	}
	return r.Out
}

// onAll does so on every node at once.
func (c *cluster) onAll(shell string) map[string]string {
	c.t.Helper()
	out := map[string]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, n := range nodes {
		wg.Go(func() {
			o := c.on(n, shell)
			mu.Lock()
			defer mu.Unlock()
			out[n] = o
		})
	}
	wg.Wait()
	return out
}

// until waits for a condition, in the end in vain.
func (c *cluster) until(what string, within time.Duration, ok func() bool) bool {
	c.t.Helper()
	for end := time.Now().Add(within); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Errorf("waited %s in vain: %s", within, what)
			return false
		}
	}
	return true
}

// inNet runs a command of this machine in the network of a node.
func (c *cluster) inNet(node string, argv ...string) {
	c.t.Helper()
	c.outside(append([]string{"ip", "netns", "exec", "hadlab." + c.State.Name + "." + node}, argv...)...)
}

// joined waits until every node sees all of them online.
func (c *cluster) joined() {
	c.t.Helper()
	c.until("all are members again", 3*time.Minute, func() bool {
		for _, n := range nodes {
			if c.try(n, "timeout 5 crm_mon -1 | grep -q 'Online: \\[ n1 n2 n3 \\]'").Code != 0 {
				return false
			}
		}
		return true
	})
}

// spoil puts a shell script in the place of a program, as a mount that mend,
// a reboot and a power loss take away. In the script $real is the program.
func (c *cluster) spoil(node, program, script string) {
	c.t.Helper()
	c.on(node, fmt.Sprintf(`p=$(readlink -f %s)
mkdir -p /run/spoilt; real=/run/spoilt/$(basename $p).real; cp -p $p $real
{ echo '#!/bin/sh'; echo real=$real; cat <<'SPOIL'
%s
SPOIL
} >/run/spoilt/$(basename $p); chmod 755 /run/spoilt/$(basename $p)
mount --bind /run/spoilt/$(basename $p) $p`, program, script))
}

// mend takes away every mount of ours on the nodes, and ends what is still at
// work in a spoilt program.
const mend = `if [ -d /run/spoilt ]; then
	grep -o ' /[^ ]* /[^ ]* ' /proc/self/mountinfo | grep ' /spoilt/\| /run/spoilt/' | while read -r _ at; do umount -l "$at"; done
	for d in /proc/[0-9]*; do
		if [ "${d#/proc/}" != $$ ] && tr '\000' ' ' <$d/cmdline 2>/dev/null | grep -q '/run/spoilt/\|/spoilt/'; then kill -9 "${d#/proc/}" || :; fi
	done
	rm -rf /run/spoilt
fi
true`

// keep remembers how the nodes are when all is as declared.
func (c *cluster) keep() {
	c.t.Helper()
	c.conf = c.on("n1", "cat /etc/corosync/corosync.conf")
	c.cib = c.on("n1", "cibadmin -Q -o configuration")
}

// whole mends what a lab can mend by itself: power, cables, spoilt programs.
func (c *cluster) whole() {
	c.t.Helper()
	state, err := c.Read()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, n := range state.Nodes {
		c.lab("heal", n.Name)
		if !n.Powered {
			c.lab("power", "on", n.Name)
		}
	}
	c.onAll(mend)
}

// home makes everything as it was before the fault: files that the playbook
// does not mind and objects that it does not declare would be left alone.
func (c *cluster) home() {
	c.t.Helper()
	c.files()
	if c.on("n1", "cat /etc/corosync/corosync.conf") != c.conf {
		c.onAll("cat >/etc/corosync/corosync.conf <<'CONF'\n" + c.conf + "CONF")
		c.on("n1", "corosync-cfgtool -R")
	}
	if c.on("n1", "cibadmin -Q -o configuration") != c.cib {
		c.on("n1", "cibadmin -R -o configuration -p <<'CIB'\n"+c.cib+"CIB\ncrm_resource --cleanup >/dev/null 2>&1\ncrm_resource --wait -t 60")
	}
	if r := c.hadeploy(3*time.Minute, "plan", "--detailed-exitcode"); r.Code == 0 && strings.Contains(r.Out, "No changes") {
		return
	}
	r := c.hadeploy(3*time.Minute, apply...)
	if r.Code != 0 {
		c.lost = true
		c.t.Errorf("the way home: %s", r)
	}
}

func contains(t *testing.T, r end, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Out+r.Err, text) {
			t.Errorf("expected %q in: %s", text, r)
		}
	}
}

func containsNot(t *testing.T, r end, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(r.Out+r.Err, text) {
			t.Errorf("did not expect %q in: %s", text, r)
		}
	}
}
