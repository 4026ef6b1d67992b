package verifyreport

// State is what a monitoring system knows of a service, numbered as its
// plugins end.
type State int

// In the order of their numbers.
const (
	StateOK State = iota
	StateWarning
	StateCritical
	StateUnknown
)

func (s State) String() string {
	return []string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[s]
}
