package steps

import (
	"strings"
	"testing"
)

// TestTakeBackups: what is not as hadeploy wrote it is named, and the others are
// told all the same, the newest first.
func TestTakeBackups(t *testing.T) {
	list, err := takeBackups(map[string][]byte{
		"20261127-171340-cpuw": []byte(`{"id":"20261127-171340-cpuw","by":"alice"}` + "\n"),
		"20261128-171340-cpuw": []byte(`{"id":"20261128-171340-cpuw","by":"bob"}`),
		"20261129-171340-cpuw": []byte(`{"id":"20261129-`),
		"20261130-171340-cpuw": []byte(`{"id":"20261127-171340-cpuw"}`),
		"20261201-..":          []byte(`{"id":"20261201-.."}`),
	})
	if len(list) != 2 || list[0].By != "bob" || list[1].By != "alice" {
		t.Errorf("got %+v", list)
	}
	for _, bad := range []string{"20261129-171340-cpuw", "20261130-171340-cpuw", "20261201-.."} {
		if err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s is not named: %v", bad, err)
		}
	}
	if list, err := takeBackups(nil); list != nil || err != nil {
		t.Errorf("a node without backups: %v, %v", list, err)
	}
}
