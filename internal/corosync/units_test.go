package corosync

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestParseHostile(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"carriage returns", "totem {\r\n  token: 5000\r\n}\r\n", ""},
		{"no newline at the end", "totem {\n}", ""},
		{"control character", "totem {\n  to\x00ken: 1\n}\n", `line 2: byte 5 is the control character '\x00'`},
		{"control character in a comment", "# \x1b[2J\n", ""},
		{"deep", strings.Repeat("a {\n", 17), "line 17: sections are nested more than 16 deep"},
		{"deep enough", strings.Repeat("a {\n", 16) + strings.Repeat("}\n", 16), ""},
		{"long path", strings.Repeat("a", 200) + " {\n" + strings.Repeat("b", 55) + ": 1\n}\n", "line 2: the setting's path is longer than 255 bytes"},
		{"long section path", strings.Repeat("a", 200) + " {\n" + strings.Repeat("b", 55) + " {\n}\n}\n", "line 2: the section's path is longer than 255 bytes"},
		{"large", strings.Repeat("#\n", 32<<10) + "#", "the file has 65537 bytes, more than the 65536 that a corosync.conf may have"},
		{"as large as may be", strings.Repeat("#\n", 32<<10), ""},
		{"invalid UTF-8", "totem {\n  cluster_name: caf\xe9\n}\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.text))
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "corosync.conf: ")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCarriageReturnsMeanNothing(t *testing.T) {
	c := parsed(t, []byte("totem {\r\n\tcluster_name: a b \r\n}\r\n"))
	if got := c.ClusterName(); got != "a b" {
		t.Errorf("cluster name is %q", got)
	}
	if got := string(c.Bytes()); got != "totem {\n\tcluster_name: a b \n}\n" {
		t.Errorf("written as %q", got)
	}
}

func TestGet(t *testing.T) {
	c := parsed(t, []byte("totem {\ntoken: 1\n}\nquorum {\ndevice {\nmodel: net\n}\n}\ntotem {\ntoken: 2\n}\n"))
	for _, g := range []struct {
		path, want string
		ok         bool
	}{
		{"totem.token", "2", true},
		{"quorum.device.model", "net", true},
		{"totem.join", "", false},
		{"nodelist.node", "", false},
	} {
		if got, ok := c.Get(g.path); got != g.want || ok != g.ok {
			t.Errorf("Get(%q) = %q, %t", g.path, got, ok)
		}
	}
	if c.Transport() != "knet" {
		t.Errorf("transport is %q without one", c.Transport())
	}
}

