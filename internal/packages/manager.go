// Package packages knows the package managers of the distributions: how the
// packages of a cluster are called there, and how they are installed. A shell
// script of each (apt.sh, dnf.sh, zypper.sh) is run on the node by job.sh as a
// job of its own, and what the job writes is read here into words and errors. The
// package is pure: who runs the script is not its business.
package packages

import (
	"cmp"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/playbook"
)

// Manager is a family of distributions: how its packages are named, and how they
// are installed.
type Manager interface {
	// Name is what messages call the package manager.
	Name() string
	// clusterSet is what a cluster needs there that is declared like p.
	clusterSet(p *playbook.Playbook) []string
	// remoteSet is what the host of a remote or guest node needs there.
	remoteSet() []string
	// local translates a name of the playbook into the distribution's own.
	local(name string) []string
	// script defines the shell functions that job.sh calls.
	script() string
}

var (
	//go:embed job.sh
	jobScript string
	//go:embed apt.sh
	aptScript string
	//go:embed dnf.sh
	dnfScript string
	//go:embed zypper.sh
	zypperScript string
)

// On finds the package manager of a node's distribution.
func On(host facts.Host) (Manager, error) {
	switch {
	case host.Is("debian") || host.Is("ubuntu"):
		return apt{namingOf(host.OS)}, nil
	case host.Is("rhel") || host.Is("fedora") || host.Is("centos"):
		return dnf{}, nil
	case host.Is("suse") || host.Is("opensuse") || host.Is("sles"):
		return zypper{}, nil
	}
	return nil, fmt.Errorf("%s is not a distribution that hadeploy knows", cmp.Or(host.OS["PRETTY_NAME"], "this system"))
}

// naming is how Debian's relatives name the agents' packages.
type naming int

const (
	whole      naming = iota // Debian to 12, Ubuntu to 20.04: resource-agents, fence-agents
	baseExtra                // Ubuntu from 22.04: each of them as -base and -extra
	oneByOne                 // Debian from 13: resource-agents, one package for each fence agent
	allNamings = oneByOne + 1
)

// namingOf reads os-release. What it does not know is taken for newer than
// what it knows.
func namingOf(os map[string]string) naming {
	for _, key := range []string{"DEBIAN_CODENAME", "UBUNTU_CODENAME", "VERSION_CODENAME"} {
		switch os[key] {
		case "stretch", "buster", "bullseye", "bookworm", "bionic", "focal":
			return whole
		}
	}
	if os["ID"] == "ubuntu" || slices.Contains(strings.Fields(os["ID_LIKE"]), "ubuntu") {
		return baseExtra
	}
	return oneByOne
}

// apt is Debian, Ubuntu and what is derived from them. Recommended packages
// are not installed, so the sets name what Pacemaker only recommends there.
type apt struct{ naming naming }

func (apt) Name() string   { return "apt" }
func (apt) script() string { return aptScript }

func (a apt) clusterSet(p *playbook.Playbook) []string {
	set := slices.Concat([]string{"pacemaker", "pacemaker-cli-utils", "corosync", "pcs"}, a.local("resource-agents"))
	set = append(set, containerPackages(p, a.engines())...)
	agents := fenceAgents(p)
	if a.naming == oneByOne {
		return append(set, fencePackages(agents)...)
	}
	for _, agent := range agents {
		switch {
		case agent == "fence_virt" || agent == "fence_xvm":
			set = append(set, "fence-virt")
		case fencePackages([]string{agent}) != nil:
			set = append(set, a.local("fence-agents-all")...)
		}
	}
	return set
}

// pacemaker-cli-utils has the commands that agents call, and is only recommended.
func (a apt) remoteSet() []string {
	return append([]string{"pacemaker-remote", "pacemaker-cli-utils"}, a.local("resource-agents")...)
}

func (a apt) local(name string) []string {
	switch {
	case name == "pacemaker": // elsewhere it brings its tools along
		return []string{"pacemaker", "pacemaker-cli-utils"}
	case name == "resource-agents" && a.naming == baseExtra:
		return []string{"resource-agents-base", "resource-agents-extra"}
	case (name == "fence-agents-all" || name == "fence-agents") && a.naming == baseExtra:
		return []string{"fence-agents-base", "fence-agents-extra"}
	case name == "fence-agents-all" && a.naming == whole:
		return []string{"fence-agents"}
	case name == "fence-agents" && a.naming == oneByOne: // a transitional package there
		return []string{"fence-agents-all"}
	}
	return []string{name}
}

// dnf is Red Hat Enterprise Linux and its relatives, with yum where there is
// no dnf yet.
type dnf struct{}

func (dnf) Name() string   { return "dnf" }
func (dnf) script() string { return dnfScript }

