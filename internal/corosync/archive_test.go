package corosync

import (
	"bytes"
	"slices"
	"strings"
)

// archive is a file of testdata in the txtar format: a comment, then files
// each under a line "-- NAME --".
type archive struct {
	comment []byte
	files   []file
}

type file struct {
	name string
	data []byte
}

func parseArchive(text []byte) *archive {
	a := &archive{}
	into := &a.comment
	for line := range bytes.Lines(text) {
		name, ok := strings.CutPrefix(strings.TrimSuffix(string(line), "\n"), "-- ")
		if name, ok2 := strings.CutSuffix(name, " --"); ok && ok2 {
			a.files = append(a.files, file{name: name, data: []byte{}})
			into = &a.files[len(a.files)-1].data
			continue
		}
		*into = append(*into, line...)
	}
	return a
}

func (a *archive) format() []byte {
	out := slices.Clone(a.comment)
	for _, f := range a.files {
		out = append(out, "-- "+f.name+" --\n"...)
		out = append(out, f.data...)
	}
	return out
}

// get returns a file, nil when it is not there.
func (a *archive) get(name string) []byte {
	for _, f := range a.files {
		if f.name == name {
			return f.data
		}
	}
	return nil
}

// set gives a file new text; nil removes it.
func (a *archive) set(name string, data []byte) {
	i := slices.IndexFunc(a.files, func(f file) bool { return f.name == name })
	switch {
	case data == nil && i >= 0:
		a.files = slices.Delete(a.files, i, i+1)
	case data == nil:
	case i < 0:
		a.files = append(a.files, file{name, data})
	default:
		a.files[i].data = data
	}
}
