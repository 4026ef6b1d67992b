package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// gotest runs a package's tests that need real nodes. What failed there is
// shown last, and only that: the end of a long log is what is read.
func gotest(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-json", "-count=1", "-timeout", "45m"}, args...)...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	seen := readTests(out)
	if err != nil || seen.passed == 0 {
		t.Fatalf("go test %s: %v; %d passed\n%s%s", strings.Join(args, " "), err, seen.passed, seen.failures, stderr.Bytes())
	}
	t.Logf("go test %s: %d passed, %d skipped\n%s", strings.Join(args, " "), seen.passed, len(seen.skipped), strings.Join(seen.skipped, "\n"))
}

// tests is what a run of go test -json says.
type tests struct {
	passed   int
	skipped  []string // their names
	failures string   // what the tests that failed printed, and what is no test's
}

func readTests(out []byte) (seen tests) {
	type line struct{ Action, Package, Test, Output string }
	printed := map[string]*strings.Builder{}
	var order, failed []string
	for _, b := range bytes.Split(out, []byte("\n")) {
		var l line
		if json.Unmarshal(b, &l) != nil {
			seen.failures += string(b)
			continue
		}
		name := l.Package + " " + l.Test
		if printed[name] == nil {
			printed[name] = &strings.Builder{}
			order = append(order, name)
		}
		switch {
		case l.Action == "output":
			printed[name].WriteString(l.Output)
		case l.Action == "fail":
			failed = append(failed, name)
		case l.Action == "pass" && l.Test != "":
			seen.passed++
		case l.Action == "skip" && l.Test != "":
			seen.skipped = append(seen.skipped, l.Test)
		}
	}
	for _, name := range order {
		if slices.Contains(failed, name) {
			seen.failures += printed[name].String()
		}
	}
	return seen
}

// TestReadTests: of a failed run, what failed is shown and nothing else.
func TestReadTests(t *testing.T) {
	seen := readTests([]byte(`{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"fine\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB/part","Output":"b_test.go:7: broken\n"}
{"Action":"fail","Package":"p","Test":"TestB/part"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- FAIL: TestB\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
`))
	if want := (tests{1, []string{"TestC"}, "b_test.go:7: broken\n--- FAIL: TestB\n"}); !reflect.DeepEqual(seen, want) {
		t.Errorf("%+v, not %+v", seen, want)
	}
}

// TestWire tries the connections against real sshd and sudo.
func TestWire(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--nodes", "2")
	gotest(t, []string{"HADEPLOY_TEST_INVENTORY_DIR=" + l.dir}, "./internal/remote", "-run", "Lab")
}

// TestPackages installs, interrupts and repairs with real apt and dpkg.
func TestPackages(t *testing.T) {
	t.Parallel()
	labtest.NeedRoot(t)
	gotest(t, []string{"HADEPLOY_TEST_LAB=debian12"}, "./steps", "-run", "TestLab")
}

// TestOracle has the real pcs of a release judge the CIB and the corosync.conf
// that are built here.
func TestOracle(t *testing.T) {
	t.Parallel()
	for _, image := range []string{"debian11", "debian12", "debian13"} {
		t.Run(image, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, image, "--preinstalled", "--nodes", "1")
			var state struct {
				Nodes []struct {
					Address string `json:"address"`
				} `json:"nodes"`
			}
			b, err := os.ReadFile(filepath.Join(l.dir, "lab.json"))
			if err != nil || json.Unmarshal(b, &state) != nil || len(state.Nodes) != 1 {
				t.Fatalf("lab.json: %v: %s", err, b)
			}
			ssh := fmt.Sprintf("ssh -q -F /dev/null -o BatchMode=yes -i %s/id_ed25519 -o UserKnownHostsFile=%s/known_hosts root@%s", l.dir, l.dir, state.Nodes[0].Address)
			gotest(t, []string{"HADEPLOY_ORACLE_SSH=" + ssh}, "./internal/cib", "./internal/corosync", "-run", "Oracle")
		})
	}
}
