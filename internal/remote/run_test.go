package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gssh "github.com/gliderlabs/ssh"
	"golang.org/x/crypto/ssh"
)

func TestRun(t *testing.T) {
	checkLeaks(t)
	c := dial(t, startServer(t, nil, nil).settings())
	big := strings.Repeat("x", 300_000)
	for name, test := range map[string]struct {
		cmd            Cmd
		stdout, stderr string
		status         int
	}{
		"argv":                     {Cmd{Argv: []string{"printf", "%s|", "a b", "", "$HOME", "it's", "\\n", "new\nline", "ü\xff\x80", "!x", "-n"}}, "a b||$HOME|it's|\\n|new\nline|ü\xff\x80|!x|-n|", "", 0},
		"script with arguments":    {Cmd{Script: "echo $# \"$2\"; echo e >&2; exit 9", Args: []string{"a", "b  c"}}, "2 b  c\n", "e\n", 9},
		"set -e, and a trap":       {Cmd{Script: "set -eu\ntrap 'echo bye' EXIT\nfalse\necho never"}, "bye\n", "", 1},
		"stdin":                    {Cmd{Argv: []string{"cat"}, Stdin: strings.NewReader(big)}, big, "", 0},
		"stdin that is not read":   {Cmd{Argv: []string{"true"}, Stdin: strings.NewReader(big)}, "", "", 0},
		"no stdin":                 {Cmd{Argv: []string{"cat"}}, "", "", 0},
		"a long script":            {Cmd{Script: "echo ok\n# " + big}, "ok\n", "", 0},
		"a long argument":          {Cmd{Script: "echo ${#1}", Args: []string{big}}, "300000\n", "", 0},
		"unknown command":          {Cmd{Argv: []string{"no-such-command"}, Label: "a label"}, "", "a label: 1: exec: no-such-command: not found\n", 127},
		"syntax error":             {Cmd{Script: "if"}, "", "", 2},
		"a signal":                 {Cmd{Script: "kill -TERM $$"}, "", "", 143},
		"output without an end":    {Cmd{Script: "printf x"}, "x", "", 0},
		"status 255 is no ssh's":   {Cmd{Script: "exit 255"}, "", "", 255},
		"what was set is cleared":  {Cmd{Script: "echo \"${http_proxy-unset} $LC_ALL ${l-unset}\""}, "unset C unset\n", "", 0},
		"a marker that is printed": {Cmd{Script: "echo; echo hadeploy-0011223344556677; echo x"}, "\nhadeploy-0011223344556677\nx\n", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("http_proxy", "http://proxy.invalid")
			res, err := c.Run(t.Context(), test.cmd)
			if err != nil {
				t.Fatal(err)
			}
			stderr := string(res.Stderr)
			if name == "syntax error" { // its text is the shell's own
				stderr = ""
			}
			if string(res.Stdout) != test.stdout || stderr != test.stderr || res.Status != test.status {
				t.Errorf("got %.200q, %.200q, %d", res.Stdout, res.Stderr, res.Status)
			}
		})
	}
	for name, cmd := range map[string]Cmd{
		"nothing":       {},
		"two things":    {Argv: []string{"true"}, Script: "true"},
		"NUL":           {Argv: []string{"echo", "a\x00b"}},
		"an option":     {Argv: []string{"-x"}},
		"argv and args": {Argv: []string{"true"}, Args: []string{"x"}},
	} {
		if _, err := c.Run(t.Context(), cmd); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	t.Run("lines as they come", func(t *testing.T) {
		var mu sync.Mutex
		var lines []string
		var first time.Time
		res, err := c.Run(t.Context(), Cmd{Script: "echo one; sleep 0.5; echo two; printf three", OnLine: func(l string) {
			mu.Lock()
			defer mu.Unlock()
			if len(lines) == 0 {
				first = time.Now()
			}
			lines = append(lines, l)
		}})
		if err != nil || strings.Join(lines, ",") != "one,two,three" || time.Since(first) < 300*time.Millisecond || string(res.Stdout) != "one\ntwo\nthree" {
			t.Errorf("got %q, %v", lines, err)
		}
	})
	t.Run("a reader that fails is not an end", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		broken := io.MultiReader(strings.NewReader("half"), iotestErr{})
		_, err := c.Run(t.Context(), Cmd{Script: "cat && echo whole >" + out, Stdin: broken})
		if err == nil || !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("got %v", err)
		}
	})
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

