// Package verifytest gives tests what the nodes of a lab said of their cluster in
// several states: the folder testdata/looks of the package verify, which
// capture.sh there has written.
package verifytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Look is what a node said in a state, a folder of looks. The CIB and the scores
// are kept of n1 only, and every node says them.
func Look(t testing.TB, looks, state, node string) string {
	t.Helper()
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(looks, state, name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	text := read(node)
	if strings.Contains(text, "@MARK begin status-cib ") || !strings.Contains(text, "@MARK end text 0") {
		return text
	}
	first := read("n1")
	from := strings.Index(first, "\n@MARK begin status-cib ")
	if from < 0 {
		t.Fatalf("%s: n1 has no CIB", state)
	}
	return strings.TrimSuffix(text, "\n@MARK done\n") + first[from:]
}

// Links are a node's addresses as its Corosync told them in a look.
func Links(look, node string) (links []string) {
	_, rest, ok := strings.Cut(look, " (str) = "+node+"\n")
	for line := range strings.Lines(rest) {
		key, address, _ := strings.Cut(strings.TrimSpace(line), " (str) = ")
		switch {
		case !ok, strings.HasSuffix(key, ".name"), !strings.HasPrefix(key, "nodelist.node."):
			return links
		case strings.HasSuffix(key, "_addr"):
			links = append(links, address)
		}
	}
	return links
}