// testdata/debian.conf is /etc/corosync/corosync.conf of Debian's corosync
// 3.1.2-2, 3.1.7-1 and 3.1.9-2 (one and the same file).
func TestIsDebianDefault(t *testing.T) {
	conf, err := os.ReadFile("testdata/debian.conf")
	if err != nil {
		t.Fatal(err)
	}
	edit := func(old, new string) []byte {
		t.Helper()
		if !bytes.Contains(conf, []byte(old)) {
			t.Fatalf("the file does not hold %q", old)
		}
		return bytes.Replace(conf, []byte(old), []byte(new), 1)
	}
	for _, c := range []struct {
		name string
		conf []byte
		want bool
	}{
		{"as packaged", conf, true},
		{"another logfile", edit("to_stderr: yes", "to_stderr: no"), true},
		{"another name", edit("cluster_name: debian", "cluster_name: erp"), false},
		{"another node name", edit("name: node1", "name: db1"), false},
		{"a real address", edit("ring0_addr: 127.0.0.1", "ring0_addr: 10.0.0.1"), false},
		{"another id", edit("nodeid: 1", "nodeid: 2"), false},
		{"a second link", edit("#ring1_addr:", "ring1_addr:"), false},
		{"a second node", append(slices.Clip(conf), "nodelist {\nnode {\nname: b\n}\n}\n"...), false},
		{"encrypted", edit("crypto_hash: none", "crypto_hash: sha256"), false},
		{"made by pcs", edit("crypto_hash: none", "cluster_uuid: 743ab2c86bed47ed9fde26174824b7f8"), false},
		{"cut", conf[:len(conf)/2], false},
		{"empty", nil, false},
	} {
		if got := IsDebianDefault(c.conf); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestKeygen(t *testing.T) {
	key, err := Keygen(strings.NewReader(strings.Repeat("k", 300)))
	if err != nil || key.Reveal() != strings.Repeat("k", 256) {
		t.Errorf("%d bytes, %v", len(key.Reveal()), err)
	}
	if text := fmt.Sprintf("%v %#v", key, key); strings.Contains(text, "k") {
		t.Errorf("the key is printed: %s", text)
	}
	if _, err := Keygen(strings.NewReader("short")); err == nil {
		t.Error("a short read gives a key")
	}
	if _, err := Keygen(errReader{}); err == nil || !strings.Contains(err.Error(), "no entropy") {
		t.Errorf("error %v", err)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

// The shared key may stand in corosync.conf itself; a plan must not show it.
func TestKeyIsNotShown(t *testing.T) {
	live := parsed(t, []byte("totem {\nkey: hunter2\n}\n"))
	next := parsed(t, []byte("totem {\nkey: hunter3\n}\n"))
	ds, err := Compare(live, next)
	if err != nil || len(ds) != 1 {
		t.Fatal(ds, err)
	}
	if text := fmt.Sprintf("%v %+v %+v", ds, ds, ds[0].Diff()); strings.Contains(text, "hunter") || !ds[0].Diff().Secret {
		t.Error(text)
	}
}

// What a change needs, by its path.
func TestNeeds(t *testing.T) {
	live := built(t, []byte("hacl n1 addr=10.0.0.1 n2 addr=10.0.0.2"))
	for _, c := range []struct {
		path string
		want Needs
	}{
		{"totem.token", Reload},
		{"totem.knet_compression_model", Reload},
		{"totem.cluster_name", Outage},
		{"totem.netmtu", Outage},
		{"totem.secauth", Outage},
		{"totem.unheard_of", Outage},
		{"totem.interface[0].knet_link_priority", Reload},
		{"totem.interface[0].mcastport", Outage},
		{"totem.interface[9].mcastport", Outage},
		{"quorum.two_node", Reload},
		{"quorum.wait_for_all", Outage},
		{"quorum.provider", Outage},
		{"quorum.device.model", Outage},
		{"quorum.device.net.host", Outage},
		{"nodelist.node[n1].nodeid", Outage},
		{"nodelist.node[n1].name", Outage},
		{"nodelist.node[n1.example.com].quorum_votes", Reload},
		{"nodelist.node[n1].ring0_addr", Outage},
		{"logging.debug", Reload},
		{"logging.logger_subsys[QUORUM].debug", Reload},
		{"uidgid.uid[a.b]", Reload},
		{"system.sched_rr", Outage},
		{"resources.system.load_15min.state", Outage},
		{"top", Outage},
	} {
		d := Difference{Path: c.path, HasBefore: true, HasAfter: true}
		if got := needs(d, live, live); got != c.want {
			t.Errorf("%s: %s, want %s", c.path, got, c.want)
		}
	}
}

func TestWorst(t *testing.T) {
	for _, c := range []struct {
		needs []Needs
		want  Needs
	}{
		{nil, ""},
		{[]Needs{Start}, Start},
		{[]Needs{Reload, Outage, Reload}, Outage},
		{[]Needs{Reload}, Reload},
	} {
		var ds []Difference
		for _, n := range c.needs {
			ds = append(ds, Difference{Needs: n})
		}
		if got := Worst(ds); got != c.want {
			t.Errorf("%v: %q", c.needs, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, dir := range []string{"parse", "merge", "build"} {
		files, err := os.ReadDir("testdata/" + dir)
		if err != nil {
			f.Fatal(err)
		}
		for _, e := range files {
			text, err := os.ReadFile("testdata/" + dir + "/" + e.Name())
			if err != nil {
				f.Fatal(err)
			}
			for _, part := range parseArchive(text).files {
				f.Add(part.data)
			}
		}
	}
	want, _ := Build(declare(&testing.T{}, []byte("hacl n1 addr=10.0.0.1 addr=10.1.0.1 n2 addr=10.0.0.2 addr=10.1.0.2 transport knet link linknumber=1 link_priority=3 totem token=5000")))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse(text)
		if err != nil {
			if _, ok := errors.AsType[*ParseError](err); !ok {
				t.Fatalf("%T is not a *ParseError", err)
			}
			return
		}
		// Writing is a fixed point, and reads as the same configuration.
		once := c.Bytes()
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", text, once, err)
		}
		if !bytes.Equal(again.Bytes(), once) {
			t.Fatalf("%q, then %q", once, again.Bytes())
		}
		if ds, err := Compare(c, again); err != nil || len(ds) > 0 {
			t.Fatalf("%q differs from itself: %v, %v", text, ds, err)
		}
		// A merge either fails or has what was declared, and is then stable.
		m, err := Merge(c, want)
		if err != nil {
			return
		}
		if text := m.Bytes(); len(text) <= maxFile {
			m, err = Parse(text)
			if err != nil {
				t.Fatalf("merged into %q: %v", text, err)
			}
		}
		if ds, err := Compare(m, want); err != nil || len(ds) > 0 {
			t.Fatalf("after merging into %q: %v, %v", m.Bytes(), ds, err)
		}
	})
}
