package pacemaker

import (
	"strings"
	"testing"
)

// What the three releases did to each value was measured on nodes of Debian 11,
// 12 and 13: with cibadmin --modify, --replace and --patch, as UTF-8 and as
// character references, each with the same result.
func TestKeeps(t *testing.T) {
	long := strings.Repeat("x", 1_000_000)
	for _, c := range []struct {
		name, value string
		debian11    bool // 2.0.5
		debian12    bool // 2.1.5
		between     bool // 2.1.6, 2.1.7: by their source
	}{
		{"nothing", "", true, true, true},
		{"ASCII", ` !"#$%&'()*+,-./09:;<=>?@AZ[\]^_` + "`az{|}~", true, true, true},
		{"blanks", "  a  b ", true, true, true},
		{"escapes that are none", `a\nb\303\251 &#233; &lt;`, true, true, true},
		{"long", long, true, true, true},
		{"Latin", "café ß", false, true, true},
		{"Greek", "λ", false, true, true},
		{"Chinese", "日本", false, true, true},
		{"Chinese, an odd number of bytes", "日", false, true, false},
		{"emoji", "\U0001f600", false, true, true},
		{"a combining accent", "e\u0301", false, true, true},
		{"a blank that does not break", "a\u00a0b", false, true, true},
		{"C1", "a\u0085b", false, true, true},
		{"byte order mark", "\ufeffa", false, true, false},
		{"a quote behind", `é"q`, false, false, false},
		{"less-than behind", "é<b", false, false, false},
		{"an ampersand behind", "a é b & c", false, false, false},
		{"harmless behind", "é>'", false, true, true},
		{"a quote before", `"q&<é`, false, true, true},
		{"a tab", "a\tb", false, false, false},
		{"a line end", "a\nb", false, false, false},
		{"carriage return", "a\rb", false, false, false},
		{"delete", "a\x7fb", false, false, false},
		{"a tab behind Latin", "é\t", false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for release, want := range map[Release]bool{
				{1, 1, 24}: c.debian11, {2, 0, 5}: c.debian11, {2, 1, 2}: c.debian11,
				{2, 1, 3}: c.debian12, {2, 1, 5}: c.debian12,
				{2, 1, 6}: c.between, {2, 1, 7}: c.between,
				{2, 1, 8}: true, {3, 0, 0}: true,
			} {
				if got := release.Keeps(c.value); got != want {
					t.Errorf("Pacemaker %s: %v, want %v", release, got, want)
				}
			}
		})
	}
}

func TestParseRelease(t *testing.T) {
	for version, want := range map[string]string{
		"2.0.5-2": "2.0.5", "2.1.5-1+deb12u1": "2.1.5", "3.0.0-2": "3.0.0", "2.1.8~rc1-1": "2.1.8", "1:2.1.7-5.el9_4": "2.1.7", "2.1.5-a3f44794f94": "2.1.5",
		"1.1.24+20201209": "1.1.24", "3.1": "3.1.0", "2.2rc-1": "2.2.0",
		"": "0.0.0", "git": "0.0.0", "v2.1": "0.0.0", "2-1": "0.0.0", "2.x": "0.0.0", "-": "0.0.0", ":": "0.0.0",
	} {
		r := ParseRelease(version)
		if r.String() != want || r.Known() == (want == "0.0.0") {
			t.Errorf("%q is %s, want %s", version, r, want)
		}
	}
}
