package corosync

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestForget leads one file through runs with different declarations, with the
// record that each run leaves, and with what a person does between two of them.
func TestForget(t *testing.T) {
	const setup = "hacl n1 addr=10.0.0.1 n2 addr=10.0.0.2 n3 addr=10.0.0.3\n"
	for _, c := range []struct {
		name  string
		steps []string // "declare ..." or "edit old => new"
		want  string   // what is left of totem and quorum beside what every file has
	}{
		{"what was written goes", []string{"declare totem join=60 token=5000", "declare totem token=5000"}, "totem.token=5000"},
		{"all of it", []string{"declare totem join=60", "declare"}, ""},
		{"a person's value stays", []string{"declare totem join=60", "edit join: 60 => join: 70", "declare"}, "totem.join=70"},
		{"a person's line stays", []string{"declare", "edit version: 2 => version: 2\n    join: 60", "declare"}, "totem.join=60"},
		{"what a person wrote first was not written", []string{"declare", "edit version: 2 => version: 2\n    join: 60", "declare totem join=60", "declare"}, "totem.join=60"},
		{"and was, once another value was declared", []string{"declare", "edit version: 2 => version: 2\n    join: 60", "declare totem join=70", "declare"}, ""},
		{"numbers are compared as numbers", []string{"declare totem join=60", "edit join: 60 => join: 060", "declare"}, ""},
		{"an option of quorum", []string{"declare quorum wait_for_all=1", "declare"}, ""},
		{"the options of a link, and the section that is empty then", []string{"declare transport knet link linknumber=0 link_priority=7", "declare"}, ""},
		{"a link with something of a person's", []string{"declare transport knet link linknumber=0 link_priority=7",
			"edit knet_link_priority: 7 => knet_link_priority: 7\n        mcastport: 5410", "declare"}, "totem.interface[0].mcastport=5410"},
		{"encryption is never switched off", []string{"declare transport knet crypto cipher=aes128 hash=sha1", "declare"}, "totem.crypto_cipher=aes128 totem.crypto_hash=sha1"},
		{"removed by a person, declared no longer", []string{"declare totem join=60", "edit     join: 60\n => ", "declare"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var live *Config
			record := Written{}
			for _, step := range c.steps {
				verb, rest, _ := strings.Cut(step, " ")
				if verb == "edit" {
					old, new, _ := strings.Cut(rest, " => ")
					text := string(live.Bytes())
					if !strings.Contains(text, old) {
						t.Fatalf("no %q in\n%s", old, text)
					}
					live = parsed(t, []byte(strings.Replace(text, old, new, 1)))
					continue
				}
				want := built(t, []byte(setup+rest+"\n"))
				base := live
				if live != nil {
					base = Forget(live, want, record)
				}
				next, err := Merge(base, want)
				if err != nil {
					t.Fatal(err)
				}
				if record, err = ParseWritten(Record(live, next, want, record).Bytes()); err != nil {
					t.Fatal(err)
				}
				live = parsed(t, next.Bytes())
			}
			everyFile := set("version=2", "cluster_name=hacl", "transport=knet", "provider=corosync_votequorum", "crypto_cipher=aes256", "crypto_hash=sha256")
			var left []string
			for _, v := range live.values() {
				if in, _ := split(v.path); (strings.HasPrefix(in, "totem") || in == "quorum") && !everyFile[v.name+"="+v.text] {
					left = append(left, v.path+"="+v.text)
				}
			}
			got := strings.Join(left, " ")
			if got != c.want {
				t.Errorf("left: %q, want %q\n%s", got, c.want, live.Bytes())
			}
			if strings.Contains(string(live.Bytes()), "interface") != strings.Contains(c.want, "interface") {
				t.Errorf("an empty section:\n%s", live.Bytes())
			}
		})
	}
}

func TestParseWritten(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"format":1,"wrote":{}}`, ""},
		{`{"format":1,"wrote":{"totem.join":"60"}}`, ""},
		{``, "it cannot be read as JSON: unexpected end of JSON input"},
		{`{"format":1`, "it cannot be read as JSON: unexpected end of JSON input"},
		{`{"format":2,"wrote":{}}`, "it has the format 2, and this release knows 1"},
		{`{"format":1}`, "it says nothing of what was written"},
		{`[]`, "it cannot be read as JSON: json: cannot unmarshal array into Go value of type corosync.writtenFile"},
	} {
		_, err := ParseWritten([]byte(c.text))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", c.text, d)
		}
	}
}
