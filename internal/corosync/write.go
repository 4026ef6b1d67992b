package corosync

import (
	"bytes"
	"strings"
)

// Bytes is the file's text. What was made here is written as pcs writes it:
// four spaces, settings before sections, an empty line between them. Lines
// that were read stay as they were.
func (c *Config) Bytes() []byte {
	w := writer{unit: "    "}
	if c.root.tabbed() {
		w.unit = "\t"
	}
	w.body(&c.root, "")
	return w.Bytes()
}

type writer struct {
	bytes.Buffer
	unit string // one step of indentation
}

// body writes what stands between a section's braces.
func (w *writer) body(s *section, indent string) {
	if own, ok := s.indent(); ok {
		indent = own
	}
	made := false // the entry before is a section that was made here
	for i, e := range s.entries {
		isMade := e.kind == group && e.sub.open == ""
		if i > 0 && (isMade || made) && !e.blank() && !s.entries[i-1].blank() {
			w.WriteByte('\n')
		}
		made = isMade
		switch e.kind {
		case group:
			w.line(e.sub.open, indent, e.sub.name+" {")
			w.body(e.sub, indent+w.unit)
			w.line(e.sub.close, indent, "}")
		case setting:
			w.line(e.raw, indent, strings.TrimRight(e.name+": "+e.value, " "))
		default:
			w.line(e.raw, "", "")
		}
	}
}

func (w *writer) line(raw, indent, text string) {
	if raw == "" {
		raw = indent + text
	}
	w.WriteString(raw)
	w.WriteByte('\n')
}

// indent is the space before the section's settings and sections, when one of
// them was read.
func (s *section) indent() (string, bool) {
	for _, e := range s.entries {
		raw := e.raw
		if e.kind == group {
			raw = e.sub.open
		}
		if e.kind != remark && raw != "" {
			return raw[:len(raw)-len(strings.TrimLeft(raw, " \t"))], true
		}
	}
	return "", false
}

// tabbed reports whether the first indented line begins with a tab.
func (s *section) tabbed() bool {
	for _, e := range s.entries {
		if e.sub != nil {
			if in, ok := e.sub.indent(); ok && in != "" {
				return in[0] == '\t'
			}
		}
	}
	return false
}
