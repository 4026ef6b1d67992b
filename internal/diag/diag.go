// Package diag describes problems in files that a person wrote: where, what,
// why it matters and what to do. Readers collect all of them, so that one run
// shows every problem at once.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity of a Diagnostic.
type Severity int

// An error ends the run, a warning is shown.
const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Pos is a place in a file. Line and Column count from 1; Line 0 means the
// whole file.
type Pos struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// InFile is a position without its column, FILE:LINE; "" when there is none.
func (p Pos) InFile() string {
	if p.Line == 0 {
		return ""
	}
	p.Column = 0
	return p.String()
}

// Diagnostic is one problem.
type Diagnostic struct {
	Pos
	Severity Severity `json:"severity"`
	Path     string   `json:"path,omitempty"`   // resources[0].options.ipp
	Message  string   `json:"message"`          // lower case, no full stop
	Hint     string   `json:"hint,omitempty"`   // what to do: did you mean "ip"?
	Source   string   `json:"source,omitempty"` // the text of that line
	// Code is that of the finding which says the same of a run, where there is
	// one; the message ends with it.
	Code string `json:"code,omitempty"`
}

// List is a set of diagnostics. It is an error when one of them is.
type List []Diagnostic

// Error gives one line per diagnostic.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}

// String is the one-line form: file:line:column: path: message; hint.
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString(d.Pos.String() + ": ")
	if d.Severity == Warning {
		b.WriteString("warning: ")
	}
	if d.Path != "" {
		b.WriteString(d.Path + ": ")
	}
	b.WriteString(d.Message)
	if d.Hint != "" {
		b.WriteString("; " + d.Hint)
	}
	return b.String()
}

// Err returns the list as an error when it holds at least one error, else nil.
func (l List) Err() error {
	if slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error }) {
		return l
	}
	return nil
}

// Sort orders by file, line, column and message, and drops repetitions.
func (l List) Sort() List {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(l, func(a, b Diagnostic) bool {
		return a.Pos == b.Pos && a.Message == b.Message && a.Path == b.Path
	})
}
