package facts

import (
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

func takeFiles(f *Facts, a *answers) {
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
