// Package localfile reads files of this machine that a person named. Whatever
// the name leads to (a pipe, a device, a file of the kernel that never ends,
// a share whose server is gone), reading it ends, and takes bounded memory.
package localfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// patience is how long a file may take. Local ones take milliseconds.
const patience = 15 * time.Second

// Why a file is not read. Errors of the system come as they are, without the
// path: the caller names the file.
var (
	ErrDirectory  = errors.New("is a directory, not a file")
	ErrNotRegular = errors.New("is not a regular file")
	ErrEndless    = errors.New("cannot be read: it does not end, reading it waits for more")
)

// Read reads a regular file of at most limit bytes, and its mode. Of a larger
// one it gives limit+1 bytes, so that the caller can say what was expected.
func Read(path string, limit int) ([]byte, fs.FileMode, error) {
	type answer struct {
		content []byte
		mode    fs.FileMode
	}
	a, err := inTime(func() (answer, error) {
		content, mode, err := read(path, limit)
		return answer{content, mode}, err
	})
	return a.content, a.mode, err
}

// Entries are the names of a folder's files and folders, sorted; those of
// folders, and of links to them, end with a slash.
func Entries(path string) ([]string, error) {
	return inTime(func() ([]string, error) {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, unreadable(err)
		}
		names := make([]string, len(entries))
		for i, e := range entries {
			names[i] = e.Name()
			if info, err := os.Stat(filepath.Join(path, e.Name())); err == nil && info.IsDir() {
				names[i] += "/"
			}
		}
		return names, nil
	})
}

// inTime gives what ask does no longer than patience.
func inTime[T any](ask func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := ask()
		done <- answer{value, err}
	}()
	slow := time.NewTimer(patience)
	defer slow.Stop()
	select {
	case a := <-done:
		return a.value, a.err
	case <-slow.C: // the system call cannot be ended, only left alone
		var none T
		return none, fmt.Errorf("cannot be read: no answer in %s; is it on a network share whose server is gone", patience)
	}
}

// silence is how long the writer of a pipe may say nothing.
const silence = time.Minute

// ReadPipe is Read that also takes a pipe, such as a shell's <(...).
func ReadPipe(path string, limit int) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(err)
	}
	if info.Mode().Type() != fs.ModeNamedPipe {
		content, _, err := Read(path, limit)
		return content, err
	}
	// O_NONBLOCK: with nobody at the other end, opening would wait for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(patient{f}, int64(limit)+1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, fmt.Errorf("cannot be read: its writer has said nothing for %s", silence)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return content, nil
}

// patient reads from a pipe, and waits for each part no longer than silence.
type patient struct{ *os.File }

func (p patient) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(silence)); err != nil {
		return 0, err
	}
	return p.File.Read(b)
}

func read(path string, limit int) ([]byte, fs.FileMode, error) {
	// Looked at first: opening a device may already do something.
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, unreadable(err)
	}
	if err := regular(info.Mode()); err != nil {
		return nil, 0, err
	}
	// With system calls of its own: an os.File would wait where a file says
	// that there is nothing more yet.
	fd, err := retry(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, 0, unreadable(err)
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return nil, 0, unreadable(err)
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFREG { // exchanged meanwhile
		return nil, 0, ErrNotRegular
	}
	content := make([]byte, 0, min(int(max(st.Size, 0)), limit)+1)
	for len(content) <= limit {
		if len(content) == cap(content) {
			content = append(content, 0)[:len(content)]
		}
		room := content[len(content):min(cap(content), limit+1)]
		n, err := retry(func() (int, error) { return syscall.Read(fd, room) })
		switch {
		case errors.Is(err, syscall.EAGAIN):
			return nil, 0, ErrEndless
		case err != nil:
			return nil, 0, unreadable(err)
		case n == 0:
			return content, info.Mode(), nil
		}
		content = content[:len(content)+n]
	}
	return content, info.Mode(), nil
}

func regular(mode fs.FileMode) error {
	switch {
	case mode.IsDir():
		return ErrDirectory
	case !mode.IsRegular():
		return ErrNotRegular
	}
	return nil
}

// retry repeats a system call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

// unreadable leaves out the path, which the caller has.
func unreadable(err error) error {
	if why, ok := errors.AsType[*fs.PathError](err); ok {
		err = why.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}
