package inventory

import (
	"slices"
	"testing"
)

// TestRangesAtTheEnds: the numbers at the end of what an int holds neither
// hang nor make up hosts.
func TestRangesAtTheEnds(t *testing.T) {
	for pattern, want := range map[string][]string{
		"n[9223372036854775806:9223372036854775807]":   {"n9223372036854775806", "n9223372036854775807"},
		"n[1:9:9223372036854775807]":                   {"n1"},
		"n[0:9223372036854775807:9223372036854775807]": {"n0", "n9223372036854775807"},
		"n[a:Z:9223372036854775807]":                   {"na"},
		"n[a:Z:51]":                                    {"na", "nZ"},
		"n[a:c:2]":                                     {"na", "nc"},
		"n[1:9:3]":                                     {"n1", "n4", "n7"},
		"n[08:10]":                                     {"n08", "n09", "n10"},
	} {
		if got, err := expandRange(pattern, maxHosts); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", pattern, got, err, want)
		}
	}
	for _, pattern := range []string{"n[0:9223372036854775807]", "n[1:9223372036854775808]", "n[1:2:9223372036854775808]"} {
		if got, err := expandRange(pattern, maxHosts); err == nil {
			t.Errorf("%s: %v", pattern, got)
		}
	}
}
