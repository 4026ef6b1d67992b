package term

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/report/reporttest"
)

func TestStyleFor(t *testing.T) {
	_, tty := reporttest.OpenPty(t)
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, c := range []struct {
		name string
		f    *os.File
		env  string
		want Style
	}{
		{"a terminal", tty, "TERM=xterm", Style{true, 70}},
		{"a dumb terminal", tty, "TERM=dumb", Style{false, 70}},
		{"no colour wanted", tty, "TERM=xterm NO_COLOR=1", Style{false, 70}},
		{"no colour beats force", tty, "NO_COLOR=1 CLICOLOR_FORCE=1", Style{false, 70}},
		{"the terminal's width beats COLUMNS", tty, "COLUMNS=33", Style{true, 70}},
		{"a file", file, "TERM=xterm", Style{false, NoTermWidth}},
		{"a file, colour forced", file, "CLICOLOR_FORCE=1", Style{true, NoTermWidth}},
		{"a file, colour not forced", file, "CLICOLOR_FORCE=0", Style{false, NoTermWidth}},
		{"a file with COLUMNS", file, "COLUMNS=132", Style{false, 132}},
		{"nonsense in COLUMNS", file, "COLUMNS=-3", Style{false, NoTermWidth}},
		{"no stream", nil, "", Style{false, NoTermWidth}},
	} {
		got := StyleFor(c.f, func(name string) string {
			for _, kv := range strings.Fields(c.env) {
				if k, v, _ := strings.Cut(kv, "="); k == name {
					return v
				}
			}
			return ""
		})
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestCells(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "日本": 4, "e\u0301": 1, "\x1b[31mred\x1b[0m": 3, "ü": 1, "한": 2, "😀": 2,
	} {
		if got := Cells(text); got != want {
			t.Errorf("cells(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"short", 5, "short"}, {"longer", 5, "lo..."}, {"日本語日本語", 8, "日本..."}, {"abcdef", 3, "..."}, {"abcdef", 0, ""}, {"abcdef", -1, ""},
	} {
		if got := Fit(c.text, c.n); got != c.want || Cells(got) > max(0, c.n) {
			t.Errorf("fit(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestFlow(t *testing.T) {
	words := strings.Fields("a bb ccc dddd eeeee")
	for _, c := range []struct {
		first, rest int
		want        []string
	}{
		{80, 80, []string{"a bb ccc dddd eeeee"}},
		{4, 8, []string{"a bb", "ccc dddd", "eeeee"}},
		{0, 8, []string{"", "a bb ccc", "dddd", "eeeee"}},
		{2, 2, []string{"a", "bb", "ccc", "dddd", "eeeee"}},
	} {
		if d := cmp.Diff(c.want, Flow(words, c.first, c.rest)); d != "" {
			t.Errorf("%d, %d:\n%s", c.first, c.rest, d)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		-time.Second:                        {"0.0s", "0s"},
		0:                                   {"0.0s", "0s"},
		340 * time.Millisecond:              {"0.3s", "0s"},
		9960 * time.Millisecond:             {"10s", "9s"},
		41*time.Second + 900e6:              {"42s", "41s"},
		time.Minute:                         {"60s", "60s"},
		71 * time.Second:                    {"71s", "71s"},
		123 * time.Second:                   {"2m03s", "2m03s"},
		5 * time.Minute:                     {"5m00s", "5m"},
		59*time.Minute + 59*time.Second:     {"59m59s", "59m59s"},
		62*time.Minute + 10*time.Second:     {"1h02m", "1h02m"},
		25*time.Hour + 30*time.Minute + 1e9: {"25h30m", "25h30m"},
	} {
		if got := [2]string{Duration(d), Seconds(d)}; got != want {
			t.Errorf("%v: got %v, want %v", d, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"web-ip":                "web-ip",
		"naïve 日本 ü":            "naïve 日本 ü",
		`C:\dir`:                `C:\dir`,
		"a\nb\r\tc":             `a\nb\r\tc`,
		"\x1b[31mred":           `\x1b[31mred`,
		"\x1b]52;c;aGk=\x07":    `\x1b]52;c;aGk=\x07`,
		"nul\x00del\x7f":        `nul\x00del\x7f`,
		"\xff\xfe":              `\xff\xfe`,
		"a\xe2\x28":             `a\xe2(`,
		"c1 \u009b31m":          `c1 \x9b31m`,
		"\u202eoff\u202c":       `\u202eoff\u202c`,
		"zero\u200bwidth\ufeff": `zero\u200bwidth\ufeff`,
		"nb\u00a0sp":            `nb\xa0sp`,
		"sep\u2028par\u2029":    `sep\u2028par\u2029`,
		"tag\U000e0041":         `tag\U000e0041`,
		"\ufffd is a character": "\ufffd is a character",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"::error::x":                "\\x3a:error::x",
		"  \t::set-output name=a::": "  \t\\x3a:set-output name=a::",
		"\x1b[32m  ::error::x":      "\x1b[32m  \\x3a:error::x",
		"ip ::1 is fine":            "ip ::1 is fine",
		"# ##[group]x":              `# \x23#[group]x`,
		"a ##vso[task.x]":           `a \x23#vso[task.x]`,
		"##teamcity[x]":             `\x23#teamcity[x]`,
		"######## banner ##":        "######## banner ##",
		"####[x":                    `##\x23#[x`,
	} {
		if got := Guard(in); got != want {
			t.Errorf("guard(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		width int
		want  string
	}{
		{80, "a  bb  ccc  dddd  e"},
		{14, "a   ccc   e|bb  dddd"},
		{10, "a    dddd|bb   e|ccc"},
		{3, "a|bb|ccc|dddd|e"},
		{0, "a|bb|ccc|dddd|e"},
	} {
		if got := strings.Join(InColumns([]string{"a", "bb", "ccc", "dddd", "e"}, c.width), "|"); got != c.want {
			t.Errorf("%d: %q, want %q", c.width, got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range [][2]string{{"abc", "abc"}, {"abcd", "abc"}, {"\x1b[31mabcd\x1b[0me", "\x1b[31mabc\x1b[0m"}, {"日本", "日"}} {
		if got := Cut(c[0], 3); got != c[1] {
			t.Errorf("%q: got %q, want %q", c[0], got, c[1])
		}
	}
}
