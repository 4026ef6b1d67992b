package cib

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// oracleCase is a way of one or more steps: playbooks, and the commands that a
// person would type for each.
type oracleCase struct {
	name  string
	only  []pcs.Dialect // the dialects that can say it; nil: all
	why   string        // with only: what the others lack
	steps []oracleStep
}

type oracleStep struct {
	yaml     string
	commands func(pcs.Dialect) []string
}

// in reports whether a dialect judges the case.
func (c oracleCase) in(d pcs.Dialect) bool { return c.only == nil || slices.Contains(c.only, d) }

// caseName is a case's name as go test shows it: locations/a_score.
func caseName(f oracleFamily, c oracleCase) string {
	return f.name + "/" + strings.ReplaceAll(c.name, " ", "_")
}

var dialects = []pcs.Dialect{pcs.Pcs010, pcs.Pcs011, pcs.Pcs012}

// largeCases are testdata/oracle/*.txtar: each holds a whole playbook with its
// commands ("pcs", or "pcs-0.10" in the words of one dialect) and a second one
// ("then.yaml", "then-pcs") to get to from there. "dialects" names those that
// can do it.
func largeCases(t testing.TB) (list []oracleCase) {
	t.Helper()
	files, err := filepath.Glob("testdata/oracle/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, f := range files {
		part := parts(t, f)
		c := oracleCase{name: strings.TrimSuffix(filepath.Base(f), ".txtar")}
		if words := strings.Fields(part["dialects"]); len(words) > 0 {
			c.why = "pcs of the others cannot do it"
			for _, w := range words {
				c.only = append(c.only, dialectNamed(t, f, w))
			}
		}
		for _, names := range [][2]string{{"playbook.yaml", "pcs"}, {"then.yaml", "then-pcs"}} {
			if part[names[0]] == "" {
				continue
			}
			c.steps = append(c.steps, oracleStep{part[names[0]], func(d pcs.Dialect) []string {
				text := part[names[1]]
				if own := part[names[1]+"-"+string(d)]; own != "" {
					text = own
				}
				return commandLines(text)
			}})
		}
		list = append(list, c)
	}
	return list
}

// commandLines are the commands of a text, without blank lines and comments.
func commandLines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

func dialectNamed(t testing.TB, at, word string) pcs.Dialect {
	t.Helper()
	if !slices.Contains(dialects, pcs.Dialect(word)) {
		t.Fatalf("%s: %q is no dialect of pcs; those are %q", at, word, dialects)
	}
	return pcs.Dialect(word)
}

// oracleFamily is a file of small cases. All of them begin where the frame ends,
// and have its sections but for those that they write themselves.
type oracleFamily struct {
	name  string
	frame oracleCase
	cases []oracleCase
}

// smallCases are testdata/oracle/small/*.txtar. CONTRIBUTING.md explains how they
// are written.
func smallCases(t testing.TB) (list []oracleFamily) {
	t.Helper()
	files, err := filepath.Glob("testdata/oracle/small/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, f := range files {
		list = append(list, readFamily(t, f))
	}
	return list
}

func readFamily(t testing.TB, path string) oracleFamily {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fam := oracleFamily{name: strings.TrimSuffix(filepath.Base(path), ".txtar")}
	seen := map[string]bool{}
	var c *oracleCase
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		at := fmt.Sprintf("%s:%d", path, i+1)
		if name, ok := strings.CutPrefix(line, "-- "); ok {
			name, ok = strings.CutSuffix(name, " --")
			if !ok || seen[name] || len(seen) == 0 && name != "frame" {
				t.Fatalf("%s: %q begins no case: a name stands between \"-- \" and \" --\", once, and the first is frame", at, line)
			}
			seen[name] = true
			if c = &fam.frame; name != "frame" {
				fam.cases = append(fam.cases, oracleCase{})
				c = &fam.cases[len(fam.cases)-1]
			}
			*c = oracleCase{name: name, steps: []oracleStep{newStep()}}
			continue
		}
		if c == nil {
			continue // what the file is about
		}
		s := &c.steps[len(c.steps)-1]
		switch {
		case line == "then":
			c.steps = append(c.steps, newStep())
		case strings.HasPrefix(line, "only "):
			words, why, ok := strings.Cut(strings.TrimPrefix(line, "only "), ": ")
			if !ok || why == "" || c.only != nil {
				t.Fatalf("%s: write: only 0.11 0.12: what the others lack", at)
			}
			c.why = why
			for w := range strings.FieldsSeq(words) {
				c.only = append(c.only, dialectNamed(t, at, w))
			}
		case strings.HasPrefix(line, "$"):
			mark, command, ok := strings.Cut(line[1:], " ")
			if !ok {
				t.Fatalf("%s: no command behind $", at)
			}
			var in []pcs.Dialect
			for w := range strings.SplitSeq(mark, ",") {
				if mark != "" {
					in = append(in, dialectNamed(t, at, w))
				}
			}
			before := s.commands
			s.commands = func(d pcs.Dialect) []string {
				list := before(d)
				if in == nil || slices.Contains(in, d) {
					list = append(list, command)
				}
				return list
			}
		default:
			s.yaml += line + "\n"
		}
	}
	if len(fam.cases) == 0 {
		t.Fatalf("%s has no case", path)
	}
	for _, c := range fam.cases {
		for i := range c.steps {
			c.steps[i].yaml = within(fam.frame.steps[0].yaml, c.steps[i].yaml)
		}
	}
	return fam
}

func newStep() oracleStep {
	return oracleStep{commands: func(pcs.Dialect) []string { return nil }}
}

var sectionLine = regexp.MustCompile(`(?m)^[a-z_]+:`)

// within completes a step's sections with those of the frame that it does not
// have itself.
func within(frame, yaml string) string {
	own := sectionLine.FindAllString(yaml, -1)
	at := sectionLine.FindAllStringIndex(frame, -1)
	for i, m := range at {
		end := len(frame)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		if !slices.Contains(own, frame[m[0]:m[1]]) {
			yaml = frame[m[0]:end] + yaml
		}
	}
	return yaml
}
