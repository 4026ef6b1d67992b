package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/secret"
)

func TestLabLock(t *testing.T) {
	e := openLab(t)
	opsLogin := e.login(0, "ops")
	opsLogin.Password, opsLogin.BecomePassword = secret.New("ops"), secret.New("ops")
	for name, s := range map[string]Settings{"root": e.withKey(0, "root"), "sudo": e.withKey(0, "deploy"), "sudo with a password": opsLogin} {
		t.Run(name, func(t *testing.T) {
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			a, b := e.dial(e.dialer(), s), e.dial(e.dialer(), s)
			unlock, err := a.Lock(t.Context(), "ann@desk pid 1, run r1")
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.Lock(t.Context(), "bob")
			var locked *LockedError
			if !errors.As(err, &locked) || locked.Holder != "ann@desk pid 1, run r1" {
				t.Errorf("got %v", err)
			}
			unlock()
			unlock()
			if _, err = b.Lock(t.Context(), "bob\x1b[31m\nsecond line"); err != nil {
				t.Fatal(err)
			}
			_, err = a.Lock(t.Context(), "ann")
			if !errors.As(err, &locked) || locked.Holder != `bob\x1b[31m\nsecond line` {
				t.Errorf("got %v", err)
			}
			b.Close() // without unlock
			waitLock(t, a, 15*time.Second)
		})
	}
	t.Run("holder killed by SIGKILL", func(t *testing.T) {
		e := &labEnv{t, e.lab, e.dir, e.nodes}
		for _, user := range []string{"root", "deploy"} {
			holder := exec.Command(os.Args[0], "-test.run=^TestLabHoldLock$", "-test.v")
			holder.Env = append(os.Environ(), "HADEPLOY_TEST_HOLD_LOCK_AS="+user)
			out, err := holder.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := holder.Start(); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 4096)
			for got := ""; !strings.Contains(got, "lock held"); {
				n, err := out.Read(buf)
				if got += string(buf[:n]); err != nil {
					t.Fatalf("the holder said %q", got)
				}
			}
			c := e.dial(e.dialer(), e.withKey(0, "root"))
			var locked *LockedError
			if _, err := c.Lock(t.Context(), "me"); !errors.As(err, &locked) || !strings.Contains(locked.Holder, fmt.Sprintf("pid %d since", holder.Process.Pid)) {
				t.Errorf("got %v", err)
			} else {
				t.Log(err)
			}
			_ = holder.Process.Kill()
			_ = holder.Wait()
			began := time.Now()
			waitLock(t, c, 15*time.Second)
			t.Logf("%s: free %s after SIGKILL", user, time.Since(began).Round(time.Millisecond))
		}
	})
	t.Run("lock process killed on the node", func(t *testing.T) {
		e := &labEnv{t, e.lab, e.dir, e.nodes}
		c := e.dial(e.dialer(), e.withKey(0, "deploy"))
		unlock, err := c.Lock(t.Context(), "me")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		e.on(0, `for d in /proc/[0-9]*; do if ls -l $d/fd 2>/dev/null | grep -q ' /run/hadeploy/lock$'; then kill -9 ${d#/proc/}; fi; done`)
		select {
		case <-c.Lost():
		case <-time.After(15 * time.Second):
			t.Error("the connection lives on without its lock")
		}
	})
}

// waitLock wants the lock to become free in time.
func waitLock(t *testing.T, c Conn, most time.Duration) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		unlock, err := c.Lock(t.Context(), "waiting")
		if err == nil {
			unlock()
			return
		}
		if time.Since(began) > most {
			t.Fatalf("still taken after %s: %v", most, err)
		}
	}
}

// TestLabHoldLock is the process that TestLabLock kills.
func TestLabHoldLock(t *testing.T) {
	user := os.Getenv("HADEPLOY_TEST_HOLD_LOCK_AS")
	if user == "" {
		t.Skip("only run by TestLabLock")
	}
	e := openLab(t)
	c := e.dial(e.dialer(), e.withKey(0, user))
	if _, err := c.Lock(t.Context(), Holder("test")); err != nil {
		t.Fatal(err)
	}
	fmt.Println("lock held")
	time.Sleep(time.Minute)
}

