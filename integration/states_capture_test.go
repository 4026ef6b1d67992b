package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// printed are the commands whose output is kept, in the order of the fixture.
var printed = []string{"pcs status", "pcs status --full", "pcs status xml", "pcs cluster status", "pcs status nodes", "crm_mon -1"}

// snapshot prints the same of one saved CIB, for what would move on between
// two commands. What is not in the CIB (fencing, daemons) is not in it.
const snapshot = `saved=$(mktemp)
cibadmin -Q >"$saved"
export CIB_file=$saved
echo '-- crm_mon -1 -r --'; crm_mon -1 -r
echo '-- crm_mon -1 -r --full --'; crm_mon -1 -r --show-detail --show-node-attributes --failcounts
echo '-- crm_mon -1 -r --output-as=xml --'; crm_mon -1 -r --output-as=xml
rm "$saved"
`

// capture writes what the nodes print as a fixture of internal/pcs.
func (w *walk) capture(t *testing.T, s state) {
	t.Helper()
	w.keep(t, s.name, s.node, s.moves)
	if s.apart != "" {
		w.keep(t, s.name+"-"+s.apart, s.apart, false)
	}
}

// trimmed is left out of the XML, which is most of a fixture: the indentation,
// and each operation that succeeded. The fixture "running" has them.
var trimmed = regexp.MustCompile(`(?m)^ *<operation_history [^>]*rc="0"[^>]*/>\n|^ +<`)

func (w *walk) keep(t *testing.T, name, node string, moves bool) {
	t.Helper()
	var script strings.Builder
	script.WriteString("set +e; export LC_ALL=C\n")
	of := ""
	if moves {
		of = ", of one snapshot of the CIB"
		script.WriteString(snapshot)
	} else {
		script.WriteString("dir=$(mktemp -d)\n")
		for i, cmd := range printed { // at once: of one moment
			run := cmd
			if cmd == "pcs status --full" || cmd == "pcs cluster status" {
				run += " --request-timeout=3" // or they ask a lost node's pcsd for a minute
			}
			fmt.Fprintf(&script, "{ echo '-- %s --'; %s; } >$dir/%d 2>&1 &\n", cmd, run, i)
		}
		script.WriteString("wait; cat $dir/*; rm -r $dir\n")
	}
	fmt.Fprintf(&script, "echo '-- versions --'; pcs --version; pacemakerd --version | head -1\n")
	r := w.shell(t, node, script.String())
	text, versions, found := strings.Cut(r.out, "-- versions --\n")
	if r.code != 0 || !found {
		t.Errorf("capture of %s: %s", name, r)
		return
	}
	head := fmt.Sprintf("%s on %s%s: pcs %s\n", name, w.release, of, strings.ReplaceAll(strings.TrimSpace(versions), "\n", ", "))
	dir := filepath.Join("../internal/pcs/testdata/states", w.release)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if name != "running" {
		text = trimmed.ReplaceAllStringFunc(text, func(found string) string {
			return strings.Repeat("<", 1-strings.Count(found, "\n"))
		})
	}
	if err := os.WriteFile(filepath.Join(dir, name+".txtar"), []byte(head+text), 0o644); err != nil {
		t.Fatal(err)
	}
}
