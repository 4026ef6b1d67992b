package crmsh

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// TestCases: the archives in testdata/cases have a text of crmsh, and the CIB
// and the messages that come of it.
func TestCases(t *testing.T) {
	cases.Run(t, "testdata/cases/*.txtar", func(t *testing.T, c cases.Case) string {
		text, err := os.ReadFile(filepath.Join(c.Dir, "cluster.crm"))
		if err != nil {
			t.Fatal(err)
		}
		out, unread, err := CIB("cluster.crm", text)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, out, unread)
		var b strings.Builder
		for line := range strings.Lines(string(out)) {
			// What is the same in every case is left out.
			if s := strings.TrimSpace(line); !strings.HasPrefix(s, "<cib ") && s != "</cib>" && s != "<status/>" && !strings.HasSuffix(s, "configuration>") &&
				s != "<crm_config/>" && s != "<nodes/>" && s != "<resources/>" && s != "<constraints/>" {
				b.WriteString(strings.TrimPrefix(line, "    "))
			}
		}
		for _, u := range unread {
			b.WriteString(u.String() + "\n")
		}
		return b.String()
	})
}

// sound holds what is true of every answer: it is a CIB, no id stands in it
// twice, and each message has a place and says what is wrong.
func sound(t *testing.T, out []byte, unread diag.List) {
	t.Helper()
	if _, err := cib.Parse(out); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for d := xml.NewDecoder(strings.NewReader(string(out))); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		e, ok := tok.(xml.StartElement)
		if !ok || otherID(&element{tag: e.Name.Local}) {
			continue
		}
		for _, a := range e.Attr {
			if a.Name.Local != "id" {
				continue
			}
			if seen[a.Value] || e.Name.Local != "fencing-level" && a.Value == "" {
				t.Errorf("the id %q of <%s> stands there twice or is empty", a.Value, e.Name.Local)
			}
			seen[a.Value] = true
		}
	}
	for _, u := range unread {
		if u.Line == 0 || u.Column == 0 || u.Message == "" {
			t.Errorf("without a place or a reason: %q", u.String())
		}
	}
}

// TestNoText: what is none of crmsh's at all is an error, and no empty cluster.
func TestNoText(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":        {"", "x.crm has no statement that crm configure show writes, such as primitive or property"},
		"comments":       {"# primitive a Dummy\n\n", "x.crm has no statement"},
		"a CIB":          {" <cib/>", "x.crm is XML, and not the text of crm configure show"},
		"a playbook":     {"hosts: all\nresources: []\n", "x.crm has no statement that crm configure show writes, such as primitive or property; the first line: x.crm:1:1: hosts: is no word that crm configure show begins a line with"},
		"pcs":            {"Cluster Name: hacluster\n", "the first line: x.crm:1:1: Cluster is no word"},
		"too large":      {strings.Repeat("#", maxBytes+1), "x.crm has more than 4 MiB"},
		"another text":   {"node n1\n" + strings.Repeat("word\n", maxUnread+1), "x.crm has more than 1000 lines that cannot be read, the first: x.crm:2:1: word is no word"},
		"UTF-16":         {"\xff\xfen\x00o\x00d\x00e\x00", "a character that is none of a text in UTF-8"},
		"a quote, alone": {"\"", "the first line: x.crm:1:1: the quote is not closed"},
	} {
		t.Run(name, func(t *testing.T) {
			out, unread, err := CIB("x.crm", []byte(c.text))
			if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "\n", " "), c.want) {
				t.Errorf("got %q, want %q", err, c.want)
			}
			if out != nil || unread != nil {
				t.Errorf("and beside the error %q, %v", out, unread)
			}
		})
	}
}

// TestPlaces: a message has the line and the column of the file, counted in
// characters, also where \ joins lines.
func TestPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"node n1\n\n  location l x !:\n":                             "3:16",
		"node n1\r\nprimitive a Dummy \\\r\n\top monitor role=x\r\n": "3:13",
		"node n1\ngroup ä ö 7":                                       "2:11",
		"\ufeffnode n1:x":                                            "1:6",
		"node n1\ncrm(live)configure# tag t 5":                       "2:27",
		"node n1\nprimitive a \\\n\\\n  @ \\\n":                      "4:3",
		"node n1\nxml <tag id=\"t\"> \\\n  <b> \\\n </c> \\\n</tag>": "4:2",
	} {
		_, unread, err := CIB("x", []byte(text))
		if err != nil && strings.HasPrefix(text, "\ufeff") {
			if !strings.Contains(err.Error(), "x:"+want+":") {
				t.Errorf("%q: %v, want %s", text, err, want)
			}
			continue
		}
		if err != nil || len(unread) != 1 || !strings.HasPrefix(unread[0].String(), "x:"+want+":") {
			t.Errorf("%q: %v %v, want one at %s", text, unread, err, want)
		}
	}
}

