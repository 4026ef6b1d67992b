package steps

import (
	"path"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/playbook"
)

// readBy says which running service may read a file that is to change, "" for
// none that is known. A file says nothing of its readers, so it goes by the name:
// an option of a resource names the file, or a folder or the file itself bears
// the name of a resource's unit (/etc/nginx/nginx.conf, /etc/default/haproxy).
func readBy(t *Target, file string) string {
	var readers []string
	for _, r := range t.Playbook.Primitives() {
		ref := r.Ref()
		unit := ref.Unit()
		switch {
		case ref.Standard == "stonith": // runs at a fencing only
		case ref.Standard == "systemd" && bearsName(file, strings.TrimSuffix(unit, path.Ext(unit))) && t.Node.Facts.Units[unit].Running():
			readers = append(readers, unit)
		case t.Node.Facts.Running() && slices.ContainsFunc(r.Options, func(o playbook.Option) bool { return o.Value.Text == file }):
			readers = append(readers, r.ID)
		}
	}
	if readers == nil {
		return ""
	}
	slices.Sort(readers)
	return excerpt.List(slices.Compact(readers)) + " runs and may read it: it is neither reloaded nor restarted"
}

// bearsName reports whether a folder of a path, or the file without its ending,
// has a name.
func bearsName(file, name string) bool {
	dir, base := path.Split(file)
	return strings.TrimSuffix(base, path.Ext(base)) == name || slices.Contains(strings.Split(dir, "/"), name)
}

// usersOf are the ids of the declared primitives with an agent.
func usersOf(t *Target, agent string) (ids []string) {
	for _, r := range t.Playbook.Primitives() {
		if r.Ref().String() == agent {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
