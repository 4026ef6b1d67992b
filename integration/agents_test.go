package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/playbook"
)

// agentsOf is what the tests look at of agents -o json.
type agentsOf struct {
	Nodes  []struct{ Node, Pacemaker, Error string }
	Agents []struct {
		Agent          string
		Nodes, Missing []string
	}
}

// agents runs the command on the lab's inventory alone.
func (l *lab) agents(code int, args ...string) result {
	l.t.Helper()
	r := l.exec(l.t, time.Minute, nil, append([]string{"agents", "-i", filepath.Join(l.dir, "inventory.yaml"), "--progress", "quiet", "--log-file", "none"}, args...)...)
	if r.code != code {
		l.t.Fatalf("expected exit %d: %s", code, r)
	}
	return r
}

// have lists the agents that a node has by our word, sorted; services too.
func (l *lab) have(node string) []string {
	l.t.Helper()
	var names []string
	for _, filter := range []string{"", "service:"} {
		var doc agentsOf
		args := []string{"-o", "json", "--hosts", node}
		if filter != "" {
			args = append(args, filter)
		}
		r := l.agents(0, args...)
		if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
			l.t.Fatalf("%v: %s", err, r)
		}
		for _, a := range doc.Agents {
			names = append(names, a.Agent)
		}
	}
	slices.Sort(names)
	return names
}

// The oddest things that stand in an agents' folder, and what there is of units.
const oddAgents = `set -e
d=/usr/lib/ocf/resource.d
mkdir -p $d/acme/folder; cp $d/heartbeat/Dummy $d/acme/beacon; cp $d/heartbeat/Dummy $d/acme/.hidden; cp $d/heartbeat/Dummy "$d/acme/two words"
cp $d/heartbeat/Dummy $d/acme/plain; chmod 644 $d/acme/plain; ln -s beacon $d/acme/linked; ln -s nowhere $d/acme/broken
printf '#!/bin/sh\n' >/etc/init.d/acme; chmod 755 /etc/init.d/acme
printf '[Service]\nExecStart=/bin/true\n' >/etc/systemd/system/acme@.service
cp /etc/systemd/system/acme@.service /etc/systemd/system/acme.service
ln -s /dev/null /etc/systemd/system/acme-masked.service; ln -s nowhere /etc/systemd/system/acme-broken.service
mkdir -p /etc/systemd/system/acme.service.d /run/systemd/system; printf '[Unit]\n' >/etc/systemd/system/acme.target
printf '[Timer]\nOnBootSec=1d\n' >/run/systemd/system/acme.timer; printf '[Path]\nPathExists=/x\n' >/etc/systemd/system/acme.path`

// pacemakersOwn prints what Pacemaker lists, of every standard that it has.
const pacemakersOwn = `for p in $(crm_resource --list-ocf-providers); do crm_resource --list-agents ocf:$p | sed "s/^/ocf:$p:/"; done
for s in lsb stonith systemd service; do crm_resource --list-agents $s | sed "s/^/$s:/"; done`