// TestSecrets: no message has a value, or what may be a piece of one.
func TestSecrets(t *testing.T) {
	for _, line := range []string{
		"primitive a Dummy params passwd=geheim )", "primitive a Dummy params passwd= geheim:x", "primitive a Dummy params passwd=a geheim( b",
		`primitive a Dummy params passwd="geheim`, "primitive a Dummy passwd=geheim op monitor role=geheim", "primitive passwd=geheim", "primitive a passwd=geheim",
		"primitive a Dummy params passwd=x op monitor interval=1 geheim:", "op passwd=geheim", "property passwd=geheim geheim:y", "alert a /b attributes p=geheim geheim:",
		`xml <primitive id="a" passwd="geheim"`, `xml <primitive id="a" passwd="geheim" passwd="x"/>`, `xml <nvpair passwd="geheim"/>`, `xml <tag id="t">geheim</tag>`,
		"location l a passwd=geheim", "colocation c inf: passwd=geheim b", "group g a b passwd=geheim x:geheim", "bundle b docker a geheim=geheim",
		"primitive a Dummy params @x:geheim $=geheim",
	} {
		_, unread, err := CIB("x", []byte("node n1\n"+line+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if len(unread) == 0 {
			t.Errorf("%s: nothing is said", line)
		}
		for _, u := range unread {
			if strings.Contains(strings.ReplaceAll(u.String(), "geheim=...", ""), "geheim") {
				t.Errorf("%s: %s", line, u)
			}
		}
	}
}

// TestLarge: time grows with the text, also with one that was made to be slow.
func TestLarge(t *testing.T) {
	many := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	digits := func(i int) string {
		return string(rune('a'+i%26)) + strings.Repeat("x", i/26%7) + strings.Repeat("y", i/182%11) + strings.Repeat("z", i/2002)
	}
	for name, text := range map[string]string{
		"options of one list":    "primitive a Dummy params " + many(100_000, func(i int) string { return digits(i) + "=1 " }),
		"operations":             "primitive a Dummy " + many(50_000, func(int) string { return "op start " }),
		"members":                "group g " + many(50_000, func(i int) string { return digits(i) + " " }),
		"constraints of nothing": "node n\n" + many(30_000, func(i int) string { return "location l" + digits(i) + " x 1: n\n" }),
		"sets of properties":     many(30_000, func(i int) string { return "property " + digits(i) + ": a=1\n" }),
		"one set in pieces":      many(30_000, func(i int) string { return "property " + digits(i) + "=1\n" }),
		"old properties":         many(30_000, func(int) string { return "property default-action-timeout=1\n" }),
		"recipients":             "alert a /b " + many(50_000, func(int) string { return "to x " }),
		"levels for every node":  many(300, func(i int) string { return "node " + digits(i) + "\n" }) + "fencing_topology " + many(5000, func(int) string { return "a " }),
		"mappings":               "bundle b docker image=x storage " + many(50_000, func(int) string { return "storage-mapping " }),
		"brackets":               "node n\ncolocation c inf: a" + strings.Repeat(")", 200_000),
		"hidden values":          "primitive a Dummy params " + many(50_000, func(int) string { return "a=****** " }),
		"attributes in XML":      "node n\nxml <tag " + many(50_000, func(i int) string { return digits(i) + `="1" ` }) + "/>",
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			if _, _, err := CIB("x", []byte(text)); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("%d bytes took %v", len(text), took)
			}
		})
	}
}

// FuzzCIB: whatever the text is, the answer is sound, and what was not read is
// named: a line of nonsense at its end adds exactly one message.
func FuzzCIB(f *testing.F) {
	cases.Seeds(f, "testdata/cases/*.txtar", "cluster.crm")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 100_000 {
			return
		}
		out, unread, err := CIB("x", []byte(text))
		if err != nil {
			return
		}
		sound(t, out, unread)
		again, more, err := CIB("x", []byte(text+"\n\nnonsense\n"))
		if err != nil {
			return // one too many
		}
		if string(again) != string(out) || len(more) != len(unread)+1 {
			t.Errorf("%d messages became %d with a line of nonsense, or the CIB another", len(unread), len(more))
		}
	})
}
