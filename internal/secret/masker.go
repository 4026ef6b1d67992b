package secret

import (
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	// MinMasked is the shortest secret that is looked for in text, in
	// characters: shorter ones are part of every other word.
	MinMasked = 4
	// minSpread is the shortest one that is also found with blanks or line ends
	// inside of it, and behind all renderers.
	minSpread = 8
)

// Masker takes the secrets that a run knows out of words that are not the run's
// own: what a node prints may hold a secret that it was given. It is the second
// line of defence, behind Value. A secret is found as it is and in the forms
// that programs write it in: base64 at each alignment, percent-encoded, quoted
// for a shell, escaped for JSON or XML, one within the other, and broken over
// lines.
//
// It is for words. What is compared or parsed is never passed through it.
// It is safe for use by many goroutines; a nil Masker knows nothing.
type Masker struct {
	mu       sync.RWMutex
	secrets  map[string]bool
	public   map[string]bool
	patterns []pattern
}

// What may stand anywhere within a secret, in a text and in the secret itself:
// quotes and ends of lines, and where it is long enough, blanks too.
const (
	quotes = "'\"\r\n"
	spaces = quotes + " \t"
)

// pattern is one form of a secret.
type pattern struct {
	text   string // without quotes
	spread string // without spaces; empty: too short to be found so
}

// NewMasker makes one that knows nothing yet.
func NewMasker() *Masker {
	m := &Masker{secrets: map[string]bool{}, public: map[string]bool{}}
	// Words that stand in documents and messages of their own right: keys, kinds,
	// names of differences and daemons.
	m.Public("true", "false", "none", "null", "default", "password", "secret", "content", "owner", "mode", "state", "service", "package", "file",
		"agent", "key", "corosync", "pacemaker", "pcsd", "cluster", "node", "nodes", "resource", "resources", "primitive", "group", "clone",
		"property", "constraint", "error", "warning", "message", "changes", "findings", "checks", "action", "create", "update", "delete", "kind",
		"name", "status", "verify", "apply", "plan", "started", "stopped", "promoted", "online", "offline", "standby")
	return m
}

// Add makes secrets known. Unset ones and those shorter than MinMasked are
// left out.
func (m *Masker) Add(values ...Value) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range values {
		if text := v.Reveal(); utf8.RuneCountInString(text) >= MinMasked && !m.secrets[text] {
			m.secrets[text] = true
			m.patterns = nil
		}
	}
	m.build()
}

// Public names words that are no secret whatever they are used for: names that
// stand in every message. To mask them would tell where the secret is the same.
func (m *Masker) Public(words ...string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range words {
		m.public[w] = true
	}
	m.patterns = nil
	m.build()
}

// build makes the patterns of all secrets, with m.mu held.
func (m *Masker) build() {
	if m.patterns != nil {
		return
	}
	for s := range m.secrets {
		if !m.public[s] {
			for _, form := range forms(s) {
				p := pattern{text: form}
				if tight := plainView(form).without(spaces).text; len(tight) >= minSpread {
					p.spread = tight
				}
				m.patterns = append(m.patterns, p)
			}
		}
	}
	slices.SortFunc(m.patterns, func(a, b pattern) int { return cmp.Compare(a.text, b.text) })
}

func (m *Masker) known() []pattern {
	if m == nil {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.patterns
}

// maxLevels bounds how many encodings, one within the other, are seen through.
const maxLevels = 6

// levels are a text and its decodings, each of the one before.
func levels(s string) []view {
	all := []view{plainView(s)}
	for len(all) <= maxLevels {
		next := decoded(all[len(all)-1])
		if next.text == all[len(all)-1].text {
			break
		}
		all = append(all, next)
	}
	return all
}

// forms are what has to be looked for in a text and in its decodings.
func forms(s string) []string {
	var all []string
	for _, v := range append(levels(s), levels(plus(s))...) {
		all = append(all, v.text, plus(v.text))
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		all = append(all, enc.EncodeToString([]byte(s)))
	}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			all = append(all, middle(enc, s, before))
		}
	}
	for i := range all {
		all[i] = plainView(all[i]).without(quotes).text
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(f string) bool { return utf8.RuneCountInString(f) < MinMasked })
}

// plus is s as a URL's query writes its blanks. What follows may be decoded once
// more than the blanks were.
func plus(s string) string { return strings.ReplaceAll(s, " ", "+") }

// middle is the part of the base64 of a longer text that depends on s alone,
// where the number of bytes before it leaves this remainder by three.
func middle(enc *base64.Encoding, s string, before int) string {
	text := enc.EncodeToString(append(make([]byte, before), s...))
	first := (before*8 + 5) / 6
	last := (before + len(s)) * 8 / 6
	return text[first:last]
}

// Text is s with every known secret in it replaced by Mask.
func (m *Masker) Text(s string) string {
	return masked(s, spans(s, m.known()))
}

