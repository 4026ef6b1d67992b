package pcs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// corpora is a directory of status texts that others have published. They are
// not part of the project; who has them points to them.
func corpora(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("HADEPLOY_CORPORA")
	if dir == "" {
		t.Skip("HADEPLOY_CORPORA does not name a directory of collected status texts")
	}
	return dir
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no file matches %s", pattern)
	}
	return files
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Text and XML that one release printed for one cluster say the same.
func TestCorporaPairs(t *testing.T) {
	equal, total := 0, 0
	for _, name := range glob(t, filepath.Join(corpora(t), "status-pairs", "*", "*.txt")) {
		total++
		short := strings.TrimSuffix(name[len(os.Getenv("HADEPLOY_CORPORA")):], ".txt")
		text, err := ParseStatus(read(t, name))
		if err != nil {
			t.Errorf("%s: %v", short, err)
			continue
		}
		x, err := ParseStatusXML(read(t, strings.TrimSuffix(name, ".txt")+".xml"))
		if err != nil {
			t.Errorf("%s: %v", short, err)
			continue
		}
		found := Compare(*text, *x)
		for _, s := range []*Status{text, x} {
			if err := s.Problem(); err != nil {
				found = append(found, s.Source+": "+err.Error())
			}
		}
		if len(found) == 0 {
			equal++
			continue
		}
		t.Errorf("%s:\n\t%s", short, strings.Join(found, "\n\t"))
	}
	t.Logf("%d of %d pairs are equal", equal, total)
}

// Each block that people published reads without a line left over, but for
// lines that are no part of a status.
func TestCorporaWild(t *testing.T) {
	lines := 0
	for _, name := range glob(t, filepath.Join(corpora(t), "wild-status", "*.txt")) {
		st, err := ParseStatus(read(t, name))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		lines += len(st.Unparsed)
		for _, l := range st.Unparsed {
			t.Logf("%s:%d: left over: %q", filepath.Base(name), l.Line, l.Text)
		}
		for _, l := range st.Incomplete {
			t.Logf("%s: incomplete: %s", filepath.Base(name), l)
		}
	}
	t.Logf("%d lines left over", lines)
}

// blocks cuts what crm_simulate printed into its two states.
func blocks(text string) []string {
	var found []string
	for _, title := range []string{"Current cluster status:\n", "Revised cluster status:\n", "Revised Cluster Status:\n"} {
		if _, after, ok := strings.Cut(text, title); ok {
			for _, end := range []string{"\nTransition Summary:", "\nExecuting "} {
				after, _, _ = strings.Cut(after, end)
			}
			found = append(found, title+after)
		}
	}
	return found
}

func TestCorporaSummaries(t *testing.T) {
	n := 0
	for _, name := range glob(t, filepath.Join(corpora(t), "summary-*", "*.summary")) {
		whole := read(t, name)
		for i, b := range blocks(string(whole)) {
			n++
			if i > 0 {
				b = strings.Replace(b, "Revised", "Current", 1)
			}
			st, err := ParseStatus([]byte(b))
			if err != nil {
				t.Errorf("%s block %d: %v", name, i, err)
				continue
			}
			for _, l := range st.Unparsed {
				t.Errorf("%s block %d line %d: %q", name, i, l.Line, l.Text)
			}
		}
		if _, err := ParseStatus(whole); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Logf("%d blocks", n)
}

// What pcs 0.9 printed, with its exit codes.
func TestCorporaTranscripts(t *testing.T) {
	dir := filepath.Join(corpora(t), "..", "transcripts", "pcs-0.9")
	n := 0
	for _, name := range glob(t, filepath.Join(dir, "*", "*status*.txt")) {
		whole := string(read(t, name))
		_, after, _ := strings.Cut(whole, "\n$ ")
		cmd, after, _ := strings.Cut(after, "\n")
		_, after, _ = strings.Cut(after, "--- stdout\n")
		after, _, _ = strings.Cut(after, "--- end")
		out, errs, _ := strings.Cut(after, "--- stderr\n")
		var st *Status
		var err error
		switch {
		case strings.HasPrefix(cmd, "pcs status xml"):
			st, err = ParseStatusXML([]byte(out))
		case cmd == "pcs status", strings.HasPrefix(cmd, "pcs status --full"), strings.HasPrefix(cmd, "pcs status nodes") && !strings.Contains(cmd, "-id"),
			strings.HasPrefix(cmd, "pcs cluster status"), cmd == "pcs status cluster":
			st, err = ParseStatus([]byte(out + errs))
		default:
			continue
		}
		n++
		short := name[len(dir):]
		if _, ok := errors.AsType[*NotRunningError](err); ok {
			t.Logf("%s: %v", short, err)
			continue
		}
		failed := !strings.Contains(whole, "--- exit code: 0 ")
		if err == nil {
			err = st.Problem()
		}
		switch {
		case err != nil && failed || strings.HasSuffix(cmd, "config"):
			t.Logf("%s: %s: %v", short, cmd, err)
		case err != nil:
			t.Errorf("%s: %s: %v", short, cmd, err)
		case failed:
			t.Errorf("%s: %s failed, and its output is taken for a good status", short, cmd)
		}
	}
	t.Logf("%d transcripts", n)
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Two releases that print the same test mean the same: the same resources in the
// same roles on the same nodes. (1.1.13 had no word yet for a start under way.)
func TestCorporaReleases(t *testing.T) {
	dir := corpora(t)
	places := func(text []byte) []string {
		before, _, _ := strings.Cut(string(text), "Transition Summary:")
		s, err := ParseStatus([]byte(before))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range s.Resources {
			role := strings.Replace(r.Role, Starting, Started, 1)
			for _, n := range append(r.Nodes, "")[:max(1, len(r.Nodes))] {
				out = append(out, r.ID+" "+role+" "+n)
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	both := 0
	for _, old := range []string{"summary-1.1.13", "summary-1.1.24"} {
		for _, name := range glob(t, filepath.Join(dir, old, "*.summary")) {
			test := strings.TrimSuffix(filepath.Base(name), ".summary")
			want := places(read(t, name))
			for _, later := range []string{"summary-1.1.24/" + test + ".summary", "status-pairs/2.0.5/" + test + ".txt",
				"status-pairs/2.1.5/" + test + ".txt", "status-pairs/3.0.0/" + test + ".txt"} {
				text, err := os.ReadFile(filepath.Join(dir, later))
				if err != nil {
					continue
				}
				both++
				if d := cmp.Diff(want, places(text)); d != "" {
					t.Errorf("%s (-) and %s (+):\n%s", name, later, d)
				}
			}
		}
	}
	t.Logf("%d pairs of releases", both)
	if both == 0 {
		t.Error("nothing was compared")
	}
}
