package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/lab"
	"github.com/hadeploy/hadeploy/internal/secret"
)

func TestLabSessions(t *testing.T) {
	e := openLab(t)
	const conf = "/etc/ssh/sshd_config.d/hadeploy-test.conf"
	restore := func() {
		_, _ = e.lab.Run(context.Background(), e.nodes[0].Name, "rm -f "+conf+"; systemctl restart ssh")
	}
	e.Cleanup(restore)
	for _, most := range []int{10, 2} {
		t.Run(fmt.Sprintf("MaxSessions %d", most), func(t *testing.T) {
			e.on(0, fmt.Sprintf("echo MaxSessions %d >%s; systemctl restart ssh", most, conf))
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			c := e.dial(e.dialer(), e.withKey(0, "deploy"))
			unlock, err := c.Lock(t.Context(), "the test")
			if err != nil {
				t.Fatal(err)
			}
			defer unlock()
			began := time.Now()
			var wg sync.WaitGroup
			for i := range 24 {
				wg.Go(func() {
					res, err := c.Run(t.Context(), Cmd{Script: "sleep 0.2; echo $1", Args: []string{fmt.Sprint(i)}})
					if err != nil || string(res.Stdout) != fmt.Sprintln(i) {
						t.Errorf("%d: %q, %v", i, res.Stdout, err)
					}
				})
			}
			wg.Wait()
			t.Logf("24 commands of 0.2 s took %s", time.Since(began).Round(time.Millisecond))
		})
	}
	t.Run("MaxSessions 1 and a lock", func(t *testing.T) {
		e.on(0, "echo MaxSessions 1 >"+conf+"; systemctl restart ssh")
		e := &labEnv{t, e.lab, e.dir, e.nodes}
		c := e.dial(e.dialer(), e.withKey(0, "root"))
		unlock, err := c.Lock(t.Context(), "the test")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		_, err = c.Run(t.Context(), Cmd{Argv: []string{"true"}})
		if err == nil || !strings.Contains(err.Error(), "MaxSessions") {
			t.Errorf("got %v", err)
		}
		t.Log(err)
	})
}

func TestLabWriteFile(t *testing.T) {
	e := openLab(t)
	ops := e.login(0, "ops")
	ops.Password, ops.BecomePassword = secret.New("ops"), secret.New("ops")
	c := e.dial(e.dialer(), ops)
	run(t, c, "rm -rf /root/wf; mkdir /root/wf")
	content := make([]byte, 3<<20)
	_, _ = rand.Read(content)
	name := `/root/wf/new/de ep/it's "a" $(file) ü`
	if err := c.WriteFile(t.Context(), File{Path: name, Content: content, Mode: "0640", Owner: "ops:deploy"}); err != nil {
		t.Fatal(err)
	}
	res, err := c.Run(t.Context(), Cmd{Script: `stat -c '%a %U:%G %s' "$1" >&2; stat -c %a /root/wf/new >&2; cat "$1"; ls -A "${1%/*}" | wc -l >&2`, Args: []string{name}, Limit: 8 << 20})
	if err != nil || string(res.Stderr) != fmt.Sprintf("640 ops:deploy %d\n755\n1\n", len(content)) || !bytes.Equal(res.Stdout, content) {
		t.Errorf("stderr %q, %d bytes, %v", res.Stderr, len(res.Stdout), err)
	}

	// What fails leaves the old file and no other.
	if err := c.WriteFile(t.Context(), File{Path: "/root/wf/f", Content: []byte("old\n")}); err != nil {
		t.Fatal(err)
	}
	run(t, c, "mkdir -p /root/wf/full; mountpoint -q /root/wf/full || mount -t tmpfs -o size=64k none /root/wf/full; echo old >/root/wf/full/f; echo x >/root/wf/notadir")
	for name, f := range map[string]File{
		"unknown owner":       {Path: "/root/wf/f", Content: []byte("new"), Owner: "nobody-here"},
		"a directory":         {Path: "/root/wf", Content: []byte("new")},
		"disk full":           {Path: "/root/wf/full/f", Content: content},
		"parent is not one":   {Path: "/root/wf/notadir/f", Content: []byte("new")},
		"read-only directory": {Path: "/proc/sys/hadeploy", Content: []byte("new")},
	} {
		err := c.WriteFile(t.Context(), f)
		var failed *CommandError
		if !errors.As(err, &failed) || failed.Stderr == "" {
			t.Errorf("%s: got %v", name, err)
		}
		t.Log(err)
	}
	if got := run(t, c, "cat /root/wf/f /root/wf/full/f; find /root/wf -name '.hadeploy*'; umount /root/wf/full"); got != "old\nold\n" {
		t.Errorf("after the failures: %q", got)
	}
	// A writer that is interrupted half-way leaves the old file too.
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	err = c.WriteFile(ctx, File{Path: "/root/wf/f", Content: make([]byte, 64<<20)})
	if _, ok := errors.AsType[*InterruptedError](err); !ok {
		t.Errorf("got %v", err)
	}
	if got := run(t, c, "for i in $(seq 100); do left=$(find /root/wf -name '.hadeploy*'); [ \"$left\" ] || break; sleep 0.1; done; cat /root/wf/f; echo \"$left\""); got != "old\n\n" {
		t.Errorf("after the interruption: %q", got)
	}
}

