package yamldoc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// TestCases: in.yaml in, its diagnostics out, then the tree that was read.
func TestCases(t *testing.T) {
	cases.Run(t, "testdata/cases/*.txtar", func(t *testing.T, c cases.Case) string {
		src, err := os.ReadFile(filepath.Join(c.Dir, "in.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		doc, list := Parse("in.yaml", src)
		var b strings.Builder
		for _, d := range list {
			b.WriteString(d.String() + "\n")
			if d.Line > 0 {
				b.WriteString("  | " + d.Source + "\n")
			}
		}
		if doc != nil && list.Err() == nil {
			show(&b, doc.Root, "")
		}
		return b.String()
	})
}

// show writes a tree: each value with the place of its key and its own.
func show(b *strings.Builder, n *Node, indent string) {
	switch n.Kind {
	case Scalar:
		fmt.Fprintf(b, "%s%d:%d %q\n", indent, n.Line, n.Column, n.Text)
	case Null:
		fmt.Fprintf(b, "%s%d:%d null\n", indent, n.Line, n.Column)
	case Seq, Map:
	}
	for _, item := range n.Items {
		fmt.Fprintf(b, "%s-\n", indent)
		show(b, item, indent+"  ")
	}
	for _, f := range n.Fields {
		fmt.Fprintf(b, "%s%d:%d %s:\n", indent, f.Line, f.Column, f.Key)
		show(b, f.Value, indent+"  ")
	}
}

func TestBytes(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"byte order mark", "\ufeffa: 1\n", `f:1:1: the file starts with a byte order mark; save it as UTF-8 without a byte order mark`},
		{"UTF-16", "\xff\xfea\x00", `f:1:1: the file is UTF-16; save it as UTF-8 without a byte order mark`},
		{"not UTF-8", "a: 1\nb: \xe9\n", `f:2:4: byte 0xe9 is not UTF-8; save the file as UTF-8`},
		{"after wide letters", "a: ä€𝄞\xff\n", `f:1:7: byte 0xff is not UTF-8; save the file as UTF-8`},
		{"NUL", "a: x\x00\n", `f:1:5: the character U+0000 does not belong in a text file; remove it; in a value, nothing of what hadeploy sets may hold one`},
		{"escape", "a: \x1b[2J\n", `f:1:4: the character U+001B does not belong in a text file; remove it; in a value, nothing of what hadeploy sets may hold one`},
		{"right to left", "a: x\u202ey\n", `f:1:5: the character U+202E does not belong in a text file; remove it; in a value, nothing of what hadeploy sets may hold one`},
		{"nothing", "", `f: the file is empty`},
		{"too large", "a: " + strings.Repeat("x", MaxSize), `f: the file is larger than 1024 KiB; is this the right file?`},
		{"Windows line ends", "a: 1\r\nb: 2\r\n", ``},
		{"old Mac line ends", "a: 1\rb: \xff", `f:2:4: byte 0xff is not UTF-8; save the file as UTF-8`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, list := Parse("f", []byte(tc.src))
			if got := list.Error(); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestMask(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "password: hunter2", "password: ***"},
		{"quoted key", `"ansible_password": 'x'`, `"ansible_password": ***`},
		{"in braces", "a: {password: x, b: 1}", "a: {password: ***"},
		{"a source", "password: {env: PW}", "password: {env: PW}"},
		{"a source below", "password:\n  env: PW\n  # c\nb: 1", "password:\n  env: PW\n  # c\nb: 1"},
		{"below", "password:\n  hunter2\nb: 1", "password:\n  ***\nb: 1"},
		{"a block", "password: |\n  key: value\n  x\n\n  y\nb: 1", "password: ***\n  ***\n  ***\n\n  ***\nb: 1"},
		{"an alias or a tag", "password: *hunter2\npasswd: !hunter2 x", "password: ***\npasswd: ***"},
		{"a comment", "password: # see below\n  hunter2", "password: # see below\n  ***"},
		{"other keys", "token: 5000\npassword_script: /x\npath: /y", "token: 5000\npassword_script: /x\npath: /y"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.Join(mask(strings.Split(tc.in, "\n")), "\n"); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func TestPointers(t *testing.T) {
	doc, list := Parse("f", []byte("a/b:\n  - {c~d: 1}\n  - \"x y\": {}\n"))
	if list.Err() != nil {
		t.Fatal(list)
	}
	for _, tc := range []struct{ pointer, path, text string }{
		{"", "", ""},
		{"/a~1b", `["a/b"]`, ""},
		{"/a~1b/0/c~0d", `["a/b"][0]["c~d"]`, "1"},
		{"/a~1b/1/x y", `["a/b"][1]["x y"]`, ""},
	} {
		_, n := doc.Lookup(tc.pointer)
		if n == nil || n.Text != tc.text {
			t.Errorf("%q leads to %+v, not to %q", tc.pointer, n, tc.text)
		}
		if got := doc.PathOf(tc.pointer); string(got) != tc.path {
			t.Errorf("path of %q is %s, not %s", tc.pointer, got, tc.path)
		}
	}
	for _, nowhere := range []string{"/x", "/a~1b/2", "/a~1b/x", "/a~1b/0/c~0d/e"} {
		if f, n := doc.Lookup(nowhere); f != nil || n != nil {
			t.Errorf("%q leads somewhere", nowhere)
		}
	}
}

// FuzzParse: whatever comes in, reading it ends soon, without a panic, and
// every position is inside the text.
func FuzzParse(f *testing.F) {
	archives, _ := filepath.Glob("testdata/cases/*.txtar")
	for _, a := range archives {
		f.Add(cases.Section(f, a, "in.yaml"))
	}
	f.Add([]byte("\xff\xfe"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		start := time.Now()
		doc, list := Parse("f", src)
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("took %s for %d bytes", took, len(src))
		}
		if doc == nil && list.Err() == nil {
			t.Fatal("neither a document nor an error")
		}
		count := len(splitLines(string(src)))
		for _, d := range list {
			if d.Line < 0 || d.Line > count || d.Column < 0 {
				t.Fatalf("%s: the text has %d lines", d, count)
			}
		}
		if doc == nil {
			return
		}
		doc.Root.Walk("", func(path Path, n *Node) {
			if n.Line < 1 || n.Line > count+1 {
				t.Fatalf("%s is on line %d of %d", path, n.Line, count)
			}
		})
	})
}
