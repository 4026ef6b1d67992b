package faults

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// packageFaults: mirrors and package managers.
func packageFaults() []fault {
	wants := func(mode string) func(*cluster) {
		return func(c *cluster) {
			c.mirror.use(c)
			c.mirror.be(c.State.Nodes[1].Address, mode)
			c.install("hadeploy-quick")
		}
	}
	well := func(c *cluster) { c.mirror.be(c.State.Nodes[1].Address, "") }
	refused := right{exit: []int{3}, says: []string{"n2", "packages"}, never: []string{"Apply complete"}}
	return []fault{
		{name: "a mirror answers 404", what: "the lists are there, the package is not",
			edit: wants("404"), run: apply, right: refused, heal: well, undo: noMorePackages},
		{name: "a mirror serves a package with a wrong hash", what: "it is not installed",
			edit: wants("wrong hash"), run: apply, right: refused, heal: well, undo: noMorePackages,
			holds: func(c *cluster) { c.on("n2", "test ! -e /usr/share/hadeploy-quick") }},
		{name: "a mirror serves a list with a wrong hash", what: "apt keeps the old list, which does not know the package",
			edit: wants("wrong list"), run: apply, right: refused, heal: well, undo: noMorePackages},
		{name: "a mirror hangs up", what: "every connection is closed without an answer",
			edit: wants("hang up"), run: apply, right: refused, heal: well, undo: noMorePackages},
		{name: "a mirror is silent", slow: true, what: "it takes connections and never answers: apt's own limits end it",
			edit: wants("silent"), run: apply, right: right{exit: []int{3}, says: []string{"n2", "packages"}, never: []string{"Apply complete"}, within: 8 * time.Minute}, heal: well, undo: noMorePackages},
		{name: "a package that nobody has", what: "named, on every node, and nothing else is done",
			edit: func(c *cluster) { c.install("hadeploy-nowhere") },
			run:  apply, right: right{exit: []int{3}, says: []string{"hadeploy-nowhere"}, never: []string{"Apply complete"}},
			heal: func(c *cluster) { c.files() }},
		{name: "a package that cannot be configured", what: "its postinst fails; the next apply repairs what dpkg left",
			edit: func(c *cluster) {
				c.mirror.use(c)
				c.install("hadeploy-quick")
				c.on("n2", "touch /run/hadeploy-quick-fails")
			},
			run: apply, right: refused,
			heal: func(c *cluster) { c.on("n2", "rm /run/hadeploy-quick-fails") }, undo: noMorePackages},
		{name: "somebody else holds dpkg's lock", what: "waited for, or named; never broken",
			edit: wants(""),
			ready: func(c *cluster) {
				c.on("n2", `mkdir -p /run/spoilt; printf '%s\n' 'import fcntl,time' 'f=open("/var/lib/dpkg/lock-frontend","w")' 'fcntl.lockf(f,fcntl.LOCK_EX)' 'open("/run/spoilt/has","w")' 'time.sleep(15)' >/run/spoilt/hold.py
systemd-run --quiet --unit=holds-dpkg python3 /run/spoilt/hold.py; until [ -e /run/spoilt/has ]; do sleep 0.1; done`)
			},
			run: apply, right: right{exit: []int{0, 3}, says: []string{"n2"}},
			heal: func(c *cluster) {
				c.on("n2", "systemctl stop holds-dpkg 2>/dev/null || true")
			}, undo: noMorePackages},
		{name: "the controller is killed while a package is configured", what: "the package manager goes on, and the next apply waits for it",
			edit: func(c *cluster) { c.mirror.use(c); c.install("hadeploy-slow") },
			run:  apply, when: seen("n2", "test -e /run/hadeploy-slow"),
			then:  func(c *cluster) { _ = c.running.Cmd.Process.Kill() },
			right: right{exit: []int{-1}},
			heal:  slowGoesOn, undo: noMorePackages},
	}
}

// install declares a package more.
func (c *cluster) install(name string) {
	c.t.Helper()
	c.edit("install: [nginx]", "install: [nginx, "+name+"]")
}

// othersGoOn lets the postinst of hadeploy-slow end on n1 and n3.
func othersGoOn(c *cluster) {
	for _, n := range []string{"n1", "n3"} {
		c.on(n, "touch /run/hadeploy-slow-go")
	}
}

// slowGoesOn lets the postinst of hadeploy-slow end everywhere, now and later.
func slowGoesOn(c *cluster) { c.whole(); c.onAll("touch /run/hadeploy-slow-go") }

// noMorePackages takes everything away that a fault brought.
func noMorePackages(c *cluster) {
	c.onAll(`rm -f /etc/apt/sources.list.d/faults.list /etc/apt/apt.conf.d/99faults
dpkg --purge --force-all hadeploy-slow hadeploy-quick >/dev/null 2>&1
rm -f /run/hadeploy-slow* /run/hadeploy-quick* /var/cache/apt/archives/hadeploy-*.deb
apt-get -qq update`)
}

