package remote

import (
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/melbahja/goph"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// conn implements Conn on one ssh connection.
type conn struct {
	node   string
	user   string
	addr   string
	client *goph.Client
	log    *slog.Logger
	mask   *secret.Masker

	patience       time.Duration // for the first use of sudo
	startWait      time.Duration // for the marker of a command
	sudo           atomic.Int32  // a sudoMode
	becomePassword secret.Value

	places  chan struct{} // one per session that may run at once
	running atomic.Int32  // sessions that will end by themselves

	lost     chan struct{} // closed when the connection is dead or closed
	lostOnce sync.Once
	lostWhy  error // read after lost

	mu     sync.Mutex // guards closed and the growth of tasks
	closed bool
	tasks  sync.WaitGroup // background work that Close waits for
	ended  sync.WaitGroup // keepalive and watcher
}

// newConn takes over client.
func newConn(client *goph.Client, t target, log *slog.Logger) *conn {
	c := &conn{
		node: t.node, user: t.user, addr: t.addr, client: client, log: log,
		becomePassword: t.becomePassword, patience: t.timeout,
		startWait: max(t.timeout, startTimeout),
		places:    make(chan struct{}, maxSessions),
		lost:      make(chan struct{}),
	}
	c.ended.Go(func() {
		err := client.Wait()
		if err == nil || errors.Is(err, io.EOF) {
			err = errors.New("the node closed the connection")
		}
		c.die(err)
	})
	c.ended.Go(func() {
		if err := keepAlive(client, t.keepAlive, c.lost); err != nil {
			c.die(err)
		}
	})
	return c
}

// Node is the inventory name of the node.
func (c *conn) Node() string { return c.node }

// Lost implements Conn.
func (c *conn) Lost() <-chan struct{} { return c.lost }

func (c *conn) isLost() bool {
	select {
	case <-c.lost:
		return true
	default:
		return false
	}
}

func (c *conn) lostCause() error {
	<-c.lost
	return c.lostWhy
}

// die marks the connection as dead and frees everything that waits on it.
func (c *conn) die(why error) {
	c.lostOnce.Do(func() {
		c.lostWhy = harmless(why)
		close(c.lost)
	})
	_ = c.client.Close()
}

var errClosed = errors.New("the connection was closed")

// Close implements Conn. Commands that were just cancelled get a moment to be
// stopped on the node.
func (c *conn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	done := make(chan struct{})
	go func() { c.tasks.Wait(); close(done) }()
	select {
	case <-done:
	case <-c.lost:
	case <-time.After(closeTimeout):
	}
	c.die(errClosed)
	c.ended.Wait()
	<-done
	return nil
}

// background runs f, which must end when the connection does.
func (c *conn) background(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.tasks.Go(f)
	}
}

// keepAlive asks the peer every interval whether it is there, until stop is
// closed (nil) or it is not. An answer may take two intervals, so a dead peer
// is noticed within three.
func keepAlive(client *goph.Client, every time.Duration, stop <-chan struct{}) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-stop:
			return nil
		}
		answer := make(chan error, 1)
		go func() {
			_, _, err := client.SendRequest("keepalive@openssh.com", true, nil)
			answer <- err // a refusal is a sign of life too
		}()
		deadline := time.NewTimer(2 * every)
		select {
		case err := <-answer:
			deadline.Stop()
			if err != nil {
				return err
			}
		case <-deadline.C:
			return errSilent
		case <-stop:
			deadline.Stop()
			return nil
		}
	}
}

var errSilent = errors.New("the node stopped answering")
