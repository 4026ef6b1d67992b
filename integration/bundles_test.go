package integration

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// imageScript makes images of podman out of what a node has, without a registry: a
// shell, what agents call, and pacemaker-remoted with the agents, so that a
// primitive runs inside. Its arguments are the tags of localhost/box.
const imageScript = `set -eu
r=$(mktemp -d)
cd "$r"
mkdir -p bin dev etc/pacemaker proc run sys tmp usr/lib usr/sbin var/lib/pacemaker var/log
ln -s /run var/run
cp /etc/passwd /etc/group etc/
dpkg-deb -x /var/lib/hadeploy-repo/pacemaker-remote_*.deb tmp/deb
cp tmp/deb/usr/sbin/pacemaker-remoted usr/sbin/
rm -rf tmp/deb
for c in sh true sleep cat rm touch mkdir date grep sed mawk uname hostname id ls basename dirname tr cut env chmod chown; do cp -L "/bin/$c" bin/; done
ln -s mawk bin/awk
cp -a /usr/lib/ocf usr/lib/
for f in bin/* usr/sbin/*; do ldd "$f" | grep -o '/[^ ]*' || true; done | sort -u | while read -r lib; do
  mkdir -p ".${lib%/*}"
  cp -L "$lib" ".$lib"
done
first=$1
tar -c . | podman import --change 'CMD ["/bin/sleep", "1000000"]' - "localhost/box:$first"
shift
for tag; do podman tag "localhost/box:$first" "localhost/box:$tag"; done
rm -rf "$r"
`

// container is one that runs, and where.
type container struct{ node, id, image string }

