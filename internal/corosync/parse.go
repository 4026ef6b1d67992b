package corosync

import (
	"bytes"
	"fmt"
	"strings"
)

// Limits of a file. Corosync reads lines into 512 bytes and paths of a setting
// into 256; the others are far beyond any real file.
const (
	maxFile  = 64 << 10
	maxLine  = 510
	maxPath  = 255
	maxDepth = 16
)

// ParseError says where a corosync.conf cannot be read. Line counts from 1; 0
// is the file as a whole.
type ParseError struct {
	Line    int
	Message string
}

func (e *ParseError) Error() string {
	if e.Line == 0 {
		return "corosync.conf: " + e.Message
	}
	return fmt.Sprintf("corosync.conf: line %d: %s", e.Line, e.Message)
}

// Parse reads a corosync.conf as corosync 3 itself does: a line is a comment
// (# first), the start of a section, a setting whose value goes to the end of
// the line, or the end of a section, tried in this order. The error is a
// *ParseError.
func Parse(text []byte) (*Config, error) {
	if len(text) > maxFile {
		return nil, &ParseError{0, fmt.Sprintf("the file has %d bytes, more than the %d that a corosync.conf may have", len(text), maxFile)}
	}
	type open struct {
		*section
		line int
		path int // length of the section's path
	}
	c := &Config{}
	stack := []open{{section: &c.root}}
	lines := strings.Split(string(bytes.TrimSuffix(text, []byte("\n"))), "\n")
	if len(text) == 0 {
		lines = nil
	}
	for i, line := range lines {
		fail := func(format string, args ...any) error {
			return &ParseError{i + 1, fmt.Sprintf(format, args...)}
		}
		if len(line) > maxLine {
			return nil, fail("the line has %d bytes, more than the %d that corosync reads", len(line), maxLine)
		}
		raw := strings.TrimRight(line, "\r")
		line = strings.TrimRight(line, " \t\r")
		here := &stack[len(stack)-1]
		word := strings.TrimLeft(line, " \t")
		if word == "" || word[0] == '#' {
			here.entries = append(here.entries, entry{kind: remark, raw: raw})
			continue
		}
		if at := strings.IndexFunc(line, control); at >= 0 {
			return nil, fail("byte %d is the control character %q", at+1, line[at])
		}
		if name, rest, ok := strings.Cut(word, "{"); ok {
			name = strings.TrimRight(name, " \t")
			switch {
			case name == "":
				return nil, fail("no name before the opening brace")
			case rest != "":
				return nil, fail("unexpected %q behind the opening brace", rest)
			case len(stack) > maxDepth:
				return nil, fail("sections are nested more than %d deep", maxDepth)
			case here.path+len(name)+1 > maxPath:
				return nil, fail("the section's path is longer than %d bytes", maxPath)
			}
			sub := here.addSection(name)
			sub.open = raw
			stack = append(stack, open{sub, i + 1, here.path + len(name) + 1})
			continue
		}
		if name, value, ok := strings.Cut(word, ":"); ok {
			name = strings.TrimRight(name, " \t")
			if here.path+len(name)+1 > maxPath {
				return nil, fail("the setting's path is longer than %d bytes", maxPath)
			}
			here.entries = append(here.entries, entry{
				kind: setting, raw: raw, name: name, value: strings.TrimLeft(value, " \t")})
			continue
		}
		switch {
		case !strings.Contains(word, "}"):
			return nil, fail("%q is neither a section, a setting (name: value) nor a closing brace", word)
		case word != "}":
			return nil, fail("unexpected text beside the closing brace: %q", word)
		case len(stack) == 1:
			return nil, fail("a closing brace without an open section")
		}
		here.close = raw
		stack = stack[:len(stack)-1]
	}
	if n := len(stack); n > 1 {
		return nil, &ParseError{stack[n-1].line, fmt.Sprintf("section %q is not closed", stack[n-1].name)}
	}
	return c, nil
}

func control(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
