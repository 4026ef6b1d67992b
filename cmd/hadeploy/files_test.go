package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFilesBuildOneWay: in these rooms a file uses what is in those below it, and
// none of those uses, in turn, what is in it.
func TestFilesBuildOneWay(t *testing.T) {
	for _, room := range []string{"cmd/hadeploy", "steps", "internal/agent", "internal/cib", "internal/packages", "internal/verify",
		"internal/report/term", "internal/report/planreport", "internal/report/progress", "internal/report/statusreport", "internal/report/verifyreport"} {
		if circle := circleOf(fileUses(t, filepath.Join("..", "..", filepath.FromSlash(room)))); circle != nil {
			t.Errorf("%s: %s", room, strings.Join(circle, " uses "))
		}
	}
	if circle := circleOf(map[string][]string{"a": {"b", "c"}, "b": {"c"}, "c": {"d"}, "d": {"b"}}); strings.Join(circle, " ") != "b c d b" {
		t.Errorf("found the circle %v", circle)
	}
}

// nothing imports nothing: only the names of the room itself count.
type nothing struct{}

func (nothing) Import(string) (*types.Package, error) { return nil, errors.New("not read") }

// fileUses are, for each file of a room, the other files whose names it uses.
func fileUses(t *testing.T, dir string) map[string][]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	if len(files) < 2 {
		t.Fatalf("%s has %d files", dir, len(files))
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: nothing{}, Error: func(error) {}} // of what is imported
	room, _ := config.Check(dir, set, files, info)
	file := func(pos token.Pos) string { return filepath.Base(set.Position(pos).Filename) }
	uses := map[string][]string{}
	for name, what := range info.Uses {
		from, to := file(name.Pos()), file(what.Pos())
		if what.Pkg() == room && what.Pos().IsValid() && from != to && !slices.Contains(uses[from], to) {
			uses[from] = append(uses[from], to)
		}
	}
	return uses
}

// circleOf is a way from a file back to itself, nil where there is none.
func circleOf(uses map[string][]string) []string {
	clear := map[string]bool{} // no circle can be reached from it
	var way []string
	var walk func(string) []string
	walk = func(file string) []string {
		if i := slices.Index(way, file); i >= 0 {
			return append(slices.Clone(way[i:]), file)
		}
		if clear[file] {
			return nil
		}
		way = append(way, file)
		for _, next := range slices.Sorted(slices.Values(uses[file])) {
			if circle := walk(next); circle != nil {
				return circle
			}
		}
		way, clear[file] = way[:len(way)-1], true
		return nil
	}
	for _, file := range slices.Sorted(maps.Keys(uses)) {
		if circle := walk(file); circle != nil {
			return circle
		}
	}
	return nil
}
