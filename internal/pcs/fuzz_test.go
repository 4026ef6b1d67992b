package pcs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// seeds adds every text of the project's own. What fuzzing has found and other
// seeds are in testdata/fuzz, see integration/fuzz.sh.
func seeds(f *testing.F, xml bool) {
	for _, name := range globAll(f, "testdata/text/*.txtar", "testdata/states/*/running.txtar") {
		for _, p := range readArchive(f, name).parts {
			if p.name != "model" && strings.HasSuffix(p.name, "xml") == xml {
				f.Add([]byte(p.data))
			}
		}
	}
}

// A reader of one input must be done long before: 16 MiB take a second or two.
const perInput = 20 * time.Second

// fuzzed reads an input and holds what is true of every result.
func fuzzed(t *testing.T, parse func([]byte) (*Status, error), b []byte) *Status {
	st, err := bounded(t, parse, b)
	if (st == nil) == (err == nil) {
		t.Fatalf("status %v and error %v", st, err)
	}
	again, err2 := parse(b)
	if fmt.Sprint(err) != fmt.Sprint(err2) {
		t.Fatalf("once the error is %v, then %v", err, err2)
	}
	if err != nil {
		var not *NotRunningError
		var syntax *SyntaxError
		if !errors.As(err, &not) && !errors.As(err, &syntax) {
			t.Errorf("the error is of type %T", err)
		}
		return nil
	}
	if describe(st) != describe(again) {
		t.Error("the same input gives another model")
	}
	checkModel(t, st)
	if found := Compare(*st, *st); len(found) > 0 && !st.Unknown() {
		t.Errorf("compared with itself: %s", found)
	}
	roundTrip(t, st)
	return st
}

// bounded runs a reader within bounds of time and memory, and gives a panic to
// the test.
func bounded(t *testing.T, parse func([]byte) (*Status, error), b []byte) (st *Status, err error) {
	t.Helper()
	var before, after runtime.MemStats
	if len(b) > 8<<10 {
		runtime.ReadMemStats(&before)
	}
	panicked := make(chan string, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				panicked <- fmt.Sprintf("%v\n%s", p, debug.Stack())
			}
			close(panicked)
		}()
		st, err = parse(b)
	}()
	select {
	case p := <-panicked:
		if p != "" {
			t.Fatal(p)
		}
	case <-time.After(perInput):
		t.Fatalf("%d bytes are not read after %v", len(b), perInput)
	}
	if len(b) > 8<<10 {
		// An entry in the model has some hundred bytes, and its line at least ten.
		runtime.ReadMemStats(&after)
		if all := after.TotalAlloc - before.TotalAlloc; all > 64<<20+uint64(len(b))*500 {
			t.Errorf("%d bytes of input took %d of memory", len(b), all)
		}
	}
	return st, err
}

// roundTrip: the JSON of a model is the model.
func roundTrip(t *testing.T, st *Status) {
	t.Helper()
	b, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	var back Status
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	again, err := json.Marshal(&back)
	if err != nil || !bytes.Equal(b, again) {
		at := 0
		for at < min(len(b), len(again)) && b[at] == again[at] {
			at++
		}
		t.Errorf("JSON changes on its way (%v): %.200s, then %.200s", err, b[max(0, at-80):], again[max(0, at-80):])
	}
}

func utf16Marked(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff"))
}

// same: another form of an input that was understood gives the same model.
func same(t *testing.T, parse func([]byte) (*Status, error), st *Status, what string, b []byte) {
	t.Helper()
	if st.Unknown() || len(b) > maxInput {
		return
	}
	other, err := parse(b)
	if err != nil || describe(other) != describe(st) {
		t.Errorf("%s it reads as another state (%v)", what, err)
	}
}

func FuzzParseStatus(f *testing.F) {
	seeds(f, false)
	f.Fuzz(checkText)
}

func checkText(t *testing.T, b []byte) {
	st := fuzzed(t, ParseStatus, b)
	if st == nil || utf16Marked(b) {
		return
	}
	if st.Source == "text" {
		same(t, ParseStatus, st, "with blanks and CR at the end of its lines", bytes.ReplaceAll(b, []byte("\n"), []byte(" \t\r\n")))
		same(t, ParseStatus, st, "quoted in a mail", quoted(b))
	}
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		return
	}
	// What is not understood is kept, and the state then unknown.
	garbled, err := ParseStatus(append([]byte("\x00?\n"), b...))
	if err == nil && (len(garbled.Unparsed) == 0 || garbled.Unparsed[0].Line != 1) {
		t.Errorf("a garbled line is not kept: %v", garbled.Unparsed)
	}
}

// quoted puts "> " before each line.
func quoted(b []byte) []byte {
	return append([]byte("> "), bytes.ReplaceAll(b, []byte("\n"), []byte("\n> "))...)
}

func FuzzParseStatusXML(f *testing.F) {
	seeds(f, true)
	f.Fuzz(checkXML)
}

func checkXML(t *testing.T, b []byte) {
	st := fuzzed(t, ParseStatusXML, b)
	if st == nil || utf16Marked(b) {
		return
	}
	same(t, ParseStatusXML, st, "with CR at the end of its lines", bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	// A document is whole or an error.
	end := bytes.LastIndexByte(b, '>')
	if _, err := ParseStatusXML(b[:max(end, 0)]); err == nil && !st.Unknown() && !bytes.Contains(b, []byte("<!--")) {
		t.Errorf("without its last bytes it is read all the same")
	}
}
