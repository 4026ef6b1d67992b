package inventory

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// What is wrong with a file is told with words of it, and a password that was
// written in a wrong way may be among them. Here is what of a line, and of
// what is said of it, is not shown.

var (
	// named is a word with what may stand between a name and its value, right
	// or wrong: =, a colon, a blank.
	named = regexp.MustCompile(`([\w-]+)["']?(?:[\s\p{Z}]*[=:]|[\s\p{Z}])[\s\p{Z}]*`)
	// quotedText is a text as %q writes it.
	quotedText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	// reference is what a password may have in it: where it is to be had.
	reference = regexp.MustCompile(`^\.(env|file|command)(\[\d+\])?$`)
	// pathWord is a key in a path that is not quoted there.
	pathWord = regexp.MustCompile(`[\w-]+`)
)

// holdsSecret reports whether a value of that name is not to be shown; that of
// a key's file is a path.
func holdsSecret(name string) bool {
	return (secret.Named(name) || password(name)) && !strings.HasSuffix(strings.ToLower(name), "_file")
}

// hide is a line without what follows the name of a secret.
func hide(line string) string {
	for _, m := range named.FindAllStringSubmatchIndex(line, -1) {
		if m[1] < len(line) && holdsSecret(line[m[2]:m[3]]) {
			return line[:m[1]] + secret.Mask
		}
	}
	return line
}

// hideLines are the lines of an INI inventory as they may be shown, and the
// numbers of those, from 1, that stand in a quote which the line of a secret
// opened: of them nothing is shown. A section ends it, for a quote in a value
// need not be one.
func hideLines(lines []string) (shown []string, inside map[int]bool) {
	shown, inside = make([]string, len(lines)), map[int]bool{}
	open := byte(0)
	for i, line := range lines {
		text := strings.TrimSpace(line)
		switch {
		case isSection(text):
			shown[i], open = line, 0
		case open != 0:
			shown[i], inside[i+1] = secret.Mask, true
			open = openQuote(line, open)
		default:
			if shown[i] = hide(line); shown[i] != line && text[0] != ';' {
				open = openQuote(line, 0)
			}
		}
	}
	return shown, inside
}

func isSection(text string) bool {
	m := iniSection.FindStringSubmatch(text)
	return m != nil && slices.Contains([]string{"", "hosts", "children", "vars"}, m[2])
}

// openQuote is the quote that is open at the end of a line, 0 when none is;
// quote is the one that is open at its start. See shellWords.
func openQuote(line string, quote byte) byte {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && c == '#':
			return 0
		}
	}
	return quote
}

// shown is a text from a line as it may be told.
func (s *source) shown(line int, text string) string {
	if s.inside[line] {
		return secret.Mask
	}
	return hide(text)
}

// shownArgs are the arguments of a message about a line as they may be told.
func (s *source) shownArgs(line int, args []any) []any {
	out := slices.Clone(args)
	for i, a := range out {
		switch x := a.(type) {
		case string:
			out[i] = s.shown(line, x)
		case error:
			if out[i] = hide(x.Error()); s.inside[line] {
				out[i] = "cannot be read; it is in a quote that a line above opened"
			}
		}
	}
	return out
}

// hideIn takes out of what is said, by whatever reader of files, the secrets
// that their names tell.
func (l *loader) hideIn(list diag.List) {
	for i := range list {
		d := &list[i]
		if d.Source != l.lastLine { // a long one may have much wrong with it
			l.lastLine, l.lastHidden = d.Source, hide(d.Source)
		}
		line := l.lastHidden
		name, below, found := secretIn(d.Path)
		if found {
			d.Message, d.Hint = hideQuoted(d.Message), hideQuoted(d.Hint)
			switch {
			case reference.MatchString(below):
			case !strings.Contains(d.Source, name): // it goes on below its name
				line = d.Source[:len(d.Source)-len(strings.TrimLeft(d.Source, " \t"))] + secret.Mask
			}
			if below != "" && !reference.MatchString(below) {
				d.Path = strings.TrimSuffix(d.Path, below) + "." + secret.Mask
			}
		}
		d.Path, d.Message, d.Source = hide(d.Path), hideWithin(d.Message), line
	}
}

// secretIn finds the variable in a path that is a password, and what of the
// path is below it.
func secretIn(path string) (name, below string, found bool) {
	for _, m := range pathWord.FindAllStringIndex(path, -1) {
		if password(path[m[0]:m[1]]) {
			return path[m[0]:m[1]], path[m[1]:], true
		}
	}
	return "", "", false
}

// hideWithin takes the secrets that their names tell out of what a message
// quotes.
func hideWithin(message string) string {
	return quotedText.ReplaceAllStringFunc(message, func(quoted string) string { return `"` + hide(quoted[1:len(quoted)-1]) + `"` })
}

// hideQuoted takes out what a message quotes, but for names of ours.
func hideQuoted(message string) string {
	return quotedText.ReplaceAllStringFunc(message, func(quoted string) string {
		text := quoted[1 : len(quoted)-1]
		if slices.Contains(keys, text) || reference.MatchString("."+text) {
			return quoted
		}
		return `"` + secret.Mask + `"`
	})
}
