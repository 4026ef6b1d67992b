package steps

import (
	"context"
	"maps"
	"slices"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// leftovers removes what writes of an earlier run have left that were cut off: a
// node was reset in the middle of one, say. It is half of a file, which may be a
// key.
type leftovers struct{}

func (leftovers) Name() string             { return "leftovers" }
func (leftovers) OnRemotes()               {}
func (leftovers) Touches() []facts.Section { return []facts.Section{facts.SectionFiles} }

// Own implements Owner: all of it is hadeploy's.
func (leftovers) Own(plan.Change) bool { return true }

func (leftovers) Check(_ context.Context, t *Target) (changes []plan.Change, err error) {
	for _, l := range t.Node.Facts.Leftovers {
		changes = append(changes, plan.Change{Action: plan.Delete, Kind: "leftover", ID: l.Path(),
			Note: "a write of hadeploy was cut off there: what it wrote so far is of no use, and may be secret"})
	}
	return changes, nil
}

func (leftovers) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	names := map[string][]string{}
	for _, l := range t.Node.Facts.Leftovers {
		if hasChange(changes, l.Path()) {
			names[l.Folder] = append(names[l.Folder], l.Name)
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(names)) {
		cmd := remote.RemoveLeftovers(folder, names[folder])
		res, err := t.Node.Conn.Run(ctx, cmd)
		if err != nil {
			return err
		}
		if err := res.Err(cmd.Label); err != nil {
			return err
		}
	}
	return nil
}
