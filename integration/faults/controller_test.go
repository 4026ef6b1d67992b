package faults

import (
	"context"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// controllerFaults: the machine that hadeploy runs on, and who sits there.
func controllerFaults() []fault {
	small := func(c *cluster) string { return c.path("small") }
	mounted := func(c *cluster) {
		if err := os.MkdirAll(small(c), 0o755); err != nil {
			c.t.Fatal(err)
		}
		c.outside("mount", "-t", "tmpfs", "-o", "size=4k", "none", small(c))
	}
	unmounted := func(c *cluster) { c.outside("umount", "-l", small(c)) }
	return []fault{
		{name: "Ctrl-C at once", rule: 7,
			what: "nothing was done, and it does not say that it is complete",
			edit: func(c *cluster) { c.declare(dummies(20)...) },
			run:  apply, when: later(150 * time.Millisecond),
			then:  func(c *cluster) { _ = c.running.Cmd.Process.Signal(os.Interrupt) },
			right: right{exit: []int{130}, says: []string{"nterrupted"}, never: []string{"Apply complete", "nothing had to be changed"}}},
		{name: "Ctrl-C in the middle, as JSON", rule: 7,
			what: "the summary says that it was interrupted",
			edit: func(c *cluster) { c.ship("/srv/faults/shipped"); c.declare(dummies(20)...) },
			run:  append(append([]string(nil), apply...), "-o", "json"), when: seen("n2", "test -e /srv/faults/shipped"),
			then:  func(c *cluster) { _ = c.running.Cmd.Process.Signal(os.Interrupt) },
			right: right{exit: []int{130}, says: []string{"interrupted"}},
			undo:  func(c *cluster) { c.onAll("rm -rf /srv/faults") }},
		{name: "Ctrl-C while it verifies", rule: 7,
			what: "no verdict",
			edit: func(c *cluster) { c.declare(strings.Replace(dummy, "}", `, meta: {target-role: Stopped}}`, 1)) },
			run:  []string{"verify", "--wait"}, when: told("waiting"),
			then:  func(c *cluster) { _ = c.running.Cmd.Process.Signal(os.Interrupt) },
			right: right{exit: []int{130}, says: []string{"nterrupted"}, never: []string{"is as declared"}},
			heal:  func(c *cluster) { c.files() }},
		{name: "four applies at once",
			what: "one of them works, and the others are told who it is",
			edit: func(c *cluster) { c.declare(dummies(10)...) },
			run:  apply, when: told("observed"),
			then: func(c *cluster) {
				var all sync.WaitGroup
				var mu sync.Mutex
				for range 3 {
					all.Go(func() {
						r := c.Exec(context.Background(), time.Minute, nil, c.args(apply...)...)
						mu.Lock()
						defer mu.Unlock()
						// One that came after the end of the first is content.
						if r.Code != 1 && r.Code != 0 || r.Code == 1 && !strings.Contains(r.Err+r.Out, "lock") {
							c.t.Errorf("another one: %s", r)
						}
					})
				}
				all.Wait()
			},
			right: right{exit: []int{0}, says: []string{"verified"}}},
		{name: "the controller is stopped for as long as its lock lasts", slow: true,
			what: "a suspended laptop: when it goes on it has lost the lock, and changes nothing more",
			edit: func(c *cluster) { c.ship("/srv/faults/shipped"); c.declare(dummies(5)...) },
			run:  apply, when: told(" files: "),
			then: func(c *cluster) {
				_ = c.running.Cmd.Process.Signal(syscall.SIGSTOP)
				// Another run gets the lock, and makes what the first was to make.
				c.until("another apply gets the lock", 2*time.Minute, func() bool {
					return c.Exec(context.Background(), 2*time.Minute, nil, c.args(apply...)...).Code == 0
				})
				_ = c.running.Cmd.Process.Signal(syscall.SIGCONT)
			},
			right: right{exit: []int{1, 3}, says: []string{"lock"}, within: 6 * time.Minute},
			undo:  func(c *cluster) { c.onAll("rm -rf /srv/faults") }},
		{name: "the folder of the log is full",
			what:  "the cluster matters more than the log: it goes on, and says that the log is not whole",
			edit:  func(c *cluster) { c.declare(dummies(5)...) },
			ready: mounted,
			run:   append(append([]string(nil), apply...), "-vv", "--log-file", "small/log"),
			right: right{exit: []int{0}, says: []string{"verified", "small/log"}},
			heal:  unmounted},
		{name: "the folder of the log is full from the start",
			what:  "not even its first line can be written",
			ready: func(c *cluster) { mounted(c); _ = os.WriteFile(small(c)+"/fill", make([]byte, 4096), 0o600) },
			run:   append(append([]string(nil), apply...), "--log-file", "small/log"),
			right: right{exit: []int{0, 1}, says: []string{"small/log"}},
			heal:  unmounted},
		{name: "no space to save a plan",
			what:  "an error, and no half of a plan",
			edit:  func(c *cluster) { c.declare(dummy) },
			ready: mounted,
			run:   []string{"plan", "--out", "small/plan.json"},
			right: right{exit: []int{1}, says: []string{"saving the plan", "no space left"}},
			holds: func(c *cluster) {
				if left, _ := os.ReadDir(small(c)); len(left) > 0 {
					c.t.Errorf("left: %v", left)
				}
			},
			heal: unmounted},
		{name: "a source that never ends", rule: 11,
			what: "a FIFO as a file to ship: validate refuses it, and does not wait",
			edit: func(c *cluster) {
				if err := syscall.Mkfifo(c.path("files/fifo"), 0o600); err != nil {
					c.t.Fatal(err)
				}
				c.edit("\nagents:\n", "  - path: /srv/faults/fifo\n    source: files/fifo\n\nagents:\n")
			},
			run: []string{"validate"}, right: right{exit: []int{64}, says: []string{"files/fifo"}, within: 20 * time.Second},
			heal: func(c *cluster) { c.files() }},
		{name: "a file below a file", rule: 11,
			what: "/srv/faults and /srv/faults/below cannot both be files",
			edit: func(c *cluster) { c.ship("/srv/faults"); c.ship("/srv/faults/below") },
			run:  []string{"validate"}, right: right{exit: []int{64}, says: []string{"/srv/faults/below"}},
			heal: func(c *cluster) { c.files() }},
	}
}
