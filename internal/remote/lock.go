package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// lockScript holds the lock as long as its standard input lives, and says
// "locked", "taken" and then the holder, or why it cannot. $1 is the holder's
// name, $2 the seconds that may pass between two lines of input.
//
// sshd closes standard input when the connection ends, however it ends, and
// sudo hands that on. A controller that vanishes without a word (power,
// network) would be missed by sshd only after hours of TCP keepalive, so it
// must also send a line now and then. Only this shell has the lock's
// descriptor, so nothing that outlives it keeps the lock. Its folder is root's
// alone: in /run/lock or /tmp any user could hold the lock, or plant a link for
// root to write through.
const lockScript = `
d=/run/hadeploy f=/run/hadeploy/lock
command -v flock >/dev/null 2>&1 || { echo missing; exit 0; }
umask 077
mkdir -p "$d" && chmod 700 "$d" || exit 1
exec 9>>"$f"
if ! flock -n 9; then
	sleep 0.2
	echo taken
	head -c 600 "$f.holder" 2>/dev/null
	exit 0
fi
printf '%s\n' "$1" >"$f.holder" || exit 1
echo locked
if command -v timeout >/dev/null 2>&1; then
	while timeout "$2" /bin/sh -c 'read -r x' 9>&-; do :; done
else
	cat >/dev/null 9>&-
fi
rm -f "$f.holder"
`

const (
	lockBeat     = 20 * time.Second // between two signs of life
	lockPatience = 90 * time.Second // the node waits for the next
)

// Holder describes this process for Lock: who, where, since when, which run.
func Holder(run string) string {
	name, host := "unknown", "unknown host"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return fmt.Sprintf("%s@%s pid %d since %s, run %s", name, host, os.Getpid(), time.Now().UTC().Format("2006-01-02 15:04:05 UTC"), run)
}

// Lock implements Conn. When the lock is lost while it should be held, the
// connection is ended, so that nothing more is done without it.
func (c *conn) Lock(ctx context.Context, holder string) (func(), error) {
	unlock, err := c.lock(ctx, holder, c.sudoMode())
	if c.sudoNowAsks(sudoFree, err) {
		unlock, err = c.lock(ctx, holder, sudoPassword)
	}
	return unlock, sudoChanged("lock", err)
}

func (c *conn) lock(ctx context.Context, holder string, mode sudoMode) (func(), error) {
	holder = excerpt.Printable(strings.TrimSpace(holder), 400)
	beatR, beatW := io.Pipe()
	lines := make(chan string, 1)
	s := spec{
		label: "lock", stdin: beatR, limit: 64 << 10, mode: mode, free: true,
		program: "unset l; set -- " + Quote(holder, strconv.Itoa(int(lockPatience/time.Second))) + "\n" + lockScript,
		onLine: func(line string) {
			select {
			case lines <- line:
			default:
			}
		},
	}
	opening, cancel := context.WithTimeoutCause(ctx, c.startWait, errSlowOpen) // to get an answer
	defer cancel()
	p, err := c.start(opening, s)
	if err != nil {
		return nil, c.startError(ctx, s, err)
	}
	var answer string
	select {
	case answer = <-lines:
	case <-p.ended:
		select {
		case answer = <-lines:
		default:
		}
	case <-opening.Done():
		err = c.startError(ctx, s, errSlowOpen)
		if ctx.Err() == nil && !c.isLost() && !p.begun() {
			err = c.neverBegan(p, s, c.startWait)
		}
	case <-p.again:
		err = c.sudoError("sudo refused the password", "check ansible_become_password")
	}
	if answer == "locked" {
		return c.holdLock(p, beatW), nil
	}
	_ = beatW.Close()
	if err == nil {
		select { // the holder's name follows
		case <-p.ended:
		case <-opening.Done():
		}
	}
	c.background(func() { _ = p.ch.Close() })
	if err != nil {
		return nil, err
	}
	res, err := c.finish(p, s, false)
	if err != nil {
		return nil, err
	}
	switch answer {
	case "taken":
		_, name, _ := bytes.Cut(res.Stdout, []byte("\n"))
		return nil, &LockedError{Node: c.node, Holder: excerpt.Tail(name, 1)}
	case "missing":
		return nil, fmt.Errorf("%s: lock: the node has no flock; install util-linux", c.node)
	}
	if res.Status == 0 {
		return nil, fmt.Errorf("%s: lock: the node gave no answer", c.node)
	}
	return nil, res.Err("lock")
}

// holdLock keeps the lock until unlock is called.
func (c *conn) holdLock(p *process, beat *io.PipeWriter) (unlock func()) {
	released := make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended.Go(func() {
		tick := time.NewTicker(lockBeat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				go func() { _, _ = beat.Write([]byte("\n")) }() // ends with the pipe
			case <-released:
				return
			case <-c.lost:
				_ = beat.Close()
				return
			case <-p.exited: // children may keep the output open
				_ = beat.Close()
				c.die(errors.New("the node's lock was lost"))
				return
			}
		}
	})
	var once sync.Once
	return func() {
		once.Do(func() {
			close(released)
			_ = beat.Close() // ends the script's input
			select {
			case <-p.ended:
			case <-c.lost:
			case <-time.After(closeTimeout):
			}
			c.background(func() { _ = p.ch.Close() })
		})
	}
}
