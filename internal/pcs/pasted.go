package pcs

import (
	"html"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
)

// A status that somebody pasted may have come in something: in the JSON of
// Ansible, behind the "n1: " of a tool that asks many nodes, in the comments of
// a script, in HTML, Markdown or quoted-printable.

// maxWrapped bounds what is tried on a text: each try reads it once more.
const maxWrapped = 4 << 20

// ParseSaved reads a status that came from somewhere else than from a node:
// text or XML, as ParseStatus and ParseStatusXML do, and where either does not
// read in full, the same with a wrapping around all of it undone. What reads in
// full as it is, is never changed, unless a line beside the status has a title
// of one: a wrapping may hide nothing but the first line.
//
// The errors are those of ParseStatus. Status.Undone names what was undone;
// lines are then counted in what was inside.
func ParseSaved(data []byte) (*Status, error) {
	if len(data) > maxInput {
		return nil, tooLarge(len(data))
	}
	best := readAny(string(decode(data)))
	for range 4 { // what was pasted into an answer to a mail
		if best.whole() && !best.hides() || len(best.text) > maxWrapped {
			break
		}
		before := best
		for _, w := range wrappings {
			text, ok := w.undo(before.text)
			if !ok || len(text) > maxInput {
				continue
			}
			if r := readAny(text); r.better(before) && r.better(best) && !r.renames(before) {
				r.undone = slices.Concat(before.undone, []string{w.name})
				best = r
			}
		}
		if len(best.undone) == len(before.undone) {
			break
		}
	}
	if best.err != nil {
		return nil, best.err
	}
	best.st.Undone = best.undone
	return best.st, nil
}

// reading is what came of a text.
type reading struct {
	text   string
	st     *Status
	err    error
	lines  int // that were understood
	undone []string
}

func (r reading) whole() bool { return r.err == nil && !r.st.Unknown() }

// hides tells that a line of a status may be among those that are none.
func (r reading) hides() bool {
	return slices.ContainsFunc(r.st.Beside, func(b Beside) bool { return b.titled })
}

// renames tells that of two that read in full this one has another name for
// something: what was undone was no wrapping there, as "__" in an id.
func (r reading) renames(old reading) bool {
	if !r.whole() || !old.whole() {
		return false
	}
	return !slices.EqualFunc(r.st.Nodes, old.st.Nodes, func(a, b Node) bool { return a.Name == b.Name }) ||
		!slices.EqualFunc(r.st.Resources, old.st.Resources, func(a, b Resource) bool { return slices.Equal(a.names(), b.names()) })
}

// better: more is understood, or as much with less that is not. Lines that are
// joined count as one.
func (r reading) better(old reading) bool {
	bad := func(r reading) int {
		if r.err != nil {
			return 1 << 30
		}
		n := len(r.st.Unparsed) + len(r.st.Incomplete)
		if r.st.ranBadly { // and the text may read well all the same
			n--
		}
		return n
	}
	joined := max(0, strings.Count(old.text, "\n")-strings.Count(r.text, "\n"))
	return r.lines > old.lines || r.lines >= old.lines-joined && bad(r) < bad(old)
}

// readAny reads text or XML.
func readAny(text string) reading {
	r := reading{text: text}
	if start := strings.TrimLeft(text, " \t\r\n"); beginsXML(start) || strings.HasPrefix(start, "<") && !beginsHTML(start) {
		if r.st, r.err = ParseStatusXML([]byte(text)); r.err == nil {
			r.lines = strings.Count(text, "\n") + 1
		}
		return r
	}
	r.st, r.lines, r.err = parseText(text)
	return r
}