// Cut is Text for what somebody else may have cut off: MinMasked characters or
// more at its end with which a secret begins are masked too.
func (m *Masker) Cut(s string) string {
	known := m.known()
	all := spans(s, known)
	from := len(s)
	for _, v := range append(levels(s), levels(openEscape.ReplaceAllString(s, ""))...) {
		v = v.without(quotes)
		for _, p := range known {
			for n := min(len(p.text)-1, len(v.text)); n >= MinMasked; n-- {
				if strings.HasSuffix(v.text, p.text[:n]) {
					from = min(from, v.source(len(v.text)-n, len(v.text)).from)
					break
				}
			}
		}
	}
	if from < len(s) {
		all = append(all, span{from, len(s)})
	}
	return masked(s, merge(all))
}

// openEscape is an escape at the end of a text that is not whole.
var openEscape = regexp.MustCompile(`(?:%[0-9A-Fa-f]?|&[#0-9A-Za-z]{0,8}|\\[uUx]?[0-9A-Fa-f]{0,8})$`)

// Holds reports whether a text holds a known secret.
func (m *Masker) Holds(s string) bool { return len(spans(s, m.known())) > 0 }

// span is a part of a text, in bytes.
type span struct{ from, to int }

func masked(s string, found []span) string {
	if len(found) == 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for _, f := range found {
		b.WriteString(s[at:f.from])
		b.WriteString(Mask)
		at = f.to
	}
	b.WriteString(s[at:])
	return b.String()
}

// spans are the parts of s that hold secrets: those that overlap or touch are
// one, so that nothing is left of either.
func spans(s string, patterns []pattern) []span {
	if len(patterns) == 0 || len(s) < MinMasked {
		return nil
	}
	var all []span
	for _, v := range levels(s) {
		tight := v.without(spaces)
		v = v.without(quotes)
		for _, p := range patterns {
			all = v.find(all, p.text)
			if p.spread != "" {
				all = tight.find(all, p.spread)
			}
		}
	}
	return merge(all)
}

func merge(all []span) []span {
	slices.SortFunc(all, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var merged []span
	for _, f := range all {
		if n := len(merged); n > 0 && f.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, f.to)
		} else {
			merged = append(merged, f)
		}
	}
	return merged
}

// Error is err, or, where its words hold a secret, one that says the same with
// the secret masked and is still found by errors.Is and errors.As.
func (m *Masker) Error(err error) error {
	if err == nil || len(m.known()) == 0 {
		return err
	}
	hint := ""
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		hint = h.Hint()
	}
	if !m.Holds(err.Error()) && !m.Holds(hint) {
		return err
	}
	return &maskedError{err: err, text: m.Text(err.Error()), hint: m.Text(hint)}
}

// maskedError has no Unwrap: whoever takes it apart would get at the words.
type maskedError struct {
	err        error
	text, hint string
}

func (e *maskedError) Error() string        { return e.text }
func (e *maskedError) Hint() string         { return e.hint }
func (e *maskedError) Is(target error) bool { return errors.Is(e.err, target) }
func (e *maskedError) As(target any) bool   { return errors.As(e.err, target) }

// Writer masks what is written to w, each Write by itself: the last guard, for
// what a path that was forgotten would print. It sees whole documents, and so
// leaves alone what may be part of a number or of a key there: secrets of fewer
// than eight characters, and those of digits only.
func (m *Masker) Writer(w io.Writer) io.Writer { return &maskedWriter{m, w} }

type maskedWriter struct {
	m *Masker
	w io.Writer
}

// Unwrap is the writer behind it: whether that is a terminal is asked of it.
func (w *maskedWriter) Unwrap() io.Writer { return w.w }

func (w *maskedWriter) Write(b []byte) (int, error) {
	long := slices.DeleteFunc(slices.Clone(w.m.known()), func(p pattern) bool {
		return len(p.text) < minSpread || strings.Trim(p.text, "0123456789.+-eE") == ""
	})
	if _, err := io.WriteString(w.w, masked(string(b), spans(string(b), long))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Words is a copy of v in which every exported string, and every error, has its
// secrets masked. v is plain data: structs, slices, maps and pointers, without
// a cycle. Without known secrets it is v itself.
func Words[T any](m *Masker, v T) T {
	patterns := m.known()
	if len(patterns) == 0 {
		return v
	}
	var out T
	reflect.ValueOf(&out).Elem().Set(m.words(reflect.ValueOf(&v).Elem()))
	return out
}

var (
	errorType = reflect.TypeFor[error]()
	bytesType = reflect.TypeFor[[]byte]()
)

func (m *Masker) words(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.String:
		out.SetString(m.Text(v.String()))
	case reflect.Interface:
		if err, ok := reflect.TypeAssert[error](v); ok && v.Type() == errorType {
			out.Set(reflect.ValueOf(m.Error(err)))
		} else if !v.IsNil() {
			out.Set(m.words(v.Elem()))
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Elem().Kind() != reflect.Interface {
			p := reflect.New(v.Type().Elem())
			p.Elem().Set(m.words(v.Elem()))
			out.Set(p)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(m.words(v.Field(i)))
			}
		}
	case reflect.Slice:
		switch {
		case v.IsNil():
		case v.Type() == bytesType:
			out.SetBytes([]byte(m.Text(string(v.Bytes()))))
		default:
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(m.words(v.Index(i)))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			out.Index(i).Set(m.words(v.Index(i)))
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
			for it := v.MapRange(); it.Next(); {
				out.SetMapIndex(it.Key(), m.words(it.Value()))
			}
		}
	}
	return out
}
