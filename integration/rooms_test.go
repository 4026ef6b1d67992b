package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// gotest runs a package's tests that need real nodes.
func gotest(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-v", "-timeout", "20m"}, args...)...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	passed := strings.Count(string(out), "--- PASS")
	skipped := strings.Count(string(out), "--- SKIP")
	if err != nil || passed == 0 {
		t.Fatalf("go test %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	t.Logf("go test %s: %d passed, %d skipped", strings.Join(args, " "), passed, skipped)
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
