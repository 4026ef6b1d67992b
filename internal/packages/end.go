package packages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// Error says why packages could not be installed on a node.
type Error struct {
	Class   Class
	Message string // what happened, in one line
	Output  string // the package manager's last lines, may be empty
	Fix     string // what to do
	Err     error  // what it comes from, may be nil
}

// Class is the sort of an end.
type Class string

// Installed is the end that is none of the failures. What else a script says is
// Failed.
const (
	Installed Class = "ok"
	Locked    Class = "locked"   // somebody else uses the package manager
	Unknown   Class = "unknown"  // no such package
	Network   Class = "network"  // no download
	Disk      Class = "disk"     // no space
	Held      Class = "held"     // packages on hold are in the way
	Remove    Class = "remove"   // others would have to go
	Restart   Class = "restart"  // a running daemon would be replaced
	Broken    Class = "broken"   // an interrupted run cannot be completed
	Vanished  Class = "vanished" // killed
	Slow      Class = "slow"     // no progress, or no end
	Failed    Class = "failed"
)

func (e *Error) Error() string {
	if e.Output == "" {
		return e.Message
	}
	return e.Message + ":\n" + e.Output
}

// Hint says what to do.
func (e *Error) Hint() string { return e.Fix }

func (e *Error) Unwrap() error { return e.Err }

// End is how a job ended: the class that its script gave, with details, and the
// end of its output.
type End struct {
	Class  Class
	what   []string // packages that the class is about
	near   []string // names that could have been meant
	stale  bool     // the package lists could not be read anew
	output []string
}

// NewEnd is the end of a job that has said nothing of it.
func NewEnd() *End { return &End{Class: Vanished} }

// Take reads one line of follow, and reports whether it was about the end.
func (e *End) Take(line string) bool {
	key, rest, _ := strings.Cut(line, " ")
	switch key {
	case "end":
		e.Class = Class(rest)
	case "what":
		e.what = append(e.what, strings.Fields(excerpt.Tail([]byte(rest), 1))...)
	case "near":
		e.near = append(e.near, rest)
	case "stale":
		e.stale = true
	case "log":
		e.output = append(e.output, rest)
	default:
		return false
	}
	return true
}

// tail is the last lines of the output that say something: those that complain,
// if there are any, each with what a package's own script said before it.
func (e *End) tail(n int) string {
	var lines []string
	for i, l := range e.output {
		next := strings.Join(e.output[i+1:min(i+3, len(e.output))], "\n")
		if complains(l) || strings.Contains(next, "dpkg: error processing package") {
			lines = append(lines, l)
		}
	}
	if lines == nil {
		lines = e.output
	}
	return excerpt.Tail([]byte(strings.Join(lines, "\n")), n)
}

func complains(line string) bool {
	line = strings.ToLower(line)
	return strings.HasPrefix(line, "e: ") || strings.HasPrefix(line, "err:") ||
		slices.ContainsFunc([]string{"error", "failed", "no space left"}, func(w string) bool { return strings.Contains(line, w) })
}

const wholeOutput = "the whole output is in /run/hadeploy/packages/log on the node"

// Failure is the error of a job that did not install its packages.
func (e *End) Failure(m Manager) error {
	tool := m.Name()
	what := excerpt.List(e.what)
	err := &Error{Class: e.Class, Output: e.tail(8)}
	switch e.Class {
	case Unknown:
		err.Message, err.Output = e.unknown(), ""
		err.Fix = "correct packages in the playbook, or give the node the repository that has it; nothing was installed"
		if e.stale {
			err.Output = e.tail(8)
			err.Fix = "the package lists could not be read anew; mend the node's network or its package sources first; nothing was installed"
		}
	case Locked:
		err.Message = "somebody else took the package lock again and again"
		err.Fix = "see what else installs packages on the node, then run again"
	case Network:
		err.Message = "packages could not be downloaded"
		err.Fix = "check the node's network, its proxy and its package sources, then run again; nothing was installed"
	case Disk:
		err.Message = "there is not enough free disk space for the packages"
		err.Fix = "free some space on the node (df -h /var /usr), then run again"
	case Held:
		err.Output = ""
		err.Message = "packages that are on hold are in the way: " + what
		err.Fix = "release them (apt-mark unhold), or install by hand what is missing; nothing was installed"
	case Remove:
		err.Output = ""
		err.Message = "installing would remove other packages: " + what
		err.Fix = "remove them by hand if they are not needed, or correct packages in the playbook; nothing was installed"
	case Restart:
		err.Output = ""
		err.Message = fmt.Sprintf("the package manager would replace and restart %s, which runs on this node", what)
		err.Fix = "do that at a time of your choice, one node after the other: pcs node standby, upgrade, pcs node unstandby; nothing was changed"
	case Broken:
		err.Message = fmt.Sprintf("an earlier %s run was interrupted, and that cannot be completed; not fully installed: %s", tool, what)
		err.Fix = "on the node, run dpkg --configure -a and mend what it complains of, then run again; " + wholeOutput
	case Vanished:
		err.Message = "the installation was killed on the node before its end"
		err.Fix = "run again: it is taken up where it was left; if it is killed again, look for the reason in the node's journal"
	default:
		err.Class = Failed
		err.Message = tool + " could not install the packages"
		if what != "" {
			err.Message += "; not fully installed: " + what
		}
		err.Fix = wholeOutput
	}
	return err
}

// unknown names the packages that do not exist, each with what may be meant.
func (e *End) unknown() string {
	var parts []string
	for _, name := range e.what {
		part := fmt.Sprintf("there is no package %q", name)
		if near := diag.Closest(name, e.near); near != "" {
			part += fmt.Sprintf(", did you mean %q?", near)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}
