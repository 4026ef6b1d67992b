package steps

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// packages installs what a cluster needs, and what the playbook wants beside
// it. What is installed already is never upgraded, and nothing is removed.
type packages struct{}

func (packages) Name() string { return "packages" }
func (packages) OnRemotes()   {}

// interruptedID is the ID of the change that completes an interrupted dpkg.
const interruptedID = "interrupted"

func (packages) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	f := t.Node.Facts
	m, err := pkgs.On(f.Host)
	if err != nil {
		return nil, err
	}
	names, err := wantedPackages(m, t)
	if err != nil {
		return nil, err
	}
	var changes []plan.Change
	for _, name := range names {
		have, known := f.Packages.Known[name]
		switch {
		case have.Installed:
		case known:
			changes = append(changes, plan.Change{Action: plan.Update, Kind: "package", ID: name, Open: packageState,
				Diffs: []plan.Diff{plan.Changes("state", "not fully installed", "installed")}})
		default:
			changes = append(changes, plan.Change{Action: plan.Create, Kind: "package", ID: name, Open: packageState})
		}
		if n := len(changes); n > 0 && changes[n-1].ID == name && slices.Contains(slices.Concat(t.Playbook.Packages.Set, t.Playbook.Packages.Install), name) {
			changes[n-1].At = declaredAt(t.Playbook.Packages.Pos)
		}
	}
	broken := pkgs.Interrupted(f.Packages.Interfered)
	if broken == nil {
		return changes, nil
	}
	if len(changes) == 0 && !slices.ContainsFunc(broken, func(b string) bool { return slices.Contains(names, b) }) {
		// Nothing is to be installed, so it is not in the way; and completing
		// somebody else's upgrade unasked may restart what nobody expects.
		t.report(plan.Finding{Code: "DPKG_INTERRUPTED", Severity: plan.Warning, Node: t.Node.Name,
			Message: "dpkg was interrupted on " + t.Node.Name + ": " + excerpt.List(broken) + " not fully installed; the next installation of any package has to complete that first",
			Fix:     "dpkg --configure -a"})
		return nil, nil
	}
	if !slices.ContainsFunc(broken, func(b string) bool { return !slices.Contains(names, b) }) {
		return changes, nil // they are completed by their own installation
	}
	repair := plan.Change{Action: plan.Update, Kind: "dpkg", ID: interruptedID,
		Diffs: []plan.Diff{plan.Changes("state", "interrupted: "+excerpt.List(broken), "complete")},
		Open:  packageState,
		Note:  "completing it runs the scripts of these packages, which may restart their services"}
	return append([]plan.Change{repair}, changes...), nil
}

// wantedPackages are those of a member, or of a host that runs pacemaker_remote.
func wantedPackages(m pkgs.Manager, t *Target) ([]string, error) {
	if t.Node.Remote != nil {
		return pkgs.DeclaredRemote(m, t.Playbook)
	}
	return pkgs.Declared(m, t.Playbook)
}

func (packages) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	m, err := pkgs.On(t.Node.Facts.Host)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range changes {
		if c.Kind == "package" {
			names = append(names, c.ID)
		}
	}
	in := &installation{t: t, manager: m, names: names, units: unitsToHold(t), free: t.Node.Facts.Default != nil,
		lockLimit: packageLockLimit, lockEvery: packageLockEvery, quiet: packageQuiet}
	return in.run(ctx)
}

// unitName is what may stand in a command as a unit's name.
var unitName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:_.-]*$`)

// unitsToHold are the units of resources, without their ending, that packages
// would start, where the cluster is to do so. On a member that runs, one that is
// installed may be started by the cluster at any moment.
func unitsToHold(t *Target) []string {
	var names []string
	for unit := range systemdResources(t.Playbook) {
		name, service := strings.CutSuffix(unit, ".service")
		u := t.Node.Facts.Units[unit]
		if service && !u.Running() && (!installed(u) || !t.Node.serves()) && unitName.MatchString(name) {
			names = append(names, name)
		}
	}
	if t.Node.Remote != nil && !installed(t.Node.Facts.Units[facts.PacemakerRemoted]) {
		names = append(names, "pacemaker_remote") // until it has the cluster's key
	}
	slices.Sort(names)
	return names
}

// comes reports whether the step packages has something to do on the target's
// node before the others: then a file or an agent may be there afterwards. With
// a name it has to be that package.
func comes(t *Target, name string) bool {
	changes, err := packages{}.Check(context.Background(), t)
	return err == nil && slices.ContainsFunc(changes, func(c plan.Change) bool { return name == "" || c.ID == name })
}

// packageState is what an installation that is under way changes of what is
// there: a package that was absent is half there.
var packageState = []string{"state"}
