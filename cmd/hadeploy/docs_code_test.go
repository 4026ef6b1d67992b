package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/finding"
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
)

// notCodes are texts in steps that look like codes.
var notCodes = []string{"ID_LIKE", "PRETTY_NAME", "VERSION_ID", "VERSION_CODENAME", "DEBIAN_CODENAME", "UBUNTU_CODENAME"}

// TestFindingsPage: the page's tables are the catalogue's; -update writes them
// below the introduction.
func TestFindingsPage(t *testing.T) {
	page, tables := pages(t)["docs/findings.md"], finding.Tables()
	first, _, _ := strings.Cut(tables, "\n")
	at := strings.Index(page, first+"\n")
	if at < 0 {
		t.Fatalf("docs/findings.md has no heading %q", first)
	}
	want := page[:at] + tables
	if *update {
		if err := os.WriteFile(filepath.Join(root, "docs/findings.md"), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, page); d != "" {
		t.Errorf("docs/findings.md is not the catalogue (-want +got), go test ./cmd/hadeploy -run FindingsPage -update writes it anew:\n%s", d)
	}
}

// TestFindingsAreExplained: every code that is used stands in the catalogue,
// and the other way round.
func TestFindingsAreExplained(t *testing.T) {
	code := map[string]string{} // -> where
	for _, dir := range []string{"steps", "internal/verify", "playbook", "inventory", "internal/agent"} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for c := range codesIn(t, file, dir == "steps" || dir == "internal/verify") {
				code[c] = file
			}
		}
	}
	for c, where := range code {
		if _, ok := finding.Find(c); !ok {
			t.Errorf("%s uses %s, and internal/finding does not explain it", where, c)
		}
	}
	for _, e := range finding.All() {
		if code[e.Code] == "" {
			t.Errorf("internal/finding explains %s, and no code uses it", e.Code)
		}
	}
	if len(code) < 40 {
		t.Errorf("only %d codes found", len(code))
	}
}

// TestFindingsSeverities: the catalogue names every severity that a code is
// given where both stand together.
func TestFindingsSeverities(t *testing.T) {
	var files []string
	for _, dir := range []string{"steps", "internal/verify"} {
		some, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	seen := 0
	check := func(file string, code, severity ast.Expr) {
		text, ok := literal(code)
		sel, named := severity.(*ast.SelectorExpr)
		if !ok || !named {
			return
		}
		seen++
		e, _ := finding.Find(text)
		if word := strings.ToLower(sel.Sel.Name); !slices.Contains(strings.FieldsFunc(e.Severity, func(r rune) bool { return r == ' ' || r == ';' }), word) {
			t.Errorf("%s gives %s the severity %s, and internal/finding says %q", file, text, word, e.Severity)
		}
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				var code, severity ast.Expr
				for _, e := range n.Elts {
					kv, ok := e.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					switch key, _ := kv.Key.(*ast.Ident); {
					case key != nil && key.Name == "Code":
						code = kv.Value
					case key != nil && key.Name == "Severity":
						severity = kv.Value
					}
				}
				if code != nil && severity != nil {
					check(file, code, severity)
				}
			case *ast.AssignStmt: // f.Code, f.Severity = "X", plan.Warning
				for i := 1; i < len(n.Lhs) && len(n.Lhs) == len(n.Rhs); i++ {
					a, ok1 := n.Lhs[i-1].(*ast.SelectorExpr)
					b, ok2 := n.Lhs[i].(*ast.SelectorExpr)
					if ok1 && ok2 && a.Sel.Name == "Code" && b.Sel.Name == "Severity" {
						check(file, n.Rhs[i-1], n.Rhs[i])
					}
				}
			}
			return true
		})
	}
	if seen < 30 {
		t.Errorf("only %d found", seen)
	}
}

// codesIn are the finding codes in a file: texts of the shape A_B, those of one
// word that the catalogue knows, the values of fields named Code, and codes in
// brackets within messages.
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
			if ok && ours && codeText.MatchString(text) && !slices.Contains(notCodes, text) {
				if e, known := finding.Find(text); strings.Contains(text, "_") || known && e.Code == text {
					found[text] = true
				}
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
