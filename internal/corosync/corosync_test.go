package corosync

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata")

// table runs a test for each archive in testdata/DIR. The test gives back the
// archive with what came out; it must be equal to what is on disk.
func table(t *testing.T, dir string, run func(t *testing.T, a *archive)) {
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables in testdata/%s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			a := parseArchive(want)
			run(t, a)
			got := a.format()
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("%s (-want +got):\n%s", file, d)
			}
		})
	}
}

// A setup gives either a corosync.conf, or the problems that forbid it;
// warnings stand beside the file.
func TestBuild(t *testing.T) {
	table(t, "build", func(t *testing.T, a *archive) {
		c, found := Build(declare(t, a.get("setup")))
		if (c == nil) != (found.Err() != nil) {
			t.Fatalf("config is %v, problems are %v", c, found)
		}
		a.set("corosync.conf", nil)
		a.set("problems", nil)
		if c != nil {
			a.set("corosync.conf", c.Bytes())
		}
		a.set("problems", problems(found))
	})
}

// live + setup give the merged file and what it needs, or an error. An absent
// live is a new cluster.
func TestMerge(t *testing.T) {
	table(t, "merge", func(t *testing.T, a *archive) {
		live := parsed(t, a.get("live"))
		want := built(t, a.get("setup"))
		added, removed := Membership(live, want)
		a.set("membership", nil)
		if len(added)+len(removed) > 0 {
			a.set("membership", []byte("added: "+strings.Join(added, " ")+"\nremoved: "+strings.Join(removed, " ")+"\n"))
		}
		next, err := Merge(live, want)
		if err == nil {
			compareEqual(t, live, want, next)
		}
		for _, name := range []string{"merged", "differences", "error"} {
			a.set(name, nil)
		}
		if err != nil {
			a.set("error", []byte(err.Error()+"\n"))
			return
		}
		ds, err := Compare(live, next)
		if err != nil {
			t.Fatal(err)
		}
		a.set("merged", next.Bytes())
		a.set("differences", differences(ds))
		stable(t, next)
	})
}

// compareEqual: comparing with what was built is comparing with the merge, and
// merging twice changes nothing more.
func compareEqual(t *testing.T, live, want, next *Config) {
	t.Helper()
	a, err := Compare(live, want)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Compare(live, next)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, b); d != "" {
		t.Errorf("comparing with the declaration and with the merge differ:\n%s", d)
	}
	again, err := Merge(next, want)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(next.Bytes()), string(again.Bytes())); d != "" {
		t.Errorf("a second merge changes the file:\n%s", d)
	}
	if ds, err := Compare(next, want); err != nil || len(ds) > 0 {
		t.Errorf("after the merge: differences %v, error %v", ds, err)
	}
}

// stable: what is written is read as the same.
func stable(t *testing.T, c *Config) {
	t.Helper()
	again := parsed(t, c.Bytes())
	if d := cmp.Diff(string(c.Bytes()), string(again.Bytes())); d != "" {
		t.Errorf("reading and writing changes the file:\n%s", d)
	}
	for _, pair := range [][2]*Config{{c, again}, {again, c}} {
		plain := pair[1].clone()
		plain.declared = false
		if ds, err := Compare(pair[0], plain); err != nil || len(ds) > 0 {
			t.Errorf("what was read differs from what was written: %v, error %v", ds, err)
		}
	}
}

func parsed(t *testing.T, text []byte) *Config {
	t.Helper()
	if text == nil {
		return nil
	}
	c, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func built(t *testing.T, setup []byte) *Config {
	t.Helper()
	c, found := Build(declare(t, setup))
	if c == nil {
		t.Fatal(found)
	}
	return c
}

// A file is read into settings by their paths, or refused with the line. The
// file is written as a Go string where it has bytes that an editor would hide.
func TestParse(t *testing.T) {
	table(t, "parse", func(t *testing.T, a *archive) {
		c, err := Parse(a.get("corosync.conf"))
		a.set("settings", nil)
		a.set("error", nil)
		if err != nil {
			a.set("error", []byte(err.Error()+"\n"))
			return
		}
		var b strings.Builder
		for _, v := range c.values() {
			b.WriteString(v.path + " = " + v.text + "\n")
		}
		for _, n := range c.Nodes() {
			b.WriteString("node " + n.Name + ": " + n.String() + "\n")
		}
		a.set("settings", []byte(b.String()))
		if d := cmp.Diff(string(a.get("corosync.conf")), string(c.Bytes())); d != "" {
			t.Errorf("reading and writing changes the file:\n%s", d)
		}
	})
}
