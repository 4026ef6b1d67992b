package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// output is the flag -o of a command: its help, its completion, its check and
// its writing come from the table of the command's formats, of which the first
// is the one for people.
type output[T any] struct {
	formats []report.Format[T]
	name    string
}

func newOutput[T any](formats []report.Format[T]) *output[T] {
	return &output[T]{formats: formats, name: formats[0].Name}
}

// flag gives a command its -o.
func (o *output[T]) flag(c *cobra.Command) {
	c.Flags().StringVarP(&o.name, "output", "o", o.name, o.help())
	// fails for a flag that does not exist
	_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(o.names(), cobra.ShellCompDirectiveNoFileComp))
}

func (o *output[T]) names() []string {
	names := make([]string, len(o.formats))
	for i, f := range o.formats {
		names[i] = f.Name
	}
	return names
}

// help is "text, json or markdown", with what there is to say of the last one.
func (o *output[T]) help() string {
	names := o.names()
	last := len(names) - 1
	or := " or "
	note := o.formats[last].Note
	if strings.HasPrefix(note, ":") { // it is of the last one alone
		or = ", or "
	}
	return strings.Join(names[:last], ", ") + or + names[last] + note
}

// check is for the beginning of a run: with a wrong -o nothing is done.
func (o *output[T]) check() error {
	if !slices.Contains(o.names(), o.name) {
		return usageError{fmt.Errorf("-o %s: expected one of %v", o.name, o.names())}
	}
	return nil
}

// forPeople reports whether the format is the first.
func (o *output[T]) forPeople() bool { return o.name == o.formats[0].Name }

// write writes in the format that was chosen.
func (o *output[T]) write(w io.Writer, s term.Style, v T) error {
	for _, f := range o.formats {
		if f.Name == o.name {
			return f.Write(w, s, v)
		}
	}
	return o.check()
}
