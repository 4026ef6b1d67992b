package faults

import "strings"

// fileFaults: file systems that are full, read-only or without inodes, and
// what a local user can put in the way.
func fileFaults() []fault {
	shipped := func(c *cluster) { c.ship("/srv/faults/shipped") }
	gone := func(c *cluster) { c.onAll("rm -rf /srv/faults") }
	refused := right{exit: []int{3}, says: []string{"n2", "files"}, never: []string{"Apply complete"}}
	mounted := func(options, fill string) func(*cluster) {
		return func(c *cluster) {
			c.on("n2", "mkdir -p /srv/faults; mount -t tmpfs -o "+options+" none /srv/faults\n"+fill)
		}
	}
	free := func(c *cluster) { c.on("n2", "umount -l /srv/faults") }
	// over puts a tmpfs with the same content over /etc/corosync.
	over := func(options, then string) func(*cluster) {
		return func(c *cluster) {
			c.on("n2", `mkdir -p /run/spoilt/etc; mount -t tmpfs -o `+options+` none /run/spoilt/etc; cp -a /etc/corosync/. /run/spoilt/etc/
mount --bind /run/spoilt/etc /etc/corosync
`+then)
		}
	}
	uncover := func(c *cluster) { c.on("n2", "umount -l /etc/corosync; umount -l /run/spoilt/etc") }
	token := func(c *cluster) { c.totem("token: 7000") }
	notHalf := right{exit: []int{1, 3}, says: []string{"n2"}, never: []string{"Apply complete", "verified"}}
	return []fault{
		{name: "no space for a shipped file", what: "a full file system on one node; no part of a file is left",
			edit: shipped, ready: mounted("size=64k", "head -c 1M /dev/zero >/srv/faults/fill 2>/dev/null || true"),
			run: apply, right: refused, holds: nothingButFill, heal: free, undo: gone},
		{name: "no inode for a shipped file", what: "there is space, and no file can be made",
			edit: shipped, ready: mounted("nr_inodes=2", "touch /srv/faults/fill"),
			run: apply, right: refused, holds: nothingButFill, heal: free, undo: gone},
		{name: "a file system is read-only", what: "as after an error of its disk",
			edit: shipped, ready: mounted("size=64k", "mount -o remount,ro /srv/faults"),
			run: apply, right: refused, heal: free, undo: gone},
		{name: "no space for corosync.conf on one member", what: "the members do not end with different files",
			edit: token, ready: over("size=64k", "head -c 1M /dev/zero >/etc/corosync/fill 2>/dev/null || true"),
			run: apply, right: notHalf, holds: (*cluster).confIsOld, heal: uncover},
		{name: "no inode for corosync.conf on one member", what: "the same",
			edit: token, ready: over("nr_inodes=20", "i=0; while touch /etc/corosync/fill$i 2>/dev/null; do i=$((i + 1)); done"),
			run: apply, right: notHalf, holds: (*cluster).confIsOld, heal: uncover},
		{name: "corosync.conf is read-only on one member", what: "the same",
			edit: token, ready: over("size=64k", "mount -o remount,ro,bind /etc/corosync"),
			run: apply, right: notHalf, holds: (*cluster).confIsOld, heal: uncover},
		{name: "no space in run", what: "neither for the lock nor for the CIB's patch: named, nothing is half done",
			edit: func(c *cluster) { c.declare(dummy) },
			ready: func(c *cluster) {
				c.onAll(`mkdir -p /run/spoilt; cp -a /run/hadeploy /run/spoilt/kept 2>/dev/null || true; mount -o remount,size=$(($(df --output=used -k /run | tail -n 1) + 4))k /run; head -c 1M /dev/zero >/run/fill 2>/dev/null || true`)
			},
			run: apply, right: right{exit: []int{0, 1, 3}},
			heal: func(c *cluster) { c.onAll("rm -f /run/fill; mount -o remount,size=20% /run") }},
		{name: "a local user plants links where hadeploy writes", what: "names in /run/lock and /tmp, which anybody may take: no other file is touched",
			edit: func(c *cluster) { c.declare(dummy) },
			ready: func(c *cluster) {
				c.onAll(`echo precious >/root/precious; chmod 600 /root/precious; rm -f /run/lock/hadeploy*
su deploy -s /bin/sh -c 'umask 0; for n in /run/lock/hadeploy.lock.holder /tmp/hadeploy /tmp/hadeploy.lock /tmp/hadeploy-known-hosts; do ln -s /root/precious $n; done'`)
			},
			run: apply, right: right{exit: []int{0}, says: []string{"verified"}, never: []string{"precious"}},
			holds: func(c *cluster) {
				for n, is := range c.onAll("cat /root/precious; ls -la /root/precious") {
					if !strings.HasPrefix(is, "precious\n-rw------- 1 root root 9 ") {
						c.t.Errorf("on %s a link was followed: %s", n, is)
					}
				}
			},
			heal: unplant},
		{name: "a local user takes the lock first", what: "what anybody can make and hold is no lock of ours: apply goes on",
			edit: func(c *cluster) { c.declare(dummy) },
			ready: func(c *cluster) {
				c.onAll(`rm -f /run/lock/hadeploy*
su deploy -s /bin/sh -c 'touch /run/lock/hadeploy.lock; mkdir /tmp/hadeploy; setsid flock /run/lock/hadeploy.lock sleep 300 >/dev/null 2>&1 &'`)
			},
			run: apply, right: right{exit: []int{0}, says: []string{"verified"}},
			heal: unplant},
	}
}

// nothingButFill: no part of a file, and no temporary one, is there.
func nothingButFill(c *cluster) {
	if is := c.on("n2", "ls -A /srv/faults"); is != "fill\n" {
		c.t.Errorf("left in the full file system: %s", is)
	}
}

func unplant(c *cluster) {
	c.onAll(`for p in $(pgrep -u deploy -f 'flock /run/lock/hadeploy.lock|sleep 300'); do kill $p || :; done
rm -rf /run/lock/hadeploy* /tmp/hadeploy* /root/precious`)
}
