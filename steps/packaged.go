package steps

import (
	"maps"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/playbook"
)

// isDefaultCluster reports whether the node has Debian's packaged cluster and
// nobody has made anything of it: dpkg vouches for the file, the file says
// cluster "debian" with the sole node node1 at 127.0.0.1, and the CIB, live or
// on disk, holds nothing. The name of the playbook does not matter: the file
// of a cluster that pcs or hadeploy made is never the packaged one.
func isDefaultCluster(f *facts.Facts) bool {
	if !f.Corosync.Pristine || !corosync.IsDebianDefault(f.Corosync.Text) {
		return false
	}
	switch {
	case f.CIB.Live != nil:
		return untouchedCIB(f.CIB.Live)
	case f.CIB.Disk != nil:
		return untouchedCIB(f.CIB.Disk)
	}
	return !f.CIB.OnDisk // one that cannot be read may hold anything
}

// withoutDefault are a node's facts without the default cluster, so that no step
// takes it for a cluster: it has no corosync.conf, no CIB, and does not run.
func withoutDefault(seen *facts.Facts) *facts.Facts {
	f := *seen
	if !isDefaultCluster(seen) {
		return &f
	}
	f.Default = &facts.DefaultCluster{Running: f.Units[facts.Corosyncd].Running() || f.Units[facts.Pacemakerd].Running(), Text: f.Corosync.Text}
	f.Corosync.Config, f.Corosync.Text, f.Corosync.Runtime, f.Corosync.Pristine = nil, nil, nil, false
	f.CIB = facts.CIB{}
	f.Units = maps.Clone(f.Units)
	for _, unit := range []string{facts.Corosyncd, facts.Pacemakerd} {
		if u := f.Units[unit]; u.Running() {
			u.Active, u.Sub = "inactive", "dead"
			f.Units[unit] = u
		}
	}
	return &f
}

// untouchedCIB reports whether a CIB is as Pacemaker itself starts it: one
// node at most, no resource, no constraint, nor anything else that a person
// made. Properties do not count, Pacemaker sets some for itself.
func untouchedCIB(c *cib.CIB) bool {
	if len(c.NodeNames()) > 1 || len(c.ResourceIDs()) > 0 {
		return false
	}
	nothing, err := cib.Build(&playbook.Playbook{}, nil, nil, cib.Options{})
	if err != nil {
		return false
	}
	delta, err := cib.Compare(c, nothing)
	if err != nil {
		return false
	}
	for _, o := range delta.LeftAlone {
		if o.Kind != "property" && o.Kind != "node attribute" {
			return false
		}
	}
	return true
}
