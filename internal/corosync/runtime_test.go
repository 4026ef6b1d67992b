package corosync

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// captured is what a running Corosync answered, and its file.
func captured(t *testing.T) (answer []byte, file *Config) {
	t.Helper()
	answer, err := os.ReadFile("testdata/runtime/debian12.cmap")
	if err != nil {
		t.Fatal(err)
	}
	conf, err := os.ReadFile("testdata/runtime/debian12.conf")
	if err != nil {
		t.Fatal(err)
	}
	return answer, parsed(t, conf)
}

// An answer that is cut anywhere, or holds something else, is no answer.
func TestParseRuntimeCut(t *testing.T) {
	answer, file := captured(t)
	for i := range answer {
		if r, err := ParseRuntime(answer[:i]); err == nil {
			t.Fatalf("cut after %d bytes, and taken for whole: %v", i, r.NotRead(file))
		}
	}
	lines := bytes.SplitAfter(answer, []byte("\n"))
	for i := range lines {
		for _, with := range []string{"Lorem ipsum\n", "totem.token\n", "totem.token (u32) = x\n", "a (what) = b\n", "\n", "totem.version (u32) = 3\n"} {
			broken := bytes.Join([][]byte{bytes.Join(lines[:i], nil), []byte(with), bytes.Join(lines[i:], nil)}, nil)
			if _, err := ParseRuntime(broken); err == nil {
				t.Errorf("%q at line %d was taken", with, i+1)
			}
		}
	}
	if _, err := ParseRuntime(bytes.Repeat([]byte("a (str) = b\n"), 1<<16)); err == nil {
		t.Error("an endless answer was taken")
	}
}

