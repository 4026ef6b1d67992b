package plural

import "testing"

func TestOf(t *testing.T) {
	for want, got := range map[string]string{
		"0 nodes":       Of(0, "node"),
		"1 node":        Of(1, "node"),
		"2 nodes":       Of(2, "node"),
		"1 address":     Of(1, "address"),
		"2 addresses":   Of(2, "address"),
		"1 change is":   As(1, "change is", "changes are"),
		"3 changes are": As(3, "change is", "changes are"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
