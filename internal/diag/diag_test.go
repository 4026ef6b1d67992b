package diag

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	for _, tc := range []struct {
		name string
		list List
		want string
	}{
		{"line, caret and hint", List{{Pos: Pos{"cluster.yaml", 17, 16}, Path: "resources[0].options.ipp", Message: `unknown option "ipp"`, Hint: `did you mean "ip"?`, Source: "    options: {ipp: 1}"}}, `
cluster.yaml:17:16: error: resources[0].options.ipp: unknown option "ipp"
 17 |     options: {ipp: 1}
    |                ^
    = did you mean "ip"?
`},
		{"no line", List{{Pos: Pos{File: "x"}, Severity: Warning, Message: "is odd"}}, `
x: warning: is odd
`},
		{"no column", List{{Pos: Pos{"x", 3, 0}, Message: "m", Source: "abc"}}, `
x:3: error: m
 3 | abc
`},
		{"no file", List{{Message: "m", Hint: "h"}}, `
error: m
 = h
`},
		{"several", List{{Pos: Pos{"x", 1, 1}, Message: "a"}, {Pos: Pos{"x", 2, 1}, Message: "b"}}, `
x:1:1: error: a

x:2:1: error: b
`},
		{"wide letters and tabs", List{{Pos: Pos{"x", 1, 4}, Message: "m", Source: "ä\té: x"}}, `
x:1:4: error: m
 1 | ä é: x
   |    ^
`},
		{"what could drive a terminal", List{{Pos: Pos{"a\x1bb", 1, 3}, Path: "k\n", Message: "x\u202ey\xff", Hint: "\r", Source: "\x1b[2Jz\x07"}}, `
a\x1bb:1:3: error: k\n: x\u202ey\xff
 1 | \x1b[2Jz\a
   |      ^
   = \r
`},
		{"a long line", List{{Pos: Pos{"x", 1, 150}, Message: "m", Source: strings.Repeat("a", 149) + "B" + strings.Repeat("c", 100)}}, `
x:1:150: error: m
 1 | ...` + strings.Repeat("a", 50) + "B" + strings.Repeat("c", 49) + `...
   | ` + strings.Repeat(" ", 53) + `^
`},
		{"a column beyond the line", List{{Pos: Pos{"x", 1, 9}, Message: "m", Source: "ab"}}, `
x:1:9: error: m
 1 | ab
   |   ^
`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b strings.Builder
			if err := Render(&b, tc.list, RenderOptions{}); err != nil {
				t.Fatal(err)
			}
			if want := strings.TrimPrefix(tc.want, "\n"); b.String() != want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
		})
	}
}

// TestColor: colours change nothing but the colours.
func TestColor(t *testing.T) {
	l := List{{Pos: Pos{"x", 1, 2}, Path: "p", Message: "m", Hint: "h", Source: "ab"}, {Severity: Warning, Message: "w"}}
	var plain, painted strings.Builder
	_ = Render(&plain, l, RenderOptions{})
	_ = Render(&painted, l, RenderOptions{Color: true})
	out := painted.String()
	if !strings.Contains(out, "\x1b[") {
		t.Error("no colour")
	}
	for _, code := range []string{bold, red, yellow, blue, reset} {
		out = strings.ReplaceAll(out, code, "")
	}
	if out != plain.String() {
		t.Errorf("got %q, want %q", out, plain.String())
	}
}

// TestRenderFails: a closed pipe is told.
func TestRenderFails(t *testing.T) {
	if err := Render(failing{}, List{{Message: "m"}}, RenderOptions{}); err == nil {
		t.Error("no error")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestListIsAnErrorOnlyWithErrors(t *testing.T) {
	if (List{{Severity: Warning, Message: "w"}}).Err() != nil || (List)(nil).Err() != nil {
		t.Error("warnings are no error")
	}
	var l List
	if err := fmt.Errorf("x: %w", List{{Message: "m"}}.Err()); !errors.As(err, &l) || len(l) != 1 {
		t.Error("the list cannot be had from the error")
	}
}

func TestSort(t *testing.T) {
	l := List{
		{Pos: Pos{"b", 1, 1}, Message: "x"}, {Pos: Pos{"a", 2, 1}, Message: "x"}, {Pos: Pos{"a", 1, 9}, Message: "y"},
		{Pos: Pos{"a", 1, 9}, Message: "x"}, {Pos: Pos{"a", 1, 9}, Message: "x"}, {Pos: Pos{"a", 1, 9}, Message: "x", Path: "p"},
	}
	if got, want := l.Sort().Error(), "a:1:9: x\na:1:9: p: x\na:1:9: y\na:2:1: x\nb:1:1: x"; got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ipp", "ip", 1}, {"ä", "a", 1}, {"ca", "abc", 3}} {
		if got := Distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q to %q is %d, want %d", tc.a, tc.b, got, tc.want)
		}
		if got := Distance(tc.b, tc.a); got != tc.want {
			t.Errorf("%q to %q is %d, want %d", tc.b, tc.a, got, tc.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	keys := []string{"host", "hosts", "properties", "wait_for_all"}
	for name, want := range map[string]string{
		"hots":                     `did you mean "host"?`,
		"HOSTS":                    `did you mean "hosts"?`,
		"wait-for-all":             `did you mean "wait_for_all"?`,
		"propertys":                `did you mean "properties"?`,
		"zebra":                    "known here: host, hosts, properties, wait_for_all",
		"":                         "known here: host, hosts, properties, wait_for_all",
		strings.Repeat("host", 40): "known here: host, hosts, properties, wait_for_all",
	} {
		if got := DidYouMean(name, keys); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
	if got := DidYouMean("x", nil); got != "" {
		t.Error(got)
	}
	if got := DidYouMean("zebra", make([]string, 13)); got != "" {
		t.Error(got)
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a\x1b[2J\u202e\xff\u0085")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsFunc(Escape(s), Unprintable) {
			t.Errorf("%q", Escape(s))
		}
	})
}
