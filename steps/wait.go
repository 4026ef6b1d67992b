package steps

import (
	"context"
	"errors"
	"time"
)

// pollEvery is how often it is looked whether what is waited for is there.
const pollEvery = 200 * time.Millisecond

var errWaitedTooLong = errors.New("waited too long")

// wait polls until done says true. It tells what is waited for as soon as the
// wait is longer than a moment, and each time the detail changes.
func (c *Cluster) wait(ctx context.Context, w Waiting, every time.Duration, poll func(context.Context) (done bool, detail string, err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, w.Limit, errWaitedTooLong)
	defer cancel()
	w.Since = time.Now()
	c.emit(w)
	defer func() { w.Done = true; c.emit(w) }()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		done, detail, err := poll(ctx)
		if done {
			return nil
		}
		if detail != w.Detail && detail != "" {
			w.Detail = detail
			c.emit(w)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), errWaitedTooLong) {
				return &WaitError{For: w.For, Detail: w.Detail, Limit: w.Limit}
			}
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
