package steps

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/verify"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// TestAskRemotes: the judge hears what the host of a remote node says of its key
// and its daemon, or why it says nothing.
func TestAskRemotes(t *testing.T) {
	t.Setenv("HACLUSTER_PASSWORD", "sekrit-pw")
	sum := strings.Repeat("ab", 32)
	ask := func(units string) (*Run, func() verify.RemoteHost) {
		d := cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "running", "-playbook": withWeb3, "-remote": "bare " + units}}
		cases.Write(t, filepath.Join(d.Dir, "web3", "pacemaker-key"), []byte("256 1795413700 "+sum+"\n"))
		r := &Run{Cluster: caseCluster(t, d), op: Verify}
		return r, func() verify.RemoteHost {
			hosts := r.askRemotes(t.Context())
			if len(hosts) != 1 {
				t.Fatalf("got %+v", hosts)
			}
			return hosts[0]
		}
	}
	_, asked := ask("active enabled")
	want := verify.RemoteHost{Node: "web3", Name: "web3", Key: sum, Remote: facts.Unit{Load: "loaded", Active: "active", Sub: "running", Enabled: "enabled"}}
	if got := asked(); got != want {
		t.Errorf("got %+v", got)
	}

	r, asked := ask("active enabled")
	away := &remote.UnreachableError{Node: "web3", Addr: "10.0.0.9", Err: errors.New("no route to host")}
	r.Remotes[0].Conn = nil
	r.Remotes[0].away.note(away, firstPause)
	if got := asked(); got.Reach != verify.Away || !errors.Is(got.Err, away) || got.Key != "" {
		t.Errorf("got %+v", got)
	}
}
