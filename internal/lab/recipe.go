package lab

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// user is an account of every node besides root; the lab's key logs in to each.
type user struct {
	name     string
	id       int
	password string // "" for none
	sudo     string // line for sudoers
}

// labUsers serve to try sudo both ways. The password is public: a lab is
// reachable from its own machine only.
var labUsers = []user{
	{"ops", 1000, "ops", "ops ALL=(ALL:ALL) ALL"},
	{"deploy", 1001, "", "deploy ALL=(ALL:ALL) NOPASSWD: ALL"},
}

// recipe says how an image is made. Its digest is in the image's file name, so
// a changed recipe makes a new image.
type recipe struct {
	name     string // as --image
	codename string
	// base is installed in every node, before anything of a cluster.
	base []string
	// repo is what nodes can install offline, with all that it needs.
	repo []string
	// cluster is what --preinstalled adds.
	cluster []string
}

var (
	basePackages = []string{"systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "iproute2", "iputils-ping",
		"ca-certificates", "python3", "procps", "hostname", "netbase", "less"}
	clusterPackages = []string{"pacemaker", "pacemaker-cli-utils", "corosync", "pcs", "resource-agents"}
	repoPackages    = append(slices.Clone(clusterPackages), "fence-virt", "sbd", "corosync-qdevice", "corosync-qnetd",
		"booth", "booth-pacemaker", "nginx", "nginx-light", "apache2", "curl", "chrony",
		// What the packages above recommend and scripts use.
		"libxml2-utils", "net-tools", "openssh-client")
	recipes = []recipe{
		{"debian11", "bullseye", basePackages, append(slices.Clone(repoPackages), "fence-agents"), clusterPackages},
		{"debian12", "bookworm", basePackages, append(slices.Clone(repoPackages), "fence-agents", "podman"), clusterPackages},
		// Here every fence agent is a package of its own, and fence-agents stands
		// for all of them, with 600 packages that no test needs.
		{"debian13", "trixie", basePackages, append(slices.Clone(repoPackages), "fence-agents-common", "fence-agents-dummy",
			"fence-agents-ipmilan", "fence-agents-sbd", "fence-agents-scsi", "fence-agents-virsh", "podman", "nftables"), clusterPackages},
	}
)

// Images lists the names that --image takes.
func Images() []string {
	var out []string
	for _, r := range recipes {
		out = append(out, r.name)
	}
	return out
}

// validPackage is a Debian package name (Debian policy, 5.6.1).
var validPackage = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)

// recipeFor returns the recipe of an image with extra packages added.
func recipeFor(image string, extra []string) (recipe, error) {
	for _, r := range recipes {
		if r.name != image {
			continue
		}
		r.repo = slices.Clone(r.repo)
		for _, p := range extra {
			if !validPackage.MatchString(p) {
				return r, fmt.Errorf("package name %q: not a Debian package name", p)
			}
			if !slices.Contains(r.repo, p) {
				r.repo = append(r.repo, p)
			}
		}
		slices.Sort(r.repo)
		return r, nil
	}
	return recipe{}, fmt.Errorf("unknown image %q; there are %s", image, strings.Join(Images(), ", "))
}

// digest tells one recipe from another: 12 hexadecimal digits.
func (r recipe) digest() string {
	text := strings.Join([]string{r.name, r.codename, runtime.GOARCH, strings.Join(r.base, " "),
		strings.Join(dpkgOptions, " "), r.customize("REPO")}, "\n")
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:12]
}

func (r recipe) preinstalledDigest() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(r.digest()+r.preinstall())))[:12]
}

// dpkgOptions make installations in the image and on the nodes quick, as
// containers do: no fsync for each file, no manuals.
var dpkgOptions = []string{"force-unsafe-io",
	"path-exclude=/usr/share/man/*", "path-exclude=/usr/share/locale/*/LC_MESSAGES/*.mo",
	"path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright"}

// maskedUnits would work at odd moments (apt's timers hold dpkg's lock) or
// wait for a terminal that no node has.
var maskedUnits = []string{"apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
	"e2scrub_reap.service", "fstrim.timer", "console-getty.service", "getty@.service", "getty-static.service",
	"systemd-networkd.service", "systemd-networkd.socket", "systemd-networkd-wait-online.service", "systemd-resolved.service"}

// maskGenerators masks what systemd runs at boot and at every daemon-reload to
// look for disks, consoles and kernel arguments: a container has none. What is
// left reads init scripts. Enabling a unit reloads, and a cluster's packages and
// pcs do so often.
const maskGenerators = `mkdir -p "$root"/etc/systemd/system-generators
for g in "$root"/lib/systemd/system-generators/*; do
  case $g in *-sysv-generator) ;; *) ln -s /dev/null "$root/etc/systemd/system-generators/${g##*/}" ;; esac
done
`

