package pcs

import (
	"path/filepath"
	"strings"
	"testing"
)

// pcs status ends with the state of its daemons, so wherever it is cut before
// that, the result is an error or unknown. Never a panic, never a claim.
func TestCutAnywhere(t *testing.T) {
	for _, name := range globAll(t, "testdata/text/*.txtar", "testdata/states/*/running.txtar") {
		for _, p := range readArchive(t, name).parts {
			if !strings.HasPrefix(p.name, "pcs status") || strings.HasPrefix(p.name, "pcs status nodes") || strings.HasSuffix(p.name, "xml") {
				continue
			}
			whole, err := ParseStatus([]byte(p.data))
			if err != nil || whole.Unknown() {
				continue
			}
			last := strings.LastIndex(p.data, "  pcsd: ")
			if last < 0 {
				continue
			}
			end := last + strings.IndexByte(p.data[last:]+"\n", '\n')
			for i := range len(p.data) {
				st, err := ParseStatus([]byte(p.data[:i]))
				if err == nil && !st.Unknown() && i < end {
					t.Fatalf("%s, cut at byte %d (%q), is taken for whole:\n%s", name, i, p.data[max(0, i-40):i], describe(st))
				}
				if err == nil {
					checkModel(t, st)
				}
			}
		}
	}
}

// crm_mon has no such end. Cut in the middle of a line it is unknown too, or
// else says nothing that the whole does not say.
func TestCutCrmMon(t *testing.T) {
	text := `Cluster Summary:
  * Stack: corosync
  * Current DC: n1 (version 2.1.5-1) - partition with quorum
  * Last updated: Mon Nov 23 03:20:31 2026
  * Last change:  Mon Nov 23 03:20:00 2026 by root via cibadmin on n1
  * 3 nodes configured
  * 6 resource instances configured

Node List:
  * Node n2: standby
  * Online: [ n1 n10 ]

Full List of Resources:
  * vip	(ocf:heartbeat:IPaddr2):	 Started n10
  * Resource Group: web:
    * a	(ocf:heartbeat:apache):	 Started n10 (unmanaged)
    * b	(ocf:heartbeat:apache):	 FAILED n1 (blocked)
  * c	(ocf:heartbeat:apache):	 Stopped (disabled)
  * d	(ocf:heartbeat:apache):	 Started [ n1 n10 ]
  * e	(ocf:heartbeat:apache):	 Started n10
`
	whole, err := ParseStatus([]byte(text))
	if err != nil || whole.Unknown() {
		t.Fatal(err, whole.Problem())
	}
	want := describe(whole)
	for i := range len(text) - 1 {
		st, err := ParseStatus([]byte(text[:i]))
		if err != nil || st.Unknown() {
			continue
		}
		// Only what may follow the last node of the last line can be missing.
		if got := describe(st); got != want {
			t.Errorf("cut at byte %d (%q) it says\n%s", i, text[max(0, i-40):i], got)
		}
	}
}

// pcs status --full lists all that its head counts: no line of a member or of a
// resource can be lost unseen. (That of a guest can: Pacemaker 2.0 has none for
// one that is off.)
func TestLostLine(t *testing.T) {
	lost := 0
	for _, name := range globAll(t, "testdata/states/*/*.txtar") {
		for _, p := range readArchive(t, name).parts {
			if p.name != "pcs status --full" {
				continue
			}
			if _, err := parsePart(p); err != nil { // it does not run
				continue
			}
			head, rest, _ := strings.Cut(p.data, "Node List:\n")
			list, rest, _ := strings.Cut(rest, "\nNode Attributes:\n")
			lines := strings.SplitAfter(list, "\n")
			for i, l := range lines {
				ln := oneLine(l)
				word, _ := cutWord(ln.s)
				if _, ok := resourceLine(ln.s); !ok && word != "Node" {
					continue
				}
				lost++
				text := head + "Node List:\n" + strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "") + "\nNode Attributes:\n" + rest
				if st, err := ParseStatus([]byte(text)); err == nil && !st.Unknown() {
					t.Errorf("%s: without %q it reads in full", name, l)
				}
			}
		}
	}
	if lost < 1000 {
		t.Errorf("%d lines were left out, of all fixtures", lost)
	}
}

// XML is whole or an error.
func TestCutXML(t *testing.T) {
	for _, name := range globAll(t, "testdata/text/xml-*.txtar") {
		for _, p := range readArchive(t, name).parts {
			if !strings.HasSuffix(p.name, "xml") {
				continue
			}
			if st, err := ParseStatusXML([]byte(p.data)); err != nil || st.Unknown() {
				continue
			}
			end := strings.LastIndexByte(p.data, '>')
			for i := range end {
				if st, err := ParseStatusXML([]byte(p.data[:i])); err == nil {
					t.Fatalf("%s, cut at byte %d, is read:\n%s", name, i, describe(st))
				}
			}
		}
	}
}

// Any byte that changes on the way is noticed or does no harm: no panic, and
// the model keeps its rules.
func TestFlippedBytes(t *testing.T) {
	for _, name := range globAll(t, "testdata/text/*.txtar") {
		for _, p := range readArchive(t, name).parts {
			if p.name == "model" {
				continue
			}
			parse := ParseStatus
			if strings.HasSuffix(p.name, "xml") {
				parse = ParseStatusXML
			}
			data := []byte(p.data)
			for i := range data {
				old := data[i]
				data[i] = "\x00 (:\n\xff["[i%7]
				if st, err := parse(data); err == nil {
					checkModel(t, st)
				}
				data[i] = old
			}
		}
	}
}

func globAll(t testing.TB, patterns ...string) (files []string) {
	t.Helper()
	for _, p := range patterns {
		m, err := filepath.Glob(p)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, m...)
	}
	if len(files) == 0 {
		t.Fatal("no files match", patterns)
	}
	return files
}

// Each error says where.
func TestTooLarge(t *testing.T) {
	big := make([]byte, maxInput+1)
	for i := range big {
		big[i] = 'x'
	}
	for _, parse := range []func([]byte) (*Status, error){ParseStatus, ParseStatusXML} {
		if _, err := parse(big); err == nil || !strings.Contains(err.Error(), "more than the") {
			t.Errorf("got %v", err)
		}
	}
	// What is kept of a text that is not understood is bounded.
	text := "Stack: corosync\n" + strings.Repeat("what is this\n", 10*maxLines) + strings.Repeat("y", 1<<20)
	st, err := ParseStatus([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(st.Unparsed); n != maxLines+1 {
		t.Errorf("%d lines are kept", n)
	}
	if problem := st.Problem().Error(); len(problem) > 2000 || !strings.Contains(problem, "line 2 ") {
		t.Errorf("the problem is told as %s", problem)
	}
}
