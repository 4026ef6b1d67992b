package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Every node runs in a cgroup of its own, in each hierarchy that systemd uses:
// without it the second node of a machine collides with the first, because
// --keep-unit lets nspawn build its tree where it was started. It is also the
// record of the node's processes that no crash of ours can lose.

// hierarchy is one mounted cgroup tree.
type hierarchy struct {
	path    string
	unified bool
}

// hierarchies finds the cgroup2 tree and, on hosts of the old layout, systemd's
// own v1 tree. Source: proc_pid_mountinfo(5).
func hierarchies() ([]hierarchy, error) {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	hs := parseHierarchies(string(data))
	for _, h := range hs {
		if h.unified {
			return hs, nil
		}
	}
	return nil, errors.New("no cgroup2 tree is mounted (looked in /proc/self/mountinfo); the nodes' systemd needs one: mount it with 'mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified'")
}

func parseHierarchies(mountinfo string) []hierarchy {
	var out []hierarchy
	for line := range strings.Lines(mountinfo) {
		left, right, ok := strings.Cut(line, " - ")
		l, r := strings.Fields(left), strings.Fields(right)
		if !ok || len(l) < 5 || len(r) < 3 {
			continue
		}
		switch {
		case r[0] == "cgroup2":
			out = append(out, hierarchy{l[4], true})
		case r[0] == "cgroup" && slices.Contains(strings.Split(r[2], ","), "name=systemd"):
			out = append(out, hierarchy{l[4], false})
		}
	}
	return out
}

// nodeCgroup is a node's place in the trees: guard for the process that starts
// nspawn again when the node reboots, trees (the unified one first) for nspawn
// itself, which wants a cgroup with nobody else in it.
type nodeCgroup struct {
	guard string
	trees []string
}

func makeCgroup(lab, node string) (nodeCgroup, error) {
	hs, err := hierarchies()
	if err != nil {
		return nodeCgroup{}, err
	}
	var cg nodeCgroup
	for _, h := range hs {
		base := filepath.Join(h.path, cgroupName(lab), node)
		if h.unified {
			cg.guard = filepath.Join(base, "guard")
			err = os.MkdirAll(cg.guard, 0o755)
		}
		tree := filepath.Join(base, "node")
		if err := errors.Join(err, os.MkdirAll(tree, 0o755)); err != nil {
			return nodeCgroup{}, fmt.Errorf("cgroup of node %s: %w", node, err)
		}
		cg.trees = append(cg.trees, tree)
	}
	return cg, nil
}

// cgroupProcesses lists the processes in dir and everything beneath it.
func cgroupProcesses(dir string) []Process {
	var out []Process
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() != "cgroup.procs" {
			return nil //nolint:nilerr // a group that went has no processes
		}
		data, _ := os.ReadFile(path) //nolint:gosec // only the kernel makes files there
		for _, f := range strings.Fields(string(data)) {
			if pid, err := strconv.Atoi(f); err == nil && pid > 0 {
				if p, err := identify(pid); err == nil {
					out = append(out, p)
				}
			}
		}
		return nil
	})
	return out
}

// emptyCgroup ends every process of the lab's (or one node's) cgroup and
// removes it from every hierarchy. sub is "" for the whole lab.
func emptyCgroup(ctx context.Context, lab, sub string) error {
	hs, err := hierarchies()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for _, h := range hs {
		dir := filepath.Join(h.path, cgroupName(lab), sub)
		err := poll(ctx, 20*time.Millisecond, func() (bool, error) {
			if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
				return true, nil
			}
			for _, p := range cgroupProcesses(dir) {
				if err := p.kill(); err != nil {
					return false, err
				}
			}
			return removeCgroup(dir) == nil, nil
		})
		if err != nil {
			return fmt.Errorf("cgroup %s: %d processes are still in it: %w", dir, len(cgroupProcesses(dir)), err)
		}
	}
	return nil
}

// removeCgroup removes a tree of empty cgroups, deepest first; the files in
// them are the kernel's and go with their folder.
func removeCgroup(dir string) error {
	var dirs []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	for _, dir := range slices.Backward(dirs) {
		if rerr := os.Remove(dir); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) && err == nil {
			err = rerr
		}
	}
	return err
}
