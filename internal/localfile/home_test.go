package localfile

import (
	"os/user"
	"testing"
)

// TestHome: $HOME counts, and without it the table of users.
func TestHome(t *testing.T) {
	t.Setenv("HOME", "/home/x")
	if home, err := Home(); err != nil || home != "/home/x" {
		t.Errorf("with $HOME: %q %v", home, err)
	}
	u, err := user.Current()
	if err != nil || u.HomeDir == "" {
		t.Skip("this user has no home")
	}
	t.Setenv("HOME", "")
	if home, err := Home(); err != nil || home == "" {
		t.Errorf("without $HOME: %q %v", home, err)
	}
}
