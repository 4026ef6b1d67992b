package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// files puts the files that resources need on every node: content, mode and
// owner.
type files struct{}

func (files) Name() string       { return "files" }
func (files) Touches() []Section { return []Section{SectionFiles} }

func (files) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	var changes []plan.Change
	for _, f := range declaredFiles(t) {
		c, err := compareFile(t.Node.Facts, "file", f)
		if err != nil {
			return nil, err
		}
		if c != nil {
			changes = append(changes, *c)
		}
	}
	return changes, nil
}

func (files) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	for _, f := range declaredFiles(t) {
		if !hasChange(changes, f.Path) {
			continue
		}
		if err := t.Node.Conn.WriteFile(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func declaredFiles(t *Target) []remote.File {
	var out []remote.File
	for _, f := range t.Playbook.Files {
		out = append(out, withDefaults(remote.File{Path: f.Path, Content: f.Content, Mode: f.Mode, Owner: f.Owner}))
	}
	return out
}

// withDefaults fills in what an empty mode and owner mean.
func withDefaults(f remote.File) remote.File {
	if f.Mode == "" {
		f.Mode = "0644"
	}
	switch {
	case f.Owner == "":
		f.Owner = "root:root"
	case !bytes.ContainsRune([]byte(f.Owner), ':'):
		f.Owner += ":" // chown: the user's own group
	}
	return f
}

// compareFile says how the file on the node differs, nil if it does not.
func compareFile(facts *Facts, kind string, want remote.File) (*plan.Change, error) {
	sum := sha256.Sum256(want.Content)
	c := plan.Change{Action: plan.Create, Kind: kind, ID: want.Path}
	have, exists := facts.Files[want.Path]
	if !exists {
		c.Diffs = []plan.Diff{contentDiff(want, nil, false), plan.Becomes("mode", want.Mode), plan.Becomes("owner", want.Owner)}
		return &c, nil
	}
	if have.Type != "regular file" && have.Type != "regular empty file" {
		return nil, fmt.Errorf("%s is a %s, and a file is to be written there; move it away first", want.Path, have.Type)
	}
	c.Action = plan.Update
	if have.SHA256 != hex.EncodeToString(sum[:]) {
		c.Diffs = append(c.Diffs, contentDiff(want, have.Content, true))
	}
	if have.Mode != want.Mode {
		c.Diffs = append(c.Diffs, plan.Changes("mode", have.Mode, want.Mode))
	}
	if !sameOwner(have.Owner, want.Owner) {
		c.Diffs = append(c.Diffs, plan.Changes("owner", have.Owner, want.Owner))
	}
	if c.Diffs == nil {
		return nil, nil
	}
	return &c, nil
}

// sameOwner compares user:group; "user:" stands for the user with any group.
func sameOwner(have, want string) bool {
	if user, ok := bytes.CutSuffix([]byte(want), []byte(":")); ok {
		return bytes.HasPrefix([]byte(have), append(user, ':'))
	}
	return have == want
}

// contentDiff shows text as lines, and only tells the size of anything else.
// What others than its owner and group may not read is nobody's business in a
// plan either.
func contentDiff(want remote.File, before []byte, had bool) plan.Diff {
	text := func(b []byte) bool { return len(b) <= 64<<10 && utf8.Valid(b) && !bytes.ContainsRune(b, 0) }
	d := plan.Diff{Name: "content", HasBefore: had, HasAfter: true}
	switch mode, err := strconv.ParseUint(want.Mode, 8, 32); {
	case err != nil || mode&0o004 == 0:
		d.Secret = true
	case text(want.Content) && text(before):
		d.Before, d.After, d.Lines = string(before), string(want.Content), true
	default:
		d.After = fmt.Sprintf("%d bytes", len(want.Content))
		if had {
			d.Before = fmt.Sprintf("%d other bytes", len(before))
		}
	}
	return d
}

func hasChange(changes []plan.Change, id string) bool {
	for _, c := range changes {
		if c.ID == id {
			return true
		}
	}
	return false
}