// wrappings are tried in this order.
var wrappings = []struct {
	name string
	undo func(string) (string, bool)
}{
	{"JSON", undoJSON},
	{"a list of quoted lines", undoQuotedLines},
	{`\n in place of line breaks`, undoEscapedBreaks},
	{"a prefix of each line", undoPrefix},
	{"HTML", undoHTML},
	{"quotes", undoQuotes},
	{"quoted-printable", undoQuotedPrintable},
	{"Markdown", undoMarkdown},
	{"typographic signs", undoTypography},
	{"other bullets", undoBullets},
	{"a blank line behind each line", undoSpacing},
	{`lines that go on behind a \`, undoBackslashes},
}

// undoPrefix takes off what stands before the title of each line that has one:
// "n1: ", "# ", "// ", "| ", "+", a time, a number. Digits may differ from line
// to line. Where several prefixes are, as of several nodes, the lines of the
// first come first, and then those of the next: another status.
func undoPrefix(text string) (string, bool) {
	all := strings.Split(text, "\n")
	taken := make([]bool, len(all))
	first := make([]string, len(all)) // in their places
	var later []string
	found := 0
	for ; found < 64; found++ {
		p := findPrefix(all, taken)
		if p == "" {
			break
		}
		for i, l := range all {
			rest, ok := cutPrefix(l, p)
			switch {
			case taken[i] || !ok:
				continue
			case found == 0:
				first[i] = rest
			default:
				later = append(later, rest)
			}
			taken[i] = true
		}
	}
	for i, l := range all { // what has none stays beside
		if !taken[i] {
			first[i] = l
		}
	}
	return strings.Join(slices.Concat(first, later), "\n"), found > 0
}

// findPrefix finds the prefix (see masked) that most lines have among those that stand before a title.
func findPrefix(all []string, taken []bool) string {
	var tried []string
	seen := map[string]bool{}
	for i, l := range all {
		if taken[i] || len(tried) > 24 || len(l) > 2000 {
			continue
		}
		for _, t := range landmarks {
			if at := strings.Index(l, t); at > 0 && at < 200 {
				if p := masked(strings.TrimRight(l, "\r")[:at]); !seen[p] {
					seen[p] = true
					tried = append(tried, p)
				}
				break
			}
		}
	}
	for _, a := range tried[:min(len(tried), 12)] { // a bulleted line has more before its title
		for _, b := range tried[:min(len(tried), 12)] {
			n := 0
			for n < min(len(a), len(b)) && a[n] == b[n] {
				n++
			}
			if p := a[:n]; !seen[p] && strings.Trim(a[n:]+b[n:], " \t*") == "" {
				seen[p] = true
				tried = append(tried, p)
			}
		}
	}
	best, most := "", 2
	for _, p := range tried {
		if strings.Trim(p, " \t*") == "" && strings.Count(p, "*") < 2 && p != " * " && p != "* " {
			continue
		}
		n := 0
		for i, l := range all {
			if _, ok := cutPrefix(l, p); ok && !taken[i] && strings.TrimSpace(l) != "" {
				n++
			}
		}
		if n > most || n == most && len(p) > len(best) {
			best, most = p, n
		}
	}
	return best
}

// masked writes each number of a time or a count as a mark, but not those in the
// name or the address of a node, and no blanks before a first one.
func masked(s string) string {
	if strings.Count(s, ".") >= 3 {
		return s
	}
	var b strings.Builder
	if t := strings.TrimLeft(s, " \t"); t != "" && isDigit(t[0]) {
		s = t
	}
	for i := 0; i < len(s); i++ {
		switch {
		case !isDigit(s[i]):
			b.WriteByte(s[i])
		case i > 0 && isDigit(s[i-1]):
			if !strings.HasSuffix(b.String(), number) {
				b.WriteByte(s[i])
			}
		case i == 0, strings.IndexByte(" \t:.,[(/+", s[i-1]) >= 0, i > 1 && strings.IndexByte("-T", s[i-1]) >= 0 && isDigit(s[i-2]):
			b.WriteString(number)
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// number stands for any in a prefix.
const number = "\x00"

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// cutPrefix takes a masked prefix off a line; a line that is empty behind it
// may have lost its last blanks.
func cutPrefix(l, p string) (rest string, ok bool) {
	l = strings.TrimRight(l, "\r")
	i := 0
	if strings.HasPrefix(p, number) {
		i = len(l) - len(strings.TrimLeft(l, " \t"))
	}
	for j := 0; j < len(p); j++ {
		if i == len(l) {
			return "", i > 0 && strings.TrimSpace(p[j:]) == ""
		}
		if p[j] == number[0] {
			if !isDigit(l[i]) {
				return "", false
			}
			for i < len(l) && isDigit(l[i]) {
				i++
			}
			continue
		}
		if l[i] != p[j] {
			return "", false
		}
		i++
	}
	return l[i:], true
}

// htmlTags are those that people and programs put around a text.
var htmlTags = words("pre code br p div span b i em strong tt samp blockquote html head body title meta link style font a ul ol li table tbody thead tr td th h1 h2 h3 h4 h5 h6 kbd hr details summary")

// htmlTag reads a tag at the start of s; name is without the slash.
func htmlTag(s string) (name string, closing bool, length int) {
	end := strings.IndexByte(s[:min(len(s), 1000)], '>')
	if end < 2 || s[0] != '<' {
		return "", false, 0
	}
	in := s[1:end]
	in, closing = strings.CutPrefix(in, "/")
	name = in
	if i := strings.IndexAny(in, " \t\r\n/"); i >= 0 {
		name = in[:i]
	}
	name = strings.ToLower(name)
	if !htmlTags[name] && !strings.HasPrefix(name, "!doctype") && !strings.HasPrefix(name, "!--") {
		return "", false, 0
	}
	return name, closing, end + 1
}

// beginsHTML tells a page from a document of Pacemaker.
func beginsHTML(s string) bool {
	name, _, _ := htmlTag(s)
	return name != ""
}

func undoHTML(text string) (string, bool) {
	var b strings.Builder
	tags := 0
	for rest := text; rest != ""; {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		rest = rest[i:]
		name, closing, n := htmlTag(rest)
		if n == 0 {
			b.WriteByte('<')
			rest = rest[1:]
			continue
		}
		tags++
		rest = rest[n:]
		switch {
		case name == "br", closing && (name == "p" || name == "div" || name == "li" || name == "tr" || len(name) == 2 && name[0] == 'h'):
			if !strings.HasPrefix(strings.TrimLeft(rest, " \t\r"), "\n") {
				b.WriteByte('\n')
			}
		}
	}
	out := html.UnescapeString(b.String())
	return out, tags > 0 || out != text
}

// quotes and what closes them.
var quotes = map[string]string{`"`: `"`, "'": "'", "\u201c": "\u201d", "\u201e": "\u201c", "\u2018": "\u2019", "\u00ab": "\u00bb"}

// undoQuotes takes off a quote before the first title and the one that closes it
// at the end of that line or of the text, if it is there.
func undoQuotes(text string) (string, bool) {
	at := 0
	for l := range strings.Lines(text) {
		if s := strings.TrimLeft(l, " \t"); hasLandmark(s) {
			for opening, closing := range quotes {
				in, ok := strings.CutPrefix(s, opening)
				if !ok || !slices.ContainsFunc(landmarks, func(t string) bool { return strings.HasPrefix(in, t) }) {
					continue
				}
				rest := text[at+len(l):]
				if line, ok := strings.CutSuffix(strings.TrimRight(in, " \t\r\n"), closing); ok {
					return text[:at] + line + "\n" + rest, true
				}
				if end, ok := strings.CutSuffix(strings.TrimRight(rest, " \t\r\n"), closing); ok {
					rest = end + "\n"
				}
				return text[:at] + in + rest, true
			}
			return "", false
		}
		at += len(l)
	}
	return "", false
}

func undoQuotedPrintable(text string) (string, bool) {
	if !strings.Contains(text, "=3D") && !strings.Contains(text, "=20") && !strings.Contains(text, "=\n") && !strings.Contains(text, "=\r\n") && !strings.Contains(text, "=C2=A0") {
		return "", false
	}
	out, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(text)))
	return string(out), err == nil
}

func undoMarkdown(text string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+1 < len(text) && strings.IndexByte("\\`*_{}[]()<>#+-.!|~=:\"'&/\n\r", text[i+1]) >= 0 {
			continue
		}
		if c == '*' { // two are strong; three stand around "Resource management is DISABLED"
			stars := len(text[i:]) - len(strings.TrimLeft(text[i:], "*"))
			i += stars - 1
			switch stars {
			case 1:
				b.WriteByte('*')
			case 3, 5:
				b.WriteString("***")
			}
			continue
		}
		if c == '_' && i+1 < len(text) && text[i+1] == '_' || c == '_' && i > 0 && text[i-1] == '_' {
			continue
		}
		if c == '`' {
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), b.Len() < len(text)
}

