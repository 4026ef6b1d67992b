package faults

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// sshFaults: who lets us in, and as whom.
func sshFaults() []fault {
	tries := func(n string) func(*cluster) {
		return func(c *cluster) {
			c.on("n2", "echo MaxAuthTries "+n+" >/etc/ssh/sshd_config.d/faults.conf; systemctl reload ssh")
			c.agent(5)
		}
	}
	anyTries := func(c *cluster) { c.on("n2", "rm /etc/ssh/sshd_config.d/faults.conf; systemctl reload ssh"); c.files() }
	deploy := func(c *cluster) { c.as("deploy", "ansible_become: true") }
	return []fault{
		{name: "one try to log in, and five other keys in the agent",
			what: "MaxAuthTries 1: the key that the inventory names is the first", run: []string{"plan"},
			ready: tries("1"), right: right{exit: []int{0}, says: []string{"No changes"}}, heal: anyTries},
		{name: "two tries to log in, and five other keys in the agent",
			what: "MaxAuthTries 2: the same", run: []string{"plan"},
			ready: tries("2"), right: right{exit: []int{0}, says: []string{"No changes"}}, heal: anyTries},
		{name: "three tries to log in, and no key is named",
			what: "five keys in the agent, none of them right: said so, and quickly", run: []string{"plan"},
			ready: func(c *cluster) {
				tries("3")(c)
				c.unkeyed()
			},
			right: right{exit: []int{4}, says: []string{"n2"}, never: []string{"No changes"}, within: time.Minute}, heal: anyTries},
		{name: "the password of sudo is wrong",
			what: "said so; nothing was changed", run: apply,
			edit:  func(c *cluster) { c.as("ops", "ansible_become: true\n    ansible_become_password: wrong") },
			right: right{exit: []int{4}, says: []string{"sudo"}, never: []string{"Apply complete"}},
			heal:  func(c *cluster) { c.files() }},
		{name: "sudoers changes while apply runs",
			what: "sudo begins to ask for a password that nobody gave: the node fails alone, and by name",
			edit: func(c *cluster) { deploy(c); c.ship("/srv/faults/shipped"); c.declare(dummy) },
			run:  apply, when: told("observed"),
			then:  func(c *cluster) { c.on("n2", "sed -i 's/NOPASSWD: //' "+sudoers) },
			right: right{exit: []int{1, 3}, says: []string{"n2", "sudo"}, never: []string{"Apply complete"}},
			heal:  func(c *cluster) { c.on("n2", "sed -i '/^deploy/s/) /) NOPASSWD: /' "+sudoers) },
			undo:  func(c *cluster) { c.onAll("rm -rf /srv/faults") }},
		{name: "sudo is forbidden while apply runs",
			what: "the line is gone: the same",
			edit: func(c *cluster) { deploy(c); c.ship("/srv/faults/shipped"); c.declare(dummy) },
			run:  apply, when: told("observed"),
			then: func(c *cluster) {
				c.on("n2", "f="+sudoers+"; echo $f >/root/sudoers.at; cp -p $f /root/sudoers; sed -i /^deploy/d $f")
			},
			right: right{exit: []int{1, 3}, says: []string{"n2", "sudo"}, never: []string{"Apply complete"}},
			heal:  func(c *cluster) { c.on("n2", "cp -p /root/sudoers $(cat /root/sudoers.at)") },
			undo:  func(c *cluster) { c.onAll("rm -rf /srv/faults") }},
		{name: "a host key has changed",
			what: "always refused, and nothing is done on any node",
			edit: func(c *cluster) {
				c.write("known_hosts", c.exchanged(), 0o600)
				c.editFile("inventory.yaml", c.Dir+"/known_hosts", c.path("known_hosts"))
				c.declare(dummy)
			},
			run: apply, right: right{exit: []int{4}, says: []string{"n2", "host key"}, never: []string{"Apply complete"}},
			heal: func(c *cluster) { c.files() }},
		{name: "sshd ends every session in the middle",
			what: "systemd kills sshd and its children on one node: the node fails, and the others go on",
			edit: func(c *cluster) { c.ship("/srv/faults/shipped"); c.declare(dummy) },
			run:  apply, when: told(" files: "),
			then: func(c *cluster) {
				for _, pid := range strings.Fields(c.outside("ip", "netns", "pids", "hadlab."+c.State.Name+".n2")) {
					if words, _ := os.ReadFile("/proc/" + pid + "/cmdline"); strings.HasPrefix(string(words), "sshd: root") {
						_ = exec.Command("kill", "-9", pid).Run() // it may have ended
					}
				}
			},
			right: right{exit: []int{0, 1, 3}, says: []string{"n2"}},
			undo:  func(c *cluster) { c.onAll("rm -rf /srv/faults") }},
	}
}

// exchanged are the known hosts with the key of n1 for n2.
func (c *cluster) exchanged() string {
	c.t.Helper()
	keys := map[string]string{} // of n1, by their kind
	var out strings.Builder
	for pass := range 2 {
		for line := range strings.Lines(c.read(c.Dir + "/known_hosts")) {
			f := strings.Fields(line)
			switch {
			case len(f) < 3:
			case pass == 0 && strings.Contains(f[0], c.State.Nodes[0].Address):
				keys[f[1]] = f[2]
			case pass == 1 && strings.Contains(f[0], c.State.Nodes[1].Address):
				f[2] = keys[f[1]]
				line = strings.Join(f, " ") + "\n"
			}
			if pass == 1 {
				out.WriteString(line)
			}
		}
	}
	return out.String()
}

const sudoers = "$(grep -l ^deploy /etc/sudoers /etc/sudoers.d/* | head -n 1)"

// as makes the inventory log in as another user.
func (c *cluster) as(user, more string) {
	c.t.Helper()
	c.editFile("inventory.yaml", "ansible_user: root", "ansible_user: "+user+"\n    "+more)
}

// unkeyed takes the key out of the inventory.
func (c *cluster) unkeyed() {
	c.t.Helper()
	text := c.read(c.path("inventory.yaml"))
	c.write("inventory.yaml", regexp.MustCompile(`(?m)^.*ansible_ssh_private_key_file.*\n`).ReplaceAllString(text, ""), 0o644)
}

func (c *cluster) read(path string) string {
	c.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// agent gives the command an agent with so many keys that no node knows, and a
// home without keys.
func (c *cluster) agent(keys int) {
	c.t.Helper()
	home := c.t.TempDir()
	sock := home + "/agent"
	cmd := exec.Command("ssh-agent", "-D", "-a", sock)
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c.until("the agent is there", 10*time.Second, func() bool { _, err := os.Stat(sock); return err == nil })
	for i := range keys {
		file := home + "/key" + string(rune('0'+i))
		c.outside("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file)
		add := exec.Command("ssh-add", "-q", file)
		add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+sock)
		if out, err := add.CombinedOutput(); err != nil {
			c.t.Fatalf("ssh-add: %v: %s", err, out)
		}
	}
	c.env = []string{"SSH_AUTH_SOCK=" + sock, "HOME=" + home}
}
