package facts

import "strings"

// Unit is a systemd unit.
type Unit struct {
	Load, Active, Sub, Enabled string // loaded, active, running, enabled
}

// Running reports whether the unit is up.
func (u Unit) Running() bool { return u.Active == "active" || u.Active == "reloading" }

// Alive reports whether processes of the unit may be there: it is up, on its way
// up, or not yet down.
func (u Unit) Alive() bool { return u.Active != "inactive" && u.Active != "failed" && u.Active != "" }

// Running reports whether the cluster runs on the node.
func (f *Facts) Running() bool {
	return f.Units[Corosyncd].Running() && f.Units[Pacemakerd].Running()
}

// The units of the cluster's daemons.
const (
	Corosyncd  = "corosync.service"
	Pacemakerd = "pacemaker.service"
	Pcsd       = "pcsd.service"
	// PacemakerRemoted runs on the hosts of remote and guest nodes, in the place of
	// the others.
	PacemakerRemoted = "pacemaker_remote.service"
)

// takeUnits reads systemctl show, which answers for each unit in turn, also for
// one that does not exist, and names it as it is called itself: an alias has
// another Id.
func takeUnits(f *Facts, a *answers) {
	const command = "systemctl show"
	f.Units = map[string]Unit{}
	ans, ok := a.got("units", command)
	if !ok {
		return
	}
	blocks := strings.Split(strings.TrimSpace(string(ans.Out)), "\n\n")
	if len(blocks) != len(a.ask.Units) {
		a.fail(command, ans, "told of %d units, and was asked for %d", len(blocks), len(a.ask.Units))
		return
	}
	for i, name := range a.ask.Units {
		u, ok := unitOf(blocks[i])
		if !ok {
			a.fail(command, ans, "did not tell the state of %s", name)
			continue
		}
		f.Units[name] = u
	}
}

// unitOf reads one block; all that was asked for has to be there, and all but the
// state at boot has to have a value.
func unitOf(block string) (u Unit, ok bool) {
	told := map[string]bool{}
	for line := range strings.Lines(block) {
		key, value, found := strings.Cut(strings.TrimSpace(line), "=")
		if !found {
			return u, false
		}
		switch key {
		case "LoadState":
			u.Load = value
		case "ActiveState":
			u.Active = value
		case "SubState":
			u.Sub = value
		case "UnitFileState":
			u.Enabled = value
		}
		told[key] = true
	}
	return u, told["Id"] && told["UnitFileState"] && u.Load != "" && u.Active != "" && u.Sub != ""
}
