package inventory

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// TestSmallFilesOfMuch: what multiplies is bounded, and said to be, and what
// is below the bounds is read in little time.
func TestSmallFilesOfMuch(t *testing.T) {
	var down, up, vars strings.Builder
	for i := range 9_000 {
		fmt.Fprintf(&down, "[g%d:children]\ng%d\n", i, i+1)
		fmt.Fprintf(&up, "[g%d:children]\ng%d\n", 9_000-i-1, 9_000-i)
	}
	for i := range 100_000 {
		fmt.Fprintf(&vars, " v%d=1", i)
	}
	var inGroups, setVars strings.Builder
	for i := range 2_000 {
		fmt.Fprintf(&setVars, "v%d=1\n", i)
	}
	for i := range 200 {
		fmt.Fprintf(&inGroups, "[h%d:children]\nh%d\n", i, i+1)
	}
	for _, tc := range []struct{ name, text, want string }{
		{"a chain of groups, the outer first", down.String() + "[g9000]\nn1\n", ""},
		{"a chain of groups, the inner first", up.String() + "[g9000]\nn1\n", ""},
		{"a chain that is a ring", down.String() + "[g9000]\nn1\n[g9000:children]\ng0\n", "hosts.ini:18004:1: the group g0 would be inside itself"},
		{"more groups", strings.ReplaceAll(down.String(), "g", "a") + "a9000\n[a9000]\nn1\n" + down.String(),
			"hosts.ini:19997:1: the inventory has more than 10000 groups; is this the right file? an inventory for each cluster will do"},
		{"many variables on a line", "[all]\nn1" + vars.String() + "\n", ""},
		{"many variables of a range", "[all]\nn[1:20000]" + vars.String() + "\n",
			"hosts.ini:2:1: the inventory sets more than 2000000 variables of hosts, each host of a range counted"},
		{"variables of many hosts", "[all]\nn[1:20000]\n[all:vars]\n" + setVars.String(), "hosts.ini:2:1: the hosts have more than 10000000 variables, counted together"},
		{"hosts in many groups", inGroups.String() + "[h200]\nn[1:20000]\n", "hosts.ini:402:1: the hosts are in more than 2000000 groups, counted together"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			begun := time.Now()
			inv, list := loadText(t, "hosts.ini", tc.text)
			if took := time.Since(begun); took > time.Minute {
				t.Errorf("took %v", took)
			}
			if first, _, _ := strings.Cut(list, "\n"); !strings.HasPrefix(first, tc.want) || (inv == nil) != (tc.want != "") {
				t.Errorf("got %.500s, want %s", list, tc.want)
			}
		})
	}
}
