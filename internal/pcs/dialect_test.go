package pcs

import (
	"slices"
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for in, want := range map[string]string{
		"0.9.169\n": "0.9.169", "0.11.9.1": "0.11.9.1", "0.12.0.2\n": "0.12.0.2", "0.10.8": "0.10.8",
		"0.11.3+12-abcd": "0.11.3+12-abcd", "0.11.3.git-1": "0.11.3.git-1",
	} {
		v, err := ParseVersion(in)
		if err != nil || v.String() != want {
			t.Errorf("%q: got %q, %v", in, v, err)
		}
	}
	for _, in := range []string{"", "pcs", "0", "0.11.5 and more", "99999999999999999999.1", "-1.2"} {
		if v, err := ParseVersion(in); err == nil {
			t.Errorf("%q: got %v, want an error", in, v)
		}
	}
	v, _ := ParseVersion("0.11.9.1")
	for _, c := range []struct {
		than []int
		want int
	}{{[]int{0, 11, 9}, 1}, {[]int{0, 11, 9, 1}, 0}, {[]int{0, 11, 10}, -1}, {[]int{0, 9, 169}, 1}, {[]int{0, 12}, -1}} {
		if got := v.Compare(c.than...); got != c.want {
			t.Errorf("%v against %v: got %d", v, c.than, got)
		}
	}
}

func TestParseDialect(t *testing.T) {
	d, err := ParseDialect([]byte("0.11.5\npcs.auth.client pcmk.tag booth\n"))
	if err != nil || d.Version.String() != "0.11.5" || !d.Has("pcmk.tag") || d.Has("pcmk.resource.master") {
		t.Errorf("got %+v, %v", d, err)
	}
	// The list counts, whatever the version says.
	if d.Has("cluster.create") {
		t.Error("a capability that is not listed")
	}
	for _, bad := range []string{"", "no version\n", "0.11.5\nUsage: pcs [-f file]\n"} {
		if d, err := ParseDialect([]byte(bad)); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, d)
		}
	}
}

func TestHasByVersion(t *testing.T) {
	for version, want := range map[string]string{
		"0.9.143":  "pcs.auth pcmk.resource.master",
		"0.9.152":  "pcs.auth pcmk.resource.master sbd",
		"0.9.158":  "pcs.auth pcmk.resource.master sbd pcmk.resource.bundle",
		"0.10.8":   "pcs.auth.client pcmk.resource.promotable sbd pcmk.resource.bundle pcmk.tag",
		"0.11.5":   "pcs.auth.client pcmk.resource.promotable sbd pcmk.resource.bundle pcmk.tag cluster.config.uuid",
		"0.12.0.2": "pcs.auth.client pcmk.resource.promotable sbd pcmk.resource.bundle pcmk.tag cluster.config.uuid pcs.yes-to-confirm-commands",
		"0.13.1":   "pcs.auth.client pcs.yes-to-confirm-commands",
	} {
		d, err := ParseDialect([]byte(version))
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"pcs.auth.client", "pcmk.resource.master", "pcmk.resource.promotable", "sbd", "pcmk.resource.bundle", "pcmk.tag", "cluster.config.uuid", "pcs.yes-to-confirm-commands"} {
			if version == "0.13.1" && !strings.Contains(want, id) {
				continue
			}
			if got := d.Has(id); got != slices.Contains(strings.Fields(want), id) {
				t.Errorf("%s has %s: %v", version, id, got)
			}
		}
	}
}

func TestArgv(t *testing.T) {
	hosts := []HostAddr{{Name: "n1"}, {Name: "n2", Addr: "10.0.0.2"}, {Name: "n3", Addr: "fd00::3"}, {Name: "n4", Addr: "fd00::4", Port: 3000}, {Name: "n5", Port: 3000}}
	for version, want := range map[string][]string{
		"0.9.169": {"pcs cluster auth n1 n2 n3 n4:3000 n5:3000 -u hacluster", "pcs cluster destroy"},
		"0.10.8":  {"pcs host auth n1 n2 addr=10.0.0.2 n3 addr=[fd00::3] n4 addr=[fd00::4]:3000 n5 addr=n5:3000 -u hacluster", "pcs cluster destroy"},
		"0.12.0":  {"pcs host auth n1 n2 addr=10.0.0.2 n3 addr=[fd00::3] n4 addr=[fd00::4]:3000 n5 addr=n5:3000 -u hacluster", "pcs cluster destroy --yes"},
	} {
		d, err := ParseDialect([]byte(version))
		if err != nil {
			t.Fatal(err)
		}
		for i, argv := range [][]string{d.HostAuth(hosts), d.ClusterDestroy()} {
			if got := strings.Join(argv, " "); got != want[i] {
				t.Errorf("%s:\n got %s\nwant %s", version, got, want[i])
			}
		}
	}
	got := ParsePCSD([]byte("  n1: Online\n  n2: Unable to authenticate\n  n3 (10.0.0.3): Offline\nnoise\n"))
	if len(got) != 3 || got["n1"] != "Online" || got["n2"] != "Unable to authenticate" || got["n3"] != "Offline" {
		t.Errorf("got %v", got)
	}
}
