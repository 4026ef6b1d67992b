package steps

import (
	"errors"
	"strings"
	"testing"

	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/playbook"
)

// labRepo gives the node packages of our own making beside the lab's: each
// with its version, further fields and, where it is given, a postinst.
const labRepo = `set -e
mkdir -p /run/repo
mkdeb() {
  d=$(mktemp -d); mkdir "$d/DEBIAN"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: lab <lab@example.com>\nDescription: made for a test\n' "$1" "$2" >"$d/DEBIAN/control"
  [ -z "$3" ] || printf '%s\n' "$3" >>"$d/DEBIAN/control"
  [ -z "$4" ] || { printf '#!/bin/sh\n%s\n' "$4" >"$d/DEBIAN/postinst"; chmod 755 "$d/DEBIAN/postinst"; }
  [ "$1" != lab-big ] || { mkdir -p "$d/opt/big"; head -c 4000000 /dev/urandom >"$d/opt/big/data"; }
  chmod 755 "$d"
  dpkg-deb -Znone -b "$d" "/run/repo/$1_$2_all.deb" >/dev/null
}
mkdeb corosync 98 '' ''
dpkg -i /run/repo/corosync_98_all.deb >/dev/null; rm /run/repo/corosync_98_all.deb
mkdeb corosync 99 '' ''
mkdeb lab-newer 1 'Depends: corosync (>= 99)' ''
mkdeb lab-broken 1 '' '[ -e /run/mended ] || { echo "lab-broken: this never works" >&2; exit 1; }'
mkdeb lab-big 1 '' ''
mkdeb lab-here 1 '' ''
mkdeb lab-enemy 1 'Conflicts: lab-here' ''
mkdeb lab-held 1 '' ''
mkdeb lab-fine 1 '' ''
mkdeb lab-ghost 1 '' ''
cd /run/repo
for f in *.deb; do
  dpkg-deb -f "$f"; echo "Filename: ./$f"; echo "Size: $(stat -c %s "$f")"; echo "SHA256: $(sha256sum "$f" | cut -d' ' -f1)"; echo
done >Packages
mkdir /run/empty; cp Packages /run/empty/
echo 'deb [trusted=yes] file:/run/repo ./' >>/etc/apt/sources.list
apt-get -qq update
printf '[Service]\nExecStart=/bin/sleep infinity\n' >/run/systemd/system/corosync.service
printf '#!/bin/sh\nprintf "totem.version (u32) = 2\\ntotem.version (u32) = 2\\n"\n' >/usr/local/sbin/corosync-cmapctl; chmod 755 /usr/local/sbin/corosync-cmapctl
systemctl daemon-reload; systemctl start corosync.service; apt-mark hold lab-held
apt-get -qq -y install lab-here`

func TestLabPackagesTrouble(t *testing.T) {
	eachImage(t, func(n *bareNode) {
		n.sh(labRepo)
		// ends installs a package and wants it to end so.
		ends := func(name, class, message string) {
			n.Helper()
			n.target.Playbook.Packages = playbook.Packages{Set: []string{name}}
			_, err := n.apply(packages{})
			var failed *pkgs.Error
			if !errors.As(err, &failed) {
				n.Errorf("%s: got %v, want class %s", name, err, class)
				return
			}
			if string(failed.Class) != class || !strings.Contains(failed.Error(), message) {
				n.Errorf("%s: got %s: %v\nwant %s: %s", name, failed.Class, failed, class, message)
			}
			if left := n.sh("ls -d /run/systemd/system/*.d/hadeploy.conf /run/hadeploy/packages/held 2>/dev/null; true"); left != "" {
				n.Errorf("%s left %s", name, left)
			}
		}
		fine := func(names ...string) {
			n.Helper()
			n.target.Playbook.Packages = playbook.Packages{Set: names}
			n.mustApply(packages{})
		}
		ends("lab-newer", "restart", "would replace and restart corosync, which runs on this node")
		n.sh("systemctl stop corosync.service; rm /run/systemd/system/corosync.service; systemctl daemon-reload")
		ends("lab-enemy", "remove", "would remove other packages: lab-here")
		ends("lab-held", "held", "lab-held")
		n.sh("apt-mark unhold lab-held")

		n.sh("mkdir -p /opt/big; mount -t tmpfs -o size=1m none /opt/big")
		ends("lab-big", "disk", "No space left on device")
		n.sh("umount /opt/big")
		fine("lab-big")

		// A package that cannot be configured: its own failure first, then in
		// the way of others, which are installed all the same.
		ends("lab-broken", "failed", "not fully installed: lab-broken")
		ends("lab-fine", "broken", "lab-broken: this never works")
		fine("lab-fine")
		if len(n.target.findings) != 1 || n.target.findings[0].Code != "DPKG_INTERRUPTED" {
			n.Errorf("findings: %v", n.target.findings)
		}
		n.sh("touch /run/mended")
		fine("lab-held", "lab-broken")

		// An index that names what is not there, and no index at all.
		n.sh(`rm /run/repo/lab-ghost_1_all.deb
cd /run/empty; setsid python3 -m http.server --bind 127.0.0.1 8099 >/dev/null 2>&1 </dev/null & echo $! >/run/http.pid
sed -i '$d' /etc/apt/sources.list; echo 'deb [trusted=yes] http://127.0.0.1:8099/ ./' >>/etc/apt/sources.list
i=0; until apt-get -qq update 2>/dev/null; do i=$((i+1)); [ $i -lt 20 ]; sleep 0.3; done`)
		ends("lab-ghost", "network", "404")
		n.sh("kill $(cat /run/http.pid); rm -rf /var/lib/apt/lists/*; sed -i 1d /etc/apt/sources.list")
		ends("lab-ghost", "unknown", "there is no package \"lab-ghost\":\nErr:1 http://127.0.0.1:8099")
		if n.sh("dpkg --audit; dpkg-query -W -f '${Status}' lab-ghost 2>/dev/null; true") != "" {
			n.Error("something was left half done")
		}
	})
}
