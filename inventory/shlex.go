package inventory

import (
	"errors"
	"strings"
)

// word is one word of a line, and where it starts in it, in bytes.
type word struct {
	text string
	at   int
}

// shellWords splits a line as Python's shlex.split does, which Ansible uses:
// quotes group, a backslash takes the next character as it is, and in double
// quotes only a quote or another backslash. With comments, a # ends the line,
// even inside a word.
func shellWords(line string, comments bool) ([]word, error) {
	var words []word
	var b strings.Builder
	start, quote := -1, byte(0) // start: of the word, -1 between words
	begin := func(i int) {
		if start < 0 {
			start = i
		}
	}
	end := func() {
		if start >= 0 {
			words = append(words, word{b.String(), start})
			b.Reset()
			start = -1
		}
	}
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == '"' && c == '\\':
			if i++; i == len(line) {
				return nil, errors.New("a backslash at the end has nothing after it")
			}
			if line[i] != '\\' && line[i] != '"' {
				b.WriteByte('\\')
			}
			b.WriteByte(line[i])
		case quote != 0:
			b.WriteByte(c)
		case c == '"' || c == '\'':
			begin(i)
			quote = c
		case c == '\\':
			begin(i)
			if i++; i == len(line) {
				return nil, errors.New("a backslash at the end has nothing after it")
			}
			b.WriteByte(line[i])
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			end()
		case comments && c == '#':
			end()
			return words, nil
		default:
			begin(i)
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote in it is not closed")
	}
	end()
	return words, nil
}
