package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process identifies one process for ever: a pid alone may be reused, a pid
// with its start time is not.
type Process struct {
	PID int `json:"pid"`
	// Start is field 22 of /proc/PID/stat, in clock ticks since boot.
	Start uint64 `json:"start"`
}

// procStat reads the state letter, the parent and the start time of pid.
// Source: proc(5); the second field may hold spaces and brackets, so the
// fields are counted from the last closing bracket.
func procStat(pid int) (state byte, parent int, start uint64, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, 0, err
	}
	return parseStat(string(data))
}

func parseStat(text string) (state byte, parent int, start uint64, err error) {
	i := strings.LastIndexByte(text, ')')
	fields := strings.Fields(text[i+1:])
	if i < 0 || len(fields) < 20 {
		return 0, 0, 0, fmt.Errorf("unexpected /proc/PID/stat line %q", text)
	}
	if parent, err = strconv.Atoi(fields[1]); err != nil {
		return 0, 0, 0, err
	}
	start, err = strconv.ParseUint(fields[19], 10, 64)
	return fields[0][0], parent, start, err
}

// identify returns the Process that has this pid now.
func identify(pid int) (Process, error) {
	_, _, start, err := procStat(pid)
	return Process{PID: pid, Start: start}, err
}

// Alive reports whether this very process still runs. A zombie does not.
func (p Process) Alive() bool {
	if p.PID <= 0 {
		return false
	}
	state, _, start, err := procStat(p.PID)
	return err == nil && start == p.Start && state != 'Z' && state != 'X'
}

// children lists the living direct children of p.
func (p Process) children() []Process {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	var out []Process
	for _, d := range dirs {
		pid, err := strconv.Atoi(filepath.Base(d))
		if err != nil {
			continue
		}
		state, parent, start, err := procStat(pid)
		if err == nil && parent == p.PID && state != 'Z' && state != 'X' {
			out = append(out, Process{PID: pid, Start: start})
		}
	}
	return out
}

// kill sends SIGKILL to this very process and to no other.
func (p Process) kill() error {
	if !p.Alive() {
		return nil
	}
	err := syscall.Kill(p.PID, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// gone waits until p has ended.
func (p Process) gone(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return poll(ctx, 10*time.Millisecond, func() (bool, error) { return !p.Alive(), nil }) == nil
}

// bootID is the kernel's identity of this boot: a process or namespace
// recorded under another one is gone.
func bootID() string {
	data, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(data))
}
