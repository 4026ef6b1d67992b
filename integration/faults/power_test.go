package faults

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// powerFaults: nodes that reboot, lose power, or are fenced.
func powerFaults() []fault {
	faults := []fault{
		{name: "the node that takes the CIB loses power",
			what: "n1, where the patch goes in, while it goes in",
			edit: func(c *cluster) { c.declare(dummies(10)...) },
			run:  apply, when: told(" cib: "),
			then:  func(c *cluster) { c.lab("power", "off", "n1") },
			right: right{exit: []int{0, 3, 5}}},
		{name: "the DC loses power while the CIB is changed",
			what: "the others elect another",
			edit: func(c *cluster) { c.declare(dummies(10)...) },
			run:  apply, when: told(" cib: "),
			then:  func(c *cluster) { c.lab("power", "cycle", c.dc()) },
			right: right{exit: []int{0, 3, 5}}},
		{name: "all lose power while they start",
			what: "a cluster that is just made, and is at no moment whole",
			gone: true,
			run:  apply, when: told("start: waiting"),
			then: func(c *cluster) {
				for _, n := range nodes {
					c.lab("power", "off", n)
				}
			},
			right: right{exit: []int{1, 3}, never: []string{"Apply complete"}}},
		{name: "a reboot while a package is configured", slow: true,
			what: "dpkg is interrupted in the middle of a postinst, by an orderly reboot",
			edit: func(c *cluster) { c.mirror.use(c); c.install("hadeploy-slow") },
			run:  apply, when: seen("n2", "test -e /run/hadeploy-slow"),
			then:  func(c *cluster) { c.reboot("n2"); othersGoOn(c) },
			right: right{exit: []int{3}, says: []string{"n2", "packages"}, never: []string{"Apply complete"}, within: 5 * time.Minute},
			heal:  slowGoesOn, undo: noMorePackages},
		{name: "power is lost while a package is configured",
			what: "the same without a word",
			edit: func(c *cluster) { c.mirror.use(c); c.install("hadeploy-slow") },
			run:  apply, when: seen("n2", "test -e /run/hadeploy-slow"),
			then:  func(c *cluster) { c.lab("power", "cycle", "n2"); othersGoOn(c) },
			right: right{exit: []int{3}, says: []string{"n2", "packages"}, never: []string{"Apply complete"}},
			heal:  slowGoesOn, undo: noMorePackages},
		{name: "a node is fenced while apply runs",
			what: "a real device cuts and restores the power of a node that was lost",
			ready: func(c *cluster) {
				c.fencing()
				c.must(0, apply...)
				c.declare(dummy)
			},
			run: apply, when: told("observed"),
			then: func(c *cluster) {
				c.lab("cut", "n3")
				c.until("n3 is fenced", time.Minute, func() bool { return c.fence.count() > 0 })
			},
			right: right{exit: []int{0, 3, 5}},
			holds: func(c *cluster) { c.t.Logf("fenced: %v", c.fence.log()) },
			heal: func(c *cluster) {
				c.lab("heal", "n3")
				c.joined()
				// What Pacemaker remembers of it is a finding of its own.
				c.on("n1", "stonith_admin --cleanup --history '*' >/dev/null")
			},
			undo: func(c *cluster) { c.fence.close(); c.fence = nil }},
	}
	// A reboot in each step of the making of a cluster. What destroy leaves is taken
	// away first where a step would have nothing to do.
	for _, s := range []struct{ step, node, before string }{
		{"hacluster", "n2", "usermod -p '!' hacluster"}, {"units", "n3", "systemctl enable nginx"}, {"auth", "n2", "rm -f /var/lib/pcsd/known-hosts"},
		{"corosync", "n3", ""}, {"start", "n2", ""}, {"enable", "n3", ""}, {"cib", "n1", ""},
	} {
		faults = append(faults, fault{name: "a reboot in the step " + s.step, slow: s.step != "start" && s.step != "auth",
			what: s.node + " reboots in the middle of it",
			gone: true, run: apply, when: told(" " + s.step + ": "),
			ready: func(c *cluster) { c.on(s.node, s.before+"\ntrue") },
			then:  func(c *cluster) { c.reboot(s.node) },
			right: right{exit: []int{0, 1, 3, 5}, within: 5 * time.Minute}})
	}
	return faults
}

// reboot tells a node to reboot without waiting for its services, and waits
// until it is back.
func (c *cluster) reboot(node string) {
	c.t.Helper()
	boot := c.on(node, "cut -d ' ' -f 22 /proc/1/stat")
	c.try(node, "systemctl reboot --force")
	c.until(node+" is back", 3*time.Minute, func() bool { // a process that does not end has 90 s
		r := c.try(node, "test ! -e /run/nologin && cut -d ' ' -f 22 /proc/1/stat")
		return r.Code == 0 && r.Out != boot
	})
}

// fence switches nodes off and on, when one of them asks for it by HTTP.
type fence struct {
	server *http.Server
	mu     sync.Mutex
	did    []string
}

func (f *fence) close() { _ = f.server.Close() }

func (f *fence) log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.did...)
}

func (f *fence) count() int { return len(f.log()) }

// fencing gives the cluster a device that works.
func (c *cluster) fencing() {
	c.t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(c.gateway(), "0"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.fence = &fence{}
	c.fence.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action, node := r.FormValue("action"), r.FormValue("node")
		verb := map[string]string{"off": "off", "on": "on", "reboot": "cycle"}[action]
		if verb == "" {
			return
		}
		did := c.Exec(context.WithoutCancel(r.Context()), time.Minute, nil, "lab", "power", verb, node, "--dir", c.Dir)
		if did.Code != 0 {
			http.Error(w, did.Err, http.StatusInternalServerError)
		}
		c.fence.mu.Lock()
		defer c.fence.mu.Unlock()
		c.fence.did = append(c.fence.did, fmt.Sprintf("%s %s (exit %d)", action, node, did.Code))
	})}
	go func() { _ = c.fence.server.Serve(l) }() // until close
	script, err := os.ReadFile("testdata/fence_faults")
	if err != nil {
		c.t.Fatal(err)
	}
	c.onAll("cat >/usr/sbin/fence_faults <<'AGENT'\n" + string(script) + "AGENT\nchmod 755 /usr/sbin/fence_faults")
	host, port, _ := net.SplitHostPort(l.Addr().String())
	c.edit("stonith-enabled: false", "stonith-enabled: true")
	c.edit("\nresource_defaults:\n", fmt.Sprintf("\nstonith:\n  devices:\n    - id: fence\n      agent: fence_faults\n      options: {ipaddr: %s, ipport: %s, pcmk_host_list: \"n1 n2 n3\"}\n\nresource_defaults:\n", host, port))
}
