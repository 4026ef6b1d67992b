// Package cases runs tests that are kept as data: archives in the txtar format
// with files that go in and the text that must come out.
package cases

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the want sections of the cases")

// Case is one archive. Its sections are files, but for want, what must come
// out, and those whose names start with "-", the arguments.
type Case struct {
	Dir  string            // where the files lie
	Args map[string]string // sections whose names start with "-"
}

// Run calls fn for every archive that matches the glob, with its files in a
// folder of their own, and compares what it returns with the section want. The
// name of the folder is taken out first.
func Run(t *testing.T, glob string, fn func(t *testing.T, c Case) string) {
	t.Helper()
	archives, err := filepath.Glob(glob)
	if err != nil || len(archives) == 0 {
		t.Fatalf("no cases in %s: %v", glob, err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			comment, files := parse(text)
			c := Case{Dir: t.TempDir()}
			c.Args = unpack(t, files, c.Dir)
			want := slices.IndexFunc(files, func(f file) bool { return f.name == "want" })
			if want < 0 {
				t.Fatal("the case has no section want")
			}
			got := strings.ReplaceAll(fn(t, c), c.Dir+"/", "")
			if *update {
				files[want].data = []byte(got)
				if err := os.WriteFile(path, format(comment, files), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(files[want].data), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", strings.TrimSpace(string(comment)), diff)
			}
		})
	}
}

// Unpack writes the files of an archive into a folder, and gives its
// arguments.
func Unpack(t testing.TB, archive, dir string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(text)
	return unpack(t, files, dir)
}

func unpack(t testing.TB, files []file, dir string) map[string]string {
	t.Helper()
	args := map[string]string{}
	for _, f := range files {
		switch {
		case f.name == "want":
		case strings.HasPrefix(f.name, "-"):
			args[f.name] = string(f.data)
		default:
			Write(t, filepath.Join(dir, f.name), f.data)
		}
	}
	return args
}

// Write writes a file and makes its folders.
func Write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

type file struct {
	name string
	data []byte
}

func parse(text []byte) (comment []byte, files []file) {
	into := &comment
	for line := range bytes.Lines(text) {
		name, ok := strings.CutPrefix(strings.TrimSuffix(string(line), "\n"), "-- ")
		if name, closed := strings.CutSuffix(name, " --"); ok && closed {
			files = append(files, file{name: name})
			into = &files[len(files)-1].data
			continue
		}
		*into = append(*into, line...)
	}
	return comment, files
}

func format(comment []byte, files []file) []byte {
	out := bytes.Clone(comment)
	for _, f := range files {
		out = append(out, "-- "+f.name+" --\n"...)
		out = append(out, f.data...)
	}
	return out
}

// Section is one section of an archive.
func Section(t testing.TB, archive, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(text)
	for _, f := range files {
		if f.name == name {
			return f.data
		}
	}
	t.Fatalf("%s has no section %s", archive, name)
	return nil
}

// Seeds gives a fuzz target one file of each archive that matches the glob.
func Seeds(f *testing.F, glob, name string) {
	f.Helper()
	archives, err := filepath.Glob(glob)
	if err != nil || len(archives) == 0 {
		f.Fatalf("no cases in %s: %v", glob, err)
	}
	for _, path := range archives {
		dir := f.TempDir()
		Unpack(f, path, dir)
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
}