// containersConf are podman's settings for a node that is a container itself: it may
// not make a kernel keyring, and what a machine's cgroups can limit differs from
// machine to machine, so its containers are not limited. Source: containers.conf(5).
const containersConf = `[containers]
cgroups = "disabled"
keyring = false
`

// addressFile lists a node's interfaces and addresses, one pair a line.
const addressFile = "etc/lab-addresses"

// addressUnit gives the node its addresses at every boot, and only those: the
// network namespace outlives a reboot of the node, and with it whatever
// addresses a cluster had added.
const addressUnit = `[Unit]
Description=Addresses of this lab node
DefaultDependencies=no
After=local-fs.target
Before=network.target shutdown.target
Conflicts=shutdown.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -ec 'while read -r dev addr; do ip addr flush dev $dev scope global; ip addr add $addr dev $dev; ip link set $dev up; done </etc/lab-addresses'
[Install]
WantedBy=multi-user.target
`

// customize is the shell script that mmdebstrap runs at the end, $1 the
// image's root: it fetches the repository's packages with the same package
// lists that the image was made from, then makes the image a lab node's.
func (r recipe) customize(repo string) string {
	pkgs := strings.Join(r.repo, " ")
	var b strings.Builder
	fmt.Fprintf(&b, `#!/bin/sh
set -eu
root=$1
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
rm -f "$root"/var/cache/apt/archives/*.deb
echo "I: downloading the cluster's packages..."
apt-get -qq -y --download-only --no-install-recommends install %[1]s
# Which conflicts with pacemaker, and is for nodes that are no members.
apt-get -qq -y --download-only --no-install-recommends install pacemaker-remote
mkdir -p %[2]s
mv "$root"/var/cache/apt/archives/*.deb %[2]s/
echo "I: making it a lab node..."
rm -f "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap
echo 'deb [trusted=yes] file:%[3]s ./' > "$root"/etc/apt/sources.list
mkdir -p "$root"%[3]s
rm -f "$root"/etc/ssh/ssh_host_*
: > "$root"/etc/machine-id
rm -f "$root"/var/lib/dbus/machine-id
printf 'PermitRootLogin prohibit-password\nPasswordAuthentication yes\n' > "$root"/etc/ssh/sshd_config.d/lab.conf
mkdir -p "$root"/etc/systemd/journald.conf.d
printf '[Journal]\nStorage=persistent\nSystemMaxUse=64M\nRateLimitIntervalSec=0\n' > "$root"/etc/systemd/journald.conf.d/lab.conf
echo LANG=C.UTF-8 > "$root"/etc/default/locale
mkdir -p "$root"/etc/containers/containers.conf.d
cat > "$root"/etc/containers/containers.conf.d/lab.conf <<'EOF'
%[5]sEOF
cat > "$root"/etc/systemd/system/lab-addresses.service <<'EOF'
%[4]sEOF
chroot "$root" systemctl --quiet enable lab-addresses.service
`, pkgs, repo, nodeRepo, addressUnit, containersConf)
	for _, u := range maskedUnits {
		fmt.Fprintf(&b, "ln -sf /dev/null \"$root\"/etc/systemd/system/%s\n", u)
	}
	b.WriteString(maskGenerators)
	for _, u := range labUsers {
		fmt.Fprintf(&b, "chroot \"$root\" useradd --create-home --uid %d --user-group --shell /bin/bash %s\n", u.id, u.name)
		fmt.Fprintf(&b, "echo '%s' > \"$root\"/etc/sudoers.d/%s; chmod 440 \"$root\"/etc/sudoers.d/%s\n", u.sudo, u.name, u.name)
		if u.password != "" {
			fmt.Fprintf(&b, "echo '%s:%s' | chroot \"$root\" chpasswd\n", u.name, u.password)
		}
	}
	return b.String()
}

// preinstall is the shell script that adds the cluster's packages to a node's
// root. Debian enables corosync and pacemaker on installation; a node that
// booted so would run the package's default cluster. They are disabled, and
// everything else is left as the packages made it.
func (r recipe) preinstall() string {
	return fmt.Sprintf(`set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get -q update
apt-get -q -y --no-install-recommends install %s
systemctl disable corosync.service pacemaker.service
rm -f /usr/sbin/policy-rc.d /var/cache/apt/*.bin
rm -rf /var/lib/apt/lists/*
`, strings.Join(r.cluster, " "))
}
