package pcs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// much is enough to reach each limit on what a text or a document may hold.
const much = 7 << 20

// What a hostile node could print.
var hostile = map[string]func() string{
	"100 MB in one line":    func() string { return strings.Repeat("x", 100<<20) },
	"one line":              func() string { return strings.Repeat("x", maxInput) },
	"one line of blanks":    func() string { return strings.Repeat(" ", much-1) + "x" },
	"escapes":               func() string { return strings.Repeat("\x1b[1m", much/4) },
	"zero bytes":            func() string { return strings.Repeat("\x00", much) },
	"broken UTF-8":          func() string { return strings.Repeat("\xff\n", much/2) },
	"UTF-16":                func() string { return "\xff\xfe" + strings.Repeat("x\x00\n\x00", much/4) },
	"one agent":             func() string { return "r (" + strings.Repeat("a:b):(", much/6) },
	"one list of one node":  func() string { return "Online: [" + strings.Repeat(" n", much/2-20) + " ]\n" },
	"one list of nodes":     func() string { return "Online: [" + numbered(" n%d", much-20) + " ]\n" },
	"lists of nodes":        func() string { return numbered("Online: [ a%d b%d c%d ]\n", much) },
	"nodes":                 func() string { return numbered("Node n%d: standby\n", much) },
	"resources":             func() string { return numbered("r%d (a:b): Stopped\n", much) },
	"resources below nodes": func() string { return "Node n: online\n" + numbered("  r%d (a:b): Started\n", much-20) },
	"resources of a clone":  func() string { return "Clone Set: c [r]\n" + numbered("  r:%d (a:b): FAILED\n", much-20) },
	"resources of a bundle": func() string {
		return "Container bundle set: b [i]\n" + numbered("  b-%d (a:b): Stopped\n", much-40)
	},
	"sets": func() string { return numbered("Resource Group: g%d\n", much) },
	"instances": func() string {
		return "Clone Set: c [r]\n" + numbered("  Started: [ a%d b%d c%d d%d e%d ]\n", much-20)
	},
	"sets in sets": func() string { return string(deep(much - much/8)) },
	"clones, and nodes of no bundle": func() string {
		return "Online: [ n ]\n" + numbered("Clone Set: c%d [r]\nr%d (ocf:a:b): Started b-0\n", much-20)
	},
	"warnings": func() string { return "WARNINGS:\n" + numbered("%d\n", much-20) },
	"attributes": func() string {
		return "Online: [ n ]\nNode Attributes:\n* Node n:\n" + numbered("a%d : 1\n", much-60)
	},
	"fail counts": func() string { return "Migration Summary:\n* Node n:\n" + numbered("r%d: fail-count=1\n", much-60) },
	"one failure": func() string { return "Failed Actions:\nr_start_0 on " + strings.Repeat("n \n", much/3-20) },
	"failures": func() string {
		return "Failed Actions:\n" + numbered("* r%d stop on n returned 'error'\n", much-40)
	},
	"fencing": func() string {
		return "Fencing History:\n" + numbered("* off of n%d pending: client=c, origin=o\n", much-40)
	},
	"tickets": func() string { return "Tickets:\n" + numbered("t%d granted (a=b)\n", much-40) },
	"bans": func() string {
		return "Negative Location Constraints:\n" + numbered("b%d prevents r from running on n\n", much-60)
	},
	"daemons": func() string { return "Daemon Status:\n" + numbered("d%d: active/enabled\n", much-60) },

	"XML, deep":          func() string { return strings.Repeat("<crm_mon>", much/9) },
	"XML, wide":          func() string { return "<crm_mon>" + strings.Repeat("<a/>", much/4-9) + "</crm_mon>" },
	"XML, attributes":    func() string { return "<crm_mon" + strings.Repeat(` a=""`, much/5-9) + "/>" },
	"XML, text":          func() string { return "<crm_mon>" + strings.Repeat("x", much-30) + "</crm_mon>" },
	"XML, comments":      func() string { return "<crm_mon>" + strings.Repeat("<!---->", much/7-9) + "</crm_mon>" },
	"XML, after its end": func() string { return "<crm_mon></crm_mon>" + strings.Repeat(" ", much-30) },
	"XML, before it":     func() string { return strings.Repeat("x\n", much/2-30) + "<crm_mon></crm_mon>" },
	"XML, one tag":       func() string { return "<" + strings.Repeat("x", much-1) },
	"XML, one resource":  func() string { return `<crm_mon><resources><resource id="` + strings.Repeat("x", much-40) },
	"XML, resources": func() string {
		return `<crm_mon><resources>` + numbered(`<resource id="r%d" role="Stopped"/>`, much-60) + `</resources></crm_mon>`
	},
	"XML, nodes": func() string {
		return `<crm_mon><nodes>` + numbered(`<node name="n%d"/>`, much-60) + `</nodes></crm_mon>`
	},
	"XML, instances": func() string {
		return `<crm_mon><resources><clone id="c">` + numbered(`<resource id="r:%d" role="Started" active="true"><node name="n"/></resource>`, much-90) + `</clone></resources></crm_mon>`
	},
	"XML, failures": func() string {
		return `<crm_mon><failures>` + numbered(`<failure op_key="r%d_stop_0"/>`, much-60) + `</failures></crm_mon>`
	},
	"XML, unknown things": func() string {
		return `<crm_mon><resources>` + strings.Repeat(`<x/>`, much/4-20) + `</resources></crm_mon>`
	},
	"XML, entities": func() string {
		var b strings.Builder
		b.WriteString(`<!DOCTYPE crm_mon [<!ENTITY e0 "ha">`)
		for i := 1; i < 30; i++ {
			fmt.Fprintf(&b, `<!ENTITY e%d "&e%d;&e%d;&e%d;">`, i, i-1, i-1, i-1)
		}
		return b.String() + `]><crm_mon><summary><stack type="&e29;"/></summary></crm_mon>`
	},
}

