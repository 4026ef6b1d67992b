package facts

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// File is a path on a node. A path that does not exist has no File.
type File struct {
	Type     string // stat's words: regular file, directory, symbolic link
	Mode     string // "0644"
	Owner    string // user:group
	SHA256   string // of a regular file
	Content  []byte // of regular files up to 64 KiB; nil: not read
	Modified time.Time
}

// Leftover is what a write that was cut off has left: half a file, which may hold
// a secret, in a folder that only its owner can enter.
type Leftover struct {
	Folder string
	Name   string
}

// Path is where it lies.
func (l Leftover) Path() string { return path.Join(l.Folder, l.Name) }

func takeFiles(f *Facts, a *answers) {
	takeLeftovers(f, a)
	const command = "stat and sha256sum of the declared files"
	f.Files = map[string]File{}
	ans, ok := a.got("files", command)
	if !ok {
		return
	}
	told := 0
	for line := range strings.Lines(string(ans.Out)) {
		w := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.Atoi(w[0])
		if err != nil || n != told+1 || n > len(a.ask.Files) || !strings.HasSuffix(line, "\n") {
			a.fail(command, ans, "%s", garbled(line))
			return
		}
		told = n
		if len(w) == 2 && w[1] == "absent" {
			continue
		}
		path := a.ask.Files[n-1]
		file, ok := fileState(w)
		if !ok {
			a.fail(command, ans, "%s", garbled(line))
			return
		}
		if _, read := a.frames["file:"+w[0]]; read {
			c, ok := a.file("file:"+w[0], path)
			if !ok {
				continue
			}
			if !c.exists || c.sum != file.SHA256 {
				a.errs = append(a.errs, &Error{Command: "reading " + path, Why: "it changed while it was read", Changed: true})
				continue
			}
			file.Content = c.data
		}
		f.Files[path] = file
	}
	if told != len(a.ask.Files) {
		a.fail(command, ans, "told of %d, and was asked for %d", told, len(a.ask.Files))
	}
}

var isLeftover = regexp.MustCompile(`^\.hadeploy-[A-Za-z0-9]{6}$`)

// takeLeftovers reads a line for each folder that has some: its number, and
// names; and that it is whole.
func takeLeftovers(f *Facts, a *answers) {
	const command = "looking for what writes that were cut off have left"
	f.Leftovers = nil
	ans, ok := a.got("leftovers", command)
	if !ok {
		return
	}
	list, whole := strings.CutSuffix(string(ans.Out), "whole\n")
	if !whole {
		a.fail(command, ans, "the answer is not whole")
		return
	}
	for line := range strings.Lines(list) {
		w := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.Atoi(w[0])
		if err != nil || n < 1 || n > len(a.ask.Folders) || len(w) < 2 || !strings.HasSuffix(line, "\n") ||
			slices.ContainsFunc(w[1:], func(name string) bool { return !isLeftover.MatchString(name) }) {
			a.fail(command, ans, "%s", garbled(line))
			return
		}
		for _, name := range slices.Sorted(slices.Values(w[1:])) {
			f.Leftovers = append(f.Leftovers, Leftover{a.ask.Folders[n-1], name})
		}
	}
}

// fileState reads NUMBER, present, type, mode, owner, size, time, SHA-256.
func fileState(w []string) (File, bool) {
	if len(w) != 8 || w[1] != "present" {
		return File{}, false
	}
	seconds, err := strconv.ParseInt(w[6], 10, 64)
	regular := w[2] == "regular file" || w[2] == "regular empty file"
	if _, bad := strconv.ParseUint(w[3], 8, 32); bad != nil || err != nil || !strings.Contains(w[4], ":") || regular != isSum(w[7]) {
		return File{}, false
	}
	f := File{Type: w[2], Mode: w[3], Owner: w[4], Modified: time.Unix(seconds, 0)}
	if regular {
		f.SHA256 = w[7]
	}
	for len(f.Mode) < 4 {
		f.Mode = "0" + f.Mode
	}
	return f, true
}

// Modified is when a file was last written, by the node's clock: of the declared
// ones, corosync.conf and the keys.
func (f *Facts) Modified(path string) (time.Time, bool) {
	if file, ok := f.Files[path]; ok {
		return file.Modified, true
	}
	at, ok := f.Corosync.modified[path]
	return at, ok
}
