package pcs

import (
	"strings"
	"testing"
)

// seeds adds every text of the project's own.
func seeds(f *testing.F, xml bool) {
	for _, name := range globAll(f, "testdata/text/*.txtar") {
		for _, p := range readArchive(f, name).parts {
			if p.name != "model" && strings.HasSuffix(p.name, "xml") == xml {
				f.Add([]byte(p.data))
			}
		}
	}
}

func FuzzParseStatus(f *testing.F) {
	seeds(f, false)
	f.Fuzz(func(t *testing.T, b []byte) {
		st, err := ParseStatus(b)
		if (st == nil) == (err == nil) {
			t.Fatalf("status %v and error %v", st, err)
		}
		if err != nil {
			return
		}
		checkModel(t, st)
		Compare(*st, *st)
		again, _ := ParseStatus(b)
		if describe(st) != describe(again) {
			t.Error("the same text gives another model")
		}
	})
}

func FuzzParseStatusXML(f *testing.F) {
	seeds(f, true)
	f.Fuzz(func(t *testing.T, b []byte) {
		st, err := ParseStatusXML(b)
		if (st == nil) == (err == nil) {
			t.Fatalf("status %v and error %v", st, err)
		}
		if err == nil {
			checkModel(t, st)
			Compare(*st, *st)
		}
	})
}
