package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// files puts the files that resources need on every node: content, mode and
// owner.
type files struct{}

func (files) Name() string             { return "files" }
func (files) OnRemotes()               {}
func (files) Touches() []facts.Section { return []facts.Section{facts.SectionFiles} }

func (files) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	var changes []plan.Change
	coming := comes(t, "") // a package may bring the file
	for i, f := range declaredFiles(t) {
		c, err := compareFile(t.Node.Facts, "file", f)
		if err != nil {
			return nil, err
		}
		if c != nil {
			c.At = declaredAt(t.Playbook.Files[i].Pos)
			if coming {
				c.Open = fileAttributes
			}
			if c.Action == plan.Update {
				c.Note = readBy(t, f.Path)
			}
			changes = append(changes, *c)
		}
	}
	return changes, nil
}

// fileAttributes are what a package may bring along for a file.
var fileAttributes = []string{"content", "mode", "owner"}

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
func compareFile(f *facts.Facts, kind string, want remote.File) (*plan.Change, error) {
	sum := sha256.Sum256(want.Content)
	c := plan.Change{Action: plan.Create, Kind: kind, ID: want.Path}
	have, exists := f.Files[want.Path]
	if !exists {
		c.Diffs = []plan.Diff{contentDiff(want, nil), plan.Becomes("mode", want.Mode), plan.Becomes("owner", want.Owner)}
		return &c, nil
	}
	if have.Type != "regular file" && have.Type != "regular empty file" {
		return nil, fmt.Errorf("%s is a %s, and a file is to be written there; move it away first", want.Path, have.Type)
	}
	c.Action = plan.Update
	if have.SHA256 != hex.EncodeToString(sum[:]) {
		c.Diffs = append(c.Diffs, contentDiff(want, &have))
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

// contentDiff shows text as lines, and of anything else its size and SHA-256.
// What others than its owner and group may not read is nobody's business in a
// plan either. have is nil where there is no file.
func contentDiff(want remote.File, have *facts.File) plan.Diff {
	d := plan.Diff{Name: "content", HasBefore: have != nil, HasAfter: true}
	sum := sha256.Sum256(want.Content)
	var before facts.File
	if have != nil {
		before = *have
	}
	whole := have == nil || have.Content != nil // larger ones are not read
	switch {
	case secret.Mode(want.Mode):
		d.Secret = true
		return d.Sealed([]byte(before.SHA256), want.Content)
	case whole && isText(want.Content) && isText(before.Content):
		d.Before, d.After, d.Lines = string(before.Content), string(want.Content), true
	default:
		d.After = fmt.Sprintf("%d bytes, SHA-256 %s", len(want.Content), hex.EncodeToString(sum[:]))
		if have != nil {
			d.Before = "other bytes, SHA-256 " + before.SHA256
		}
	}
	return d
}

const maxShown = 64 << 10 // of a file's text, in bytes

func isText(b []byte) bool {
	return len(b) <= maxShown && utf8.Valid(b) && !bytes.ContainsRune(b, 0)
}

func hasChange(changes []plan.Change, id string) bool {
	for _, c := range changes {
		if c.ID == id {
			return true
		}
	}
	return false
}
