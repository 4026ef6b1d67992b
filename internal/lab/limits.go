package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Every systemd takes some ten inotify instances, and the kernel's default of
// 128 is for all of root's together: from about the twelfth node on, a node
// stops in the middle of its boot. So the limit is raised while labs exist, and
// the last lab to go sets it back.

const (
	inotifyLimit  = "/proc/sys/fs/inotify/max_user_instances"
	inotifyWanted = 8192
)

// savedLimit is where the value before the first lab is kept.
func (p paths) savedLimit() string { return filepath.Join(p.run, "inotify-before") }

// raiseLimit raises a kernel limit to inotifyWanted and keeps the old value in
// saved. The slots' lock is held.
func raiseLimit(limit, saved string) error {
	old, err := readInt(limit)
	if err != nil || old >= inotifyWanted {
		return err
	}
	if err := writeAtomic(saved, []byte(strconv.Itoa(old)+"\n"), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(limit, []byte(strconv.Itoa(inotifyWanted)), 0o644); err != nil {
		return fmt.Errorf("raise %s from %d to %d: %w", limit, old, inotifyWanted, err)
	}
	return nil
}

// restoreLimit undoes raiseLimit, unless someone else changed the value since.
func restoreLimit(limit, saved string) error {
	old, err := readInt(saved)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if now, err := readInt(limit); err == nil && now == inotifyWanted {
		if err := os.WriteFile(limit, []byte(strconv.Itoa(old)), 0o644); err != nil {
			return fmt.Errorf("set %s back to %d: %w", limit, old, err)
		}
	}
	return os.Remove(saved)
}

func readInt(path string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}
