package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hadeploy/hadeploy/steps"
)

// oneSignal is how close signals are that are one: timeout(1) and service
// managers send theirs to the program and to its group.
const oneSignal = 250 * time.Millisecond

// signals makes the first Ctrl-C start nothing new and the second one leave; a
// third one ends the program as if it knew nothing of signals.
func (s *session) signals(parent context.Context, timeout time.Duration) {
	parent, leave := context.WithCancelCause(parent)
	ctx, cancel := context.WithTimeoutCause(parent, timeout, errTimedOut)
	s.ctx = ctx
	stop := make(chan struct{})
	s.stop = stop
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		var first time.Time
		for {
			select {
			case <-done:
				return
			case <-ch:
				if !first.IsZero() && time.Since(first) < oneSignal {
					continue
				}
				if !first.IsZero() {
					signal.Stop(ch)
					s.progress.Note("interrupted again: leaving now")
					leave(errLeave)
					return
				}
				first = time.Now()
				s.progress.Note("interrupted: changes that are under way are finished, nothing new is started; once more to leave at once")
				close(stop)
			}
		}
	}()
	s.closers = append(s.closers, func() {
		signal.Stop(ch)
		close(done)
		cancel()
		leave(nil)
	})
}

// endsAtOnce makes the first Ctrl-C end a run that only looks, and the second
// one the program. A timeout of 0 is none.
func (s *session) endsAtOnce(parent context.Context, timeout time.Duration) {
	ctx, release := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	cancel := context.CancelFunc(func() {})
	if timeout > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errTimedOut)
	}
	s.ctx = ctx
	defuse := context.AfterFunc(ctx, release)
	s.closers = append(s.closers, func() { defuse(); cancel(); release() })
}

// interrupted reports whether the user has asked to stop.
func (s *session) interrupted() bool {
	select {
	case <-s.stop: // nil blocks
		return true
	default:
		return false
	}
}

// interruptedError is what a run ended with that the user had asked to stop:
// that comes first, whatever else went wrong on the way out.
type interruptedError struct{ error }

func (e interruptedError) Error() string { return "interrupted: " + e.error.Error() }

func (e interruptedError) Unwrap() error { return e.error }

func (e interruptedError) Is(target error) bool { return target == steps.ErrInterrupted }

// errLeave is why a run ends that was interrupted twice.
var errLeave = errors.New("the run was told to leave at once")

// errTimedOut is why a run ends that takes longer than --timeout.
var errTimedOut = errors.New("the run took longer than --timeout allows")
