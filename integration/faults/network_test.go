package faults

import (
	"strings"
	"time"
)

// networkFaults: cables, partitions, addresses.
func networkFaults() []fault {
	return []fault{
		{name: "a member is cut off while the CIB is changed",
			what: "the majority goes on; the other side has no quorum and runs nothing",
			edit: func(c *cluster) { c.declare(dummies(5)...) },
			run:  apply, when: told(" cib: "),
			then:  func(c *cluster) { c.lab("cut", "n3") },
			right: right{exit: []int{0, 3, 5}},
			holds: (*cluster).divided},
		{name: "a member is cut off before a change", slow: true, // it is waited for
			what:  "a cluster that is not whole is not changed",
			edit:  func(c *cluster) { c.declare(dummy) },
			ready: func(c *cluster) { c.cut("n3") },
			run:   apply, right: right{exit: []int{1, 3, 5}, says: []string{"n3"}, never: []string{"verified"}},
			holds: (*cluster).divided},
		{name: "the first member is cut off, and the others have changed", rule: 4,
			what: "the copy that a member without quorum has is not the cluster's",
			ready: func(c *cluster) {
				c.cut("n1")
				c.on("n2", "pcs resource update beacon message=dark")
			},
			run: []string{"plan"}, right: right{exit: []int{3}, says: []string{"n1: ", "is cut off"}, never: []string{"No changes", "Plan:"}}},
		{name: "verify of a divided cluster",
			what:  "the lost member is an error, and both sides are heard",
			ready: func(c *cluster) { c.cut("n3") },
			run:   []string{"verify"}, right: right{exit: []int{5}, says: []string{"n3"}, never: []string{"runs as declared"}}},
		{name: "no quorum anywhere", slow: true,
			what: "every member is alone: nothing is changed, and the reason is quorum",
			edit: func(c *cluster) { c.declare(dummy) },
			ready: func(c *cluster) {
				c.cut("n1")
				c.cut("n2")
				c.cut("n3")
			},
			run: apply, right: right{exit: []int{1, 3, 5}, never: []string{"verified"}},
			holds: func(c *cluster) {
				for _, n := range nodes {
					if r := c.try(n, "cibadmin -Q -o resources --local"); strings.Contains(r.Out, `id="more"`) {
						c.t.Errorf("without quorum the CIB of %s was changed", n)
					}
				}
				r := c.hadeploy(time.Minute, "verify")
				if r.Code != 5 {
					c.t.Errorf("verify without quorum: %s", r)
				}
				contains(c.t, r, "quorum")
			}},
		{name: "one link of two is cut",
			what:  "verify names it; the cluster is whole",
			ready: func(c *cluster) { c.lab("cut", "n2", "--link", "1"); c.linkDown() },
			run:   []string{"verify"}, right: right{exit: []int{5}, says: []string{"link 1"}}},
		{name: "two hosts have exchanged their addresses",
			what: "the inventory has each at the other's address: that its links are not there is found before anything is done",
			edit: func(c *cluster) {
				n := c.State.Nodes
				c.editFile("inventory.yaml", "ansible_host: "+n[0].Address, "ansible_host: swap")
				c.editFile("inventory.yaml", "ansible_host: "+n[1].Address, "ansible_host: "+n[0].Address)
				c.editFile("inventory.yaml", "ansible_host: swap", "ansible_host: "+n[1].Address)
			},
			run: apply, right: right{exit: []int{1, 3, 4}, never: []string{"Apply complete", "verified"}},
			heal: func(c *cluster) { c.files() }},
		{name: "two hosts have exchanged their links in the inventory",
			what: "corosync.conf would bind to addresses that are another's",
			edit: func(c *cluster) {
				n := c.State.Nodes
				a, b := "links: ["+strings.Join(n[0].Links, ", ")+"]", "links: ["+strings.Join(n[1].Links, ", ")+"]"
				c.editFile("inventory.yaml", a, "links: [swap]")
				c.editFile("inventory.yaml", b, a)
				c.editFile("inventory.yaml", "links: [swap]", b)
			},
			run: apply, right: right{exit: []int{1, 3}, says: []string{"n1"}, never: []string{"Apply complete", "verified"}},
			holds: (*cluster).confIsOld,
			heal:  func(c *cluster) { c.files() }},
		{name: "the connection to a node falls silent", slow: true,
			what: "no packet comes back in the middle of a step; the lock ends by itself",
			edit: func(c *cluster) { c.ship("/srv/faults/shipped"); c.declare(dummies(5)...) },
			run:  apply, when: told(" files: "),
			then:  func(c *cluster) { c.inNet("n3", "ip", "link", "set", "mgmt0", "down") },
			right: right{exit: []int{1, 3}, says: []string{"n3"}, never: []string{"Apply complete"}, within: 5 * time.Minute},
			heal:  func(c *cluster) { c.inNet("n3", "ip", "link", "set", "mgmt0", "up") },
			undo:  func(c *cluster) { c.onAll("rm -rf /srv/faults") }},
		{name: "nobody answers at one address",
			what: "a member that cannot be reached is never left out",
			edit: func(c *cluster) {
				c.editFile("inventory.yaml", "ansible_host: "+c.State.Nodes[2].Address, "ansible_host: "+strings.TrimSuffix(c.State.Nodes[2].Address, "13")+"99")
			},
			run: append([]string{"apply", "--yes"}, "--connect-timeout", "3s"), right: right{exit: []int{4}, says: []string{"n3"}, never: []string{"Apply complete"}},
			heal: func(c *cluster) { c.files() }},
	}
}

// cut takes the cables of a node out and waits until Corosync has noticed.
func (c *cluster) cut(node string) {
	c.t.Helper()
	c.lab("cut", node)
	c.until(node+" is alone", time.Minute, func() bool {
		return strings.Contains(c.try(node, "corosync-quorumtool -s").Out, "Quorate:          No")
	})
}

// linkDown waits until a link is seen to be down.
func (c *cluster) linkDown() {
	c.t.Helper()
	c.until("link 1 is down", time.Minute, func() bool {
		return strings.Contains(c.try("n1", "corosync-cfgtool -s").Out, "disconnected")
	})
}

// divided: while the cluster is divided, one side at most has quorum.
func (c *cluster) divided() {
	c.t.Helper()
	c.oneQuorum(func(format string, args ...any) { c.t.Errorf(format, args...) })
}