// TestAgentsOfReleases: the agents that we find are those that Pacemaker and
// pcs list on the same node.
func TestAgentsOfReleases(t *testing.T) {
	t.Parallel()
	for _, image := range []string{"debian11", "debian12", "debian13"} {
		t.Run(image, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, image, "--preinstalled", "--nodes", "1")
			l.pacemakersOptions(t)
			if image == "debian13" { // the most of them, and both versions of OCF
				l.metadata(t)
			}
			l.ssh("n1", oddAgents)
			ours := l.have("n1")
			compare := func(who string, theirs []string, beside func(string) bool) {
				t.Helper()
				slices.Sort(theirs)
				theirs = slices.Compact(theirs)
				for _, a := range theirs {
					if !slices.Contains(ours, a) {
						t.Errorf("%s lists %s, and we do not", who, a)
					}
				}
				for _, a := range ours {
					if !slices.Contains(theirs, a) && !beside(a) {
						t.Errorf("we list %s, and %s does not", a, who)
					}
				}
			}
			lines := func(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }
			pacemaker := lines(l.ssh("n1", pacemakersOwn))
			if len(pacemaker) < 400 {
				t.Fatalf("Pacemaker lists only %d agents", len(pacemaker))
			}
			compare("Pacemaker", pacemaker, func(string) bool { return false })
			compare("pcs", lines(l.ssh("n1", `pcs resource list --nodesc 2>/dev/null; pcs stonith list --nodesc 2>/dev/null | sed s/^/stonith:/`)),
				func(a string) bool { return a == "stonith:fence_legacy" }) // pcs hides it
			for a, there := range map[string]bool{"ocf:acme:beacon": true, "ocf:acme:linked": true, "ocf:acme:two words": true, "ocf:acme:.hidden": false, "ocf:acme:plain": false,
				"ocf:acme:broken": false, "ocf:acme:folder": false, "systemd:acme@": true, "systemd:acme": true, "systemd:acme.timer": true, "systemd:acme.target": false, "lsb:acme": true} {
				if slices.Contains(ours, a) != there {
					t.Errorf("%s: listed %v", a, !there)
				}
			}
		})
	}
}

// metadataOfMany prints what every fourth agent of ocf and stonith says, behind
// a line with its name. All of them take a minute on a busy machine.
const metadataOfMany = `{ for p in $(crm_resource --list-ocf-providers); do crm_resource --list-agents ocf:$p | sed "s/^/ocf:$p:/"; done
crm_resource --list-agents stonith | sed s/^/stonith:/; } | awk 'NR % 4 == 1' | while read -r a; do printf '\n=== %s\n' "$a"; crm_resource --show-metadata "$a" 2>/dev/null </dev/null; done`

// metadata reads what agents of the node say of themselves, and loads the
// example of each as a playbook.
func (l *lab) metadata(t *testing.T) {
	t.Helper()
	read, silent := 0, []string{}
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	for _, part := range strings.Split(l.ssh("n1", metadataOfMany), "\n=== ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		if strings.TrimSpace(text) == "" {
			silent = append(silent, name)
			continue
		}
		a, err := agent.Parse(name, []byte(text))
		if err != nil {
			t.Error(err)
			continue
		}
		read++
		src := "name: x\nhacluster: {password: {env: PW}}\n" + strings.ReplaceAll(a.Example(), agent.Fill, "192.0.2.10")
		if !strings.HasPrefix(name, "stonith:") {
			src += "properties: {stonith-enabled: false}\n"
		}
		if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, list := playbook.Load(path, playbook.LoadOptions{}); list.Err() != nil {
			t.Errorf("%s: its example is no playbook: %v\n%s", name, list, src)
		}
	}
	if read < 40 || len(silent) > 3 { // some need a library that is not there
		t.Errorf("%d agents were read, and %d said nothing: %v", read, len(silent), silent)
	}
	t.Logf("%d agents were read, %d said nothing: %v", read, len(silent), silent)
}