// numbered repeats a line up to n bytes, with a growing number for each %d.
func numbered(format string, n int) string {
	parts := strings.Split(format, "%d")
	b := make([]byte, 0, n+len(format)+100)
	for i, end := 0, 0; ; i, end = i+1, len(b) {
		for j, part := range parts {
			if j > 0 {
				b = strconv.AppendInt(b, int64(i), 10)
			}
			b = append(b, part...)
		}
		if len(b) > n {
			return string(b[:end])
		}
	}
}

const (
	boundMemory = 640 << 20        // bytes of heap, with garbage
	boundTime   = 30 * time.Second // on a busy machine; a second on a free one
)

// Whatever comes, both readers end soon, hold no more memory than the bound,
// and give an error that says where or a model that is not taken for good.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("fills memory")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	for name, make := range hostile {
		t.Run(name, func(t *testing.T) {
			data := []byte(make())
			for _, parse := range []func([]byte) (*Status, error){ParseStatus, ParseStatusXML} {
				begin := time.Now()
				var st *Status
				var err error
				peak := peakHeap(func() { st, err = parse(data) })
				if peak > boundMemory {
					t.Errorf("%d MiB of heap", peak>>20)
				}
				if took := time.Since(begin); took > boundTime {
					t.Errorf("it took %v", took)
				}
				var syntax *SyntaxError
				switch {
				case err == nil && !st.Unknown():
					t.Error("this is taken for the state of a cluster")
				case err == nil:
					err = st.Problem()
				case !errors.As(err, &syntax):
					t.Errorf("the error is of type %T", err)
				}
				if len(err.Error()) > 4<<10 {
					t.Errorf("an error of %d bytes: %.200s", len(err.Error()), err)
				}
				t.Logf("%4d MiB, %v: %.120s", peak>>20, time.Since(begin).Round(time.Millisecond), err)
			}
		})
	}
}

// peakHeap runs f and gives the most heap that was in use meanwhile, beyond
// what was before.
func peakHeap(f func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, uint64(0)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	<-stopped
	return peak - min(peak, before)
}

// A million resources are an error that says where the reader gave up.
func TestTooManyResources(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		line int
	}{
		"resources": {"Online: [ n ]\n" + strings.Repeat("r (a:b): Stopped\n", maxEntries+10), maxEntries + 1},
		"nodes":     {numbered("Node n%d: online\n", maxInput), maxEntries + 1},
		"lists":     {numbered("Clone Set: c%d [r]\n  Started: [ a b c ]\n", maxInput), 2 * (maxEntries/3 + 1)},
	} {
		var syntax *SyntaxError
		if _, err := ParseStatus([]byte(test.text)); !errors.As(err, &syntax) || syntax.Line != test.line {
			t.Errorf("%s: %v, want one for line %d", name, err, test.line)
		}
	}
}

// What PowerShell saves.
func TestUTF16(t *testing.T) {
	text := "Cluster name: nord-süd\r\nCurrent DC: alpha (version 2.1.5-1) - partition with quorum\r\nOnline: [ alpha ]\r\nNo resources\r\n"
	doc := `<?xml version="1.0" encoding="UTF-16"?><crm_mon><summary><stack type="süd"/></summary></crm_mon>`
	encode := func(order binary.AppendByteOrder, s string) []byte {
		b := order.AppendUint16(nil, 0xfeff)
		for _, unit := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, unit)
		}
		return b
	}
	for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		for _, b := range [][]byte{encode(order, text), []byte("\ufeff" + text)} {
			st, err := ParseStatus(b)
			if err != nil || st.Cluster != "nord-süd" || st.DC != "alpha" || len(st.Unparsed) > 0 {
				t.Errorf("%s: %+v, %v", name, st, err)
			}
		}
		for _, parse := range []func([]byte) (*Status, error){ParseStatus, ParseStatusXML} {
			if st, err := parse(encode(order, doc)); err != nil || st.Stack != "süd" || len(st.Unparsed) > 0 {
				t.Errorf("%s: %+v, %v", name, st, err)
			}
		}
	}
	_, err := ParseStatusXML([]byte(`<?xml version="1.0" encoding="EBCDIC"?><crm_mon/>`))
	if err == nil || !strings.Contains(err.Error(), "EBCDIC") {
		t.Error(err)
	}
}
