package secret

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

func masker(values ...string) *Masker {
	m := NewMasker()
	for _, v := range values {
		m.Add(New(v))
	}
	return m
}

func TestMask(t *testing.T) {
	for _, tc := range []struct {
		name, secrets, in, want string
	}{
		{"as it is", "hunter2", "login with hunter2 failed", "login with *** failed"},
		{"within a word", "hunter2", "xhunter2x", "x***x"},
		{"twice", "hunter2", "hunter2,hunter2", "***,***"},
		{"two that touch", "hunter2", "hunter2hunter2", "***"},
		{"one within the other", "hunter2 hunter2-canary", "a hunter2-canary b hunter2 c", "a *** b *** c"},
		{"two that overlap", "abcd cdefgh", "-abcdefgh-", "-***-"},
		{"one that overlaps itself", "abab", "xabababx", "x***x"},
		{"none", "hunter2", "hunter", "hunter"},
		{"too short", "abc", "abc", "abc"},
		{"short, of letters that take more bytes", "пароль", "пароль!", "***!"},
		{"a name that is public", "mysql", "ocf:heartbeat:mysql", "ocf:heartbeat:mysql"},
		{"a word of every option", "true", "is true", "is true"},
		{"base64, whole", "hunter2", "got aHVudGVyMg== back", "got *** back"},
		{"base64 of a line", "hunter2", "aHVudGVyMgo=", "***o="},
		{"base64 of admin:hunter2", "hunter2", "Basic YWRtaW46aHVudGVyMg==", "Basic YWRtaW46***"},
		{"base64 over two lines", "hunter2-canary", "aHVudGVy\nMi1jYW5hcnk=", "***"},
		{"over two lines", "hunter2-canary", "got hunter2-\n   canary back", "got *** back"},
		{"a blank that was a line end", "correct horse battery", "(correct horse\n\tbattery)", "(***)"},
		{"in a URL", "p&ss w?rd", "http://x/?a=p%26ss+w%3Frd&b=1", "http://x/?a=***&b=1"},
		{"in a URL, blank as %20, small letters", "p&ss w?rd", "p%26ss%20w%3frd", "***"},
		{"quoted for a shell", "can't", `echo 'can'\''t'`, `echo '***'`},
		{"quoted for a shell in another way", "can't", `echo 'can'"'"'t'`, `echo '***'`},
		{"backslashes of a shell", "a b$c", `a\ b\$c`, "***"},
		{"$'' of a shell", "pässword", `$'p\303\244ssword'`, "$'***'"},
		{"JSON", "a\"b\\c<d", `{"x":"a\"b\\c\u003cd"}`, `{"x":"***"}`},
		{"JSON, beyond the basic plane", "key😀key", `key\ud83d\ude00key`, "***"},
		{"XML", `a"b<c&d'e`, `v="a&quot;b&lt;c&amp;d&apos;e"`, `v="***"`},
		{"XML, by number", "héllo", "h&#233;llo h&#xE9;llo", "*** ***"},
		{"XML in JSON", `a"b<c&d`, `"a&quot;b\u0026lt;c&amp;d"`, `"***"`},
		{"as it is, though it looks encoded", "a%41b&amp;", "x a%41b&amp; y", "x *** y"},
		{"looks encoded, and is", "a%41b&amp;", "x a%2541b%26amp%3B y", "x *** y"},
		{"an escape that has no end", "hunter2", `hunter2\`, `***\`},
		{"escapes that are none", "hunter2", "100% &c; &#x; \\u12 %4", "100% &c; &#x; \\u12 %4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := NewMasker()
			m.Public("mysql")
			if strings.Contains(tc.secrets, " hunter2-") || strings.HasPrefix(tc.secrets, "abcd ") {
				for _, s := range strings.Fields(tc.secrets) {
					m.Add(New(s))
				}
			} else {
				m.Add(New(tc.secrets))
			}
			if got := m.Text(tc.in); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestMaskCut: Pacemaker cuts an exit reason at 128 bytes, wherever that is.
func TestMaskCut(t *testing.T) {
	m := masker(`S3cr&t "w0rd"<9>`, "correct-horse")
	for in, want := range map[string]string{
		"login correct-hor":             "login ***",
		"login correct-horse correc":    "login *** ***",
		"login corr":                    "login ***",
		"login cor":                     "login cor", // as many words end
		"correct-hor was it":            "correct-hor was it",
		"url S3cr%26t%20%22w0rd%22%3":   "url ***",
		"xml S3cr&amp;t &quot;w0rd&quo": "xml ***",
		"json S3cr\\u0026t \\":          "json ***",
		"b64 UzNjciZ0ICJ3":              "b64 ***",
		"100%":                          "100%",
		"":                              "",
	} {
		if got := m.Cut(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// encodings are what programs do to a text before they print it.
var encodings = map[string]func(string) string{
	"plain":     func(s string) string { return s },
	"URL query": url.QueryEscape,
	"URL path":  url.PathEscape,
	"Go":        strconv.Quote,
	"Go, ASCII": strconv.QuoteToASCII,
	"shell":     func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" },
	"shell, double": func(s string) string {
		return `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`, "$", `\$`, "`", "\\`").Replace(s) + `"`
	},
	"JSON": func(s string) string { b, _ := json.Marshal(s); return string(b) },
	"XML": func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s))
		return b.String()
	},
}