// TestAgents shows what differs between nodes, goes on without one of them, and
// describes an agent with a section that a playbook takes as it is.
func TestAgents(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--preinstalled")
	l.ssh("n3", "chmod -x /usr/lib/ocf/resource.d/heartbeat/nginx && sed -i 's/\"cidr_netmask\"/\"netmask_bits\"/' /usr/lib/ocf/resource.d/heartbeat/IPaddr2")
	contains(t, l.agents(0), "1 not on every node", "ocf:heartbeat:nginx  yes  yes  -", "ocf:heartbeat (140)", "VirtualDomain", "systemd (132 units)")
	contains(t, l.agents(0, "NGINX"), `1 agent matches "NGINX" on n1, n2, n3`, "! ocf:heartbeat:nginx  yes  yes  -")
	var doc agentsOf
	if r := l.agents(0, "nginx", "-o", "json"); json.Unmarshal([]byte(r.out), &doc) != nil || len(doc.Agents) != 1 || !slices.Equal(doc.Agents[0].Missing, []string{"n3"}) {
		t.Errorf("%+v: %s", doc, r)
	}
	contains(t, l.agents(1, "ngnix"), `no agent matches "ngnix" on n1, n2, n3`, "did you mean ocf:heartbeat:nginx?")
	contains(t, l.agents(1, "describe", "IPadr2"), "did you mean ocf:heartbeat:IPaddr2")

	r := l.agents(0, "describe", "IPaddr2")
	contains(t, r, "ocf:heartbeat:IPaddr2 - Manages virtual IPv4 and IPv6 addresses", "on n1, n2;", "* ip", "CIDR netmask", "monitor       20s      10s",
		"another version on n3:", "no option cidr_netmask", "one more option: netmask_bits")
	_, section, ok := strings.Cut(r.out, "In a playbook\n")
	if !ok {
		t.Fatalf("no example: %s", r)
	}
	l.write("example.yaml", "name: x\nhacluster: {password: {env: PW}}\nproperties: {stonith-enabled: false}\n"+strings.NewReplacer("\n  ", "\n", agent.Fill, "192.0.2.10").Replace("\n"+section), 0o644)
	if p, list := playbook.Load(l.path("example.yaml"), playbook.LoadOptions{}); list.Err() != nil || len(p.Resources) != 1 || p.Resources[0].Primitive.Agent != "ocf:heartbeat:IPaddr2" {
		t.Errorf("the example is no playbook: %v", list)
	}

	// By the playbook: the same nodes, and only two of them.
	contains(t, l.run("agents", "nginx"), "accepts at most 1 arg") // a playbook is no argument here
	contains(t, l.exec(t, time.Minute, nil, "agents", "nginx", "-f", "quickstart.yaml", "-i", filepath.Join(l.dir, "inventory.yaml"), "-e", "vip="+l.vip, "--hosts", "n1,n2"),
		`1 agent matches "nginx" on n1, n2, Pacemaker 2.1.5; the same on every node`)

	// Without Pacemaker its files tell the same, less the fencing agents that only it knows.
	l.ssh("n1", "chmod -x $(command -v crm_resource)")
	theirs := slices.DeleteFunc(l.have("n2"), func(a string) bool {
		return strings.HasPrefix(a, "stonith:") && !strings.HasPrefix(a, "stonith:fence_")
	})
	if ours := l.have("n1"); !slices.Equal(ours, theirs) {
		t.Errorf("without Pacemaker %d agents, with it %d", len(ours), len(theirs))
	}
	contains(t, l.agents(0, "dummy"), "! Pacemaker is not installed on n1", "ocf:heartbeat:Dummy")
	contains(t, l.agents(0, "describe", "IPaddr2", "--hosts", "n1"), "* ip", "monitor       20s      10s")
	contains(t, l.agents(1, "describe", "systemd:ssh", "--hosts", "n1"), "Pacemaker is not installed, and only it describes agents of this standard")

	// A node that is off does not hide the others; with none left it is 4.
	if r := l.exec(t, time.Minute, nil, "lab", "power", "off", "n2", "--dir", l.dir); r.code != 0 {
		t.Fatal(r)
	}
	contains(t, l.agents(0, "nginx", "--connect-timeout", "3s"), "! n2: cannot reach", "ocf:heartbeat:nginx  yes  -")
	contains(t, l.agents(4, "nginx", "--connect-timeout", "3s", "--hosts", "n2"), "n2: cannot reach")

	// Nothing of this is left on a node.
	if left := l.ssh("n1", "find /tmp /run /root -name '*hadeploy*' 2>/dev/null || true"); left != "" {
		t.Errorf("left on n1: %s", left)
	}
}
