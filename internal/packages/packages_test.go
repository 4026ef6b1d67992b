package packages

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/playbook"
)

// What os-release says on these systems.
var (
	debian11 = map[string]string{"ID": "debian", "VERSION_ID": "11", "VERSION_CODENAME": "bullseye"}
	debian12 = map[string]string{"ID": "debian", "VERSION_ID": "12", "VERSION_CODENAME": "bookworm"}
	debian13 = map[string]string{"ID": "debian", "VERSION_ID": "13", "VERSION_CODENAME": "trixie"}
	sid      = map[string]string{"ID": "debian", "VERSION_CODENAME": "forky"}
	lmde     = map[string]string{"ID": "linuxmint", "ID_LIKE": "debian", "VERSION_CODENAME": "faye", "DEBIAN_CODENAME": "bookworm"}
	focal    = map[string]string{"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_ID": "20.04", "UBUNTU_CODENAME": "focal", "VERSION_CODENAME": "focal"}
	noble    = map[string]string{"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_ID": "24.04", "UBUNTU_CODENAME": "noble", "VERSION_CODENAME": "noble"}
	mint     = map[string]string{"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "VERSION_CODENAME": "wilma", "UBUNTU_CODENAME": "noble"}
	rocky    = map[string]string{"ID": "rocky", "ID_LIKE": "rhel centos fedora", "VERSION_ID": "9.4"}
	fedora   = map[string]string{"ID": "fedora", "VERSION_ID": "43"}
	leap     = map[string]string{"ID": "opensuse-leap", "ID_LIKE": "suse opensuse", "VERSION_ID": "15.6"}
	sles     = map[string]string{"ID": "sles", "VERSION_ID": "15.6"}
	arch     = map[string]string{"ID": "arch", "PRETTY_NAME": "Arch Linux"}
)

func fencedBy(agents ...string) *playbook.Playbook {
	p := &playbook.Playbook{Name: "web"}
	for _, a := range agents {
		p.Stonith.Devices = append(p.Stonith.Devices, playbook.Primitive{ID: a, Agent: "stonith:" + a})
	}
	return p
}

func with(set, install []string) *playbook.Playbook {
	return &playbook.Playbook{Name: "web", Packages: playbook.Packages{Set: set, Install: install}}
}

func bundlesOf(containers ...string) *playbook.Playbook {
	p := with(nil, nil)
	for _, c := range containers {
		p.Resources = append(p.Resources, playbook.Resource{Bundle: &playbook.Bundle{Container: c}})
	}
	return p
}

func TestDeclared(t *testing.T) {
	const base = "pacemaker pacemaker-cli-utils corosync pcs"
	for _, c := range []struct {
		name string
		os   map[string]string
		p    *playbook.Playbook
		want string // in order
	}{
		{"the set of Debian 12", debian12, with(nil, nil), base + " resource-agents"},
		{"the set of Debian 13", debian13, with(nil, nil), base + " resource-agents"},
		{"the set of Ubuntu 20.04", focal, with(nil, nil), base + " resource-agents"},
		{"the set of Ubuntu 24.04", noble, with(nil, nil), base + " resource-agents-base resource-agents-extra"},
		{"the set of a derivative of Ubuntu", mint, with(nil, nil), base + " resource-agents-base resource-agents-extra"},
		{"the set of Rocky", rocky, with(nil, nil), "pcs pacemaker corosync resource-agents fence-agents-all"},
		{"the set of Fedora", fedora, with(nil, nil), "pcs pacemaker corosync resource-agents fence-agents-all"},
		{"the set of Leap", leap, with(nil, nil), "pacemaker corosync resource-agents fence-agents pcs"},
		{"the set of SLES", sles, with(nil, nil), "pacemaker corosync resource-agents fence-agents pcs"},

		{"fencing on Debian 11", debian11, fencedBy("fence_ipmilan", "fence_apc"), base + " resource-agents fence-agents"},
		{"fencing on a derivative of Debian 12", lmde, fencedBy("fence_ipmilan"), base + " resource-agents fence-agents"},
		{"fencing of virtual machines on Debian 12", debian12, fencedBy("fence_xvm"), base + " resource-agents fence-virt"},
		{"fencing on Debian 13, one package per agent", debian13, fencedBy("fence_ilo4", "fence_ipmilan", "fence_xvm", "fence_apc_snmp"),
			base + " resource-agents fence-agents-ipmilan fence-virt fence-agents-apc-snmp"},
		{"fencing on what comes after Debian 13", sid, fencedBy("fence_scsi"), base + " resource-agents fence-agents-scsi"},
		{"fencing on Ubuntu 24.04", noble, fencedBy("fence_ipmilan"), base + " resource-agents-base resource-agents-extra fence-agents-base fence-agents-extra"},
		{"fencing on Rocky", rocky, fencedBy("fence_xvm"), "pcs pacemaker corosync resource-agents fence-agents-all fence-virt"},
		{"agents that no package has", debian13, fencedBy("fence_acme", "external/ssh", "fence_watchdog"), base + " resource-agents"},
		{"agents that no package has, before the split", debian12, fencedBy("fence_acme", "external/ssh", "fence_watchdog"), base + " resource-agents"},

		{"bundles on Debian 12", debian12, bundlesOf("podman", "docker", "podman"), base + " resource-agents podman docker.io"},
		{"bundles on Ubuntu 24.04", noble, bundlesOf("docker"), base + " resource-agents-base resource-agents-extra docker.io"},
		{"podman's network on Debian 13", debian13, bundlesOf("podman"), base + " resource-agents podman nftables"},
		{"podman's network on Ubuntu 24.04", noble, bundlesOf("podman"), base + " resource-agents-base resource-agents-extra podman iptables nftables"},
		{"bundles on Rocky, where docker is nobody's package", rocky, bundlesOf("podman", "docker"), "pcs pacemaker corosync resource-agents fence-agents-all podman"},
		{"bundles on SLES", sles, bundlesOf("docker", "podman"), "pacemaker corosync resource-agents fence-agents pcs docker podman"},
		{"bundles of what no distribution has any more", debian12, bundlesOf("rkt"), base + " resource-agents"},

		{"a list replaces the set", debian12, with([]string{"pcs", "corosync"}, nil), "pcs corosync"},
		{"install comes on top of the set", debian12, with(nil, []string{"nginx", "pcs"}), base + " resource-agents nginx"},
		{"install comes on top of a list", rocky, with([]string{"pcs"}, []string{"nginx"}), "pcs nginx"},
		{"an empty list replaces the set", rocky, with([]string{}, []string{"nginx"}), "nginx"},
		{"Red Hat's names on Debian 12", debian12, with([]string{"pcs", "pacemaker", "corosync", "fence-agents-all"}, nil),
			"pcs pacemaker pacemaker-cli-utils corosync fence-agents"},
		{"Red Hat's names on Debian 13", debian13, with([]string{"pacemaker", "fence-agents-all", "fence-agents"}, nil),
			"pacemaker pacemaker-cli-utils fence-agents-all"},
		{"Red Hat's names on Ubuntu", noble, with([]string{"fence-agents-all", "resource-agents"}, nil),
			"fence-agents-base fence-agents-extra resource-agents-base resource-agents-extra"},
		{"Red Hat's names on SUSE", sles, with([]string{"fence-agents-all"}, nil), "fence-agents"},
		{"Debian's names on Rocky", rocky, with([]string{"pacemaker-cli-utils", "fence-agents"}, nil), "pacemaker-cli fence-agents-all"},
		{"names with dots and pluses", debian12, with([]string{"g++", "python3.11", "libstdc++6"}, nil), "g++ python3.11 libstdc++6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := On(facts.Host{OS: c.os})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Declared(m, c.p)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Fields(c.want), got); diff != "" {
				t.Error(diff)
			}
			watched := Watched(c.p)
			for _, name := range append(got, "sbd") {
				if !slices.Contains(watched, name) {
					t.Errorf("%s is not asked for in an observation", name)
				}
			}
		})
	}
}

