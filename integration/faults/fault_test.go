package faults

import (
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// fault is something that goes wrong, and what is right then.
type fault struct {
	name string
	rule int    // of the eleven in docs/trust.md; 0: none of them
	what string // one sentence, for a reader of the table

	image string              // of the nodes; "": debian12
	gone  bool                // no cluster is there: the command is to make it
	edit  func(*cluster)      // what the playbook then asks for
	ready func(*cluster)      // what goes wrong before the command runs
	run   []string            // the command
	when  moment              // while it runs, at this moment,
	then  func(*cluster)      // this goes wrong
	right right               // how the command has to end
	holds func(*cluster)      // what else has to be true, before anything is mended
	heal  func(*cluster)      // what a person would do about the cause
	undo  func(*cluster)      // after the audit: what the playbook of the next fault does not know
	also  func(*cluster, end) // looks at how it ended
	slow  bool                // takes minutes: only make faults runs it
}

// right is how the command has to end.
type right struct {
	exit   []int
	says   []string
	never  []string
	within time.Duration // 0: five minutes; hadeploy itself waits three for members
}

// end is how it ended.
type end = labtest.Result

// moment says whether now is the moment.
type moment func(*cluster, *labtest.Process) bool

// told is the moment at which the progress holds this text.
func told(text string) moment {
	return func(_ *cluster, p *labtest.Process) bool { return strings.Contains(p.Err.String(), text) }
}

// later is so long after the start of the command.
func later(d time.Duration) moment {
	began := time.Time{}
	return func(*cluster, *labtest.Process) bool {
		if began.IsZero() {
			began = time.Now()
		}
		return time.Since(began) >= d
	}
}

// seen is the moment at which a shell command succeeds on a node.
func seen(node, shell string) moment {
	return func(c *cluster, _ *labtest.Process) bool { return c.try(node, shell).Code == 0 }
}

// apply is the usual command.
var apply = []string{"apply", "--yes", "--allow-disruption=all"}

// catalogue is all of them, by kind.
func catalogue() []kind {
	return []kind{
		{"corosync", corosyncFaults()},
		{"daemons", daemonFaults()},
		{"power", powerFaults()},
		{"network", networkFaults()},
		{"packages", packageFaults()},
		{"files", fileFaults()},
		{"controller", controllerFaults()},
		{"ssh", sshFaults()},
		{"secrets", secretFaults()},
		{"edits", editFaults()},
	}
}

type kind struct {
	name   string
	faults []fault
}

// never is what no run may print, whatever happens.
var never = []string{"goroutine ", "panic:", "runtime error", "WaitDelay", "fork/exec", password, "%!"}
