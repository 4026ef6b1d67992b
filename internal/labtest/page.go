package labtest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Watch asks a web page again and again, until it is ended.
type Watch struct {
	stop  chan struct{}
	ended chan struct{}
	mu    sync.Mutex
	asked int
	lost  []string
}

// WatchPage begins to ask, so often.
func WatchPage(url string, every time.Duration) *Watch {
	w := &Watch{stop: make(chan struct{}), ended: make(chan struct{})}
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	go func() {
		defer close(w.ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-w.stop:
				return
			case <-tick.C:
			}
			res, err := get(client, url)
			w.mu.Lock()
			w.asked++
			if err != nil {
				w.lost = append(w.lost, fmt.Sprintf("%s: %v", time.Now().UTC().Format("15:04:05.000"), err))
			}
			w.mu.Unlock()
			if err == nil {
				_ = res.Body.Close()
			}
		}
	}()
	return w
}

func get(c *http.Client, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody) // the client has a timeout
	if err != nil {
		return nil, err
	}
	return c.Do(req)
}

// End stops asking.
func (w *Watch) End() {
	close(w.stop)
	<-w.ended
}

// Asked is how often the page was asked so far.
func (w *Watch) Asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// Lost are the times when it did not answer, with the reason.
func (w *Watch) Lost() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.lost...)
}