// TestLabSilence stops the sshd of our connection, so that nothing answers
// and nothing says that it is gone.
func TestLabSilence(t *testing.T) {
	e := openLab(t)
	s := e.withKey(0, "root")
	s.KeepAlive = time.Second
	c := e.dial(e.dialer(), s)
	if _, err := c.Lock(t.Context(), "the silent one"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err := c.Run(t.Context(), Cmd{Script: `t=$(ps -o ppid= -p $$); s=$(ps -o ppid= -p $t); echo $s >/run/silent; kill -STOP $s; sleep 600`})
	var lost *LostError
	if !errors.As(err, &lost) || !lost.Unknown || time.Since(began) > 15*time.Second {
		t.Errorf("got %v after %s", err, time.Since(began))
	}
	t.Logf("noticed after %s: %v", time.Since(began).Round(time.Millisecond), err)
	// sshd wakes up and finds the connection gone: the lock is free.
	e.on(0, "kill -CONT $(cat /run/silent)")
	waitLock(t, e.dial(e.dialer(), e.withKey(0, "root")), 15*time.Second)
}

func TestLabPowerLoss(t *testing.T) {
	e := openLab(t)
	c := e.dial(e.dialer(), e.withKey(1, "root"))
	t.Cleanup(func() {
		if err := e.lab.PowerOn(context.Background(), e.nodes[1].Name, nil); err != nil {
			t.Error(err)
		}
	})
	off := make(chan error, 1)
	time.AfterFunc(500*time.Millisecond, func() { off <- e.lab.PowerOff(context.Background(), e.nodes[1].Name, nil) })
	began := time.Now()
	_, err := c.Run(t.Context(), Cmd{Script: "sleep 600", Label: "long work", Timeout: 2 * time.Minute})
	took := time.Since(began)
	var lost *LostError
	if !errors.As(err, &lost) || !lost.Unknown {
		t.Errorf("got %v", err)
	}
	if took > 20*time.Second {
		t.Errorf("noticed after %s, with a keepalive of 2 s", took)
	}
	t.Logf("noticed after %s: %v", took.Round(time.Millisecond), err)
	select {
	case <-c.Lost():
	case <-time.After(10 * time.Second):
		t.Error("Lost is not closed")
	}
	if err := <-off; err != nil {
		t.Fatal(err)
	}
	if _, err := c.Run(t.Context(), Cmd{Argv: []string{"true"}}); !errors.As(err, &lost) || lost.Unknown {
		t.Errorf("a command on a dead connection: %v", err)
	}
	s := e.withKey(1, "root")
	s.ConnectTimeout = 2 * time.Second
	_, err = e.dialer().Dial(t.Context(), s)
	if _, ok := errors.AsType[*UnreachableError](err); !ok {
		t.Errorf("got %v", err)
	}
	t.Log(err)
}

// TestLabLockPlanted has links, pipes and a held lock in /run/lock and /tmp, where
// any user can put them: the lock is elsewhere, in a folder of root's.
func TestLabLockPlanted(t *testing.T) {
	e := openLab(t)
	c := e.dial(e.dialer(), e.withKey(0, "root"))
	for name, plant := range map[string]string{
		"a link":   `su ops -s /bin/sh -c 'ln -s /root/victim /run/lock/hadeploy.lock.holder'`,
		"a pipe":   `su ops -s /bin/sh -c 'mkfifo /run/lock/hadeploy.lock.holder'`,
		"a file":   `su ops -s /bin/sh -c 'echo x >/run/lock/hadeploy.lock.holder; chmod 666 /run/lock/hadeploy.lock.holder'`,
		"a folder": `su ops -s /bin/sh -c 'mkdir -p /run/lock/hadeploy.lock.holder/x /tmp/hadeploy'`,
		"a lock":   `su ops -s /bin/sh -c 'touch /run/lock/hadeploy.lock; setsid flock /run/lock/hadeploy.lock sleep 60 >/dev/null 2>&1 &'`,
	} {
		t.Run(name, func(t *testing.T) {
			run(t, c, "rm -rf /run/lock/hadeploy.lock* /tmp/hadeploy; echo kept >/root/victim; "+plant)
			began := time.Now()
			unlock, err := c.Lock(t.Context(), "me")
			if err != nil {
				t.Fatalf("after %s: %v", time.Since(began), err)
			}
			other := e.dial(e.dialer(), e.withKey(0, "root"))
			var locked *LockedError
			if _, err := other.Lock(t.Context(), "you"); !errors.As(err, &locked) || locked.Holder != "me" {
				t.Errorf("got %v", err)
			}
			if got := run(t, c, "cat /root/victim; stat -c %U:%a /run/hadeploy /run/hadeploy/lock.holder; ! su ops -s /bin/sh -c 'ls /run/hadeploy' 2>/dev/null"); got != "kept\nroot:700\nroot:600\n" {
				t.Errorf("got %q", got)
			}
			unlock()
		})
	}
}
