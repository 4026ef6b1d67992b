// Package finding is the catalogue of everything that preflight and verify can
// find: one entry for each code, from which docs/findings.md and
// `hadeploy verify --explain CODE` are made.
package finding

// Entry explains one code.
type Entry struct {
	Code     string // stable between releases: RESOURCE_STOPPED
	Severity string // error, warning, info, or in words when it depends: "error or warning"
	Group    string // heading of docs/findings.md that it stands under
	Meaning  string // one line: what was found
	Do       string // one line: what to do
	// Explain is for a person at three in the morning, in paragraphs: what
	// the check looks at, why it matters, how to look closer, how to mend it,
	// and when it may be left.
	Explain string
}
