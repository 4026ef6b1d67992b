package pcs

import (
	"os"
	"strings"
	"testing"
)

// archive is a file in the txtar format: a comment, then parts that each
// begin with a line "-- name --".
type archive struct {
	comment string
	parts   []part
}

type part struct{ name, data string }

func readArchive(t testing.TB, name string) *archive {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{}
	into := &a.comment
	for _, line := range strings.SplitAfter(string(b), "\n") {
		if head, ok := strings.CutSuffix(strings.TrimSuffix(line, "\n"), " --"); ok && strings.HasPrefix(head, "-- ") {
			a.parts = append(a.parts, part{name: head[3:]})
			into = &a.parts[len(a.parts)-1].data
			continue
		}
		*into += line
	}
	if len(a.parts) == 0 {
		t.Fatalf("%s has no parts", name)
	}
	return a
}

func (a *archive) String() string {
	var b strings.Builder
	b.WriteString(a.comment)
	for _, p := range a.parts {
		b.WriteString("-- " + p.name + " --\n" + p.data)
	}
	return b.String()
}
