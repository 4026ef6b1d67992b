package steps

import (
	"context"
	"errors"
)

// The user may ask to stop at any moment. What only reads is broken off at once;
// what changes a node is finished, and nothing new is begun. Only when the run's
// context ends as well is a change cut off, and what became of it not known.

// UntilStopped is a context that ends when stop is closed, with ErrInterrupted
// as its cause, for what may be broken off at any moment. A nil stop is never
// closed. The function that comes with it must be called.
func UntilStopped(parent context.Context, stop <-chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	if stop == nil {
		return ctx, func() { cancel(nil) }
	}
	select {
	case <-stop: // before anything is begun
		cancel(ErrInterrupted)
		return ctx, func() {}
	default:
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-stop:
			cancel(ErrInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil); <-ended }
}

func (c *Cluster) stopped() bool {
	select {
	case <-c.stop:
		return true
	default:
		return false
	}
}

// looking is the context of what only reads.
func (c *Cluster) looking(ctx context.Context) (context.Context, func()) {
	return UntilStopped(ctx, c.stop)
}

// orInterrupted is the error of something that only read. Whatever a reading
// says that was broken off, the reason is that the user asked for it.
func (c *Cluster) orInterrupted(err error, while string) error {
	var known *InterruptedError
	if err == nil || errors.As(err, &known) || !c.stopped() && !errors.Is(err, context.Canceled) {
		return err
	}
	return &InterruptedError{While: while}
}
