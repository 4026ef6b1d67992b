package pacemaker

import (
	"fmt"
	"strings"
)

// schemas are the releases that brought a new schema of the configuration, the
// newest first. (The table of Pacemaker's own xml/README.md.)
var schemas = []struct {
	since  Release
	schema string
}{
	{Release{3, 0, 0}, "4.0"},
	{Release{2, 1, 8}, "3.10"},
	{Release{2, 1, 5}, "3.9"},
	{Release{2, 1, 3}, "3.8"},
	{Release{2, 1, 0}, "3.7"},
	{Release{2, 0, 5}, "3.5"},
	{Release{2, 0, 4}, "3.3"},
	{Release{2, 0, 1}, "3.2"},
	{Release{2, 0, 0}, "3.1"},
	{Release{1, 1, 18}, "2.10"},
	{Release{1, 1, 17}, "2.9"},
	{Release{1, 1, 16}, "2.6"},
	{Release{1, 1, 15}, "2.5"},
	{Release{1, 1, 14}, "2.4"},
	{Release{1, 1, 13}, "2.3"},
	{Release{1, 1, 12}, "2.0"},
}

// Newest is the newest release whose schema is known here.
func Newest() Release { return schemas[0].since }

// Schema is the newest schema that a release has, as it stands in
// validate-with: pacemaker-3.9. Of a release that is older than all that are
// known here it is an error.
func (r Release) Schema() (string, error) {
	for _, s := range schemas {
		if !r.Before(s.since) {
			return "pacemaker-" + s.schema, nil
		}
	}
	return "", fmt.Errorf("releases before %s are not known here", schemas[len(schemas)-1].since)
}

// ForSchema is the oldest release known here that writes a schema such as
// pacemaker-3.7, or a later one of its kind; the oldest of all for those that are
// older still, and the newest for a name that is none.
func ForSchema(name string) Release {
	major, minor, ok := schemaNumbers(strings.TrimPrefix(name, "pacemaker-"))
	if !ok {
		return Newest()
	}
	for _, s := range schemas {
		if a, b, _ := schemaNumbers(s.schema); a < major || a == major && b <= minor {
			return s.since
		}
	}
	return schemas[len(schemas)-1].since
}

func schemaNumbers(version string) (major, minor int, ok bool) {
	n, err := fmt.Sscanf(version, "%d.%d", &major, &minor)
	return major, minor, n == 2 && err == nil
}
