package integration

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// sampler looks, every 10 ms, at the command line of every process of this
// machine. The nodes are containers, so theirs are among them.
type sampler struct {
	stop chan struct{}
	done sync.WaitGroup
	mu   sync.Mutex
	seen map[string]bool // command lines that hold the secret
	runs int
}

func sample(secrets ...string) *sampler {
	s := &sampler{stop: make(chan struct{}), seen: map[string]bool{}}
	s.done.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-s.stop:
				return
			case <-tick.C:
			}
			s.look(secrets)
		}
	})
	return s
}

func (s *sampler) look(secrets []string) {
	dir, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	for _, pid := range names {
		if pid[0] < '0' || pid[0] > '9' {
			continue
		}
		line, err := os.ReadFile("/proc/" + pid + "/cmdline")
		if err != nil {
			continue
		}
		for _, secret := range secrets {
			if bytes.Contains(line, []byte(secret)) {
				s.seen[strings.ReplaceAll(string(line), "\x00", " ")] = true
			}
		}
	}
}

// end stops sampling and fails the test for each command line seen.
func (s *sampler) end(t *testing.T) {
	t.Helper()
	close(s.stop)
	s.done.Wait()
	if s.runs < 10 {
		t.Errorf("only %d samples were taken", s.runs)
	}
	for line := range s.seen {
		t.Errorf("a secret is in a command line: %s", line)
	}
	t.Logf("%d samples of every command line on this machine and its nodes", s.runs)
}
