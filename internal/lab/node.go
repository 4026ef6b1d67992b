package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// nodeRepo is where a node sees the packages.
const nodeRepo = "/var/lib/hadeploy-repo"

// containerStore is where podman keeps images and containers. The kernel mounts no
// overlay over an overlay, and the node's disk is one: so this folder lies on the
// machine's own disk, beside the node's, and outlives the node's power too.
const containerStore = "/var/lib/containers"

// mountDisk puts the node's own disk (an overlay's upper layer, which outlives
// its power) over the image.
func (p paths) mountDisk(s *State, node string) error {
	base := p.node(s.Name, node)
	for _, d := range []string{"upper", "work", "root", "containers"} {
		if err := os.MkdirAll(filepath.Join(base, d), 0o755); err != nil {
			return err
		}
	}
	opts := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s",
		strings.Join(s.Layers, ":"), filepath.Join(base, "upper"), filepath.Join(base, "work"))
	root := filepath.Join(base, "root")
	if err := syscall.Mount("overlay", root, "overlay", 0, opts); err != nil {
		return fmt.Errorf("disk of node %s: mount an overlay at %s: %w (%s)", node, root, err, overlayHint(err))
	}
	return nil
}

func overlayHint(err error) string {
	switch {
	case errors.Is(err, syscall.ENODEV):
		return "this kernel has no overlayfs; load it with 'modprobe overlay'"
	case errors.Is(err, syscall.EINVAL):
		return "the state folder is itself on an overlay, as in most containers; set HADEPLOY_LAB_STATE to a folder on a real disk or a tmpfs"
	case errors.Is(err, syscall.EPERM):
		return "mounting is not allowed here; run as root, and in a container with --privileged"
	}
	return "see the kernel's log"
}

// writeIdentity makes the disk this node's: name, hosts, keys, machine id.
func (p paths) writeIdentity(s *State, i int, login keyPair, hostKeys []keyPair) error {
	n := s.Nodes[i]
	root, err := os.OpenRoot(filepath.Join(p.node(s.Name, n.Name), "root"))
	if err != nil {
		return err
	}
	defer root.Close()
	hosts := "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
	for _, m := range s.Nodes {
		hosts += fmt.Sprintf("%s %s\n", m.LinkAddrs[0], m.Name)
	}
	addresses := fmt.Sprintf("mgmt0 %s/24\n", n.Address)
	for l, a := range n.LinkAddrs {
		addresses += fmt.Sprintf("%s %s/24\n", linkIf(l), a)
	}
	id, err := randomHex(16)
	if err != nil {
		return err
	}
	type file struct {
		path, text string
		mode       os.FileMode
		owner      int
	}
	files := []file{
		{"etc/hostname", n.Name + "\n", 0o644, 0},
		{"etc/hosts", hosts, 0o644, 0},
		{addressFile, addresses, 0o644, 0},
		{"etc/machine-id", id + "\n", 0o444, 0},
		{"root/.ssh/authorized_keys", login.public + " hadeploy-lab\n", 0o600, 0},
	}
	for _, u := range labUsers {
		files = append(files, file{"home/" + u.name + "/.ssh/authorized_keys", login.public + " hadeploy-lab\n", 0o600, u.id})
	}
	for _, k := range hostKeys {
		base := "etc/ssh/ssh_host_" + k.kind + "_key"
		files = append(files,
			file{base, string(k.private), 0o600, 0},
			file{base + ".pub", k.public + " root@" + n.Name + "\n", 0o644, 0})
	}
	for _, f := range files {
		dir := filepath.Dir(f.path)
		if strings.HasSuffix(dir, ".ssh") {
			if err := root.MkdirAll(dir, 0o700); err != nil {
				return err
			}
			if err := root.Chown(dir, f.owner, f.owner); err != nil {
				return err
			}
		}
		if err := root.WriteFile(f.path, []byte(f.text), f.mode); err != nil {
			return err
		}
		if err := root.Chmod(f.path, f.mode); err != nil {
			return err
		}
		if err := root.Chown(f.path, f.owner, f.owner); err != nil {
			return err
		}
	}
	return nil
}

// guard is the shell script that stays above nspawn: a node that reboots makes
// nspawn end with 133, which asks for a new start (EXIT_FORCE_RESTART in
// systemd). $1 to -- are the cgroups that each nspawn moves into, the rest is
// its command line.
const guard = `dirs=
while [ "$1" != -- ]; do dirs="$dirs $1"; shift; done
shift
while :; do
	(for d in $dirs; do echo 0 >"$d/cgroup.procs" || exit 1; done; exec "$@")
	[ $? -eq 133 ] || exit 0
	sleep 0.2
done`