// typography has what word processors, chat programs and web pages put in
// place of plain signs.
var typography = strings.NewReplacer(
	"\u2018", "'", "\u2019", "'", "\u201a", "'", "\u201b", "'", "\u00b4", "'",
	"\u201c", `"`, "\u201d", `"`, "\u201e", `"`,
	"\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2014", "-", "\u2212", "-",
	"\u2026", "...", "\u00d7", "x",
	"\u2002", " ", "\u2003", " ", "\u2007", " ", "\u2009", " ", "\u202f", " ", "\u3000", " ",
	"\u200b", "", "\u200e", "", "\u200f", "", "\u2060", "", "\ufeff", "", "\u00ad", "",
)

func undoTypography(text string) (string, bool) {
	out := typography.Replace(text)
	return out, out != text
}

// undoBullets gives bullets of other kinds the form of Pacemaker's.
func undoBullets(text string) (string, bool) {
	all, changed := strings.Split(text, "\n"), false
	for i, l := range all {
		s := strings.TrimLeft(l, " \t")
		for _, bullet := range []string{"• ", "◦ ", "▪ ", "· ", "‣ ", "○ ", "● ", "- ", "– ", "•\t", "◦\t", "-\t"} {
			if rest, ok := strings.CutPrefix(s, bullet); ok {
				all[i], changed = l[:len(l)-len(s)]+"* "+rest, true
				break
			}
		}
	}
	return strings.Join(all, "\n"), changed
}

// undoSpacing takes a blank line off each run of them where one is behind each
// line, as some programs write that mark up text.
func undoSpacing(text string) (string, bool) {
	var all []string
	blank, dropped := true, 0
	for l := range strings.Lines(text) {
		was := blank
		blank = strings.TrimSpace(l) == ""
		switch {
		case !blank && !was:
			return "", false
		case blank && !was:
			dropped++
		default:
			all = append(all, l)
		}
	}
	return strings.Join(all, ""), dropped > 5
}

// undoBackslashes joins a line that ends with a backslash with the next.
func undoBackslashes(text string) (string, bool) {
	all, changed := strings.Split(text, "\n"), false
	for i := len(all) - 2; i >= 0; i-- {
		if head, ok := strings.CutSuffix(strings.TrimRight(all[i], " \t\r"), `\`); ok {
			all[i] = strings.TrimRight(head, " \t") + " " + strings.TrimLeft(all[i+1], " \t")
			all[i+1] = ""
			changed = true
		}
	}
	return strings.Join(all, "\n"), changed
}
