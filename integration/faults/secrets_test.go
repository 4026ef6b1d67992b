package faults

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The password of the agent that tells it.
const leaked = "tell-tale-9c1f&<x"

// secretFaults: secrets that come back, and programs that give them.
func secretFaults() []fault {
	return []fault{
		{name: "an agent tells its password in its exit reason", rule: 6,
			what: "what the cluster says of it is masked, in every command, format and log",
			edit: func(c *cluster) {
				c.write("agents/talker", c.read("testdata/talker"), 0o755)
				c.write("talker-secret", leaked+"\n", 0o600)
				c.edit("\nhacluster:\n", "  - name: ocf:acme:talker\n    source: agents/talker\n\nhacluster:\n")
				c.declare(`{id: talker, agent: "ocf:acme:talker", options: {password: {file: talker-secret}}}`)
			},
			run: append(append([]string(nil), apply...), "-vv"), right: right{exit: []int{5}, says: []string{"talker"}, never: []string{leaked, "tell-tale-9c1f"}},
			holds: func(c *cluster) {
				for _, args := range [][]string{{"verify"}, {"verify", "-o", "json"}, {"status"}, {"status", "-o", "json"}, {"plan"}} {
					containsNot(c.t, c.hadeploy(3*time.Minute, args...), "tell-tale-9c1f")
				}
				err := filepath.WalkDir(c.path("state"), func(path string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					b, err := os.ReadFile(path)
					if strings.Contains(string(b), "tell-tale-9c1f") {
						c.t.Errorf("the log %s holds the secret", path)
					}
					return err
				})
				if err != nil {
					c.t.Error(err)
				}
			},
			heal: func(c *cluster) {
				c.files()
				c.on("n1", "pcs resource delete talker --force 2>&1; crm_resource --wait -t 60; crm_resource --cleanup 2>&1")
			},
			undo: func(c *cluster) { c.onAll("rm -f /usr/lib/ocf/resource.d/acme/talker") }},
		{name: "the child of a secret's command holds its output", rule: 9,
			what: "the program has answered and ended: that is the secret",
			edit: func(c *cluster) { c.edit("{file: secret}", `{command: [sh, -c, "sleep 300 & cat secret"]}`) },
			run:  apply, right: right{exit: []int{0}, says: []string{"nothing had to be changed"}, within: time.Minute},
			heal: func(c *cluster) { c.files() }},
		{name: "a secret's command is not there", rule: 9,
			what: "in plain words, with the place in the playbook",
			edit: func(c *cluster) { c.edit("{file: secret}", `{command: [no-such-program]}`) },
			run:  apply, right: right{exit: []int{1, 64}, says: []string{"no-such-program"}},
			heal: func(c *cluster) { c.files() }},
		{name: "a secret's command never stops printing", rule: 9,
			what: "ended for its length, and not after its time",
			edit: func(c *cluster) { c.edit("{file: secret}", `{command: [yes]}`) },
			run:  apply, right: right{exit: []int{1, 64}, within: 25 * time.Second},
			heal: func(c *cluster) { c.files() }},
	}
}
