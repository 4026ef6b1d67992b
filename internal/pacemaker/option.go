package pacemaker

import (
	"slices"
	"strings"
)

// Sort is what an option's value is.
type Sort int

// Sorts of values, as Pacemaker's own metadata names them.
const (
	Text       Sort = iota // any text
	Boolean                // see Bool
	Integer                // a whole number
	ScoreValue             // see Score
	Duration               // a time, see Time
	Percentage             // 80%
	Select                 // one of Option.Values
)

// Option is what Pacemaker knows of one cluster property, meta attribute or
// option of an operation.
type Option struct {
	Name    string
	Sort    Sort
	Values  []string // of a Select
	AnyCase bool     // of a Select: Pacemaker reads its values in any case
	Least   int64    // of an Integer, and of a score unless it is 0
	Natural bool     // of a score: below 0 it is an error, which Pacemaker takes for 1
	Clones  bool     // of a meta attribute: only clones have it
	Default string   // of Pacemaker; empty: none, or not a fixed one
	Use     string   // what it does, in one sentence
	Since   Release  // zero: as long as there has been a Pacemaker 1.1.10
	Gone    Release  // the first that no longer has it; zero: none
	Now     string   // the name that replaces it
}

// Has reports whether a release has the option; what is not known has it.
func (o *Option) Has(r Release) bool {
	return !r.Known() || !r.Before(o.Since) && (!o.Gone.Known() || r.Before(o.Gone))
}

// Takes reports whether a text is one of the values of a Select.
func (o *Option) Takes(text string) bool {
	return slices.ContainsFunc(o.Values, func(v string) bool { return v == text || o.AnyCase && strings.EqualFold(v, text) })
}

// Find looks an option up by its name.
func Find(list []Option, name string) *Option {
	if i := slices.IndexFunc(list, func(o Option) bool { return o.Name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

// Names are those of a list, in its order.
func Names(list []Option) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return names
}
