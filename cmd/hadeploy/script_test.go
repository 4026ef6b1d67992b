package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	gssh "github.com/gliderlabs/ssh"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
)

// TestScripts runs the program as a user does. Beside testscript's own, the
// scripts have the commands
//
//	exit STATUS ARGS...   run hadeploy with these arguments; it must end so
//	sshd pinned|unpinned  start an ssh server that lets nobody in, its address
//	                      in $PORT; home/.ssh/known_hosts has its key, or not
//	port                  put a port of loopback that nobody serves into $PORT
//	colour STREAM yes|no  whether the last output holds colours
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			for k, v := range map[string]string{"HOME": home, "SSH_AUTH_SOCK": "", "ANSIBLE_CONFIG": "", "HADEPLOY_FILE": "", "NO_COLOR": "", "CLICOLOR_FORCE": "",
				"COLUMNS": "", "XDG_STATE_HOME": filepath.Join(home, "state")} {
				e.Setenv(k, v)
			}
			return os.MkdirAll(filepath.Join(home, ".ssh"), 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit": exits, "sshd": sshd, "port": closedPort, "colour": colour,
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit STATUS ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("hadeploy", args[1:]...); err != nil {
		exit, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("hadeploy %q: %v", args[1:], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("hadeploy %q: exit status %d, want %d", args[1:], got, want)
	}
}

// sshd serves the handshake and no login.
func sshd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || args[0] != "pinned" && args[0] != "unpinned" {
		ts.Fatalf("usage: sshd pinned|unpinned")
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	ts.Check(err)
	key, err := ssh.NewSignerFromKey(private)
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	s := &gssh.Server{
		Handler:          func(gssh.Session) {},
		PublicKeyHandler: func(gssh.Context, gssh.PublicKey) bool { return false },
	}
	s.AddHostKey(key)
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	ts.Defer(func() { _ = s.Close(); <-done })
	ts.Setenv("PORT", portOf(l))
	if args[0] == "pinned" {
		line := knownhosts.Line([]string{l.Addr().String()}, key.PublicKey())
		ts.Check(os.WriteFile(ts.MkAbs("home/.ssh/known_hosts"), []byte(line+"\n"), 0o600))
	}
}

func closedPort(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("PORT", portOf(l))
	ts.Check(l.Close())
}

func portOf(l net.Listener) string { return fmt.Sprint(l.Addr().(*net.TCPAddr).Port) }

func colour(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: colour stdout|stderr yes|no")
	}
	if has := bytes.Contains([]byte(ts.ReadFile(args[0])), []byte("\x1b[")); has != (args[1] == "yes") {
		ts.Fatalf("%s has colours: %v", args[0], has)
	}
}
