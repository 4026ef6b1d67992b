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

// fileLock is an flock that dies with its holder.
type fileLock struct{ f *os.File }

// acquire takes the lock at path, waiting up to wait; waiting is called once
// when it is held by someone else. The holder's pid is in the file for the
// message only. The error names the holder.
func acquire(ctx context.Context, path string, wait time.Duration, waiting func(holder string)) (*fileLock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(wait)
	told := false
	var lock *fileLock
	err := poll(ctx, 50*time.Millisecond, func() (bool, error) {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return false, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && samePath(f, path) {
			lock = &fileLock{f}
			return true, nil
		}
		_ = f.Close()
		if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return false, fmt.Errorf("lock %s: %w", path, err)
		}
		data, _ := os.ReadFile(path)
		holder := strings.TrimSpace(string(data))
		if time.Now().After(deadline) {
			return false, fmt.Errorf("%s is held by process %s; wait for it to end", path, holder)
		}
		if !told && waiting != nil {
			told = true
			waiting(holder)
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if err := lock.f.Truncate(0); err == nil { // who holds it, for those who wait; it is held without, too
		_, _ = lock.f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return lock, nil
}

// samePath reports whether f is still the file at path: its holder may have
// removed it between our open and our lock.
func samePath(f *os.File, path string) bool {
	a, err1 := f.Stat()
	b, err2 := os.Stat(path)
	return err1 == nil && err2 == nil && os.SameFile(a, b)
}

func (l *fileLock) release() { _ = l.f.Close() }

// remove releases the lock and leaves no file behind.
func (l *fileLock) remove() {
	_ = os.Remove(l.f.Name())
	_ = l.f.Close()
}

// lock takes the lab's own lock: everything that changes a lab holds it.
func (p paths) lock(ctx context.Context, name string, say Progress) (*fileLock, error) {
	l, err := acquire(ctx, filepath.Join(p.run, name+".lock"), 5*time.Minute, func(holder string) {
		say.say("waiting for process %s, which is changing lab %s", holder, name)
	})
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", name, err)
	}
	return l, nil
}
