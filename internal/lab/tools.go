package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// tool is a program that the lab runs and the Debian package that has it.
type tool struct{ path, pkg string }

var (
	nodeTools  = []tool{{"systemd-nspawn", "systemd-container"}, {"ip", "iproute2"}, {"nsenter", "util-linux"}, {"ssh", "openssh-client"}}
	imageTools = []tool{{"mmdebstrap", "mmdebstrap"}, {"unshare", "util-linux"}, {"dpkg-deb", "dpkg"},
		{"/usr/lib/apt/apt-helper", "apt"}, {"/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"}}
)

// missing returns the packages of the tools that this machine lacks.
func missing(tools []tool) []string {
	var out []string
	for _, t := range tools {
		if strings.HasPrefix(t.path, "/") {
			if _, err := os.Stat(t.path); err == nil {
				continue
			}
		} else if _, err := exec.LookPath(t.path); err == nil {
			continue
		}
		out = append(out, t.pkg)
	}
	return out
}

// ensureTools installs what is missing where this machine is a Debian (or one
// of its kin), and otherwise says what to install.
func ensureTools(ctx context.Context, tools []tool, say Progress) error {
	pkgs := missing(tools)
	if len(pkgs) == 0 {
		return nil
	}
	list := strings.Join(pkgs, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("the lab needs what Debian's packages %s contain, and this machine has no apt-get to install them; install them by this system's own means", list)
	}
	say.say("installing %s on this machine", list)
	env := append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	install := command{
		args: append([]string{"apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120", "--no-install-recommends", "install"}, pkgs...),
		env:  env, timeout: 10 * time.Minute,
	}
	if _, err := install.run(ctx); err == nil {
		return nil
	}
	// The package lists may be empty or old.
	_, uerr := command{args: []string{"apt-get", "-q", "update"}, env: env, timeout: 5 * time.Minute}.run(ctx)
	if _, err := install.run(ctx); err != nil {
		return errors.Join(fmt.Errorf("could not install what the lab needs; do it by hand with 'apt-get install %s': %w", list, err), uerr)
	}
	if left := missing(tools); len(left) > 0 {
		return fmt.Errorf("installed %s, and still something of %s is not found in PATH", list, strings.Join(left, " "))
	}
	return nil
}

// requireRoot says why root is needed.
func requireRoot() error {
	if os.Geteuid() != 0 {
		return errors.New("the lab needs root: it makes namespaces, mounts and bridges on this machine")
	}
	return nil
}
