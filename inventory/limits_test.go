package inventory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loadText reads one inventory of that name and text.
func loadText(t *testing.T, name, text string) (*Inventory, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	inv, list := Load([]string{path}, "")
	return inv, strings.ReplaceAll(list.Error(), path, name)
}

// TestHostsAreCountedOnce: a host counts once, however many groups name it.
func TestHostsAreCountedOnce(t *testing.T) {
	inv, list := loadText(t, "hosts.ini", "[a]\nn[1:15000]\n[b]\nn[1:15000]\n[c]\nn[1:20000]\n")
	if inv == nil || len(inv.Nodes) != 20_000 {
		t.Errorf("not 20000 hosts: %s", list)
	}
	_, list = loadText(t, "hosts.ini", "[a]\nn[1:20000]\n[b]\nm1\nm2\n")
	if want := "hosts.ini:4:1: the inventory has more than 20000 hosts"; !strings.HasPrefix(list, want) || strings.Count(list, "\n") > 0 {
		t.Errorf("got %s, want once %s", list, want)
	}
	_, list = loadText(t, "hosts.ini", "[a]\n"+strings.Repeat("n[1:20000]\n", 60))
	if want := "hosts.ini:52:1: the inventory names its hosts more than 1000000 times"; !strings.HasPrefix(list, want) || strings.Count(list, "\n") > 0 {
		t.Errorf("got %s, want once %s", list, want)
	}
}
