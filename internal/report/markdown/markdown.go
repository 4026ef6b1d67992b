// Package markdown writes Markdown that no value can break out of. Values are
// shown as code wherever that can be read: GitHub makes neither links nor
// mentions of it.
package markdown

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/report/term"
)

// maxTicks is the longest run of backticks that begins inline code. GitHub
// reads no more than 80.
const maxTicks = 60

// Code is text as inline code: nothing in it is Markdown, a mention or a link.
func Code(text string) string {
	text = term.Clean(term.Clip(text, term.MaxValue))
	if strings.TrimSpace(text) == "" {
		return "(empty)"
	}
	if longestRun(text) >= maxTicks {
		text = strings.ReplaceAll(text, "`", `\x60`)
	}
	ticks := strings.Repeat("`", longestRun(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") ||
		strings.HasPrefix(text, " ") && strings.HasSuffix(text, " ") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// Cell is Code within a table, where a pipe would end the cell even in
// code. Readers do not agree about a backslash before it, so that such a text
// is HTML.
func Cell(text string) string {
	if text == "" {
		return ""
	}
	if strings.Contains(text, "|") {
		return HTMLCode(text)
	}
	return Code(text)
}

// HTMLCode is text as code in HTML. All that Markdown reads is a character
// reference, which makes no markup, and an at sign is kept apart from what
// follows, since GitHub looks for addresses after that.
func HTMLCode(text string) string {
	var b strings.Builder
	for _, r := range term.Clean(term.Clip(text, term.MaxValue)) {
		switch {
		case r == '@':
			b.WriteString("&#64;<!-- -->")
		case r == ' ', r == '-', r == '=', r == '/', r > 0x7f, '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return "<code>" + b.String() + "</code>"
}

func longestRun(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// Codes are names as code, of which at most so many are named.
func Codes(names []string, most int) string { return codeList(names, most, Code) }

// Cells are the same for a cell of a table.
func Cells(names []string, most int) string { return codeList(names, most, Cell) }

func codeList(names []string, most int, code func(string) string) string {
	names, rest := term.Some(names, most)
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = code(n)
	}
	return strings.Join(out, ", ") + rest
}

var (
	mdSpecial = regexp.MustCompile("[\\\\`*_\\[\\]~$#!^]")
	// What would begin a list or a heading at the start of a line, and a space
	// there or at the end, beside which emphasis does not count.
	mdBegin = regexp.MustCompile(`^[-+=]|^[0-9]{1,9}[.)]|^ | $`)
	// What GitHub and GitLab turn into links and pictures once the Markdown is
	// read: @name, #1, !1, %1, ~label, $1, GH-1, :emoji:, addresses, and hashes
	// of commits.
	mdAutolink = regexp.MustCompile(`[@#!%~$^&]\S|://|(?i:www\.|GH-|mailto:|xmpp:)|:(?:[\w+-]*[A-Za-z+-][\w+-]*|100|1234)(?::|$)|\b[0-9a-f]{7}`)
	mdEntity   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&vert;")
)

// Text is text as text: no markup, no HTML, and no mention, reference or
// link: an empty comment after its first character breaks each.
func Text(text string) string {
	const apart = "<!-- -->"
	text = term.Clean(text)
	var b strings.Builder
	for {
		at := mdAutolink.FindStringIndex(text)
		if at == nil {
			b.WriteString(escapeText(text))
			return mdBegin.ReplaceAllStringFunc(b.String(), func(s string) string {
				return fmt.Sprintf("%s&#%d;", s[:len(s)-1], s[len(s)-1])
			})
		}
		cut := at[0] + 1
		b.WriteString(escapeText(text[:cut]) + apart)
		text = text[cut:]
	}
}

func escapeText(text string) string {
	return mdEntity.Replace(mdSpecial.ReplaceAllString(text, `\$0`))
}

// Fence writes lines as a code block that none of them can end: one that begins
// as the end would is set in.
func Fence(p *term.Page, lang string, lines []string) {
	p.Line("```", lang)
	for _, l := range lines {
		if strings.HasPrefix(strings.TrimLeft(l, " "), "```") {
			l = "    " + l
		}
		p.Line(l)
	}
	p.Line("```")
}

// MaxComment is the size of a comment in bytes, and so at most in characters:
// GitHub takes 65536 of these.
const MaxComment = 60 << 10