// boot starts the node's systemd and records the process. The node's network
// and disk must be there.
func (p paths) boot(s *State, n *NodeState) error {
	cg, err := makeCgroup(s.Name, n.Name)
	if err != nil {
		return err
	}
	birth, err := os.Open(cg.guard)
	if err != nil {
		return err
	}
	defer birth.Close()
	console, err := os.OpenFile(p.console(s.Name, n.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer console.Close()
	netns := "/run/netns/" + netnsName(s.Name, n.Name)
	nspawn := []string{
		// nspawn mounts /sys before it joins the namespace of the option, and the
		// node would see the machine's interfaces there; so it starts inside.
		"nsenter", "--net=" + netns,
		"systemd-nspawn", "--quiet", "--boot",
		"--directory=" + filepath.Join(p.node(s.Name, n.Name), "root"),
		"--machine=" + machineName(s.Name, n.Name), "--hostname=" + n.Name,
		"--network-namespace-path=" + netns,
		"--bind-ro=" + s.Repo + ":" + nodeRepo,
		"--bind=" + filepath.Join(p.node(s.Name, n.Name), "containers") + ":" + containerStore,
		// Without capabilities IPaddr2 cannot add its address; those that would
		// reach the machine itself (its clock, its modules) stay away.
		"--capability=all", "--drop-capability=CAP_SYS_TIME,CAP_SYS_MODULE,CAP_SYS_RAWIO",
		"--register=no", "--keep-unit", // no machined needed, our cgroup
		"--link-journal=no", "--console=read-only",
		"--resolv-conf=off", "--timezone=off",
		"systemd.show_status=yes", // fills the console log
	}
	args := append([]string{"-c", guard, "lab-guard"}, cg.trees...)
	args = append(append(args, "--"), nspawn...)
	cmd := exec.Command("/bin/sh", args...) //nolint:noctx // the node outlives the command that boots it
	cmd.Env = append(os.Environ(), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1", "SYSTEMD_NSPAWN_LOCK=0", "LC_ALL=C.UTF-8",
		// The node's network is its own, so it may forward what its containers send:
		// nspawn leaves /proc/sys/net writable only where it made the network itself.
		"SYSTEMD_NSPAWN_API_VFS_WRITABLE=network")
	cmd.Stdout, cmd.Stderr = console, console
	cmd.Dir = "/"
	// Born in its cgroup: there is no moment at which a killed lab command would
	// leave a process that nothing names.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, UseCgroupFD: true, CgroupFD: int(birth.Fd())}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start node %s: %w", n.Name, err)
	}
	proc, err := identify(cmd.Process.Pid)
	if err != nil {
		return fmt.Errorf("start node %s: %w%s", n.Name, err, p.consoleTail(s.Name, n.Name))
	}
	n.Guard, n.Powered = &proc, true
	// Reap it should it end while this process still lives.
	go func() { _ = cmd.Wait() }()
	return nil
}

// consoleTail is the end of a node's console as the tail of an error.
func (p paths) consoleTail(lab, node string) string {
	data, _ := os.ReadFile(p.console(lab, node))
	if len(data) > 4096 {
		data = data[len(data)-4096:]
	}
	return said(terminalCodes.ReplaceAllString(string(data), ""))
}

// terminalCodes are ECMA-48 control sequences and control characters.
var terminalCodes = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b[^\[]|[\x00-\x08\x0b-\x1f\x7f]`)

// waitReady waits until the node lets a login of an ordinary user in: sshd
// answers with this node's key, and /run/nologin is gone.
func (p paths) waitReady(ctx context.Context, s *State, n *NodeState, limit time.Duration) error {
	config, err := clientConfig(s.Dir)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	last := errors.New("nothing tried yet")
	err = poll(ctx, 100*time.Millisecond, func() (bool, error) {
		if !n.Guard.Alive() {
			return false, fmt.Errorf("node %s stopped while it was starting%s", n.Name, p.consoleTail(s.Name, n.Name))
		}
		last = probe(ctx, n.Address, config)
		return last == nil, nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("node %s: no ssh login at %s after %s: %w; end of its console%s", n.Name, n.Address, limit, last, p.consoleTail(s.Name, n.Name))
	}
	return err
}

// probe logs in once and looks whether logins are open.
func probe(ctx context.Context, addr string, config *ssh.ClientConfig) error {
	conn, err := dialTCP(ctx, addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	c, chans, reqs, err := ssh.NewClientConn(conn, net.JoinHostPort(addr, "22"), config)
	if err != nil {
		return err
	}
	client := ssh.NewClient(c, chans, reqs)
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	if err := session.Run("test ! -e /run/nologin"); err != nil {
		return fmt.Errorf("logins are not open yet: %w", err)
	}
	return nil
}

// cutPower ends the node as a power failure does: its init dies at once, and
// with it everything on the node. Its network goes too.
func (p paths) cutPower(ctx context.Context, s *State, n *NodeState) error {
	if err := n.Guard.killNode(ctx); err != nil {
		return fmt.Errorf("power off %s: %w", n.Name, err)
	}
	if err := emptyCgroup(ctx, s.Name, n.Name); err != nil {
		return err
	}
	forgetMachine(machineName(s.Name, n.Name))
	n.Guard, n.Powered = nil, false
	return unplugNode(ctx, s, n)
}

// killNode kills the init of the node under this guard, and waits until nspawn,
// which then puts its own traces away, and the guard have ended. What does not
// end is left to emptyCgroup.
func (p *Process) killNode(ctx context.Context) error {
	if p == nil || !p.Alive() {
		return nil
	}
	for _, nspawn := range p.children() {
		for _, init := range nspawn.children() {
			if err := init.kill(); err != nil {
				return err
			}
		}
	}
	p.gone(ctx, 5*time.Second)
	return nil
}

// forgetMachine removes what nspawn leaves of a machine when it could not end
// in good order: an empty folder for mounts passed into the machine.
func forgetMachine(machine string) {
	_ = os.Remove(filepath.Join("/run/systemd/nspawn/propagate", machine))
}
