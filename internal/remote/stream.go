package remote

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// maxNoise bounds what may come before the marker: banners of profiles,
// sudo's lecture, warnings of the login shell.
const maxNoise = 256 << 10

// maxStderr bounds what a command may write to stderr, however large its Limit
// is: a large answer comes on stdout.
const maxStderr = 1 << 20

// stream takes one output of a command: noise up to the marker's line, then
// the command's own bytes up to limit. It never holds more than that, and
// nothing once there was too much.
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
	data    parts
	line    []byte // begun and not yet given to onLine
	open    bool
	stopped bool // nothing is taken any more
	moved   time.Time
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
	s.moved = time.Now()
	if !s.open {
		// What was looked through before is not looked through again: a
		// node may send a byte at a time.
		from := max(0, len(s.noise)-len(s.marker)+1)
		s.noise = append(s.noise, p...)
		i := bytes.Index(s.noise[from:], s.marker)
		if i < 0 {
			s.watch()
			if len(s.noise) > maxNoise {
				s.exceed()
			}
			return
		}
		p = s.noise[from+i+len(s.marker):]
		s.noise = s.noise[:from+i]
		s.open = true
		close(s.begun)
	}
	if s.data.size+len(p) > s.limit {
		s.exceed()
		return
	}
	s.data.add(p)
	if s.onLine != nil {
		s.lines(p)
	}
}

// lines gives whole lines to onLine and keeps the rest.
func (s *stream) lines(p []byte) {
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			s.line = append(s.line, p...)
			return
		}
		s.onLine(string(s.line) + string(p[:i]))
		s.line, p = s.line[:0], p[i+1:]
	}
}

// promptTail is what may stand behind the prompt: sudo-rs adds "] Password: ".
const promptTail = 40

// watch looks for the prompt as sudo leaves it: at the very end of what came,
// waiting. sudo-rs wraps it in "[sudo: ...] Password: ".
func (s *stream) watch() {
	if s.prompt == "" {
		return
	}
	from := max(s.scanned, len(s.noise)-len(s.prompt)-promptTail)
	i := bytes.LastIndex(s.noise[from:], []byte(s.prompt))
	if i < 0 {
		return
	}
	end := from + i + len(s.prompt)
	if bytes.ContainsAny(s.noise[end:], "\r\n") {
		return
	}
	s.scanned = end
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

// exceed keeps nothing of what is too much.
func (s *stream) exceed() {
	s.stopped = true
	s.data, s.line = parts{}, nil
	close(s.over)
}

// end gives the last line, which has no newline, to onLine.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onLine != nil && !s.stopped && len(s.line) > 0 {
		s.onLine(string(s.line))
		s.line = nil
	}
}

// still reports whether nothing has come for a while.
func (s *stream) still(span time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.moved) >= span
}

// stop ends the taking, so that no onLine comes after it, and returns what
// the command wrote, and what came before its marker.
func (s *stream) stop() (data, noise []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	return s.data.join(), s.noise
}

// said is what came before the marker so far.
func (s *stream) said() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.noise)
}

// parts is a growing text in pieces: one piece would be copied again and again
// while it grows, and take several times its size meanwhile.
type parts struct {
	pieces [][]byte
	size   int
}

const pieceSize = 64 << 10

func (t *parts) add(p []byte) {
	t.size += len(p)
	for len(p) > 0 {
		last := len(t.pieces) - 1
		if last < 0 || len(t.pieces[last]) == cap(t.pieces[last]) {
			size := pieceSize
			if last < 0 {
				size = 4 << 10 // most answers are small
			}
			t.pieces = append(t.pieces, make([]byte, 0, size))
			continue
		}
		n := min(len(p), cap(t.pieces[last])-len(t.pieces[last]))
		t.pieces[last] = append(t.pieces[last], p[:n]...)
		p = p[n:]
	}
}

// join makes one text of the pieces, and lets go of each.
func (t *parts) join() []byte {
	if len(t.pieces) <= 1 {
		if len(t.pieces) == 0 {
			return nil
		}
		return t.pieces[0]
	}
	all := make([]byte, 0, t.size)
	for i, p := range t.pieces {
		all = append(all, p...)
		t.pieces[i] = nil
	}
	*t = parts{pieces: [][]byte{all}, size: len(all)}
	return all
}
