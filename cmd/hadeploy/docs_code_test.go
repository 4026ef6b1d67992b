package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/steps"
)

var exitRow = regexp.MustCompile(`(?m)^\| (\d+) \| (.*) \|$`)

// TestExitCodesPage: the page says what every help says.
func TestExitCodesPage(t *testing.T) {
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^  (\d+) +(.*)$`).FindAllStringSubmatch(exitHelp, -1) {
		want = append(want, m[1]+" "+m[2])
	}
	for _, m := range exitRow.FindAllStringSubmatch(pages(t)["docs/exit-codes.md"], -1) {
		got = append(got, m[1]+" "+m[2])
	}
	if len(want) < 8 || !slices.Equal(got, want) {
		t.Errorf("docs/exit-codes.md has\n%s\nand the help\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestStepsPage: the page has the steps in the order they happen, and says
// rightly which of them run once.
func TestStepsPage(t *testing.T) {
	var want, got []string
	for _, s := range steps.All() {
		where := "nodes"
		if _, once := s.(steps.ClusterWide); once {
			where = "cluster"
		}
		want = append(want, s.Name()+" "+where)
	}
	for _, m := range regexp.MustCompile(`(?m)^\| ([a-z-]+) \| (nodes|cluster) \|`).FindAllStringSubmatch(pages(t)["docs/how-it-works.md"], -1) {
		got = append(got, m[1]+" "+m[2])
	}
	if !slices.Equal(got, want) {
		t.Errorf("docs/how-it-works.md has\n%q\nand the run is\n%q", got, want)
	}
}

var (
	codeText = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)
	inText   = regexp.MustCompile(`\[([A-Z]+_[A-Z]+)\]`)
	codeRow  = regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| (error|warning)")
)

// notCodes are texts in steps that look like codes.
var notCodes = []string{"ID_LIKE", "PRETTY_NAME", "VERSION_ID", "VERSION_CODENAME", "DEBIAN_CODENAME", "UBUNTU_CODENAME"}

// TestFindingsPage: every code in the code stands on the page, and the other
// way round.
func TestFindingsPage(t *testing.T) {
	code := map[string]string{} // -> where
	for _, dir := range []string{"steps", "playbook", "inventory"} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for c := range codesIn(t, file, dir == "steps") {
				code[c] = file
			}
		}
	}
	page := map[string]bool{}
	for _, m := range codeRow.FindAllStringSubmatch(pages(t)["docs/findings.md"], -1) {
		if page[m[1]] {
			t.Errorf("docs/findings.md explains %s twice", m[1])
		}
		page[m[1]] = true
	}
	for c, where := range code {
		if !page[c] {
			t.Errorf("%s uses %s, and docs/findings.md does not explain it", where, c)
		}
	}
	for c := range page {
		if code[c] == "" {
			t.Errorf("docs/findings.md explains %s, and no code uses it", c)
		}
	}
	if len(page) < 40 {
		t.Errorf("only %d codes found", len(page))
	}
}

// codesIn are the finding codes in a file: texts of the shape A_B, the values
// of fields named Code, and codes in brackets within messages.
func codesIn(t *testing.T, file string, ours bool) map[string]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
				if text, ok := literal(n.Value); ok {
					found[text] = true
				}
			}
		case *ast.BasicLit:
			text, ok := literal(n)
			if ok && ours && codeText.MatchString(text) && strings.Contains(text, "_") && !slices.Contains(notCodes, text) {
				found[text] = true
			}
			for _, m := range inText.FindAllStringSubmatch(text, -1) {
				found[m[1]] = true
			}
		}
		return true
	})
	return found
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}
