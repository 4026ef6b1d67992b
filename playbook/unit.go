package playbook

import (
	"path"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// unitTypes are the kinds of unit that Pacemaker knows by their ending; to all
// other names it adds .service.
var unitTypes = []string{".service", ".socket", ".mount", ".timer", ".path"}

// Unit is the systemd unit that an agent stands for, "" when it stands for
// none: systemd:nginx, systemd:nginx.service, service:nginx and lsb:nginx are
// all nginx.service.
func (a AgentRef) Unit() string {
	name := a.Type
	switch a.Standard {
	case "systemd":
	case "service", "lsb":
		name = path.Base(name) // an init script may be given with its folder
	default:
		return ""
	}
	if name == "" || slices.ContainsFunc(unitTypes, func(t string) bool { return strings.HasSuffix(name, t) }) {
		return name
	}
	return name + ".service"
}

// checkUnit refuses a second resource on one unit: each would start and stop it
// behind the other's back, and Pacemaker would find it active on two nodes.
func (l *loader) checkUnit(p Primitive, ref AgentRef, at yamldoc.Path) {
	unit := ref.Unit()
	if unit == "" {
		return
	}
	first, taken := l.units[unit]
	if !taken {
		l.units[unit] = p
		return
	}
	l.judgeAt(p.AgentPos, at+".agent", "keep one resource for a unit; a clone runs it on many nodes",
		"%s runs %s already (%s, line %d): each of the two would stop what the other has started",
		first.ID, unit, first.Agent, first.AgentPos.Line)
}
