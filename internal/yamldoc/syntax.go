package yamldoc

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// byteReader hands out one byte at a time, so that what the parser has taken
// when it fails tells where it failed.
type byteReader struct {
	src  []byte
	next int
}

func (r *byteReader) Read(p []byte) (int, error) {
	if r.next >= len(r.src) {
		return 0, io.EOF
	}
	p[0] = r.src[r.next]
	r.next++
	return 1, nil
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// syntaxError finds the place of a parser's error. The parser's own line is
// that of the surrounding block for some errors, one too small for others, and
// absent on the first line; how far it had read is the better witness.
func syntaxError(src []byte, lines []string, err error) (line, column int, message, hint string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	read := &byteReader{src: src}
	if _, _, again := decodeFrom(yaml.NewDecoder(read)); again != nil {
		switch {
		case strings.Contains(message, "',' or"):
			// A bracket that is never closed: the parser names its line, but
			// counts from 0.
			line++
		case strings.HasPrefix(message, "did not find expected"), line == 0:
			line, column = place(src, read.next)
			line, column = stepBack(lines, line, column, message)
		}
	}
	if at, text := template(src, err); text != "" {
		line, column = linePlace(src, at)
		if !strings.Contains(mask(lines)[line-1], text) {
			text = text[:2] + "..." + strings.Repeat("}", strings.Count(text, "{")) // of a password, nothing
		}
		return line, column, "not valid YAML: " + text + " has no quotes around it, and a { there starts a mapping", quoteIt(text)
	}
	if strings.Contains(message, "',' or") {
		if at := missingComma(src, line, err); at > 0 {
			line, column = linePlace(src, at)
			return line, column, "not valid YAML: a comma is missing before this", "separate what stands in { } or [ ] by commas"
		}
	}
	line = max(1, min(line, len(lines)))
	if strings.Contains(message, "tab character") {
		// The line is that of the value before the tab.
		for n := line; n <= len(lines); n++ {
			if strings.Contains(indentation(lines[n-1]), "\t") {
				line, column = n, 0
				break
			}
		}
	}
	text := lines[line-1]
	if column == 0 || strings.TrimSpace(text) == "" {
		column = len(indentation(text)) + 1
	}
	if indent := indentation(text); strings.Contains(indent, "\t") {
		return line, strings.Index(indent, "\t") + 1, "a tab indents this line; YAML wants spaces", "replace the tab by spaces"
	}
	hint = syntaxHint(message)
	if strings.Contains(message, "mapping values are not allowed") {
		if before := lastText(lines, line); before > 0 && noSpace.MatchString(lines[before-1]) {
			return before, len(indentation(lines[before-1])) + 1, "not valid YAML: there is no space after the colon", "write a space after the colon of a key"
		} else if before > 0 && keyValue.MatchString(lines[before-1]) && keyValue.MatchString(text) && len(indentation(text)) > len(indentation(lines[before-1])) {
			return line, column, "not valid YAML: this line stands deeper than the one above, which has a value already", "begin both in one column"
		}
	}
	if strings.HasPrefix(message, "unknown anchor") {
		// Its name may be a password that starts with *.
		message = "an alias refers to an anchor that is not there"
	}
	return line, column, "not valid YAML: " + message, hint
}

var (
	// noSpace is a key, perhaps behind a dash, with its value right behind the
	// colon; of an agent's name or an address it is the value.
	noSpace = regexp.MustCompile(`^[ \t]*(?:- )?[A-Za-z_][A-Za-z0-9_-]*:[^ \t:/{\[#]+$`)
	// keyValue is a key with a value on its line.
	keyValue = regexp.MustCompile(`^[ \t]*(?:- )?[A-Za-z_"'][^:#{\[]*: +[^ #|>&*]`)
)

// lastText is the number of the last line before one that is neither blank nor
// a comment, 0 when there is none.
func lastText(lines []string, line int) int {
	for n := line - 1; n > 0; n-- {
		if t := strings.TrimSpace(lines[n-1]); t != "" && t[0] != '#' {
			return n
		}
	}
	return 0
}

// place is the line and the first column that is not blank of the line in
// which the byte before offset stands; blank lines and comments are stepped
// back over, for the parser reads on to the next word.
func place(src []byte, offset int) (line, column int) {
	before := splitLines(string(src[:min(offset, len(src))]))
	i := len(before) - 1
	for i > 0 {
		t := strings.TrimSpace(before[i])
		if t != "" && !strings.HasPrefix(t, "#") {
			break
		}
		i--
	}
	return i + 1, len(indentation(before[i])) + 1
}

// templateText is what stands for a value: ${name} of a playbook, {{ name }} of
// Ansible. Within the braces of a flow mapping the first has to be quoted, the
// second everywhere.
var templateText = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]{0,63}\}|\{\{[^{}\n]{0,64}\}\}`)

// maxTemplates bounds how many of a line are tried one by one.
const maxTemplates = 20

// template finds the ${name} or {{ name }} that the parser stumbled over: it
// fails otherwise, or no more, without this one and those before it. Of several
// on that line it is the first that cannot stand there. The text is "" when
// none is to blame.
func template(src []byte, err error) (offset int, text string) {
	all := templateText.FindAllIndex(src, -1)
	// without is how the parser fails when some of them are plain words.
	without := func(plain func(i int) bool) error {
		text := slices.Clone(src)
		for i, m := range all {
			if plain(i) {
				copy(text[m[0]:m[1]], bytes.Repeat([]byte("x"), m[1]-m[0]))
			}
		}
		_, _, err := decode(text)
		return err
	}
	blame := sort.Search(len(all), func(last int) bool {
		again := without(func(i int) bool { return i <= last })
		return again == nil || again.Error() != err.Error()
	})
	if blame == len(all) {
		return 0, ""
	}
	first := blame
	for first > 0 && first > blame-maxTemplates && !bytes.Contains(src[all[first-1][1]:all[blame][0]], []byte("\n")) {
		first--
	}
	for i := first; i < blame; i++ {
		if without(func(j int) bool { return j != i }) != nil {
			blame = i
			break
		}
	}
	m := all[blame]
	return m[0], string(src[m[0]:m[1]])
}

// nextKey is a key behind a value with nothing but blanks between them.
var nextKey = regexp.MustCompile(`[^,{\[:\s]([ \t]+)["']?[A-Za-z_][A-Za-z0-9_-]*["']?: `)

// maxCommas bounds how many places are tried.
const maxCommas = 40

// missingComma is where, on a line or below it, a comma helps the parser on, 0
// when it does nowhere.
func missingComma(src []byte, line int, err error) int {
	from := 0
	for n := 1; n < line && from < len(src); n++ {
		next := bytes.IndexByte(src[from:], '\n')
		if next < 0 {
			break
		}
		from += next + 1
	}
	for _, m := range nextKey.FindAllSubmatchIndex(src[from:], maxCommas) {
		m[2], m[3] = m[2]+from, m[3]+from
		text := slices.Concat(src[:m[2]], []byte(","), src[m[2]:])
		if _, _, again := decode(text); again == nil || again.Error() != err.Error() {
			return m[3]
		}
	}
	return 0
}

// quoteIt is what to do about a variable, or a template, without quotes.
func quoteIt(text string) string {
	hint := "put the value in quotes: \"" + text + "\""
	if strings.HasPrefix(text, "{{") {
		hint += " (a template is Ansible's; in a playbook of hadeploy write \"${name}\")"
	}
	return hint
}

// linePlace is the line and the column of a byte of src.
func linePlace(src []byte, offset int) (line, column int) {
	before := splitLines(string(src[:offset]))
	return len(before), utf8.RuneCountInString(before[len(before)-1]) + 1
}

// indentation is the blanks that a line starts with.
func indentation(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// stepBack returns the first of the lines before line at whose end the parser
// already fails in the same way: it may have had to look past the culprit.
func stepBack(lines []string, line, column int, message string) (int, int) {
	for n := line - 1; n > 0 && n >= line-5; n-- {
		part := strings.Join(lines[:n], "\n") + "\n"
		_, _, err := decode([]byte(part))
		if err == nil || !strings.HasSuffix(err.Error(), message) {
			break
		}
		if t := strings.TrimSpace(lines[n-1]); t != "" && t[0] != '#' {
			line, column = place([]byte(part), len(part)-1)
		}
	}
	return line, column
}

func syntaxHint(message string) string {
	switch {
	case strings.Contains(message, "mapping values are not allowed"):
		return "a \": \" inside a value needs quotes around the value; or is the indentation wrong?"
	case strings.Contains(message, "expected '-' indicator"):
		return "begin the line with a dash, or put it below the first key of the entry above"
	case strings.Contains(message, "did not find expected key"),
		strings.Contains(message, "expected <document start>"):
		return "check the indentation: the keys of one mapping stand in one column"
	case strings.Contains(message, "',' or"):
		return "a bracket that opens here is not closed, or a comma is missing"
	case strings.Contains(message, "cannot start any token"):
		return "quote a value that starts with @, `, % or a tab"
	case strings.Contains(message, "unexpected end of stream"):
		return "a quote that opens here is not closed"
	case strings.Contains(message, "could not find expected ':'"):
		return "is a colon missing, or the space after it?"
	case strings.Contains(message, "unknown anchor"):
		return "*NAME refers to an anchor &NAME; quote the value if it only starts with *"
	}
	return ""
}