// TestNoise has login shells that say things nobody asked for.
func TestNoise(t *testing.T) {
	checkLeaks(t)
	shell := func(before string) gssh.Handler {
		return func(s gssh.Session) {
			runIn(s, exec.CommandContext(s.Context(), "/bin/sh", "-c", before+"\n"+s.RawCommand()))
		}
	}
	for name, c := range map[string]struct {
		handler gssh.Handler
		want    string // "" works, else part of the error
	}{
		"banners": {shell("echo WELCOME; echo beware >&2; printf 'no newline'"), ""},
		"echo of the command": {func(s gssh.Session) {
			_, _ = io.WriteString(s, s.RawCommand()+"\n")
			_, _ = io.WriteString(s.Stderr(), s.RawCommand()+"\n")
			shellHandler("")(s)
		}, ""},
		"strange environment":     {shell("umask 077; cd /tmp; export LC_ALL=xx PATH=/nowhere CDPATH=/ IFS=/ ENV=/nowhere; set -eu"), ""},
		"200 kB":                  {shell("head -c 200000 /dev/zero"), ""},
		"endless":                 {shell("exec cat /dev/zero"), "before it ran the command"},
		"exec cat":                {shell("exec cat"), "did not run it within 1s; it said: nothing"},
		"reads a line":            {shell("read x; echo got $x"), "did not run it within 1s"},
		"a menu":                  {shell("echo '1) quit'; while read x; do sh -c \"$x\"; done"), "did not run it within 1s; it said: 1) quit"},
		"another shell":           {shell("exec sh"), "did not run it within 1s"},
		"sleeps":                  {shell("exec sleep 4"), "did not run it within 1s"},
		"closes its input":        {shell("exec </dev/null"), "the command did not reach the login shell of user root"},
		"closes its output":       {shell("exec >/dev/null"), "did not run it within 1s"},
		"nologin":                 {shell("echo This account is not available.; exit 1"), "does not run commands: exit status 1, it said: This account is not available."},
		"says nothing, status 0":  {func(s gssh.Session) { _ = s.Exit(0) }, "it said: nothing"},
		"steers the terminal":     {shell("printf '\\033]52;c;x\\007\\r'; exit 1"), `\x1b]52;c;x\a`},
		"ends without a status":   {func(gssh.Session) {}, ""},
		"pretends to be the node": {shell("echo hadeploy-0000000000000000; echo 'all is well'; exit 0"), "does not run commands"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, startServer(t, c.handler, nil).settings())
			conn.(interface{ wait(time.Duration) }).wait(time.Second)
			res, err := conn.Run(t.Context(), Cmd{Script: "echo answer; echo complaint >&2", Limit: 4096})
			switch {
			case name == "ends without a status": // gliderlabs gives 0 for it
				if err == nil {
					t.Errorf("got %+v", res)
				}
			case c.want == "":
				if err != nil || string(res.Stdout) != "answer\n" || string(res.Stderr) != "complaint\n" {
					t.Errorf("got %q, %q, %v", res.Stdout, res.Stderr, err)
				}
			case err == nil || !strings.Contains(err.Error(), c.want):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestFaults cuts and stalls commands.
func TestFaults(t *testing.T) {
	checkLeaks(t)
	t.Run("cut in the middle", func(t *testing.T) {
		s := startServer(t, nil, nil)
		c := dial(t, s.settings())
		time.AfterFunc(300*time.Millisecond, s.cut)
		_, err := c.Run(t.Context(), Cmd{Script: "echo half; sleep 20", Label: "change"})
		var lost *LostError
		if !errors.As(err, &lost) || !lost.Unknown || lost.Label != "change" || lost.Node != "n1" {
			t.Errorf("got %v", err)
		}
		select {
		case <-c.Lost():
		case <-time.After(time.Second):
			t.Error("Lost is open")
		}
		_, err = c.Run(t.Context(), Cmd{Argv: []string{"true"}})
		if !errors.As(err, &lost) || lost.Unknown {
			t.Errorf("after the cut: %v", err)
		}
		if err := c.WriteFile(t.Context(), File{Path: "/nonexistent/x"}); !errors.As(err, &lost) {
			t.Errorf("after the cut: %v", err)
		}
		if _, err := c.Lock(t.Context(), "me"); !errors.As(err, &lost) {
			t.Errorf("after the cut: %v", err)
		}
	})
	t.Run("a dead peer", func(t *testing.T) {
		// The server goes on reading TCP but answers nothing.
		s := startServer(t, nil, func(s *server) {
			s.RequestHandlers = map[string]gssh.RequestHandler{"keepalive@openssh.com": func(ctx gssh.Context, _ *gssh.Server, _ *ssh.Request) (bool, []byte) {
				<-ctx.Done()
				return false, nil
			}}
		})
		set := s.settings()
		set.KeepAlive = 200 * time.Millisecond
		c := dial(t, set)
		began := time.Now()
		_, err := c.Run(t.Context(), Cmd{Script: "sleep 20"})
		var lost *LostError
		if !errors.As(err, &lost) || !strings.Contains(err.Error(), "stopped answering") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > 900*time.Millisecond {
			t.Errorf("noticed after %s", took)
		}
	})
	c := dial(t, startServer(t, nil, nil).settings())
	t.Run("a timeout", func(t *testing.T) {
		began := time.Now()
		_, err := c.Run(t.Context(), Cmd{Script: "sleep 20", Timeout: 200 * time.Millisecond})
		var late *TimeoutError
		if !errors.As(err, &late) || !late.Unknown || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
	t.Run("a context that ends", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, err := c.Run(ctx, Cmd{Script: "sleep 20", Reads: true})
		var late *TimeoutError
		if !errors.As(err, &late) || late.Unknown {
			t.Errorf("got %v", err)
		}
	})
	t.Run("many cancelled at once", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(300*time.Millisecond, func() { cancel(errors.New("second Ctrl-C")) })
		var wg sync.WaitGroup
		began := time.Now()
		for range 20 { // some of them wait for a place
			wg.Go(func() {
				_, err := c.Run(ctx, Cmd{Script: "sleep 20", OnLine: func(string) {}})
				var interrupted *InterruptedError
				if !errors.As(err, &interrupted) || !strings.Contains(err.Error(), "second Ctrl-C") {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("took %s", took)
		}
	})
	t.Run("endless output", func(t *testing.T) {
		for _, script := range []string{"cat /dev/zero", "cat /dev/zero >&2"} {
			_, err := c.Run(t.Context(), Cmd{Script: script, Limit: 100_000})
			var limit *LimitError
			if !errors.As(err, &limit) || limit.Limit != 100_000 {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("output of exactly the limit", func(t *testing.T) {
		res, err := c.Run(t.Context(), Cmd{Script: "head -c 100000 /dev/zero", Limit: 100_000})
		if err != nil || len(res.Stdout) != 100_000 {
			t.Errorf("got %d, %v", len(res.Stdout), err)
		}
	})
	t.Run("commands that hang are stopped on the node", func(t *testing.T) {
		mark := filepath.Join(t.TempDir(), "alive")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, _ = c.Run(ctx, Cmd{Script: "(sleep 3; echo x >\"$1\") & echo begun; wait", Args: []string{mark}, OnLine: func(string) { cancel() }})
		time.Sleep(3500 * time.Millisecond)
		if _, err := os.Stat(mark); err == nil {
			t.Error("it went on")
		}
	})
	t.Run("exec is refused", func(t *testing.T) {
		s := startServer(t, nil, func(s *server) {
			s.SessionRequestCallback = func(gssh.Session, string) bool { return false }
		})
		_, err := dial(t, s.settings()).Run(t.Context(), Cmd{Argv: []string{"true"}})
		var u *UnreachableError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), "does not run commands") {
			t.Errorf("got %v", err)
		}
	})
}

func TestReadOnly(t *testing.T) {
	checkLeaks(t)
	c := ReadOnly(dial(t, startServer(t, nil, nil).settings()))
	if res, err := c.Run(t.Context(), Cmd{Argv: []string{"echo", "x"}, Reads: true}); err != nil || string(res.Stdout) != "x\n" {
		t.Errorf("got %v", err)
	}
	var refused *ReadOnlyError
	if _, err := c.Run(t.Context(), Cmd{Argv: []string{"touch", "/x"}}); !errors.As(err, &refused) || refused.Label != "touch /x" || refused.Node != "n1" {
		t.Errorf("got %v", err)
	}
	if err := c.WriteFile(t.Context(), File{Path: "/x"}); !errors.As(err, &refused) || refused.Label != "write /x" {
		t.Errorf("got %v", err)
	}
	if _, err := c.Lock(t.Context(), "me"); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	if _, err := ReadOnly(c).Run(t.Context(), Cmd{Argv: []string{"touch", "/x"}}); !errors.As(err, &refused) || refused.Node != "n1" {
		t.Errorf("twice wrapped: %v", err)
	}
}

func TestLogHoldsNoSecret(t *testing.T) {
	var mu sync.Mutex
	var log bytes.Buffer
	d := &Dialer{ConfigFile: "none", AgentSocket: "none", Log: slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	defer d.Close()
	c, err := d.Dial(t.Context(), startServer(t, nil, nil).settings())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	run := func(cmd Cmd) error {
		res, err := c.Run(t.Context(), cmd)
		if err != nil {
			t.Fatal(err)
		}
		return res.Err("the label")
	}
	_ = run(Cmd{Script: "cat >/dev/null; echo shown", Stdin: strings.NewReader("canary-stdin"), Label: "first"})
	err = run(Cmd{Script: "cat; cat >&2 <<X\ncanary-out\nX\nexit 3", Stdin: strings.NewReader("canary-out"), Sensitive: true, Label: "second"})
	mu.Lock()
	defer mu.Unlock()
	for _, secret := range []string{"canary", "right"} {
		if strings.Contains(log.String()+err.Error(), secret) {
			t.Errorf("%q is in the log or in %v:\n%s", secret, err, log.String())
		}
	}
	for _, want := range []string{"first", "second", "shown", "status=3", "node=n1"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in the log:\n%s", want, log.String())
		}
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
