package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// recipes are the changes that CONTRIBUTING has to tell step by step.
var recipes = []string{"A new kind of object", "A new step", "A new operation", "A new fact", "A new output format", "A new finding"}

// mostEdits is how many edits a recipe may need; more, and the house has no
// room for such a thing.
const mostEdits = 6

var (
	quoted   = regexp.MustCompile("`([^`\n]+)`")
	chapter  = regexp.MustCompile(`(?m)^## (.+)\n`)
	numbered = regexp.MustCompile(`(?m)^[0-9]+\. `)
	ownPath  = regexp.MustCompile(`^(cmd|docs|examples|integration|internal|inventory|playbook|schema|steps)(/[a-z0-9_.*-]+)*/?$`)
)

// chapters are the parts of a page by their headings.
func chapters(text string) map[string]string {
	out := map[string]string{}
	at := chapter.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out[text[m[2]:m[3]]] = text[m[1]:end]
	}
	return out
}

// TestRooms: the tables of the house name every package of the module, and none
// that is gone; in the first, no room imports one that stands above it.
func TestRooms(t *testing.T) {
	house, beside, two := strings.Cut(chapters(pages(t)["CONTRIBUTING.md"])["The house"], "\nBeside it")
	if !two {
		t.Fatal("there are not two tables")
	}
	floors, others := rooms(house), rooms(beside)
	packages := imports(t)
	for pkg, list := range packages {
		floor, inside := floors[pkg]
		if _, outside := others[pkg]; inside == outside {
			t.Errorf("%s stands in none or in both of CONTRIBUTING's tables of rooms", pkg)
		}
		for _, i := range list {
			other, known := floors[strings.TrimPrefix(i, module)]
			if inside && known && other < floor {
				t.Errorf("%s imports %s, which CONTRIBUTING's table of rooms has above it", pkg, i)
			}
		}
	}
	for _, room := range slices.Concat(slices.Collect(maps.Keys(floors)), slices.Collect(maps.Keys(others))) {
		if _, err := os.Stat(filepath.Join(root, room)); err != nil {
			t.Errorf("CONTRIBUTING's tables of rooms name %s: %v", room, err)
		}
	}
}

// rooms are those that a table names, each with the number of its row.
func rooms(table string) map[string]int {
	out := map[string]int{}
	row := 0
	for line := range strings.Lines(table) {
		row++
		room, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(room, -1) {
			out[m[1]] = row
		}
	}
	return out
}

// TestRecipes: each recipe is there, is short, and every file that
// CONTRIBUTING names exists.
func TestRecipes(t *testing.T) {
	text := pages(t)["CONTRIBUTING.md"]
	parts := chapters(text)
	for _, name := range recipes {
		if n := len(numbered.FindAllString(parts[name], -1)); n == 0 || n > mostEdits {
			t.Errorf("CONTRIBUTING, %q: %d edits, want 1 to %d", name, n, mostEdits)
		}
	}
	seen := 0
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		if !ownPath.MatchString(m[1]) {
			continue
		}
		seen++
		if found, err := filepath.Glob(filepath.Join(root, m[1])); err != nil || len(found) == 0 {
			t.Errorf("CONTRIBUTING names %s, which is not there: %v", m[1], err)
		}
	}
	if seen < 20 {
		t.Errorf("only %d paths found", seen)
	}
}
