package remote

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFilesThatNeverEnd names pipes and devices where ssh's own files are
// read: none hangs the login, and each is named.
func TestFilesThatNeverEnd(t *testing.T) {
	checkLeaks(t)
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, nil, nil)
	for _, endless := range []string{pipe, "/dev/zero"} {
		for name, c := range map[string]struct {
			config string
			set    func(*Settings)
			want   string
		}{
			"key":           {"", func(s *Settings) { s.IdentityFiles = []string{endless}; s.Password = secretOf("") }, "key " + endless + ": is not a regular file"},
			"known hosts":   {"", func(s *Settings) { s.KnownHosts = []string{endless} }, "known hosts: " + endless + " is not a regular file"},
			"configuration": {endless, nil, "ssh configuration " + endless + ": is not a regular file"},
			"include":       {write(t, "config", "# x\nHost *\n  Include "+endless+"\n"), nil, "line 3: Include " + endless + ": " + endless + " is not a regular file"},
			"nested": {write(t, "config", "Include "+write(t, "more", "include \""+endless+"\"\n")+"\n"), nil,
				"line 1: Include " + endless + ": " + endless + " is not a regular file"},
		} {
			t.Run(name+" "+filepath.Base(endless), func(t *testing.T) {
				d := &Dialer{ConfigFile: c.config, AgentSocket: "none"}
				if c.config == "" {
					d.ConfigFile = "none"
				}
				defer d.Close()
				set := s.settings()
				if c.set != nil {
					c.set(&set)
				}
				began := time.Now()
				conn, err := d.Dial(t.Context(), set)
				if err == nil {
					_ = conn.Close()
				}
				if err == nil || !strings.Contains(err.Error(), c.want) || time.Since(began) > 3*time.Second {
					t.Errorf("after %s got %v\nwant %s", time.Since(began), err, c.want)
				}
			})
		}
	}
	t.Run("an ordinary include is read", func(t *testing.T) {
		more := write(t, "more", "Host n9\n  HostName 127.0.0.1\n")
		d := &Dialer{ConfigFile: write(t, "config", "Include "+more+"\n"), AgentSocket: "none"}
		defer d.Close()
		set := s.settings()
		set.Host = "n9"
		conn, err := d.Dial(t.Context(), set)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
	})
}
