package main

import (
	"bytes"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// TestStatusPageExample: what docs/status.md shows is what the program says
// of a real capture, shortened by whole lines.
func TestStatusPageExample(t *testing.T) {
	ar, err := txtar.ParseFile(root + "/internal/pcs/testdata/states/debian12/clone-failed.txtar")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(ar.Files, func(f txtar.File) bool { return f.Name == "pcs status" })
	saved := filepath.Join(t.TempDir(), "support-case.txt")
	write(t, saved, string(ar.Files[i].Data))
	t.Setenv("COLUMNS", "80")
	var out, errs bytes.Buffer
	if code := run([]string{"status", "--from", saved}, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("exit status %d: %s", code, &errs)
	}
	said := strings.Split(strings.ReplaceAll(out.String(), saved, "support-case.txt"), "\n")
	for _, b := range blocks(pages(t)["docs/status.md"]) {
		if b.kind != "console" {
			continue
		}
		shown := strings.Split(strings.TrimSuffix(b.text, "\n"), "\n")[1:]
		if len(shown) < 20 {
			t.Errorf("only %d lines are shown", len(shown))
		}
		for _, line := range shown {
			if !slices.Contains(said, line) && !strings.Contains(line, "read from") { // whose temporary path may break the line
				t.Errorf("the page shows %q, and the program says\n%s", line, strings.Join(said, "\n"))
			}
		}
	}
}

// TestStatusPageKeys: docs/status.md names every key of the JSON.
func TestStatusPageKeys(t *testing.T) {
	text := pages(t)["docs/status.md"]
	seen := 0
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Slice, reflect.Pointer:
			walk(typ.Elem())
		case reflect.Struct:
			for f := range typ.Fields() {
				if !f.IsExported() {
					continue
				}
				key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				if seen++; !strings.Contains(text, "`"+key+"`") {
					switch typ { // whose fields say what they are
					case reflect.TypeFor[pcs.Counts](), reflect.TypeFor[pcs.Ticket](), reflect.TypeFor[pcs.Ban](), reflect.TypeFor[pcs.Failures]():
					default:
						t.Errorf("docs/status.md has nothing about %q of %s", key, typ.Name())
					}
				}
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[pcs.Status]())
	if seen < 80 {
		t.Errorf("only %d keys found", seen)
	}
}
