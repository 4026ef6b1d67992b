package cib

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// meant is a difference between what pcs writes and what this package does that
// is meant: an entry of testdata/oracle/meant.txt, which explains them.
type meant struct {
	line  int    // of its beginning
	name  string // of the case: locations/role
	step  int
	in    []pcs.Dialect
	lines string // as differences returns them
	used  int
}

func (m *meant) of(d pcs.Dialect) bool { return slices.Contains(m.in, d) }

// readMeant reads the list. An entry begins with "== CASE STEP DIALECT..."; the
// reason follows, and then the lines of the normal form that differ: those of
// pcs behind "- ", those of this package behind "+ ".
func readMeant(t testing.TB) (list []*meant) {
	t.Helper()
	const path = "testdata/oracle/meant.txt"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reason := false
	for i, line := range strings.Split(string(b), "\n") {
		head, begins := strings.CutPrefix(line, "== ")
		switch words := strings.Fields(head); {
		case begins:
			if len(words) < 3 || len(list) > 0 && (list[len(list)-1].lines == "" || !reason) {
				t.Fatalf("%s:%d: an entry is == CASE STEP DIALECT..., a reason, and what differs", path, i+1)
			}
			m := &meant{line: i + 1, name: words[0]}
			if m.step, err = strconv.Atoi(words[1]); err != nil {
				t.Fatalf("%s:%d: %v", path, i+1, err)
			}
			for _, w := range words[2:] {
				m.in = append(m.in, dialectNamed(t, path, w))
			}
			list, reason = append(list, m), false
		case len(list) == 0 || strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "+ "):
			list[len(list)-1].lines += line + "\n"
		default:
			reason = true
		}
	}
	return list
}

// TestMeant: an entry of the list names a step of a case which its dialects judge.
func TestMeant(t *testing.T) {
	families := append(smallCases(t), oracleFamily{name: "large", cases: largeCases(t)})
	for _, m := range readMeant(t) {
		for _, d := range m.in {
			found := false
			for _, f := range families {
				for _, c := range f.cases {
					found = found || m.name == caseName(f, c) && c.in(d) && m.step >= 1 && m.step <= len(c.steps)
				}
			}
			if !found {
				t.Errorf("meant.txt:%d: pcs %s judges no step %d of a case %s", m.line, d, m.step, m.name)
			}
		}
	}
}

// meantFor is the entry for a step of a case, nil for none.
func meantFor(list []*meant, name string, step int, d pcs.Dialect) *meant {
	for _, m := range list {
		if m.name == name && m.step == step && m.of(d) {
			return m
		}
	}
	return nil
}

// differences are the lines that only one of two texts has, in the order of the
// texts: those of the first behind "- ", those of the second behind "+ ". Lines
// that moved are no difference: the normal form has an order of its own.
func differences(a, b string) string {
	left := map[string]int{}
	for line := range strings.Lines(b) {
		left[strings.TrimSpace(line)]++
	}
	var out strings.Builder
	for line := range strings.Lines(a) {
		if line = strings.TrimSpace(line); left[line] > 0 {
			left[line]--
		} else {
			out.WriteString("- " + line + "\n")
		}
	}
	only := map[string]int{}
	for line := range strings.Lines(a) {
		only[strings.TrimSpace(line)]++
	}
	for line := range strings.Lines(b) {
		if line = strings.TrimSpace(line); only[line] > 0 {
			only[line]--
		} else {
			out.WriteString("+ " + line + "\n")
		}
	}
	return out.String()
}
