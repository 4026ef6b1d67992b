package pcs

import (
	"bytes"
	"encoding/json"
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each file of testdata/text is one text (or document), its comment says of
// what, and the model that must come of it. "\x" escapes in a part named
// "quoted" stand for bytes that a file of text should not hold.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/text/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar := readArchive(t, name)
			var got string
			var models []*Status
			for i, f := range ar.parts {
				if i == len(ar.parts)-1 {
					break
				}
				st, err := parsePart(f)
				if err != nil {
					got += err.Error() + "\n"
					continue
				}
				models = append(models, st)
				if i == 0 {
					got += describe(st)
				}
				checkModel(t, st)
			}
			// A file with text and XML has one model.
			if len(models) == 2 {
				text, xml := models[0], models[1]
				if text.Source == "xml" {
					text, xml = xml, text
				}
				for _, d := range Compare(*text, *xml) {
					t.Error(d)
				}
			}
			last := &ar.parts[len(ar.parts)-1]
			if last.name != "model" {
				t.Fatalf("the last part is %q, not model", last.name)
			}
			if *update {
				last.data = got
				write(t, name, []byte(ar.String()))
				return
			}
			if diff := cmp.Diff(last.data, got); diff != "" {
				t.Errorf("the model differs (-want +got):\n%s", diff)
			}
		})
	}
}

func parsePart(f part) (*Status, error) {
	data := f.data
	if f.name == "quoted" {
		r := strings.NewReplacer(`\e`, "\x1b", `\r`, "\r", `\0`, "\x00", `\xff`, "\xff", `\t`, "\t")
		data = r.Replace(data)
	}
	if strings.HasSuffix(f.name, "xml") {
		return ParseStatusXML([]byte(data))
	}
	return ParseStatus([]byte(data))
}

// checkModel holds what is true of every model.
func checkModel(t testing.TB, s *Status) {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte(":null")) {
		t.Errorf("a list is null in JSON: %s", b)
	}
	seen := map[string]bool{}
	for i := range s.Resources {
		r := &s.Resources[i]
		if rank(r.Role) < 0 {
			t.Errorf("%s has the role %q", r.ID, r.Role)
		}
		if r.Clone != "" {
			if len(r.Nodes) > 1 {
				t.Errorf("an instance of %s is on %v, want one entry for each node", r.Clone, r.Nodes)
			}
			if seen[r.Group+"/"+r.Clone+"/"+r.ID+"/"+r.Role+"/"+strings.Join(r.Nodes, "")] && !s.Unknown() {
				t.Errorf("%s %s on %v is there twice", r.ID, r.Role, r.Nodes)
			}
			seen[r.Group+"/"+r.Clone+"/"+r.ID+"/"+r.Role+"/"+strings.Join(r.Nodes, "")] = true
		}
	}
	if s.Unknown() != (s.Problem() != nil) {
		t.Error("Unknown and Problem disagree")
	}
	if len(s.Unparsed) > maxLines+1 || len(s.Incomplete) > maxLines {
		t.Error("too many lines are kept")
	}
}
