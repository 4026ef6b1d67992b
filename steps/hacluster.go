package steps

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/GehirnInc/crypt"
	_ "github.com/GehirnInc/crypt/md5_crypt"    // what a node may have,
	_ "github.com/GehirnInc/crypt/sha256_crypt" // beside the sort that is set
	"github.com/GehirnInc/crypt/sha512_crypt"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// hacluster sets the password of the account by which nodes authenticate each
// other. It is changed only when it differs, and neither the password nor its
// hash is ever an argument of a command.
type hacluster struct{}

func (hacluster) Name() string             { return "hacluster" }
func (hacluster) Touches() []facts.Section { return []facts.Section{facts.SectionAccount} }

func (hacluster) Check(ctx context.Context, t *Target) ([]plan.Change, error) {
	if t.Playbook.Hacluster.Password.IsZero() {
		return nil, nil
	}
	password, err := t.Secret(ctx, t.Playbook.Hacluster.Password)
	atHand := err == nil
	if !atHand && t.strict {
		return nil, err
	}
	if !atHand { // a plan can be made where the secret is not, as in a pull request
		t.report(plan.Finding{Code: "SECRET_MISSING", Severity: plan.Warning,
			Message: "the hacluster password was not compared: " + err.Error(), Fix: "apply needs it"})
	}
	change := passwordChange(t.Node.Facts)
	change.At = declaredAt(t.Playbook.Hacluster.Pos)
	if noPassword(t.Node.Facts) {
		return []plan.Change{change}, nil // whatever the password is
	}
	if !atHand {
		change.Maybe, change.Unknown, change.Open = true, "whether it differs: until the secret is at hand", []string{"password"}
		return []plan.Change{change}, nil
	}
	same, err := samePassword(ctx, t.Node, password)
	if err != nil {
		return nil, err
	}
	if same {
		return nil, nil
	}
	return []plan.Change{change}, nil
}

// Apply makes the one change that there is of a node.
func (hacluster) Apply(ctx context.Context, t *Target, _ []plan.Change) error {
	password, err := t.Secret(ctx, t.Playbook.Hacluster.Password)
	if err != nil {
		return err
	}
	if !t.Node.Facts.Account.Exists {
		return fmt.Errorf("there is no account hacluster; the package pacemaker (or pcs) makes it")
	}
	hash, err := sha512_crypt.New().Generate([]byte(password.Reveal()), nil) // random salt
	if err != nil {
		return fmt.Errorf("hashing the password: %w", err)
	}
	res, err := t.Node.Conn.Run(ctx, remote.Cmd{
		Argv:    []string{"chpasswd", "-e"},
		Stdin:   strings.NewReader("hacluster:" + hash + "\n"),
		Timeout: 30 * time.Second,
		Label:   "chpasswd",
	})
	if err != nil {
		return err
	}
	return res.Err("chpasswd")
}

// passwordChange is the change of a node's password, if it is one. It is told
// from the node alone, so that a plan counts the same with and without the
// secret at hand: an account that has no password gets one in either case; one
// that has is counted apart (plan.Counts.Secrets), for whether it differs is
// all that the secret adds.
func passwordChange(f *facts.Facts) plan.Change {
	c := plan.Change{Action: plan.Update, Kind: "password", ID: "hacluster",
		Diffs: []plan.Diff{{Name: "password", HasBefore: !noPassword(f), HasAfter: true, Secret: true}}}
	if !f.Account.Exists { // a package makes it, and may give it a password
		c.Action, c.Unknown, c.Open = plan.Create, "until packages are installed", []string{"password"}
	}
	return c
}

// noPassword reports whether nobody can log in to the account with a password,
// as on a node where it was just made.
func noPassword(f *facts.Facts) bool {
	hash := f.Account.Shadow.Reveal()
	return !f.Account.Exists || hash == "" || strings.HasPrefix(hash, "!") || strings.HasPrefix(hash, "*")
}

// samePassword compares with the hash in the node's shadow file. Hashes that
// Go cannot make (yescrypt, Debian's default since 11) are compared on the
// node, by the crypt(3) that made them; both go there on stdin.
func samePassword(ctx context.Context, n *Node, password secret.Value) (bool, error) {
	if noPassword(n.Facts) {
		return false, nil
	}
	hash := n.Facts.Account.Shadow.Reveal()
	if crypt.IsHashSupported(hash) {
		return crypt.NewFromHash(hash).Verify(hash, []byte(password.Reveal())) == nil, nil
	}
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script: `if command -v perl >/dev/null; then
  exec perl -e 'chomp(my $p = <STDIN>); chomp(my $h = <STDIN>); my $c = crypt($p, $h); print defined $c && $c eq $h ? "same" : "other"'
elif python3 -c 'import crypt' 2>/dev/null; then
  exec python3 -c 'import crypt, sys; p, h = sys.stdin.read().split("\n")[:2]; print("same" if crypt.crypt(p, h) == h else "other")'
fi
echo unknown`,
		Reads:   true,
		Stdin:   strings.NewReader(password.Reveal() + "\n" + hash + "\n"),
		Timeout: 30 * time.Second,
		Label:   "compare the hacluster password",
	})
	if err != nil {
		return false, err
	}
	if err := res.Err("compare the hacluster password"); err != nil {
		return false, err
	}
	switch strings.TrimSpace(string(res.Stdout)) {
	case "same":
		return true, nil
	case "other", "unknown": // set it once more, to a hash that can be compared here
		return false, nil
	}
	return false, &facts.Error{Command: "comparing the hacluster password by crypt(3) of perl or python3", Said: excerpt.Tail(res.Stderr, 1), Why: "answered neither same nor other"}
}
