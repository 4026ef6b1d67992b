package remote

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kevinburke/ssh_config"

	"github.com/hadeploy/hadeploy/internal/localfile"
)

// sshConfig is the user's ~/.ssh/config, and behind it /etc/ssh/ssh_config.
type sshConfig struct {
	file   string
	user   *ssh_config.Config // nil: no file
	system *ssh_config.Config // nil: no file, or one that the reader cannot take
}

const systemConfig = "/etc/ssh/ssh_config"

// loadConfig reads the files once.
func (d *Dialer) loadConfig() (*sshConfig, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.config != nil {
		return d.config, nil
	}
	c := &sshConfig{file: d.ConfigFile}
	switch c.file {
	case "none":
		d.config = c
		return c, nil
	case "":
		home, err := localfile.Home()
		if err != nil {
			d.config = c
			return c, nil
		}
		c.file = filepath.Join(home, ".ssh", "config")
		// Distributions fill the system's file with Match blocks that the
		// reader does not know, and that say nothing about hosts.
		if sys, err := readConfig(systemConfig); err == nil {
			c.system = sys
		} else if d.Log != nil && !errors.Is(err, fs.ErrNotExist) {
			d.Log.Debug("ssh configuration left out", "file", systemConfig, "error", err)
		}
	}
	cfg, err := readConfig(c.file)
	if err != nil && (d.ConfigFile != "" || !errors.Is(err, fs.ErrNotExist)) {
		return nil, fmt.Errorf("ssh configuration %s: %w; only Host, Match host, Match all and Include are understood", c.file, err)
	}
	c.user = cfg
	d.config = c
	return c, nil
}

func readConfig(path string) (*ssh_config.Config, error) {
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	if err := checkIncludes(path, text, 0); err != nil {
		return nil, err
	}
	return ssh_config.Decode(bytes.NewReader(text))
}

// maxIncludes is how deep Include may lead; the decoder's own bound.
const maxIncludes = 5

// checkIncludes reads what the decoder will open by itself: a pipe among them
// would hang it, and an endless file fill the memory.
func checkIncludes(path string, text []byte, depth int) error {
	if depth >= maxIncludes {
		return nil // the decoder says so
	}
	for i, line := range strings.Split(string(text), "\n") {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '=' || r == '"' })
		if len(words) == 0 || !strings.EqualFold(words[0], "Include") {
			continue
		}
		for _, pattern := range words[1:] {
			if pattern[0] == '#' {
				break
			}
			for _, file := range included(pattern, depth > 0 && strings.HasPrefix(path, "/etc/ssh/")) {
				more, err := readSmall(file)
				if err != nil {
					return fmt.Errorf("line %d: Include %s: %s %w", i+1, pattern, file, err)
				}
				if err := checkIncludes(file, more, depth+1); err != nil {
					return fmt.Errorf("line %d: Include %s: %w", i+1, pattern, err)
				}
			}
		}
	}
	return nil
}

// included are the files of an Include, found as the decoder finds them.
func included(pattern string, system bool) []string {
	switch {
	case filepath.IsAbs(pattern):
	case system:
		pattern = filepath.Join("/etc/ssh", pattern)
	case strings.HasPrefix(pattern, "~/"):
		pattern = tilde(pattern)
	default:
		pattern = filepath.Join(homeDir(), ".ssh", pattern)
	}
	files, _ := filepath.Glob(pattern)
	return files
}

// maxSmall bounds keys, configurations and lists of host keys, in bytes.
const maxSmall = 4 << 20

// readSmall reads one of the user's own files for ssh.
func readSmall(path string) ([]byte, error) {
	text, _, err := localfile.Read(path, maxSmall)
	if err == nil && len(text) > maxSmall {
		err = fmt.Errorf("is larger than %d MiB", maxSmall>>20)
	}
	return text, err
}

// get is the first value of key for the host, "" when there is none.
func (c *sshConfig) get(host, key string) string {
	for _, cfg := range []*ssh_config.Config{c.user, c.system} {
		if cfg == nil {
			continue
		}
		if v, err := cfg.Get(host, key); err == nil && v != "" {
			return v
		}
	}
	return ""
}

// all are the values of key for the host, in order.
func (c *sshConfig) all(host, key string) []string {
	var all []string
	for _, cfg := range []*ssh_config.Config{c.user, c.system} {
		if cfg == nil {
			continue
		}
		if v, err := cfg.GetAll(host, key); err == nil {
			all = append(all, v...)
		}
	}
	return all
}