// TestNotRead changes one side, and says what is found then: edits of the file
// (file: old => new) or of the map (map: ...).
func TestNotRead(t *testing.T) {
	answer, file := captured(t)
	for _, c := range []struct{ name, edits, want string }{
		{"nothing", "", ""},
		{"a lost reload", "file: token: 7000 => token: 9000", "totem.token: 7000 -> 9000 (reload)"},
		{"a number in another form", "file: token: 7000 => token: 07000", ""},
		{"a line that is gone", "file: \n    token: 7000 => ", "totem.token: 7000 -> absent (reload)"},
		{"a line that is new", "file: token: 7000 => token: 7000\n    join: 60", "totem.join: 60 (reload)"},
		{"what only a start takes", "file: cluster_name: hadb => cluster_name: x", "totem.cluster_name: hadb -> x (outage)"},
		{"the address of a link", "file: 10.192.34.13 => 10.192.34.99", "nodelist.node[n3].ring1_addr: 10.192.34.13 -> 10.192.34.99 (outage)"},
		{"a member more", "file: quorum { => nodelist {\n node {\n  name: n4\n  nodeid: 4\n  ring0_addr: 10.0.0.4\n }\n}\nquorum {", "nodelist.node[n4]: 10.0.0.4, nodeid 4 (reload)"},
		{"members in another order", "file: name: n1\n        nodeid: 1 => name: x\n        nodeid: 9; file: name: n2\n        nodeid: 2 => name: n1\n        nodeid: 1; file: name: x\n        nodeid: 9 => name: n2\n        nodeid: 2",
			"nodelist.node[n2].ring0_addr: 10.192.33.12 -> 10.192.33.11 (outage), nodelist.node[n2].ring1_addr: 10.192.34.12 -> 10.192.34.11 (outage), " +
				"nodelist.node[n1].ring0_addr: 10.192.33.11 -> 10.192.33.12 (outage), nodelist.node[n1].ring1_addr: 10.192.34.11 -> 10.192.34.12 (outage)"},
		{"a comment and a section that Corosync does not know", "file: quorum { => # x\nuidgid {\n uid: 0\n}\nacme {\n a: b\n}\nquorum {", ""},
		{"an address to bind to", "file: token: 7000 => token: 7000\n    interface {\n  linknumber: 0\n  bindnetaddr: 10.0.0.0\n }", ""},
		{"what Corosync sets by itself", "map: nodelist.local_node_pos (u32) = 0 => nodelist.local_node_pos (u32) = 0\nquorum.cancel_wait_for_all (u8) = 0", ""},
		{"an option of a link", "file: token: 7000 => token: 7000\n    interface {\n  linknumber: 1\n  knet_link_priority: 5\n }", "totem.interface[1].knet_link_priority: 5 (reload)"},
		{"one that runs", "map: totem.token => totem.interface.1.knet_link_priority (u8) = 5\ntotem.token", "totem.interface[1].knet_link_priority: 5 -> absent (reload)"},
		{"a default that is written down", "file: provider: corosync_votequorum => provider: corosync_votequorum\n    two_node: 0", ""},
		{"somebody set it by hand", "map: totem.token (u32) = 7000 => totem.token (u32) = 500", "totem.token: 500 -> 7000 (reload)"},
		{"a key in the file", "file: token: 7000 => token: 7000\n    key: sekrit", "totem.key: *** (outage)"},
		{"a log of a part", "file: timestamp: on => timestamp: on\n    logger_subsys {\n  subsys: QUORUM\n  debug: on\n }", "logging.logger_subsys[QUORUM].debug: on (reload)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sides := map[string]string{"file": string(file.Bytes()), "map": string(answer)}
			for _, edit := range strings.Split(c.edits, "; ") {
				side, change, ok := strings.Cut(edit, ": ")
				if !ok {
					continue
				}
				old, new, _ := strings.Cut(change, " => ")
				if !strings.Contains(sides[side], old) {
					t.Fatalf("no %q in the %s", old, side)
				}
				sides[side] = strings.Replace(sides[side], old, new, 1)
			}
			r, err := ParseRuntime([]byte(sides["map"]))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range r.NotRead(parsed(t, []byte(sides["file"]))) {
				got = append(got, d.String())
			}
			if text := strings.Join(got, ", "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

func TestReloaded(t *testing.T) {
	answer, _ := captured(t)
	for _, c := range []struct{ status, message, want string }{
		{"", "", ""},
		{"1", "", ""},
		{"1", "of an earlier one", ""},
		{"7", "", "reload_status 7"},
		{"7", "no such key", "no such key (reload_status 7)"},
	} {
		var text strings.Builder
		if c.message != "" {
			text.WriteString("config.reload_error_message (str) = " + c.message + "\n")
		}
		if c.status != "" {
			text.WriteString("config.reload_status (i32) = " + c.status + "\n")
		}
		for line := range strings.Lines(string(answer)) {
			if !strings.HasPrefix(line, "config.") {
				text.WriteString(line)
			}
		}
		r, err := ParseRuntime([]byte(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := r.Reloaded(); err != nil {
			got = err.Error()
		}
		if got != c.want || r.ReloadMessage() != c.message {
			t.Errorf("%+v: got %q and %q", c, got, r.ReloadMessage())
		}
	}
}

func TestUsesAuthkey(t *testing.T) {
	answer, file := captured(t)
	r, err := ParseRuntime(answer)
	if err != nil || !r.UsesAuthkey() || !file.UsesAuthkey() {
		t.Errorf("the captured one encrypts: %v", err)
	}
	for totem, want := range map[string]bool{
		"":                      false,
		"secauth: on":           true,
		"secauth: off":          false,
		"crypto_cipher: aes256": true,
		"crypto_hash: sha1":     true,
		"secauth: on\ncrypto_hash: none\ncrypto_cipher: none": false,
		"crypto_cipher: none":            false,
		"crypto_hash: sha1\nkeyfile: /k": false,
		"crypto_hash: sha1\nkey: k":      false,
	} {
		if got := parsed(t, []byte("totem {\n"+totem+"\n}\n")).UsesAuthkey(); got != want {
			t.Errorf("%q: %v", totem, got)
		}
	}
}

func TestRefusesReload(t *testing.T) {
	conf := func(addr, rest string) *Config {
		return parsed(t, []byte("totem {\n version: 2\n"+rest+"}\nnodelist {\n node {\n  name: a\n  nodeid: 1\n"+addr+" }\n}\n"))
	}
	base := conf("  ring0_addr: 10.0.0.1\n", "")
	for name, c := range map[string]struct {
		next *Config
		want bool
	}{
		"another address": {conf("  ring0_addr: 10.0.0.2\n", ""), true},
		"a transport":     {conf("  ring0_addr: 10.0.0.1\n", " interface {\n  linknumber: 0\n  knet_transport: sctp\n }\n"), true},
		"a link more":     {conf("  ring0_addr: 10.0.0.1\n  ring1_addr: 10.1.0.1\n", ""), false},
		"a time":          {conf("  ring0_addr: 10.0.0.1\n", " token: 5000\n"), false},
		"a size":          {conf("  ring0_addr: 10.0.0.1\n", " netmtu: 1400\n"), false},
	} {
		ds, err := Compare(base, c.next)
		if err != nil || len(ds) == 0 || RefusesReload(ds) != c.want {
			t.Errorf("%s: %v %v %v", name, ds, RefusesReload(ds), err)
		}
	}
}

// What a node says is read or refused, and what is read can be compared.
func FuzzParseRuntime(f *testing.F) {
	answer, err := os.ReadFile("testdata/runtime/debian12.cmap")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(answer, []byte("totem {\n version: 2\n}\n"))
	f.Add([]byte("a.b (str) = \ntotem.version (u32) = 2\ntotem.version (u32) = 2\n"), []byte("logging {\n logger_subsys {\n }\n}\nnodelist {\n node {\n }\n}\n"))
	f.Fuzz(func(t *testing.T, answer, conf []byte) {
		r, err := ParseRuntime(answer)
		if err != nil {
			return
		}
		file, err := Parse(conf)
		if err != nil {
			return
		}
		r.NotRead(file)
		r.UsesAuthkey()
		if err := r.Reloaded(); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