// gateway is this machine's address in the network of the nodes' ssh.
func (c *cluster) gateway() string {
	first, _, _ := strings.Cut(c.State.Networks[0], ".0/")
	return first + ".1"
}

// mirror is a repository with two packages of its own, that can be as bad to
// each node as it likes.
type mirror struct {
	url    string
	server *http.Server
	files  map[string][]byte
	mu     sync.Mutex
	modes  map[string]string // by address
	closed chan struct{}
}

// Postinst scripts: hadeploy-slow waits for a file, two minutes at most, and
// hadeploy-quick fails where it is told to.
var postinst = map[string]string{
	"hadeploy-slow": `touch /run/hadeploy-slow
i=0; while [ ! -e /run/hadeploy-slow-go ] && [ $i -lt 1200 ]; do sleep 0.1; i=$((i + 1)); done`,
	"hadeploy-quick": `[ ! -e /run/hadeploy-quick-fails ]`,
}

func newMirror(c *cluster) (*mirror, error) {
	m := &mirror{files: map[string][]byte{}, modes: map[string]string{}, closed: make(chan struct{})}
	var index bytes.Buffer
	for name, script := range postinst {
		deb, err := pack(name, script)
		if err != nil {
			return nil, err
		}
		m.files["/"+name+".deb"] = deb
		fmt.Fprintf(&index, "Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: faults\nDescription: a package of the faults\nFilename: ./%s.deb\nSize: %d\nSHA256: %x\n\n", name, name, len(deb), sha256.Sum256(deb))
	}
	m.files["/Packages"] = index.Bytes()
	m.files["/Release"] = fmt.Appendf(nil, "Origin: faults\nLabel: faults\nSuite: faults\nDate: %s\nSHA256:\n %x %d Packages\n", time.Now().UTC().Format(time.RFC1123), sha256.Sum256(index.Bytes()), index.Len())
	l, err := net.Listen("tcp", net.JoinHostPort(c.gateway(), "0"))
	if err != nil {
		return nil, err
	}
	m.url = "http://" + l.Addr().String()
	m.server = &http.Server{Handler: m, ReadHeaderTimeout: time.Minute}
	go func() { _ = m.server.Serve(l) }() // until close
	return m, nil
}

func (m *mirror) close() {
	close(m.closed)
	_ = m.server.Close()
}

// be says how it is to a node; "" is well.
func (m *mirror) be(address, mode string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.modes[address] = mode
}

// use makes it a source of every node, and is well to all of them.
func (m *mirror) use(c *cluster) {
	c.t.Helper()
	m.mu.Lock()
	clear(m.modes)
	m.mu.Unlock()
	c.onAll("echo 'deb [trusted=yes] " + m.url + " ./' >/etc/apt/sources.list.d/faults.list")
}

// ServeHTTP implements http.Handler.
func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	m.mu.Lock()
	mode := m.modes[host]
	m.mu.Unlock()
	path := "/" + strings.TrimLeft(strings.ReplaceAll(r.URL.Path, "/./", "/"), "/.")
	body, found := m.files[path]
	deb := strings.HasSuffix(path, ".deb")
	switch {
	case mode == "silent":
		select {
		case <-m.closed:
		case <-r.Context().Done():
		}
		return
	case mode == "hang up":
		panic(http.ErrAbortHandler)
	case !found, mode == "404" && deb:
		http.NotFound(w, r)
		return
	case mode == "wrong hash" && deb, mode == "wrong list" && path == "/Packages":
		body = bytes.Clone(body)
		body[len(body)/2] ^= 1
	}
	_, _ = w.Write(body) // apt sees it if it is cut
}

// pack makes a package with a postinst.
func pack(name, script string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "hadeploy-deb-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	tree := filepath.Join(dir, "tree")
	for _, d := range []string{"DEBIAN", "usr/share/" + name} {
		if err := os.MkdirAll(filepath.Join(tree, d), 0o755); err != nil {
			return nil, err
		}
	}
	control := "Package: " + name + "\nVersion: 1\nArchitecture: all\nMaintainer: faults\nDescription: a package of the faults\n"
	for file, text := range map[string]string{"control": control, "postinst": "#!/bin/sh\nset -e\n" + script + "\n"} {
		if err := os.WriteFile(filepath.Join(tree, "DEBIAN", file), []byte(text), 0o755); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	deb := filepath.Join(dir, "x.deb")
	if out, err := exec.CommandContext(ctx, "dpkg-deb", "--root-owner-group", "-b", tree, deb).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("dpkg-deb: %w: %s", err, out)
	}
	return os.ReadFile(deb)
}
