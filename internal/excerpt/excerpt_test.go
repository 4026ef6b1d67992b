package excerpt

import (
	"strings"
	"testing"
)

func TestTail(t *testing.T) {
	long := strings.Repeat("x", 400)
	for name, c := range map[string]struct {
		text string
		n    int
		want string
	}{
		"nothing":       {"", 3, ""},
		"few":           {"one\n\n two \n", 3, "one\ntwo"},
		"the last":      {"one\ntwo\nthree\n", 2, "two\nthree"},
		"a terminal":    {"a\x1b[2Jb\tc\u202ed\xff", 1, `a\x1b[2Jb c\u202ed\ufffd`},
		"a long line":   {long, 1, long[:300] + "..."},
		"a long output": {"first\n" + strings.Repeat("y\n", 9000), 1, "y"},
	} {
		if got := Tail([]byte(c.text), c.n); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestList(t *testing.T) {
	names := strings.Fields("a b c d e f g h i j")
	if got := List(names[:8]); got != "a, b, c, d, e, f, g, h" {
		t.Error(got)
	}
	if got := List(names); got != "a, b, c, d, e, f, g, h and 2 more" {
		t.Error(got)
	}
}
