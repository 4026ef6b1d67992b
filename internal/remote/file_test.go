package remote

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	for _, after := range []time.Duration{20, 60, 120} {
		s := startServer(t, func(s gssh.Session) {
			// The node's processes outlive the connection, as with sshd.
			runIn(s, exec.Command("/bin/sh", "-c", s.RawCommand()))
		}, nil)
		c := dial(t, s.settings())
		time.AfterFunc(after*time.Millisecond, s.cut)
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
