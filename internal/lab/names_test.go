package lab

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"demo": true, "a": true, "a-1": true, strings.Repeat("x", 40): true,
		"": false, "-a": false, "a-": false, "A": false, "a.b": false, "a/b": false, "a b": false,
		"..": false, strings.Repeat("x", 41): false,
	} {
		if err := checkName(name); (err == nil) != ok {
			t.Errorf("checkName(%q) = %v, want ok %v", name, err, ok)
		}
	}
}

func TestNameFor(t *testing.T) {
	dirs := []string{"/srv/lab", "/home/a/lab", "/home/a/My Lab!", "/" + strings.Repeat("long-", 30), "/", "/ä"}
	seen := map[string]string{}
	for _, d := range dirs {
		name := NameFor(d)
		if err := checkName(name); err != nil {
			t.Errorf("NameFor(%q): %v", d, err)
		}
		if other, dup := seen[name]; dup {
			t.Errorf("NameFor gives %q for %q and for %q", name, d, other)
		}
		seen[name] = d
		if again := NameFor(d); again != name {
			t.Errorf("NameFor(%q) gives %q, then %q", d, name, again)
		}
	}
	if got := NameFor("/srv/lab"); !strings.HasPrefix(got, "lab-") {
		t.Errorf("NameFor(/srv/lab) = %q, want it to begin with the folder's name", got)
	}
}

// Interface names have at most 15 characters (IFNAMSIZ), machine names 64, and
// no two objects of any labs share a name.
func TestNamesFitAndDiffer(t *testing.T) {
	longest := strings.Repeat("x", 40)
	lastNode := nodeName(MaxNodes - 1)
	for _, n := range []string{hostMgmtIf(slotCount - 1), hostLinkIf(slotCount-1, MaxLinks-1), portLinkIf(lastNode, MaxLinks-1), portMgmtIf(lastNode)} {
		if len(n) > 15 {
			t.Errorf("interface name %q has %d characters", n, len(n))
		}
	}
	if n := machineName(longest, lastNode); len(n) > 64 {
		t.Errorf("machine name %q has %d characters", n, len(n))
	}
	seen := map[string]string{}
	for _, lab := range []string{"a", "a-n1", "n1", "a-n1-n1", "switch"} {
		for _, node := range []string{"n1", "n2"} {
			for kind, name := range map[string]string{"netns": netnsName(lab, node), "machine": machineName(lab, node)} {
				key := kind + " " + name
				if other, dup := seen[key]; dup {
					t.Errorf("%s is used by %s/%s and %s", key, lab, node, other)
				}
				seen[key] = lab + "/" + node
			}
		}
	}
}

func TestAddresses(t *testing.T) {
	all := netip.MustParsePrefix("10.192.0.0/12")
	seen := map[string]bool{}
	for slot := range slotCount {
		p := slotPrefix(slot)
		if p != p.Masked() || !all.Contains(p.Addr()) {
			t.Fatalf("slot %d: %s is not a network in %s", slot, p, all)
		}
		for n := range 1 + MaxLinks {
			a := netip.MustParseAddr(hostAddr(slot, n))
			if !p.Contains(a) {
				t.Fatalf("slot %d network %d: %s is outside %s", slot, n, a, p)
			}
			net := netip.PrefixFrom(a, 24).Masked().String()
			if seen[net] {
				t.Fatalf("network %s is given twice", net)
			}
			seen[net] = true
		}
	}
	got := []string{mgmtAddr(17, 0), linkAddr(17, 0, 0), linkAddr(17, 1, 2), hostAddr(17, 1), macAddr(17, 2, 2)}
	want := []string{"10.193.16.11", "10.193.17.11", "10.193.18.13", "10.193.17.1", "02:4c:11:02:02:01"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if last := firstHost + MaxNodes - 1; last >= firstFree {
		t.Errorf("the last node's address .%d is in the range for floating addresses", last)
	}
}

func TestPickSlot(t *testing.T) {
	prefixes := func(s ...string) (out []netip.Prefix) {
		for _, x := range s {
			out = append(out, netip.MustParsePrefix(x))
		}
		return out
	}
	full := map[int]string{}
	for i := range slotCount {
		full[i] = fmt.Sprint("lab", i)
	}
	for _, c := range []struct {
		name  string
		taken map[int]string
		used  []netip.Prefix
		want  int // -1: error
	}{
		{"nothing in the way", nil, nil, 0},
		{"first two taken", map[int]string{0: "a", 1: "b"}, nil, 2},
		{"gap is reused", map[int]string{0: "a", 2: "b"}, nil, 1},
		{"a route inside slot 0", nil, prefixes("10.192.3.0/24"), 1},
		{"a host route inside slot 1", map[int]string{0: "a"}, prefixes("10.192.16.7/32"), 2},
		{"routes elsewhere", nil, prefixes("10.0.0.0/24", "192.168.0.0/16", "172.17.0.0/16"), 0},
		{"a /16 over slots 0 to 15", nil, prefixes("10.192.0.0/16"), 16},
		{"an office's 10/8 is overridden", nil, prefixes("10.0.0.0/8", "10.192.0.0/24"), 1},
		{"all taken", full, nil, -1},
	} {
		got, err := pickSlot(c.taken, c.used)
		if err != nil {
			got = -1
		}
		if got != c.want {
			t.Errorf("%s: slot %d (%v), want %d", c.name, got, err, c.want)
		}
	}
}

func TestParseRoutes(t *testing.T) {
	got, err := parseRoutes([]byte(`[{"dst":"default","gateway":"192.0.2.1"},{"dst":"192.0.2.0/24","dev":"eth0"},
		{"type":"local","dst":"192.0.2.2","table":"local"},{"type":"broadcast","dst":"10.192.0.255"},{"dst":"0.0.0.0/0"},{"type":"unreachable","dst":"odd name"}]`))
	if err != nil {
		t.Fatal(err)
	}
	want := "[192.0.2.0/24 192.0.2.2/32 10.192.0.255/32]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if _, err := parseRoutes([]byte("RTNETLINK answers: no")); err == nil {
		t.Error("text that is not JSON: no error")
	}
	if got, err := parseRoutes(nil); err != nil || got != nil {
		t.Errorf("no routes: %v, %v", got, err)
	}
}
