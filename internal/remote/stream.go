package remote

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// maxNoise bounds what may come before the marker: banners of profiles,
// sudo's lecture, warnings of the login shell.
const maxNoise = 256 << 10

// stream takes one output of a command: noise up to the marker's line, then
// the command's own bytes up to limit.
type stream struct {
	name   string // stdout, stderr
	marker []byte // "\n" + token + "\n"
	limit  int
	onLine func(string)
	prompt string        // watched for in the noise
	asked  chan struct{} // one value per prompt seen
	begun  chan struct{} // closed when the marker came
	over   chan struct{} // closed when more came than is allowed

	mu      sync.Mutex
	noise   []byte
	scanned int // bytes of noise in which a prompt was found
	data    []byte
	partial int // start of the line not yet given to onLine
	open    bool
	stopped bool // nothing is taken any more
}

func newStream(name string, marker token, limit int) *stream {
	return &stream{
		name:   name,
		marker: []byte("\n" + marker.String() + "\n"),
		limit:  limit,
		asked:  make(chan struct{}, 2),
		begun:  make(chan struct{}),
		over:   make(chan struct{}),
	}
}

// drain reads r to its end. It goes on reading after stop, so that the sender
// is never blocked, but keeps nothing.
func (s *stream) drain(r io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		s.take(buf[:n])
		if err != nil {
			s.end()
			return
		}
	}
}

func (s *stream) take(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || len(p) == 0 {
		return
	}
	if !s.open {
		s.noise = append(s.noise, p...)
		i := bytes.Index(s.noise, s.marker)
		if i < 0 {
			s.watch()
			if len(s.noise) > maxNoise {
				s.exceed()
			}
			return
		}
		p = s.noise[i+len(s.marker):]
		s.noise = s.noise[:i]
		s.open = true
		close(s.begun)
	}
	if len(s.data)+len(p) > s.limit {
		s.exceed()
		return
	}
	s.data = append(s.data, p...)
	if s.onLine == nil {
		return
	}
	for {
		i := bytes.IndexByte(s.data[s.partial:], '\n')
		if i < 0 {
			return
		}
		s.onLine(string(s.data[s.partial : s.partial+i]))
		s.partial += i + 1
	}
}

// watch looks for the prompt as sudo leaves it: at the very end of what came,
// waiting. sudo-rs wraps it in "[sudo: ...] Password: ".
func (s *stream) watch() {
	if s.prompt == "" {
		return
	}
	i := bytes.LastIndex(s.noise[s.scanned:], []byte(s.prompt))
	if i < 0 {
		return
	}
	end := s.scanned + i + len(s.prompt)
	rest := string(s.noise[end:])
	if len(rest) > 40 || strings.ContainsAny(rest, "\r\n") {
		return
	}
	s.scanned = end
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

func (s *stream) exceed() {
	s.stopped = true
	close(s.over)
}

// end gives the last line, which has no newline, to onLine.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onLine != nil && !s.stopped && s.partial < len(s.data) {
		s.onLine(string(s.data[s.partial:]))
		s.partial = len(s.data)
	}
}

// stop ends the taking, so that no onLine comes after it, and returns what
// the command wrote, and what came before its marker.
func (s *stream) stop() (data, noise []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	return s.data, s.noise
}