// resolve settles one host: what the settings say, then what the ssh
// configuration says, then ssh's defaults.
func (d *Dialer) resolve(s Settings) (target, error) {
	cfg, err := d.loadConfig()
	if err != nil {
		return target{}, err
	}
	if s.Host == "" {
		s.Host = s.Name
	}
	t := target{
		node: s.Name, host: s.Host, user: s.User,
		password: s.Password, becomePassword: s.BecomePassword, passphrase: s.Passphrase,
		timeout: s.ConnectTimeout, keepAlive: s.KeepAlive,
	}
	if t.node == "" {
		t.node = s.Host
	}
	if t.timeout <= 0 {
		t.timeout = defaultConnectTimeout
	}
	if t.keepAlive <= 0 {
		t.keepAlive = defaultKeepAlive
	}
	if t.user == "" {
		t.user = cfg.get(s.Host, "User")
	}
	if t.user == "" {
		me, err := user.Current()
		if err != nil {
			return target{}, fmt.Errorf("%s: no user is set and the local one is not known: %w; set ansible_user", t.node, err)
		}
		t.user = me.Username
	}
	port := s.Port
	if port == 0 {
		port, err = parsePort(cfg.get(s.Host, "Port"))
		if err != nil {
			return target{}, fmt.Errorf("%s: ssh configuration %s: Host %s: %w", t.node, cfg.file, s.Host, err)
		}
	}
	host := s.Host
	if v := cfg.get(s.Host, "HostName"); v != "" {
		host = strings.NewReplacer("%%", "%", "%h", s.Host).Replace(v)
	}
	if strings.ContainsAny(host, " \t\r\n/@") || host == "" || host[0] == '-' {
		return target{}, fmt.Errorf("%s: %q is not a host name or address", t.node, host)
	}
	host = strings.Trim(host, "[]")
	t.addr = net.JoinHostPort(host, strconv.Itoa(port))
	t.pinName = t.addr
	if alias := cfg.get(s.Host, "HostKeyAlias"); alias != "" {
		t.pinName = net.JoinHostPort(alias, "22")
	}

	expand := strings.NewReplacer("%%", "%", "%d", homeDir(), "%h", host, "%n", s.Host, "%p", strconv.Itoa(port), "%r", t.user, "%u", localUser())
	t.identities, t.named = s.IdentityFiles, len(s.IdentityFiles) > 0
	t.explicit = t.named
	if !t.explicit {
		for _, v := range cfg.all(s.Host, "IdentityFile") {
			if !strings.EqualFold(v, "none") {
				t.identities = append(t.identities, tilde(expand.Replace(v)))
			}
			t.explicit = true
		}
	}
	if !t.explicit {
		for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
			t.identities = append(t.identities, tilde("~/.ssh/"+name))
		}
	}
	t.onlyThese = t.named || strings.EqualFold(cfg.get(s.Host, "IdentitiesOnly"), "yes")

	t.knownHosts, t.mustExist = s.KnownHosts, len(s.KnownHosts) > 0
	if !t.mustExist {
		if v := cfg.get(s.Host, "UserKnownHostsFile"); v != "" {
			for _, f := range strings.Fields(v) {
				t.knownHosts = append(t.knownHosts, tilde(expand.Replace(strings.Trim(f, `"`))))
			}
		} else {
			t.knownHosts = []string{tilde("~/.ssh/known_hosts")}
		}
		t.knownHosts = append(t.knownHosts, "/etc/ssh/ssh_known_hosts")
	}

	jump := s.ProxyJump
	if jump == "" {
		jump = cfg.get(s.Host, "ProxyJump")
		if cmd := cfg.get(s.Host, "ProxyCommand"); jump == "" && cmd != "" && !strings.EqualFold(cmd, "none") {
			return target{}, fmt.Errorf("%s: ssh configuration %s: Host %s: ProxyCommand is not supported; use ProxyJump", t.node, cfg.file, s.Host)
		}
	}
	t.hops, err = cfg.hops(jump, 0)
	if err != nil {
		return target{}, fmt.Errorf("%s: %w", t.node, err)
	}
	return t, nil
}

// maxHops bounds chains of jump hosts, and ends circles.
const maxHops = 8

// hops reads a ProxyJump. As in ssh, the first of its hosts may have a
// ProxyJump of its own in the configuration, the others are reached through
// the one before.
func (c *sshConfig) hops(spec string, depth int) ([]hop, error) {
	if spec == "" || strings.EqualFold(spec, "none") {
		return nil, nil
	}
	if depth >= maxHops {
		return nil, fmt.Errorf("ProxyJump %q: more than %d hosts in a row; do they lead in a circle?", spec, maxHops)
	}
	var hops []hop
	for part := range strings.SplitSeq(spec, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "ssh://")
		var h hop
		if i := strings.LastIndexByte(part, '@'); i >= 0 {
			h.user, part = part[:i], part[i+1:]
		}
		h.host = part
		if host, port, err := net.SplitHostPort(part); err == nil {
			h.host = host
			if h.port, err = parsePort(port); err != nil {
				return nil, fmt.Errorf("ProxyJump %q: %w", spec, err)
			}
		}
		if h.host = strings.Trim(h.host, "[]"); h.host == "" {
			return nil, fmt.Errorf("ProxyJump %q: a host is missing", spec)
		}
		hops = append(hops, h)
	}
	before, err := c.hops(c.get(hops[0].host, "ProxyJump"), depth+1)
	if err != nil {
		return nil, err
	}
	if hops = append(before, hops...); len(hops) > maxHops {
		return nil, fmt.Errorf("ProxyJump %q: more than %d hosts in a row", spec, maxHops)
	}
	return hops, nil
}

// parsePort takes "" as ssh's own port.
func parsePort(s string) (int, error) {
	if s == "" {
		return 22, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 65535 {
		return 0, fmt.Errorf("%q is not a port", s)
	}
	return n, nil
}

func homeDir() string {
	home, _ := localfile.Home()
	return home
}

func localUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// tilde replaces a leading ~/ by the home directory.
func tilde(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(homeDir(), rest)
	}
	return path
}
