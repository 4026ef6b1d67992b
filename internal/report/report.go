// Package report turns what hadeploy found, means to do, does and did into
// text for terminals and logs, JSON for programs and Markdown for reviews: a
// room for each of these. What they share is below them: findings and failures
// in words, Markdown that nothing breaks out of, and at the bottom term, which
// knows terminals and nothing of clusters.
//
// The rules of all text here:
//   - what came from a node or a file is escaped before it is shown (term.Clean)
//   - a sign or a word carries the meaning; colour only repeats it
//   - plain ASCII drawing, for a serial console has to show it too
//   - a secret is never shown, whatever the data holds
package report

import (
	"io"

	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Format is one way in which a command writes what it has to say. A room has a
// table of them, formats.go, the one for people first; the flag -o, its help, its
// completion and its check are made from that table. A new format is a function
// in a file of its room, a line in the table, a golden file, and a word in docs.
type Format[T any] struct {
	Name  string
	Write func(io.Writer, term.Style, T) error
	Note  string // what the flag's help says behind the name
}
