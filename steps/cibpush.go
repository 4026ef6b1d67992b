package steps

import (
	"context"
	_ "embed"
	"errors"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// readCIB reads the live CIB, as text too: the patch is made against it.
func readCIB(ctx context.Context, n *Node) (*cib.CIB, []byte, error) {
	res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"cibadmin", "--query"}, Reads: true, Sensitive: true, Limit: maxCIB, Timeout: time.Minute, Label: "cibadmin --query"})
	if err != nil {
		return nil, nil, err
	}
	if err := res.Err("cibadmin --query"); err != nil {
		return nil, nil, err
	}
	live, err := cib.Parse(res.Stdout)
	if err != nil {
		return nil, nil, err
	}
	return live, res.Stdout, nil
}

// maxCIB bounds a CIB, in bytes: a thousand resources on sixteen nodes, with
// the history of each on each, take half of it.
const maxCIB = 32 << 20

//go:embed cibpush.sh
var cibPushScript string

// pushCIB has the new CIB judged by crm_verify and patched in, guarded by the
// version of the old one.
func pushCIB(ctx context.Context, n *Node, old []byte, next secret.Value) error {
	sections, err := cib.WholeSections([]byte(next.Reveal()))
	if err != nil {
		return err
	}
	mark := "--hadeploy-new-cib--"
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script: cibPushScript, Args: []string{mark},
		Stdin:   strings.NewReader(string(old) + "\n" + mark + "\n" + next.Reveal() + "\n" + mark + "\n" + sections.Reveal() + "\n" + mark + "\n"),
		Timeout: 2 * time.Minute, Label: "cibadmin --patch",
	})
	if err != nil {
		return err
	}
	if res.Status == staleStatus {
		return errStale
	}
	return res.Err("cibadmin --patch")
}

// errStale says that the CIB changed between reading and patching.
var errStale = errors.New("the CIB changed while it was being patched")

// staleStatus is the exit status by which cibpush.sh says so.
const staleStatus = 75