func (dnf) clusterSet(p *playbook.Playbook) []string {
	set := []string{"pcs", "pacemaker", "corosync", "resource-agents", "fence-agents-all"}
	for _, agent := range fenceAgents(p) {
		if agent == "fence_virt" || agent == "fence_xvm" {
			set = append(set, "fence-virt")
		}
	}
	return append(set, containerPackages(p, map[string][]string{"podman": {"podman"}})...)
}

func (dnf) remoteSet() []string { return []string{"pacemaker-remote", "resource-agents"} }

func (dnf) local(name string) []string {
	switch name {
	case "fence-agents":
		return []string{"fence-agents-all"}
	case "pacemaker-cli-utils":
		return []string{"pacemaker-cli"}
	}
	return []string{name}
}

// zypper is SUSE Linux Enterprise with its high availability extension, and
// openSUSE.
type zypper struct{}

func (zypper) Name() string   { return "zypper" }
func (zypper) script() string { return zypperScript }

func (zypper) clusterSet(p *playbook.Playbook) []string {
	return append([]string{"pacemaker", "corosync", "resource-agents", "fence-agents", "pcs"}, containerPackages(p, map[string][]string{"podman": {"podman"}, "docker": {"docker"}})...)
}

func (zypper) remoteSet() []string { return []string{"pacemaker-remote", "resource-agents"} }

func (zypper) local(name string) []string {
	switch name {
	case "fence-agents-all":
		return []string{"fence-agents"}
	case "pacemaker-cli-utils":
		return []string{"pacemaker-cli"}
	}
	return []string{name}
}

// Script is what the node runs, as POSIX sh: a verb and its arguments are the
// script's own. look tells who keeps the package manager busy, start starts the
// job, which needs the script on its standard input too, and follow follows it.
func Script(m Manager) string { return jobScript + "\n" + m.script() + "\nmain \"$@\"\n" }

// HoldsUnits reports whether the packages of a family start the units that they
// bring, so that a job has to hold those of resources.
func HoldsUnits(m Manager) bool { return m.Name() == "apt" }

// RemoteBesidePacemaker reports whether pacemaker-remote can be installed on a host
// that has pacemaker: Debian's packages conflict, those of the others do not.
func RemoteBesidePacemaker(m Manager) bool { return m.Name() != "apt" }

// validPackage is what every distribution accepts as a name. It is a word of
// its own for the package manager: no option, no pattern, no version, no file.
var validPackage = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]*$`)

// Declared are the packages that the playbook wants on a node, each
// once, in the order of the playbook.
func Declared(m Manager, p *playbook.Playbook) ([]string, error) {
	if p.Packages.Set != nil {
		return declared(m, slices.Concat(p.Packages.Set, p.Packages.Install))
	}
	return declared(m, p.Packages.Install, m.clusterSet(p)...)
}

// ofMembers are packages whose daemons exclude pacemaker_remote, or serve members
// only.
var ofMembers = []string{"pacemaker", "corosync", "pcs", "sbd", "corosync-qdevice"}

// DeclaredRemote are those that it wants on the host of a remote or guest node:
// pacemaker_remote and what resources need, and nothing that makes a member.
func DeclaredRemote(m Manager, p *playbook.Playbook) ([]string, error) {
	install := slices.DeleteFunc(slices.Clone(p.Packages.Install), func(name string) bool { return slices.Contains(ofMembers, name) })
	return declared(m, install, m.remoteSet()...)
}

// declared are the packages of a set, in the distribution's own words, then those
// that the playbook names.
func declared(m Manager, given []string, set ...string) ([]string, error) {
	var names []string
	add := func(more ...string) {
		for _, name := range more {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	add(set...)
	for _, name := range given {
		// apt-get reads a last "-" as "remove it".
		if !validPackage.MatchString(name) || strings.HasSuffix(name, "-") || len(name) > 200 {
			return nil, fmt.Errorf("packages: %q is not the name of a package", name)
		}
		add(m.local(name)...)
	}
	return names, nil
}

// Watched are the names that an observation asks for: whatever the
// playbook may want on any distribution, and sbd, which changes how Pacemaker
// starts. Sorted, each once.
func Watched(p *playbook.Playbook) []string {
	managers := []Manager{dnf{}, zypper{}}
	for n := range allNamings {
		managers = append(managers, apt{n})
	}
	names := []string{"sbd"}
	for _, m := range managers {
		names = append(names, m.clusterSet(p)...)
		if len(p.Remotes) > 0 {
			names = append(names, m.remoteSet()...)
		}
		if declared, err := Declared(m, p); err == nil {
			names = append(names, declared...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// engines are Debian's. What podman calls for the network of a container is only
// recommended from Debian 13 on, where it is nft, and in Ubuntu, which has had both.
func (a apt) engines() map[string][]string {
	podman := map[naming][]string{whole: {"podman"}, baseExtra: {"podman", "iptables", "nftables"}, oneByOne: {"podman", "nftables"}}
	return map[string][]string{"podman": podman[a.naming], "docker": {"docker.io"}}
}
