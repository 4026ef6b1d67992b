package cib

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
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
				if got := Keeps(release, c.value); got != want {
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

// TestCheckValues looks for every place of a playbook whose text goes into the
// CIB.
func TestCheckValues(t *testing.T) {
	p := load(t, `properties: {x-team: "café"}
resource_defaults: [{meta: {x-a: "ä"}}]
operation_defaults: [{meta: {x-b: "ä"}}]
nodes:
  n1: {attributes: {size: groß}}
stonith:
  devices:
    - {id: f, agent: "stonith:fence_x", options: {x-c: "ä"}, meta: {x-d: "ä"}}
resources:
  - id: a
    agent: ocf:pacemaker:Dummy
    options: {fake: "plain ~", passwd: {env: LINES}, token: {env: AWAY}}
    op: {monitor: {description: "ä"}}
  - id: b
    group:
      - {id: b1, agent: "ocf:pacemaker:Dummy", meta: {x-e: "ä"}}
    meta: {x-f: "ä"}
`)
	secrets := func(r playbook.SecretRef) (secret.Value, bool) {
		return secret.New("hidden\nhidden"), r.Env == "LINES"
	}
	say := func(release Release) string {
		var out strings.Builder
		for _, d := range CheckValues(p, release, secrets) {
			d.File = "cluster.yaml"
			out.WriteString(d.String() + "\n")
		}
		return out.String()
	}
	const hint = "; write it in plain ASCII, or upgrade Pacemaker to 2.1.8 or later on every node\n"
	old := ", which Pacemaker 2.0.5 damages in the CIB, whoever writes it there" + hint
	want := `cluster.yaml:1:22: the value of x-team holds a character that is not ASCII` + old +
		`cluster.yaml:2:34: the value of x-a holds a character that is not ASCII` + old +
		`cluster.yaml:3:35: the value of x-b holds a character that is not ASCII` + old +
		`cluster.yaml:5:27: the value of size holds a character that is not ASCII` + old +
		`cluster.yaml:8:56: the value of x-c holds a character that is not ASCII` + old +
		`cluster.yaml:8:74: the value of x-d holds a character that is not ASCII` + old +
		`cluster.yaml:12:40: the secret for passwd holds a line end` + old +
		`cluster.yaml:13:33: the value of description holds a character that is not ASCII` + old +
		`cluster.yaml:16:60: the value of x-e holds a character that is not ASCII` + old +
		`cluster.yaml:17:17: the value of x-f holds a character that is not ASCII` + old
	if got := say(Release{2, 0, 5}); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	if CheckValues(p, Release{2, 0, 5}, secrets).Err() == nil {
		t.Error("no error on 2.0.5")
	}
	if got := say(Release{2, 1, 5}); strings.Count(got, "\n") != 1 || !strings.Contains(got, "12:40: the secret for passwd holds a line end, which Pacemaker 2.1.5 damages") {
		t.Errorf("2.1.5: got:\n%s", got)
	}
	if got := say(Release{3, 0, 0}); got != "" {
		t.Errorf("3.0.0: got:\n%s", got)
	}
	behind := load(t, `properties: {x-team: "é & co"}`)
	if list := CheckValues(behind, Release{2, 1, 5}, secrets); len(list) != 1 || !strings.Contains(list[0].Message, `holds a ", & or < behind a character that is not ASCII, which Pacemaker 2.1.5 damages`) {
		t.Errorf("behind: %v", list)
	}
	unknown := CheckValues(p, Release{}, secrets)
	if unknown.Err() != nil || len(unknown) != 10 || !strings.Contains(unknown[0].Message, "is not known yet") {
		t.Errorf("of an unknown release: %v", unknown)
	}
}
