package lab

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func lines(sources []aptSource) []string {
	out := []string{}
	for _, s := range sources {
		out = append(out, s.line())
	}
	return out
}

func TestParseOneLine(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"plain", "deb http://mirror.test/debian bookworm main contrib\n", []string{"deb http://mirror.test/debian bookworm main contrib"}},
		{"slash, tabs, comment", "deb\thttp://mirror.test/debian/ \tbookworm   main # ours\n", []string{"deb http://mirror.test/debian bookworm main"}},
		{"options", "deb [arch=amd64 signed-by=/k.gpg] http://m.test/d bookworm main", []string{"deb [signed-by=/k.gpg] http://m.test/d bookworm main"}},
		{"option with spaces inside the brackets", "deb [ signed-by=/k.gpg ] http://m.test/d bookworm main", []string{"deb [signed-by=/k.gpg] http://m.test/d bookworm main"}},
		{"signed by a fingerprint", "deb [signed-by=0123ABCD] http://m.test/d bookworm main", []string{"deb http://m.test/d bookworm main"}},
		{"sources, comments, empty", "deb-src http://m.test/d bookworm main\n#deb http://m.test/d bookworm main\n\n", []string{}},
		{"flat repository", "deb file:/srv ./\n", []string{}},
		{"bracket without end", "deb [arch=amd64 http://m.test/d bookworm main\n", []string{}},
	} {
		if d := cmp.Diff(c.want, lines(parseOneLine(c.text))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestParseDeb822(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a Debian image's own file", `Types: deb
# a comment between fields
URIs: http://m.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /k.gpg

Types: deb
URIs: http://m.test/debian-security/
Suites: bookworm-security
Components: main
`, []string{
			"deb [signed-by=/k.gpg] http://m.test/debian bookworm main",
			"deb [signed-by=/k.gpg] http://m.test/debian bookworm-updates main",
			"deb http://m.test/debian-security bookworm-security main",
		}},
		{"continued lines, field names in any case", "TYPES: deb deb-src\nuris:\n http://a.test/d\n http://b.test/d\nsuites: sid\ncomponents: main\n non-free\n",
			[]string{"deb http://a.test/d sid main non-free", "deb http://b.test/d sid main non-free"}},
		{"disabled", "Types: deb\nEnabled: no\nURIs: http://m.test/d\nSuites: sid\nComponents: main\n", []string{}},
		{"sources only", "Types: deb-src\nURIs: http://m.test/d\nSuites: sid\nComponents: main\n", []string{}},
		{"key in the file", "Types: deb\nURIs: http://m.test/d\nSuites: sid\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n",
			[]string{"deb http://m.test/d sid main"}},
		{"flat, without components", "Types: deb\nURIs: http://m.test/d\nSuites: ./\n", []string{}},
		{"garbage", "no colon here\n continued\n", []string{}},
	} {
		if d := cmp.Diff(c.want, lines(parseDeb822(c.text))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestHostSources(t *testing.T) {
	etc := t.TempDir()
	if got, err := hostSources(etc); err != nil || len(got) != 0 {
		t.Errorf("no files: %v, %v", got, err)
	}
	for name, text := range map[string]string{
		"sources.list":                "deb http://main.test/d bookworm main\n",
		"sources.list.d/b.sources":    "Types: deb\nURIs: http://b.test/d\nSuites: bookworm\nComponents: main\n",
		"sources.list.d/a.list":       "deb http://a.test/d bookworm-x main\n",
		"sources.list.d/ignored.save": "deb http://old.test/d bookworm main\n",
	} {
		path := filepath.Join(etc, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := hostSources(etc)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"deb http://main.test/d bookworm main", "deb http://a.test/d bookworm-x main", "deb http://b.test/d bookworm main"}
	if d := cmp.Diff(want, lines(got)); d != "" {
		t.Error(d)
	}
}

func TestCandidates(t *testing.T) {
	host := parseOneLine(`deb [signed-by=/k.gpg] http://m.test/debian bookworm main
deb http://m.test/debian bookworm-updates main
deb http://s.test/security bookworm-security main
deb http://old.test/debian buster/updates main
deb http://third.test/apt cloud-sdk-bookworm main
deb http://third.test/node nodistro main
deb http://third.test/linux bookworm stable
deb cdrom:[Debian] bookworm main
`)
	var got []string
	for _, c := range candidates(host) {
		got = append(got, c.URI+" "+c.SignedBy)
	}
	want := []string{"http://m.test/debian /k.gpg", "http://s.test/security ", "http://old.test/debian "}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestStanza822(t *testing.T) {
	release := "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\nSHA256:\n 00 1 main/Packages\n"
	for field, want := range map[string]string{"Label": "Debian-Security", "label": "Debian-Security", "Codename": ""} {
		if got := stanza822(release, field); got != want {
			t.Errorf("%s = %q, want %q", field, got, want)
		}
	}
}

func TestWithoutBroken(t *testing.T) {
	sources := []aptSource{{URI: "http://m.test/debian", Suite: "bullseye"}, {URI: "http://m.test/debian", Suite: "bullseye-updates"},
		{URI: "http://m.test/debian-security", Suite: "bullseye-security"}}
	for _, c := range []struct {
		name, err string
		lost      []string
	}{
		{"security's packages are gone", "E: Failed to fetch http://m.test/debian-security/pool/updates/main/n/nss.deb  404  Not Found", []string{"http://m.test/debian-security bullseye-security"}},
		{"the release itself is broken", "E: Failed to fetch http://m.test/debian/pool/main/n/nss.deb  404  Not Found", nil},
		{"another failure", "E: Unable to locate package nss", nil},
	} {
		rest, lost := withoutBroken(sources, errors.New(c.err))
		if d := cmp.Diff(c.lost, lost); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if len(rest)+len(lost) != len(sources) {
			t.Errorf("%s: %d kept and %d lost of %d", c.name, len(rest), len(lost), len(sources))
		}
	}
}