// TestDeclaredRemote: the host of a remote node gets what resources need, and
// nothing that makes a member.
func TestDeclaredRemote(t *testing.T) {
	for _, c := range []struct {
		name string
		os   map[string]string
		p    *playbook.Playbook
		want string
	}{
		{"Debian 12", debian12, with(nil, nil), "pacemaker-remote pacemaker-cli-utils resource-agents"},
		{"Ubuntu 24.04", noble, with(nil, nil), "pacemaker-remote pacemaker-cli-utils resource-agents-base resource-agents-extra"},
		{"Rocky", rocky, with(nil, nil), "pacemaker-remote resource-agents"},
		{"SLES", sles, with(nil, nil), "pacemaker-remote resource-agents"},
		{"a list is for members", debian12, with([]string{"pcs", "corosync"}, []string{"nginx"}), "pacemaker-remote pacemaker-cli-utils resource-agents nginx"},
		{"what makes a member is left out", rocky, with(nil, []string{"pcs", "nginx", "sbd", "corosync-qdevice", "pacemaker"}), "pacemaker-remote resource-agents nginx"},
		{"fencing is for members", debian13, fencedBy("fence_ipmilan"), "pacemaker-remote pacemaker-cli-utils resource-agents"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := On(facts.Host{OS: c.os})
			if err != nil {
				t.Fatal(err)
			}
			got, err := DeclaredRemote(m, c.p)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Fields(c.want), got); diff != "" {
				t.Error(diff)
			}
			c.p.Remotes = []playbook.RemoteNode{{Name: "web3"}}
			for _, name := range got {
				if !slices.Contains(Watched(c.p), name) {
					t.Errorf("%s is not asked for in an observation", name)
				}
			}
		})
	}
}

