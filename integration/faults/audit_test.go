package faults

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// audit is what has to be true after every fault, once its cause is mended:
// nothing of ours is left on a node; apply succeeds, and once more has nothing
// to do; all members have the same files and run what these say; every resource
// is active exactly once; there is one partition. It returns false, with the
// reasons told, if not.
func (c *cluster) audit() bool {
	c.t.Helper()
	if c.t.Failed() {
		c.t.Log("the audit, all the same:")
	}
	var found []string
	blame := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }

	c.nothingLeft(blame)
	heal := c.hadeploy(4*time.Minute, apply...)
	if heal.Code != 0 {
		blame("the healing apply: %s", heal)
	} else {
		if r := c.hadeploy(2*time.Minute, apply...); r.Code != 0 || !strings.Contains(r.Out, "nothing had to be changed") {
			blame("once more is not empty: %s\n--- after: %s", r, heal)
		}
		if r := c.hadeploy(time.Minute, "plan", "--detailed-exitcode"); r.Code != 0 || !strings.Contains(r.Out, "No changes") {
			blame("the plan is not empty: %s", r)
		}
		c.sameEverywhere(blame)
		c.runsAsWritten(blame)
		c.oncePerResource(blame)
		c.onePartition(blame)
	}
	c.nothingLeft(blame)
	for _, f := range found {
		c.t.Errorf("audit: %s", f)
	}
	return len(found) == 0
}

type blame = func(format string, args ...any)

// leftovers prints what hadeploy may have on a node only while it runs. Files
// of an hour ago and the record of the last package job are meant to stay.
const leftovers = `for d in /proc/[0-9]*; do
	words=$(tr '\000' ' ' <$d/cmdline 2>/dev/null) || continue
	case $words in *hadeploy-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*) echo "process ${d#/proc/}: $(echo "$words" | cut -c1-300)" ;; esac
done
find /etc /run /tmp /srv /usr/lib/ocf /usr/lib/systemd /var/lib/corosync /var/lib/pacemaker /var/lib/pcsd /var/tmp -xdev \( -name '.hadeploy-*' -o -name 'hadeploy.??????' -o -name hadeploy.conf -o -name lock.holder -path '*hadeploy*' -o -name held -path '*hadeploy*' \) 2>/dev/null | sed 's/^/file /'
[ ! -e /run/hadeploy/lock ] || flock -n /run/hadeploy/lock true || echo the lock is held
[ "$(systemctl is-active hadeploy-packages.service)" != active ] || echo "unit hadeploy-packages.service"
true`

// nothingLeft: no lock, temporary file or process of ours is on any node. A
// node gets as long as it takes to notice that a controller is gone.
func (c *cluster) nothingLeft(blame blame) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() {
			var left string
			for end := time.Now().Add(lockPatience); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
				r := c.try(n, leftovers)
				if left = r.Out + r.Err; left == "" && r.Code == 0 {
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			blame("left on %s:\n%s", n, left)
		})
	}
	all.Wait()
}

// lockPatience is how long a node waits for a sign of life of the controller
// that holds its lock, and a little more.
const lockPatience = 100 * time.Second

// sameEverywhere: all members have the same corosync.conf and the same keys.
func (c *cluster) sameEverywhere(blame blame) {
	sums := c.onAll(`sha256sum /etc/corosync/corosync.conf /etc/corosync/authkey /etc/pacemaker/authkey
stat -c '%n %a %U:%G' /etc/corosync/corosync.conf /etc/corosync/authkey /etc/pacemaker/authkey`)
	for _, n := range nodes[1:] {
		if sums[n] != sums["n1"] {
			blame("files differ: n1 has\n%sand %s has\n%s", sums["n1"], n, sums[n])
		}
	}
}

// runsAsWritten: what Corosync runs is what its file says, and the same on all.
func (c *cluster) runsAsWritten(blame blame) {
	const mark = "--cmap--\n"
	out := c.onAll(`cat /etc/corosync/corosync.conf; echo; echo ` + strings.TrimSpace(mark) + `; corosync-cmapctl`)
	tokens := map[string]bool{}
	for _, n := range nodes {
		conf, runs, _ := strings.Cut(out[n], mark)
		is := cmap(runs)
		for key, want := range settings(conf) {
			if got, ok := is[key]; !ok || got != want {
				blame("%s has %s = %q in its file, and runs with %q", n, key, want, got)
			}
		}
		tokens[is["runtime.config.totem.token"]] = true
		if is["config.reload_error_message"] != "" {
			blame("the last reload on %s failed: %s", n, is["config.reload_error_message"])
		}
	}
	if len(tokens) != 1 {
		blame("the members run with different tokens: %v", tokens)
	}
}