// ambiguous reports whether a text reads otherwise when what looks like an escape
// in it is taken out in another order, as in \u000%41: behind one more encoding
// such a secret may be missed.
func ambiguous(s string) bool {
	seen := map[string]bool{}
	for _, order := range []string{`%&\`, `%\&`, `&%\`, `&\%`, `\%&`, `\&%`} {
		v := plainView(s)
		for range 2 {
			for i := range order {
				v = decodedOf(v, order[i:i+1])
			}
		}
		seen[v.text] = true
	}
	return len(seen) > 1
}

// FuzzMask: no encoding, nor two of them, lets a secret through, wherever it
// stands; and what is left of base64 is none of it. Ambiguous secrets are left
// out.
func FuzzMask(f *testing.F) {
	for _, s := range []string{"hunter2-canary", `it's "so" \ & so`, "%41&amp;\\u0041", "пароль пароль", "'''a\"\"\"bc\\\\\\d", "aaaaaaaa", "a+b c%20d", "0\" 0%20", "0\\\"000", "0\\0\"00"} {
		f.Add(s, "before ", " after")
	}
	f.Fuzz(func(t *testing.T, s, before, after string) {
		if len([]rune(s)) < MinMasked || strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) || r == utf8.RuneError }) || len(s) > 64 || strings.Contains(Mask, s) {
			return
		}
		all := levels(s)
		if strings.Contains(before, s) || strings.Contains(after, s) || len([]rune(all[len(all)-1].without(quotes).text)) < MinMasked {
			return
		}
		if ambiguous(s) {
			return
		}
		m := masker(s)
		for one, first := range encodings {
			for two, second := range encodings {
				inner := second(first(s))
				text := before + " " + inner + " " + after
				got := m.Text(text)
				if strings.Contains(got, s) || !strings.Contains(got, Mask) {
					t.Errorf("%s of %s: %q is left in %q of %q", two, one, s, got, text)
				}
			}
		}
		for k := range 3 {
			text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", k) + s + after))
			if got := m.Text(text); !strings.Contains(got, Mask) {
				t.Errorf("base64 behind %d bytes: %q", k, got)
			}
		}
	})
}

// TestMaskerWords: a copy of any plain data has no secret in it, the data
// itself stays as it was, and what is no text stays what it is.
func TestMaskerWords(t *testing.T) {
	type inner struct {
		Text   string
		List   []string
		hidden string
	}
	type outer struct {
		inner
		P     *inner
		Map   map[string]string
		Err   error
		Any   any
		Bytes []byte
		Nil   []string
		Empty []string
		N     int
		V     Value
	}
	in := outer{inner: inner{hidden: canary}, P: &inner{Text: canary, List: []string{"a", canary}}, Map: map[string]string{"k": canary},
		Err: fmt.Errorf("%s: %w", canary, fs.ErrNotExist), Any: inner{Text: canary}, Bytes: []byte(canary), Empty: []string{}, N: 7, V: New(canary)}
	out := Words(masker(canary), in)
	var text strings.Builder
	fmt.Fprintf(&text, "%+v %+v %v %s", out, out.P, out.Err, out.Bytes)
	if got := strings.ReplaceAll(text.String(), "hidden:"+canary, ""); strings.Contains(got, canary) {
		t.Errorf("it is left: %s", got)
	}
	if in.P.Text != canary || in.Map["k"] != canary || string(in.Bytes) != canary {
		t.Error("the data itself was changed")
	}
	if out.Nil != nil || out.Empty == nil || out.N != 7 || out.V.Reveal() != canary || out.hidden != canary {
		t.Errorf("what is no word was changed: %+v", out)
	}
	if !errors.Is(out.Err, fs.ErrNotExist) {
		t.Error("the error lost its kind")
	}
	if Words[error](masker(canary), nil) != nil {
		t.Error("no error became one")
	}
}

type kindError struct{ words, hint string }

func (e *kindError) Error() string { return e.words }
func (e *kindError) Hint() string  { return e.hint }

func TestMaskerError(t *testing.T) {
	m := masker(canary)
	plain := &kindError{"nothing in it", "do this"}
	if m.Error(plain) != error(plain) { //nolint:errorlint // the very same
		t.Error("an error without a secret is another one")
	}
	for _, in := range []*kindError{{"a " + canary, "do this"}, {"nothing", "not " + canary}} {
		err := m.Error(fmt.Errorf("doing it: %w", in))
		var kind *kindError
		var h interface{ Hint() string }
		if !errors.As(err, &kind) || !errors.As(err, &h) || strings.Contains(err.Error()+h.Hint(), canary) || errors.Unwrap(err) != nil {
			t.Errorf("%v, %v", err, h)
		}
	}
}

// TestMaskerWriter: the last guard leaves alone what may be a number.
func TestMaskerWriter(t *testing.T) {
	var b strings.Builder
	w := masker(canary, "1234", "12345678").Writer(&b)
	fmt.Fprintf(w, `{"took":1234567890,"x":"%s"}`, canary)
	if b.String() != `{"took":1234567890,"x":"***"}` {
		t.Error(b.String())
	}
}

func TestNilMasker(t *testing.T) {
	var m *Masker
	m.Add(New(canary))
	m.Public(canary)
	err := errors.New(canary)
	if m.Text(canary) != canary || Words(m, canary) != canary || m.Error(err) != err || m.Holds(canary) { //nolint:errorlint // the very same
		t.Error("a nil one knows something")
	}
}

func TestMaskerAtOnce(t *testing.T) {
	m := NewMasker()
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			m.Add(New(fmt.Sprint(canary, i)))
			if got := m.Text(fmt.Sprint(canary, i)); strings.Contains(got, canary) {
				t.Error(got)
			}
		})
	}
	wait.Wait()
}