// TestLabStops looks on the node whether commands that were given up are gone.
func TestLabStops(t *testing.T) {
	e := openLab(t)
	for _, user := range []string{"root", "deploy"} {
		t.Run(user, func(t *testing.T) {
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			c := e.dial(e.dialer(), e.withKey(0, user))
			// alive counts what is left once there is nothing more to wait for.
			alive := func(seconds string) string {
				return e.on(0, "for i in $(seq 100); do n=$(ps -eo args | grep -c '^[s]leep "+seconds+"' || true); [ \"$n\" != 0 ] || break; sleep 0.1; done; echo $n")
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(300*time.Millisecond, cancel)
			began := time.Now()
			_, err := c.Run(ctx, Cmd{Script: "sleep 1001 & sleep 1001; wait"})
			var interrupted *InterruptedError
			if !errors.As(err, &interrupted) || !interrupted.Unknown || time.Since(began) > 5*time.Second {
				t.Errorf("cancel: %v after %s", err, time.Since(began))
			}
			if n := alive("1001"); n != "0" {
				t.Errorf("after cancel %s processes are left", n)
			}
			_, err = c.Run(t.Context(), Cmd{Script: "sleep 1002", Reads: true, Timeout: 300 * time.Millisecond})
			var late *TimeoutError
			if !errors.As(err, &late) || late.Unknown {
				t.Errorf("timeout: %v", err)
			}
			if n := alive("1002"); n != "0" {
				t.Errorf("after the timeout %s processes are left", n)
			}
			_, err = c.Run(t.Context(), Cmd{Script: "yes & sleep 1003", Limit: 1 << 20})
			if _, ok := errors.AsType[*LimitError](err); !ok {
				t.Errorf("limit: %v", err)
			}
			if n := alive("1003"); n != "0" {
				t.Errorf("after the limit %s processes are left", n)
			}
			// Many at once: more stops than sshd gives us sessions for.
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(700*time.Millisecond, cancel)
			var wg sync.WaitGroup
			for range maxSessions {
				wg.Go(func() { _, _ = c.Run(ctx, Cmd{Script: "sleep 1004"}) })
			}
			wg.Wait()
			if n := alive("1004"); n != "0" {
				t.Errorf("after many cancels %s processes are left", n)
			}
			// A child that keeps the output open does not keep us.
			began = time.Now()
			res, err := c.Run(t.Context(), Cmd{Script: "sleep 30 & echo done"})
			if err != nil || string(res.Stdout) != "done\n" || time.Since(began) > 15*time.Second {
				t.Errorf("child left: %q, %v after %s", res.Stdout, err, time.Since(began))
			}
		})
	}
}

// TestLabShells logs in with the shells that people have.
func TestLabShells(t *testing.T) {
	e := openLab(t)
	// The lab's packages have no csh or fish: where the node has them they
	// are used, else the test says so.
	profile := `echo noise on stdout; echo noise on stderr >&2; printf 'no newline at the end'; umask 077; alias cat='echo'; export LC_ALL=de_DE.UTF-8 http_proxy=http://127.0.0.1:1 PATH=/nowhere ENV=/nowhere; set -e; cd /tmp; hadeploy() { :; }`
	for _, shell := range []string{"bash", "dash", "csh", "tcsh", "fish", "zsh"} {
		t.Run(shell, func(t *testing.T) {
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			path := e.on(0, "command -v "+shell+" || true")
			if path == "" {
				t.Skipf("the node has no %s", shell)
			}
			user := "shell" + shell
			e.on(0, fmt.Sprintf(`id %[1]s >/dev/null 2>&1 || useradd -m -s %[2]s %[1]s
				mkdir -p /home/%[1]s/.ssh /home/%[1]s/.config/fish; cp /root/.ssh/authorized_keys /home/%[1]s/.ssh/
				echo '%[1]s ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/%[1]s
				cat >/home/%[1]s/.bashrc <<'RC'
%[3]s
RC
				cp /home/%[1]s/.bashrc /home/%[1]s/.zshenv
				printf 'echo noise\nset echo\nset verbose\nsetenv http_proxy x\n' >/home/%[1]s/.cshrc
				printf 'echo noise\nset -x http_proxy x\n' >/home/%[1]s/.config/fish/config.fish
				chown -R %[1]s: /home/%[1]s`, user, path, profile))
			c := e.dial(e.dialer(), e.withKey(0, user))
			got := run(t, c, `printf '%s|' "$@" "$(umask)" "$http_proxy" "$LC_ALL" "$(pwd)" "$(id -u)"; false; printf 'cat' | cat`, `a'b"c\d!e`, "x\ny", "$(id)", "")
			if want := "a'b\"c\\d!e|x\ny|$(id)||0022||C|/|0|cat"; got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// BenchmarkLabRun is the price of one command.
func BenchmarkLabRun(b *testing.B) {
	dir := os.Getenv("HADEPLOY_TEST_INVENTORY_DIR")
	if dir == "" {
		b.Skip("HADEPLOY_TEST_INVENTORY_DIR is not set")
	}
	l, err := lab.Open("", dir)
	if err != nil {
		b.Fatal(err)
	}
	d := &Dialer{ConfigFile: "none", AgentSocket: "none"}
	defer d.Close()
	for _, user := range []string{"root", "deploy"} {
		s := Settings{Host: l.State().Nodes[0].Address, User: user, IdentityFiles: []string{filepath.Join(dir, "id_ed25519")}, KnownHosts: []string{filepath.Join(dir, "known_hosts")}}
		b.Run(user+"/dial", func(b *testing.B) {
			for b.Loop() {
				c, err := d.Dial(b.Context(), s)
				if err != nil {
					b.Fatal(err)
				}
				c.Close()
			}
		})
		c, err := d.Dial(b.Context(), s)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(user+"/run", func(b *testing.B) {
			for b.Loop() {
				run(b, c, "true")
			}
		})
		raw := c.(*conn).client
		b.Run(user+"/plain ssh", func(b *testing.B) {
			for b.Loop() {
				if _, err := raw.Run("true"); err != nil {
					b.Fatal(err)
				}
			}
		})
		c.Close()
	}
}

// TestLabSudoersChange takes sudo away, in each way, between two commands.
func TestLabSudoersChange(t *testing.T) {
	e := openLab(t)
	root := e.dial(e.dialer(), e.withKey(0, "root"))
	const file = "/etc/sudoers.d/zz-hadeploy-test" // read last: it wins
	run(t, root, "rm -f "+file)
	t.Cleanup(func() { _, _ = root.Run(context.Background(), Cmd{Argv: []string{"rm", "-f", file}}) })
	for name, c := range map[string]struct {
		rule     string
		password string
		want     string // "" works
	}{
		"a password, and none is known":   {"deploy ALL=(ALL) PASSWD: ALL", "", "change it was not run: sudo wants a password"},
		"a password, and it is wrong":     {"deploy ALL=(ALL) PASSWD: ALL", "wrong", "change it was not run: sudo refused the password"},
		"one command that is not a shell": {"deploy ALL=(ALL) NOPASSWD: !ALL, /bin/true", "", "change it was not run: sudo "},
		"a terminal":                      {"Defaults:deploy requiretty", "", "change it was not run: sudo wants a terminal"},
		"a file that is broken":           {"deploy ALL=(", "", ""}, // sudo goes on without it
	} {
		t.Run(name, func(t *testing.T) {
			set := e.withKey(0, "deploy")
			if c.password != "" {
				set.BecomePassword = secret.New(c.password)
			}
			conn := e.dial(e.dialer(), set)
			run(t, conn, "true")
			run(t, root, "rm -f /root/ran; printf '%s\\n' '"+c.rule+"' >"+file+"; chmod 440 "+file)
			defer run(t, root, "rm -f "+file)
			res, err := conn.Run(t.Context(), Cmd{Script: "cat >/root/ran", Stdin: strings.NewReader("canary"), Label: "change it"})
			switch {
			case c.want == "":
				if err != nil || res.Status != 0 {
					t.Errorf("got %d, %v", res.Status, err)
				}
				return
			case err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "sudo was ours when the run began"):
				t.Errorf("got %v, want %q", err, c.want)
			}
			t.Log(err)
			if got := run(t, root, "cat /root/ran 2>/dev/null; ls /var/log/auth.log >/dev/null 2>&1 && grep -c canary /var/log/auth.log || true"); strings.Contains(got, "canary") {
				t.Errorf("the command was run: %q", got)
			}
		})
	}
}