var cmapLine = regexp.MustCompile(`(?m)^(\S+) \(\S+\) = (.*)$`)

func cmap(text string) map[string]string {
	m := map[string]string{}
	for _, f := range cmapLine.FindAllStringSubmatch(text, -1) {
		m[f[1]] = f[2]
	}
	return m
}

// settings are those of a corosync.conf that Corosync keeps in its cmap under
// the same name: totem, quorum, and the members.
func settings(conf string) map[string]string {
	m := map[string]string{}
	var path []string
	member := -1
	for line := range strings.Lines(conf) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutSuffix(line, "{"); ok {
			name = strings.TrimSpace(name)
			if name == "node" {
				member++
				name = fmt.Sprintf("node.%d", member)
			}
			path = append(path, name)
			continue
		}
		if line == "}" && len(path) > 0 {
			path = path[:len(path)-1]
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") || len(path) == 0 || len(path) > 2 {
			continue
		}
		if top := path[0]; top == "totem" && len(path) == 1 || top == "nodelist" || top == "quorum" && len(path) == 1 {
			m[strings.Join(path, ".")+"."+key] = strings.TrimSpace(value)
		}
	}
	return m
}

// oncePerResource: every primitive runs on exactly one node, and every clone
// once on each; and so it is in truth for the address and the web server.
func (c *cluster) oncePerResource(blame blame) {
	st, err := pcs.ParseStatusXML([]byte(c.on("n1", "crm_mon -1 -r --output-as=xml")))
	if err != nil {
		blame("the status of n1: %v", err)
		return
	}
	clones := map[string][]string{}
	for _, r := range st.Resources {
		switch {
		case r.Clone != "":
			clones[r.Clone] = append(clones[r.Clone], r.Nodes...)
		case len(r.Nodes) != 1 || r.Role != pcs.Started || r.Failed:
			blame("%s is %s on %v", r.ID, r.Role, r.Nodes)
		}
	}
	for id, on := range clones {
		slices.Sort(on)
		if !slices.Equal(on, nodes) {
			blame("the clone %s runs on %v", id, on)
		}
	}
	if len(st.FailedActions) > 0 {
		blame("failed actions: %+v", st.FailedActions)
	}
	var at, runs []string
	for n, out := range c.onAll(`ip -o address | grep -c " ` + c.vip + `/" || true; systemctl is-active nginx || true`) {
		if strings.HasPrefix(out, "1") {
			at = append(at, n)
		}
		if strings.Contains(out, "\nactive") {
			runs = append(runs, n)
		}
	}
	if len(at) != 1 || !slices.Equal(at, runs) {
		blame("the address is on %v, and nginx runs on %v", at, runs)
	}
}

// onePartition: all nodes see the same members, the same DC, and a quorum.
func (c *cluster) onePartition(blame blame) {
	for n, xml := range c.onAll("crm_mon -1 --output-as=xml") {
		st, err := pcs.ParseStatusXML([]byte(xml))
		if err != nil {
			blame("the status of %s: %v", n, err)
			continue
		}
		online := 0
		for _, m := range st.Nodes {
			if m.Online && !m.Unclean && !m.Standby {
				online++
			}
		}
		if !st.Quorum || online != len(nodes) || st.DC == "" {
			blame("%s sees %d members online, quorum %v, DC %q", n, online, st.Quorum, st.DC)
		}
	}
	c.oneQuorum(blame)
}

// oneQuorum: at most one partition thinks that it has the majority. It is asked
// while a cluster is divided, too.
func (c *cluster) oneQuorum(blame blame) {
	sides := map[string][]string{}
	for _, n := range nodes {
		// The ring id names the partition.
		out := c.try(n, "corosync-quorumtool -s").Out
		if !strings.Contains(out, "Quorate:          Yes") {
			continue
		}
		ring := ""
		for line := range strings.Lines(out) {
			if v, ok := strings.CutPrefix(line, "Ring ID:"); ok {
				ring = strings.TrimSpace(v)
			}
		}
		sides[ring] = append(sides[ring], n)
	}
	if len(sides) > 1 {
		blame("%d partitions with quorum: %v", len(sides), sides)
	}
}