// TestBundle: bundles of podman on two nodes: containers alone, and
// containers with an address that run a primitive. What the plan foretells of them is
// what happens, and what goes wrong is told with the place, the cause and the
// command that shows more.
func TestBundle(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--preinstalled", "--nodes", "2")
	write := func(within, resources string) {
		l.t.Helper()
		l.write("bundles.yaml", "name: bundles\nhosts: \"n1,n2\"\nhacluster: {password: {file: secret}}\nproperties: {stonith-enabled: false}\nverify: {within: "+within+"}\nresources:"+resources, 0o644)
	}
	do := func(code int, verb string, more ...string) result {
		l.t.Helper()
		r := l.exec(l.t, 5*time.Minute, nil, append([]string{verb, "bundles.yaml", "-i", filepath.Join(l.dir, "inventory.yaml")}, more...)...)
		if r.code != code {
			l.t.Fatalf("expected exit %d: %s", code, r)
		}
		return r
	}
	part := func(name string, f func(t *testing.T)) {
		t.Helper()
		if !t.Run(name, func(t *testing.T) { old := l.t; l.t = t; defer func() { l.t = old }(); f(t) }) {
			t.FailNow() // what follows rests on it
		}
	}
	running := func() map[string]container {
		l.t.Helper()
		all := map[string]container{}
		for _, n := range []string{"n1", "n2"} {
			for line := range strings.Lines(l.ssh(n, `podman ps --format '{{.Names}} {{.ID}} {{.Image}}'`)) {
				f := strings.Fields(line)
				all[f[0]] = container{n, f[1], f[2]}
			}
		}
		return all
	}
	// change applies what was written. Exactly those containers start, stop and
	// restart of which the plan says so, and a plan after that is empty.
	change := func(want ...string) map[string]container {
		l.t.Helper()
		var p struct{ Impact []plan.Impact }
		if err := json.Unmarshal([]byte(do(0, "plan", "-o", "json").out), &p); err != nil {
			l.t.Fatal(err)
		}
		var foretold, happened []string
		for _, i := range p.Impact {
			if strings.Contains(i.Resource, "-podman-") {
				foretold = append(foretold, i.Action+" "+i.Resource)
			}
		}
		before := running()
		contains(l.t, do(0, "apply", "--yes", "--allow-disruption=all"), "verified")
		after := running()
		for name, was := range before {
			if is, there := after[name]; !there {
				happened = append(happened, "Stop "+name)
			} else if is.id != was.id {
				happened = append(happened, "Restart "+name)
			}
		}
		for name := range after {
			if _, there := before[name]; !there {
				happened = append(happened, "Start "+name)
			}
		}
		slices.Sort(foretold)
		slices.Sort(happened)
		if !slices.Equal(foretold, want) || !slices.Equal(happened, want) {
			l.t.Errorf("want %v: foretold %v, happened %v", want, foretold, happened)
		}
		contains(l.t, do(0, "plan", "--detailed-exitcode"), "No changes.")
		return after
	}
	images := func(all map[string]container) (list []string) {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			list = append(list, name+" "+strings.TrimPrefix(all[name].image, "localhost/"))
		}
		return list
	}
	unfolded := func(r result) result { r.out = strings.Join(strings.Fields(r.out), " "); return r }
	answers := func(port int) {
		l.t.Helper()
		c, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", l.vip, port), 5*time.Second)
		if err != nil {
			l.t.Error(err)
			return
		}
		_ = c.Close()
	}
	// Ends at once: neither a sleep that is the first process of its container nor
	// pacemaker-remoted heeds SIGTERM.
	const atOnce = `options: "--stop-signal=KILL"`
	box := func(tag string, replicas int, more string) string {
		return fmt.Sprintf("\n  - id: box\n    bundle: {container: podman, image: \"localhost/box:%s\", replicas: %d, %s}\n%s", tag, replicas, atOnce, more)
	}
	app := func(replicas int, port int, more string) string {
		return fmt.Sprintf("  - id: app-bundle\n    bundle: {container: podman, image: \"localhost/box:1\", replicas: %d, %s}\n    network: {ip-range-start: %s, host-netmask: 24}\n    ports: [{port: %d, internal-port: 3121}]\n%s"+
			"    primitive: {id: app, agent: \"ocf:pacemaker:Dummy\", op: {monitor: {interval: 10s}}}\n", replicas, atOnce, l.vip, port, more)
	}

	const storage = "    storage: [{source-dir: /srv/shared, target-dir: /shared, options: ro}, {source-dir-root: /srv/each, target-dir: /data}]\n"

	part("podman is installed, and a bundle that is to be stopped waits for its image", func(t *testing.T) {
		write("2min", box("1", 2, "    meta: {target-role: Stopped}\n"))
		contains(t, do(2, "plan", "--detailed-exitcode"), "+ package podman", "+ bundle box",
			"pcs resource bundle create box container podman image=localhost/box:1 replicas=2 options=--stop-signal=KILL meta target-role=Stopped")
		do(0, "apply", "--yes")
		if all := running(); len(all) > 0 {
			t.Errorf("these run: %v", all)
		}
		for node, tags := range map[string]string{"n1": "1 2 3", "n2": "1 2"} {
			l.ssh(node, "cat >/root/image.sh <<'END'\n"+imageScript+"END\nsh /root/image.sh "+tags)
		}
	})

	part("a container on each node, and one with an address and a primitive inside", func(t *testing.T) {
		write("2min", box("1", 2, "    meta: {target-role: Started}\n")+app(1, 8080, ""))
		all := change("Start app-bundle-podman-0", "Start box-podman-0", "Start box-podman-1")
		if all["box-podman-0"].node == all["box-podman-1"].node {
			t.Errorf("both are on one node: %v", all)
		}
		if st := l.ssh("n1", "crm_mon -1 -r"); !strings.Contains(st, "GuestOnline: [ app-bundle-0 ]") || !strings.Contains(st, "app-bundle-0 ("+l.vip+")") {
			t.Error(st)
		}
		answers(3121)
		answers(8080)
		contains(t, do(0, "verify"), "2 resources as declared")
	})

	part("fewer, and more: with addresses all restart, as each knows those of all", func(t *testing.T) {
		write("2min", box("1", 1, "")+app(2, 8080, ""))
		contains(t, do(2, "plan", "--detailed-exitcode"), "takes effect by a restart", "pcs resource bundle update app-bundle container replicas=2")
		change("Restart app-bundle-podman-0", "Start app-bundle-podman-1", "Stop box-podman-1")
	})

	part("another image, port and storage", func(t *testing.T) {
		for _, n := range []string{"n1", "n2"} {
			l.ssh(n, "mkdir -p /srv/shared; echo hello from "+n+" >/srv/shared/hello")
		}
		write("2min", box("2", 2, "")+app(2, 8081, storage))
		all := change("Restart app-bundle-podman-0", "Restart app-bundle-podman-1", "Restart box-podman-0", "Start box-podman-1")
		if got := strings.Join(images(all), ", "); got != "app-bundle-podman-0 box:1, app-bundle-podman-1 box:1, box-podman-0 box:2, box-podman-1 box:2" {
			t.Error(got)
		}
		answers(8081)
		node := all["app-bundle-podman-0"].node
		if got := l.ssh(node, "podman exec app-bundle-podman-0 cat /shared/hello; podman exec app-bundle-podman-0 touch /data/x; ls /srv/each/app-bundle-0"); got != "hello from "+node+"\nx\n" {
			t.Error(got)
		}
	})

	part("an image that one node does not have", func(t *testing.T) {
		write("20s", box("3", 2, "")+app(2, 8081, storage))
		const told = "failed on n2: error: failed to pull image localhost/box:3 (fail count INFINITY)"
		const remedy = "put the image localhost/box:3 on n2: podman pull localhost/box:3 says why it cannot be had, podman load takes it from a file; then pcs resource cleanup box"
		contains(t, unfolded(do(5, "apply", "--yes", "--allow-disruption=all")), "[RESOURCE_STOPPED] box runs 1 container, of 2: start of box-podman-", told, remedy)
		contains(t, unfolded(do(5, "verify")), told, remedy)
		write("2min", box("3", 2, "")+app(2, 8081, storage))
		l.ssh("n2", "podman tag localhost/box:1 localhost/box:3; pcs resource cleanup box")
		do(0, "verify", "--wait")
		contains(t, do(0, "plan", "--detailed-exitcode"), "No changes.")
	})

	part("a container that is killed by hand", func(t *testing.T) {
		before := running()
		node := before["app-bundle-podman-0"].node
		l.ssh(node, "podman kill app-bundle-podman-0")
		began := time.Now()
		for running()["app-bundle-podman-0"].id == before["app-bundle-podman-0"].id || running()["app-bundle-podman-0"].id == "" {
			if time.Since(began) > 90*time.Second {
				t.Fatal("it does not come back")
			}
		}
		contains(t, unfolded(do(5, "verify")), "[FAILED_ACTION] "+node+": app-bundle-0: monitor of app-bundle-0 failed",
			"see there whether its container runs, and with pacemaker-remoted: podman ps -a; journalctl CONTAINER_NAME=app-bundle-podman-0; then pcs resource cleanup app-bundle")
		l.ssh("n1", "pcs resource cleanup app-bundle")
		do(0, "verify", "--wait")
	})

	part("what is no longer declared goes, and leaves nothing", func(t *testing.T) {
		write("2min", " []\n")
		contains(t, do(0, "plan", "--prune"), "- bundle box", "- bundle app-bundle", "- primitive app")
		do(0, "apply", "--yes", "--prune", "--allow-disruption=all")
		for _, n := range []string{"n1", "n2"} {
			if got := l.ssh(n, "podman ps -aq; ip -o addr | grep -F '"+l.vip+"/'; cibadmin --query --scope configuration | grep -E 'box|app'; crm_mon -1 -r | grep -E 'box|app'; true"); got != "" {
				t.Errorf("left over on %s: %s", n, got)
			}
		}
		contains(t, do(0, "plan", "--prune", "--detailed-exitcode"), "No changes.")
	})
}