func TestWatched(t *testing.T) {
	p := with(nil, []string{"nginx", "haproxy", "nginx"})
	got := Watched(p)
	want := strings.Fields(`corosync fence-agents fence-agents-all haproxy nginx pacemaker pacemaker-cli-utils pcs
		resource-agents resource-agents-base resource-agents-extra sbd`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(got, Watched(p)) {
		t.Error("asked again it answers otherwise")
	}
}

func TestPackageNamesThatAreNone(t *testing.T) {
	for _, name := range []string{"", "-y", "--allow-remove-essential", "nginx-", "nginx=1.2", "nginx/stable", "nginx*", "ngi nx",
		"./x.deb", "nginx\n", "é", "$(reboot)", "@core", strings.Repeat("x", 201)} {
		for _, p := range []*playbook.Playbook{with([]string{name}, nil), with(nil, []string{name})} {
			if _, err := Declared(apt{}, p); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q is not the name of a package", name)) {
				t.Errorf("%q: got %v", name, err)
			}
		}
	}
}

func TestUnknownDistribution(t *testing.T) {
	_, err := On(facts.Host{OS: arch})
	if err == nil || err.Error() != "Arch Linux is not a distribution that hadeploy knows" {
		t.Errorf("got %v", err)
	}
}

const auditUnpacked = `The following packages have been unpacked but not yet configured.
They must be configured using dpkg --configure or the configure
menu option in dselect for them to work:
 corosync             cluster engine daemon and utilities
 libknet1:amd64       kronosnet core switching implementation
`

const auditHalf = `The following packages are only half installed, due to problems during
installation.  The installation can probably be completed by retrying it;
the packages can be removed using dselect or dpkg --remove:
 gawk                 GNU awk, a pattern scanning and processing language
`

const auditHarmless = `The following packages are missing the md5sums control file in the
database, they need to be reinstalled:
 vendor-agent         A package made by hand
 corosync             cluster engine daemon and utilities
`

func TestInterrupted(t *testing.T) {
	for _, c := range []struct{ name, audit, want string }{
		{"all is well", "", ""},
		{"unpacked", auditUnpacked, "corosync libknet1"},
		{"two sorts, one package in both", auditUnpacked + "\n" + auditHalf + "\n" + auditHalf, "corosync gawk libknet1"},
		{"what is no interruption", auditHarmless, ""},
		{"both", auditHarmless + "\n" + auditHalf, "gawk"},
	} {
		if got := strings.Join(Interrupted(c.audit), " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
