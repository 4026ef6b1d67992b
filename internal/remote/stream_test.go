package remote

import (
	"strings"
	"testing"
	"testing/iotest"
)

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestStreamFindsItsMarker(t *testing.T) {
	m := newToken()
	mark := "\n" + m.String() + "\n"
	for name, c := range map[string]struct {
		in    string
		data  string
		begun bool
		lines string
	}{
		"at once":              {mark + "a\nb", "a\nb", true, "a,b"},
		"after noise":          {"noise\nmore" + mark + "a\n", "a\n", true, "a"},
		"twice":                {mark + "a" + mark + "b\n", "a" + mark + "b\n", true, "a," + m.String() + ",b"},
		"inside of a line":     {"\nx" + m.String() + "\n", "", false, ""},
		"with more behind":     {"\n" + m.String() + " 1\n", "", false, ""},
		"never":                {"noise\n", "", false, ""},
		"cut":                  {mark[:len(mark)-1], "", false, ""},
		"empty lines are some": {mark + "\n\nx\n", "\n\nx\n", true, ",,x"},
	} {
		for _, bytewise := range []bool{false, true} {
			s := newStream("stdout", m, 1000)
			var lines []string
			s.onLine = func(l string) { lines = append(lines, l) }
			if bytewise {
				s.drain(iotest.OneByteReader(strings.NewReader(c.in)))
			} else {
				s.drain(strings.NewReader(c.in))
			}
			data, _ := s.stop()
			if string(data) != c.data || closed(s.begun) != c.begun || strings.Join(lines, ",") != c.lines {
				t.Errorf("%s, byte by byte %v: got %q, %v, %q", name, bytewise, data, closed(s.begun), lines)
			}
		}
	}
}

func TestStreamLimits(t *testing.T) {
	m := newToken()
	mark := "\n" + m.String() + "\n"
	for name, c := range map[string]struct {
		in   string
		over bool
	}{
		"just fits":     {mark + strings.Repeat("x", 100), false},
		"one too many":  {mark + strings.Repeat("x", 101), true},
		"noise fits":    {strings.Repeat("x", 100_000) + mark, false},
		"endless noise": {strings.Repeat("x", maxNoise+1), true},
	} {
		s := newStream("stdout", m, 100)
		s.drain(strings.NewReader(c.in))
		if closed(s.over) != c.over {
			t.Errorf("%s: over is %v", name, closed(s.over))
		}
	}
}

// TestStreamPrompt decides when a password may be sent, and how often.
func TestStreamPrompt(t *testing.T) {
	p := newToken()
	for name, c := range map[string]struct {
		writes []string
		asked  int
	}{
		"sudo":                      {[]string{"lecture\n", p.String()}, 1},
		"sudo-rs":                   {[]string{"[sudo: " + p.String() + "] Password: "}, 1},
		"in two parts":              {[]string{p.left, p.right}, 1},
		"twice":                     {[]string{p.String(), "\nSorry, try again.\n", p.String()}, 2},
		"once, then a newline":      {[]string{p.String(), "\n", "more\n"}, 1},
		"echo of the command line":  {[]string{"sudo -S -p " + p.left + " " + p.right + "\n"}, 0},
		"echo of the joined prompt": {[]string{"+ sudo -S -p " + p.String() + " -- /usr/bin/env -i PATH=" + nodePath + "\n"}, 0},
		"in a line that ended":      {[]string{"your prompt was " + p.String() + "\n"}, 0},
		"something else":            {[]string{"Password: ", "[sudo] password for ops: "}, 0},
	} {
		s := newStream("stderr", newToken(), 100)
		s.prompt = p.String()
		for _, w := range c.writes {
			s.take([]byte(w))
		}
		if len(s.asked) != c.asked {
			t.Errorf("%s: asked %d times, want %d", name, len(s.asked), c.asked)
		}
	}
}
