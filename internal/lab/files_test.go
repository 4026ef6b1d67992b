package lab

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"gopkg.in/yaml.v3"
)

// The package index is read back by dpkg's and apt's own format, from real
// packages made here.
func TestWriteIndex(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("no dpkg-deb on this machine")
	}
	dir := t.TempDir()
	if _, err := writeIndex(context.Background(), dir, time.Now()); err == nil {
		t.Error("a folder without packages: no error")
	}
	for _, name := range []string{"aa", "bb"} {
		build := t.TempDir()
		control := "Package: " + name + "\nVersion: 1:2.0-1\nArchitecture: all\nMaintainer: x <x@y.test>\nDepends: aa (>= 1)\nDescription: short\n long\n .\n end\n"
		if err := os.MkdirAll(build+"/DEBIAN", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(build+"/DEBIAN/control", []byte(control), 0o644); err != nil {
			t.Fatal(err)
		}
		// apt keeps the epoch's colon in file names as %3a.
		deb := filepath.Join(dir, name+"_1%3a2.0-1_all.deb")
		if out, err := exec.Command("dpkg-deb", "--root-owner-group", "--build", build, deb).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	n, err := writeIndex(context.Background(), dir, time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
	if err != nil || n != 2 {
		t.Fatalf("%d packages, %v", n, err)
	}
	index, err := os.ReadFile(filepath.Join(dir, "Packages"))
	if err != nil {
		t.Fatal(err)
	}
	got := stanzas(string(index))
	if len(got) != 2 {
		t.Fatalf("%d stanzas in %s", len(got), index)
	}
	for i, name := range []string{"aa", "bb"} {
		deb := filepath.Join(dir, name+"_1%3a2.0-1_all.deb")
		data, err := os.ReadFile(deb)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"package": name, "version": "1:2.0-1", "depends": "aa (>= 1)", "description": "short\nlong\n.\nend",
			"filename": "./" + filepath.Base(deb), "size": fmt.Sprint(len(data)), "sha256": fmt.Sprintf("%x", sha256.Sum256(data))}
		for k, v := range want {
			if got[i][k] != v {
				t.Errorf("%s: %s = %q, want %q", name, k, got[i][k], v)
			}
		}
	}
	packed, err := os.ReadFile(filepath.Join(dir, "Packages.gz"))
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(zip); err != nil || !bytes.Equal(plain, index) {
		t.Errorf("Packages.gz differs from Packages (%v)", err)
	}
	release, err := os.ReadFile(filepath.Join(dir, "Release"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Date: Wed, 01 May 2024 12:00:00 UTC\n",
		fmt.Sprintf("\n %x %d Packages\n", sha256.Sum256(index), len(index)),
		fmt.Sprintf("\n %x %d Packages.gz\n", sha256.Sum256(packed), len(packed)),
	} {
		if !strings.Contains(string(release), want) {
			t.Errorf("Release lacks %q:\n%s", want, release)
		}
	}
}

func sampleState(dir string) *State {
	s := &State{Name: "demo", Dir: dir, Links: 2, Slot: 0, BootID: bootID(), Phase: phaseReady}
	s.address(2)
	return s
}

func TestInventory(t *testing.T) {
	got, err := inventory(sampleState("/srv/demo"))
	if err != nil {
		t.Fatal(err)
	}
	want := `# Written by 'hadeploy lab up'; removed by 'hadeploy lab down'.
# Free for floating addresses: 10.192.1.200 to 10.192.1.250, in the network of link 0.
all:
  children:
    cluster:
      hosts:
        n1:
          ansible_host: 10.192.0.11
          links: [10.192.1.11, 10.192.2.11]
        n2:
          ansible_host: 10.192.0.12
          links: [10.192.1.12, 10.192.2.12]
  vars:
    ansible_ssh_common_args: -o UserKnownHostsFile=/srv/demo/known_hosts
    ansible_ssh_private_key_file: /srv/demo/id_ed25519
    ansible_user: root
`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	var any map[string]any
	if err := yaml.Unmarshal(got, &any); err != nil {
		t.Error(err)
	}
}

// Every key type of every node is accepted under its name and all its
// addresses, and another node's is not.
func TestKnownHosts(t *testing.T) {
	s := sampleState(t.TempDir())
	keys, err := makeHostKeys(s)
	if err != nil {
		t.Fatal(err)
	}
	login, err := makeKey("ed25519", "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := writeUserFiles(s, login, keys); err != nil {
		t.Fatal(err)
	}
	check, err := knownhosts.New(filepath.Join(s.Dir, fileKnownHosts))
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range s.Nodes {
		if len(keys[i]) != len(hostKeyKinds) {
			t.Fatalf("%s has %d keys", n.Name, len(keys[i]))
		}
		for _, k := range keys[i] {
			signer, err := ssh.ParsePrivateKey(k.private)
			if err != nil {
				t.Fatal(err)
			}
			for _, addr := range append([]string{n.Name, n.Address}, n.LinkAddrs...) {
				if err := check(net.JoinHostPort(addr, "22"), &net.TCPAddr{}, signer.PublicKey()); err != nil {
					t.Errorf("%s key of %s at %s: %v", k.kind, n.Name, addr, err)
				}
			}
			if check(net.JoinHostPort(s.Nodes[1-i].Address, "22"), &net.TCPAddr{}, signer.PublicKey()) == nil {
				t.Errorf("%s key of %s is accepted for the other node", k.kind, n.Name)
			}
		}
	}
	info, err := os.Stat(filepath.Join(s.Dir, fileKey))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("private key: mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want string // part of the error; "" for none
	}{
		{"defaults", Options{Dir: "/srv/x"}, ""},
		{"no folder", Options{}, "no folder"},
		{"blank in the folder", Options{Dir: "/srv/my lab"}, "blanks"},
		{"percent in the folder", Options{Dir: "/srv/%d"}, "blanks"},
		{"name", Options{Dir: "/srv/x", Name: "My"}, "lab name"},
		{"too many nodes", Options{Dir: "/srv/x", Nodes: 33}, "1 to 32"},
		{"negative nodes", Options{Dir: "/srv/x", Nodes: -1}, "1 to 32"},
		{"too many links", Options{Dir: "/srv/x", Links: 9}, "1 to 8"},
	} {
		err := c.o.check()
		if (c.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if c.name == "defaults" && (c.o.Nodes != 3 || c.o.Links != 2 || c.o.Image != "debian12" || c.o.Name == "") {
			t.Errorf("defaults: %+v", c.o)
		}
	}
}

func TestRecipe(t *testing.T) {
	if _, err := recipeFor("debian9", nil); err == nil || !strings.Contains(err.Error(), "debian11, debian12, debian13") {
		t.Errorf("unknown image: %v", err)
	}
	if _, err := recipeFor("debian12", []string{"a; reboot"}); err == nil {
		t.Error("a package name that is a shell command: no error")
	}
	seen := map[string]string{}
	for _, c := range []struct {
		image string
		extra []string
	}{{"debian11", nil}, {"debian12", nil}, {"debian13", nil}, {"debian12", []string{"haproxy"}}} {
		r, err := recipeFor(c.image, c.extra)
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(c.image, c.extra)
		for _, d := range []string{r.digest(), r.preinstalledDigest()} {
			if other, dup := seen[d]; dup {
				t.Errorf("%s and %s have the digest %s", key, other, d)
			}
			seen[d] = key
		}
	}
	// Order and repetition of extra packages are no change.
	a, _ := recipeFor("debian12", []string{"haproxy", "vim", "pcs"})
	b, _ := recipeFor("debian12", []string{"vim", "haproxy", "haproxy"})
	if a.digest() != b.digest() {
		t.Error("the same set of packages in another order has another digest")
	}
}

func TestParseHierarchies(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []hierarchy
	}{
		{"cgroup2 alone", "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n", []hierarchy{{"/sys/fs/cgroup", true}}},
		{"both trees", "31 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n" +
			"32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n" +
			"33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
			[]hierarchy{{"/sys/fs/cgroup/systemd", false}, {"/sys/fs/cgroup/unified", true}}},
		{"none", "30 24 0:26 / /sys rw - sysfs sysfs rw\nshort line\n", nil},
	} {
		if d := cmp.Diff(c.want, parseHierarchies(c.text), cmp.AllowUnexported(hierarchy{})); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestMountPoints(t *testing.T) {
	text := "1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:3 / /state/a/n1/root rw - overlay overlay rw\n" +
		"3 2 0:4 / /state/a/n1/root/proc rw - proc proc rw\n4 1 0:5 / /state/a-2/n1/root rw - overlay overlay rw\n5 1 0:6 / /state/a/with\\040blank rw - tmpfs x rw\n"
	want := []string{"/state/a/n1/root", "/state/a/n1/root/proc", "/state/a/with blank"}
	if d := cmp.Diff(want, mountPoints(text, "/state/a")); d != "" {
		t.Error(d)
	}
}

func TestSaid(t *testing.T) {
	if got := said(" \n"); got != "" {
		t.Errorf("nothing said: %q", got)
	}
	long := strings.Repeat("x\n", 50) + "last"
	if got := said(long); strings.Count(got, "\n") != 11 || !strings.HasSuffix(got, "last") {
		t.Errorf("long output: %q", got)
	}
	if got := terminalCodes.ReplaceAllString("\x1b[0;32m  OK  \x1b[0m started\r\n\x1b(B", ""); !strings.Contains(got, "  OK   started\n") {
		t.Errorf("terminal codes stay: %q", got)
	}
}

func TestRun(t *testing.T) {
	ctx := context.Background()
	if out, err := (command{args: []string{"sh", "-c", "cat; echo err >&2"}, stdin: "in"}).run(ctx); out != "in" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := run(ctx, "sh", "-c", "echo reason >&2; exit 3"); err == nil || !strings.Contains(err.Error(), "exit status 3: reason") {
		t.Errorf("a failing command: %v", err)
	}
	start := time.Now()
	_, err := command{args: []string{"sh", "-c", "echo stuck >&2; exec sleep 30"}, timeout: 200 * time.Millisecond}.run(ctx)
	if err == nil || !strings.Contains(err.Error(), "no end after 200ms: stuck") || time.Since(start) > 5*time.Second {
		t.Errorf("a hanging command: %v after %s", err, time.Since(start))
	}
}
