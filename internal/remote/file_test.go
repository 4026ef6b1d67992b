package remote

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	gssh "github.com/gliderlabs/ssh"
)

func TestWriteFile(t *testing.T) {
	checkLeaks(t)
	c := dial(t, startServer(t, nil, nil).settings())
	dir := t.TempDir()
	owner := fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
	content := bytes.Repeat([]byte("\x00\xff\r\n"), 100_000)
	f := File{Path: dir + "/a/b/it's $(new)", Content: content, Mode: "0600", Owner: owner}
	for range 2 {
		if err := c.WriteFile(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(f.Path)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if info, err := os.Stat(f.Path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := c.WriteFile(t.Context(), File{Path: dir + "/empty", Owner: owner}); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir + "/a/b"); len(entries) != 1 {
		t.Errorf("left over: %v", entries)
	}
	for _, bad := range []File{
		{Path: "relative"}, {Path: "/"}, {Path: "/a/../b"}, {Path: "/a/"}, {Path: "//a"}, {Path: "/a\nb"}, {Path: "/a\x00"}, {Path: ""}, {Path: "/a\xff"},
		{Path: dir + "/x", Mode: "u+x"}, {Path: dir + "/x", Mode: "0999"}, {Path: dir + "/x", Owner: "-R"}, {Path: dir + "/x", Owner: "a:b:c"}, {Path: dir + "/x", Owner: "a b"},
	} {
		if err := c.WriteFile(t.Context(), bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

// TestWriteFileCut cuts the connection while a file is on its way: the shell
// on the node sees only the end of its input.
func TestWriteFileCut(t *testing.T) {
	checkLeaks(t)
	path := write(t, "f", "old")
	size := 32 << 20
	for _, after := range []int{20, 60, 120} {
		s := startServer(t, func(s gssh.Session) {
			// The node's processes outlive the connection, as with sshd.
			runIn(s, exec.Command("/bin/sh", "-c", s.RawCommand()))
		}, nil)
		c := dial(t, s.settings())
		time.AfterFunc(time.Duration(after)*time.Millisecond, s.cut)
		err := c.WriteFile(t.Context(), File{Path: path, Content: make([]byte, size), Owner: fmt.Sprint(os.Getuid())})
		time.Sleep(300 * time.Millisecond)
		got, readErr := os.ReadFile(path)
		if readErr != nil || string(got) != "old" && (err != nil || len(got) != size) && len(got) != size {
			t.Errorf("cut after %d ms: %d bytes are there; %v, %v", after, len(got), err, readErr)
		}
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("left over: %v", entries)
	}
}

// TestWriteFileLinks has links and folders of other users on the way, as in
// /tmp: a file lands where its path says, or nowhere.
func TestWriteFileLinks(t *testing.T) {
	checkLeaks(t)
	if os.Geteuid() != 0 {
		t.Skip("only root can make another user's links")
	}
	c := dial(t, startServer(t, nil, nil).settings())
	const other = 65534
	for name, c2 := range map[string]struct {
		make func(dir string) error // dir/target exists
		path string                 // under dir
		want string                 // "" is written, else part of the error
		at   string                 // where it then is, under dir
	}{
		"a link of root's":    {func(d string) error { return os.Symlink("target", d+"/link") }, "link/f", "", "target/f"},
		"one that leads to /": {func(d string) error { return os.Symlink(d+"/target", d+"/link") }, "link/sub/f", "", "target/sub/f"},
		"a link of another user's": {func(d string) error {
			return errors.Join(os.Symlink("target", d+"/link"), os.Lchown(d+"/link", other, other))
		}, "link/f", "/link is a symbolic link that somebody else", ""},
		"root's, that can be moved": {func(d string) error { return errors.Join(os.Symlink("target", d+"/link"), os.Chmod(d, 0o777)) }, "link/f", "/link is a symbolic link that somebody else", ""},
		"root's, in a sticky folder": {func(d string) error {
			return errors.Join(os.Symlink("target", d+"/link"), os.Chmod(d, 0o777|os.ModeSticky))
		}, "link/f", "", "target/f"},
		"in another user's folder": {func(d string) error { return errors.Join(os.Symlink("target", d+"/link"), os.Chown(d, other, other)) }, "link/f", "/link is a symbolic link that somebody else", ""},
		"another user's folder":    {func(d string) error { return os.Chown(d+"/target", other, other) }, "target/f", "", "target/f"},
		"a set-group-id folder": {func(d string) error {
			return errors.Join(os.Chown(d+"/target", 0, other), os.Chmod(d+"/target", 0o775|os.ModeSetgid))
		}, "target/f", "", "target/f"},
		"a link at the path": {func(d string) error {
			return errors.Join(os.Symlink("../kept", d+"/target/f"), os.Lchown(d+"/target/f", other, other))
		}, "target/f", "", "target/f"},
		"a dangling link on the way": {func(d string) error { return os.Symlink("nowhere", d+"/link") }, "link/f", "/link is a symbolic link that leads to no folder", ""},
		"a file on the way":          {func(string) error { return nil }, "kept/f", "/kept is not a folder", ""},
		"odd names":                  {func(string) error { return nil }, "-a/* b/[x]/-f", "", "-a/* b/[x]/-f"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := errors.Join(os.Mkdir(dir+"/target", 0o755), os.WriteFile(dir+"/kept", []byte("kept"), 0o600), c2.make(dir)); err != nil {
				t.Fatal(err)
			}
			err := c.WriteFile(t.Context(), File{Path: dir + "/" + c2.path, Content: []byte("new")})
			if (err == nil) != (c2.want == "") || err != nil && !strings.Contains(err.Error(), c2.want) {
				t.Errorf("got %v, want %q", err, c2.want)
			}
			if c2.at != "" {
				if info, err := os.Lstat(dir + "/" + c2.at); err != nil || !info.Mode().IsRegular() || info.Size() != 3 {
					t.Errorf("%v, %v", info, err)
				}
			} else if left, _ := os.ReadDir(dir + "/target"); len(left) != 0 {
				t.Errorf("written all the same: %v", left)
			}
			if got, _ := os.ReadFile(dir + "/kept"); string(got) != "kept" {
				t.Errorf("what a link leads to is now %q", got)
			}
			_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, _ error) error {
				if strings.Contains(path, ".hadeploy-") {
					t.Errorf("left over: %s", path)
				}
				return nil
			})
		})
	}
}

// TestRemoveLeftovers: what is named goes, and nothing else, also where links lie
// on the way.
func TestRemoveLeftovers(t *testing.T) {
	checkLeaks(t)
	c := dial(t, startServer(t, nil, nil).settings())
	dir := t.TempDir()
	for _, name := range []string{"a b/.hadeploy-Ab12Cd", "a b/.hadeploy-Ab12Ce", "a b/.hadeploy-other", "a b/kept"} {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, name), 0o700), os.WriteFile(filepath.Join(dir, name, "f"), []byte("half"), 0o400)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	for _, c2 := range []struct {
		folder string
		names  []string
		want   string // in the error
	}{
		{dir + "/a b", []string{".hadeploy-Ab12Cd", ".hadeploy-Ab12Ce", ".hadeploy-gone00"}, ""},
		{dir + "/none/below", []string{".hadeploy-Ab12Cd"}, ""},
		{dir + "/a b", []string{"kept"}, "kept is not of hadeploy"},
		{dir + "/link", []string{".hadeploy-Ab12Cd"}, "/link is a symbolic link"},
	} {
		res, err := c.Run(t.Context(), RemoveLeftovers(c2.folder, c2.names))
		if err != nil || (res.Status == 0) != (c2.want == "") || !strings.Contains(string(res.Stderr), c2.want) {
			t.Errorf("%s %q: exit %d, %s, %v", c2.folder, c2.names, res.Status, res.Stderr, err)
		}
	}
	var left []string
	for _, folder := range []string{dir, dir + "/a b"} {
		entries, _ := os.ReadDir(folder)
		for _, e := range entries {
			left = append(left, e.Name())
		}
	}
	if got := strings.Join(left, " "); got != "a b link .hadeploy-other kept" {
		t.Errorf("left are: %s", got)
	}
}

// TestWriteFileRaces writes into a folder whose owner exchanges it, and what
// is in it, all the time. What root may write and others may not is never hit.
func TestWriteFileRaces(t *testing.T) {
	checkLeaks(t)
	if os.Geteuid() != 0 {
		t.Skip("only root can be tricked")
	}
	c := dial(t, startServer(t, nil, nil).settings())
	dir, protected := t.TempDir(), t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(dir, 0o777), os.WriteFile(protected+"/f", []byte("kept"), 0o644), os.WriteFile(protected+"/passwd", []byte("kept"), 0o644)); err != nil {
		t.Fatal(err)
	}
	// Beside the folder's own ways of being exchanged, the temporary folder in
	// it is moved away and replaced by a link.
	attack := exec.Command("/bin/sh", "-c", `cd "$1" || exit
n=0
while :; do
	n=$((n + 1))
	mkdir x && ln -s "$2/passwd" x/f
	sleep 0.0$((n % 10))
	for t in x/.hadeploy-*; do mv "$t" "moved$n" && ln -s "$2" "$t"; done
	sleep 0.00$((n % 10))
	mv -T x "z$n" && ln -s "$2" x
	sleep 0.00$((n % 7))
	rm -f x
done`, "sh", dir, protected)
	attack.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, Setpgid: true}
	if err := attack.Start(); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for began := time.Now(); time.Since(began) < 4*time.Second; {
		if err := c.WriteFile(t.Context(), File{Path: dir + "/x/f", Content: []byte("new"), Mode: "0666", Owner: "65534"}); err != nil {
			refused++
		}
	}
	_ = syscall.Kill(-attack.Process.Pid, syscall.SIGKILL)
	_ = attack.Wait()
	if t.Logf("%d times refused", refused); refused == 0 {
		t.Error("the attack never came in between: this test shows nothing")
	}
	for _, name := range []string{"f", "passwd"} {
		info, err := os.Lstat(protected + "/" + name)
		if got, _ := os.ReadFile(protected + "/" + name); err != nil || string(got) != "kept" || info.Mode() != 0o644 || info.Sys().(*syscall.Stat_t).Uid != 0 {
			t.Errorf("%s: %q, %v, %v", name, got, info, err)
		}
	}
	if left, _ := os.ReadDir(protected); len(left) != 2 {
		t.Errorf("in the protected folder: %v", left)
	}
}
