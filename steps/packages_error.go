package steps

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// PackageError says why packages could not be installed on a node.
type PackageError struct {
	// Class is the sort of failure: locked, unknown, network, disk, held,
	// remove, restart, broken, failed, slow or vanished.
	Class   string
	Message string // what happened, in one line
	Output  string // the package manager's last lines, may be empty
	Fix     string // what to do

	err error
}

func (e *PackageError) Error() string {
	if e.Output == "" {
		return e.Message
	}
	return e.Message + ":\n" + e.Output
}

// Hint says what to do.
func (e *PackageError) Hint() string { return e.Fix }

func (e *PackageError) Unwrap() error { return e.err }

// jobEnd is how a job ended: the class that its script gave, with details,
// and the end of its output.
type jobEnd struct {
	class  string
	what   []string // packages that the class is about
	near   []string // names that could have been meant
	stale  bool     // the package lists could not be read anew
	output []string
}

// take reads one line of follow, and reports whether it was about the end.
func (e *jobEnd) take(line string) bool {
	key, rest, _ := strings.Cut(line, " ")
	switch key {
	case "end":
		e.class = rest
	case "what":
		e.what = append(e.what, strings.Fields(remote.Tail([]byte(rest), 1))...)
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
func (e *jobEnd) tail(n int) string {
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
	return remote.Tail([]byte(strings.Join(lines, "\n")), n)
}

func complains(line string) bool {
	line = strings.ToLower(line)
	return strings.HasPrefix(line, "e: ") || strings.HasPrefix(line, "err:") ||
		slices.ContainsFunc([]string{"error", "failed", "no space left"}, func(w string) bool { return strings.Contains(line, w) })
}

const wholeOutput = "the whole output is in /run/hadeploy/packages/log on the node"

// failure turns an end that is not "ok" into an error.
func (e *jobEnd) failure(in *installation) error {
	tool := in.manager.Name()
	what := listed(e.what)
	err := &PackageError{Class: e.class, Output: e.tail(8)}
	switch e.class {
	case "unknown":
		err.Message, err.Output = e.unknown(), ""
		err.Fix = "correct packages in the playbook, or give the node the repository that has it; nothing was installed"
		if e.stale {
			err.Output = e.tail(8)
			err.Fix = "the package lists could not be read anew; mend the node's network or its package sources first; nothing was installed"
		}
	case "locked":
		err.Message = "somebody else took the package lock again and again"
		err.Fix = "see what else installs packages on the node, then run again"
	case "network":
		err.Message = "packages could not be downloaded"
		err.Fix = "check the node's network, its proxy and its package sources, then run again; nothing was installed"
	case "disk":
		err.Message = "there is not enough free disk space for the packages"
		err.Fix = "free some space on the node (df -h /var /usr), then run again"
	case "held":
		err.Output = ""
		err.Message = "packages that are on hold are in the way: " + what
		err.Fix = "release them (apt-mark unhold), or install by hand what is missing; nothing was installed"
	case "remove":
		err.Output = ""
		err.Message = "installing would remove other packages: " + what
		err.Fix = "remove them by hand if they are not needed, or correct packages in the playbook; nothing was installed"
	case "restart":
		err.Output = ""
		err.Message = fmt.Sprintf("the package manager would replace and restart %s, which runs on this node", what)
		err.Fix = "do that at a time of your choice, one node after the other: pcs node standby, upgrade, pcs node unstandby; nothing was changed"
	case "broken":
		err.Message = fmt.Sprintf("an earlier %s run was interrupted, and that cannot be completed; not fully installed: %s", tool, what)
		err.Fix = "on the node, run dpkg --configure -a and mend what it complains of, then run again; " + wholeOutput
	case "vanished":
		err.Message = "the installation was killed on the node before its end"
		err.Fix = "run again: it is taken up where it was left; if it is killed again, look for the reason in the node's journal"
	default:
		err.Class = "failed"
		err.Message = tool + " could not install the packages"
		if what != "" {
			err.Message += "; not fully installed: " + what
		}
		err.Fix = wholeOutput
	}
	return err
}

// unknown names the packages that do not exist, each with what may be meant.
func (e *jobEnd) unknown() string {
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
