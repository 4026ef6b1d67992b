package steps

import (
	"context"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// ownedUnits hands the units of systemd resources over to the cluster. A unit
// that systemd starts at boot, or started when its package was installed,
// would be found active on several nodes at once, and Pacemaker would stop it
// everywhere to recover. So it is not started at boot and, before a resource
// runs it, not running. What the cluster runs already, under whatever id, is
// never stopped here.
type ownedUnits struct{}

func (ownedUnits) Name() string             { return "units" }
func (ownedUnits) OnRemotes()               {}
func (ownedUnits) Touches() []facts.Section { return []facts.Section{facts.SectionUnits} }

func (ownedUnits) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	var used map[string][]string
	if have := t.knownCIB(); have != nil {
		used = have.Units()
	}
	var changes []plan.Change
	for unit, resources := range systemdResources(t.Playbook) {
		u := t.Node.Facts.Units[unit]
		c := plan.Change{Action: plan.Update, Kind: "service", ID: strings.TrimSuffix(unit, ".service"), At: resourceAt(t.Playbook, resources[0])}
		if !installed(u) {
			c.Unknown, c.Open = "until packages are installed", []string{atBoot}
			c.Diffs = []plan.Diff{plan.Becomes(atBoot, "disabled, the cluster starts it")}
			changes = append(changes, c)
			continue
		}
		if u.Enabled == "enabled" {
			c.Diffs = append(c.Diffs, plan.Changes(atBoot, u.Enabled, "disabled, the cluster starts it"))
		}
		// A node that was never a member cannot run it for the cluster; on one
		// that was, it may run on purpose (stopped in maintenance mode).
		newcomer := !t.Node.Facts.CIB.OnDisk && !t.Node.serves()
		if u.Running() && (len(used[unit]) == 0 || newcomer) {
			c.Diffs = append(c.Diffs, plan.Changes("state", u.Active, "inactive, until the cluster starts it"))
			c.Interrupts = []plan.Interruption{{What: unit, Node: t.Node.Name, How: plan.Stops,
				Why: "it runs outside the cluster, and " + resources[0] + " takes it over"}}
		}
		if c.Diffs != nil {
			changes = append(changes, c)
		}
	}
	slices.SortFunc(changes, func(a, b plan.Change) int { return strings.Compare(a.ID, b.ID) })
	return changes, nil
}

func (ownedUnits) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	for _, c := range changes {
		var words []string
		switch now := differs(c, "state"); {
		case !differs(c, atBoot):
			words = []string{"stop"}
		case now:
			words = []string{"disable", "--now"}
		default:
			words = []string{"disable"}
		}
		if err := systemctl(ctx, t.Node, append(words, unitOf(c.ID))...); err != nil {
			return err
		}
	}
	return nil
}

// unitOf is the unit of a change's ID, which has no .service.
func unitOf(id string) string { return playbook.AgentRef{Standard: "systemd", Type: id}.Unit() }
