package inventory

import (
	"fmt"
	"strings"
	"testing"
)

// TestMistypedList: a path with a comma that is not there is no list of hosts.
func TestMistypedList(t *testing.T) {
	for _, source := range []string{"ivn,a.ini", "a,b.yml", "a,b.yaml", "c,a.json", "n1,dir/x", "./hosts,"} {
		if inv, list := Load([]string{source}, ""); inv != nil || len(list) != 1 || !strings.Contains(list.Error(), "is the name of a file, not of a host") {
			t.Errorf("%s: %v", source, list)
		}
	}
	if inv, list := Load([]string{"n1,n2.example.com, 192.0.2.1,fd00::1"}, ""); inv == nil || len(inv.Nodes) != 4 {
		t.Errorf("a list of hosts: %v", list)
	}
}

// TestNoInventoryIsNamed: an empty name is none.
func TestNoInventoryIsNamed(t *testing.T) {
	if _, list := Load([]string{""}, ""); fmt.Sprint(list.Err()) != ": no inventory is named; give -i the name of a file or a folder, or a list of hosts: n1,n2" {
		t.Error(list)
	}
	if inv, list := Load([]string{"", "n1,"}, ""); inv == nil || len(inv.Nodes) != 1 {
		t.Error(list)
	}
}
