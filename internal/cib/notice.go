package cib

// notice is what an alert and each of its recipients have alike.
type notice struct {
	id            string // of a recipient; empty: pcs's own
	attrs         []pair // path or value, description; the latter may be empty
	options, meta []pair
}

// alertBody is an alert with what stands below it.
type alertBody struct {
	notice

	selects    []string // selectWords of what is wanted
	recipients []notice
}
