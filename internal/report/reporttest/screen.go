package reporttest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Screen is a small terminal: it knows the few codes that ttyProgress uses,
// keeps what scrolls off, and refuses all others.
type Screen struct {
	t       *testing.T
	Width   int
	Height  int
	History []string
	Rows    [][]rune
	y, x    int
	nowrap  bool
}

// NewScreen is an empty one.
func NewScreen(t *testing.T, width, height int) *Screen {
	s := &Screen{t: t, Width: width, Height: height}
	for range height {
		s.Rows = append(s.Rows, nil)
	}
	return s
}

var escape = regexp.MustCompile(`^\x1b\[(\??)(\d*)([A-Za-z])`)

func (s *Screen) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		if m := escape.FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[2])
			s.code(m[1]+m[3], n, m[0])
			text = text[len(m[0]):]
			continue
		}
		r := []rune(text)[0]
		text = text[len(string(r)):]
		switch {
		case r == '\r':
			s.x = 0
		case r == '\n': // the tty driver adds the carriage return
			s.x = 0
			s.down()
		case r < ' ':
			s.t.Errorf("unexpected control character %q", r)
		default:
			s.put(r)
		}
	}
	return len(p), nil
}

func (s *Screen) code(code string, n int, raw string) {
	switch {
	case code == "A":
		s.y = max(0, s.y-max(1, n))
	case code == "K" && n == 0:
		s.Rows[s.y] = s.Rows[s.y][:min(s.x, len(s.Rows[s.y]))]
	case code == "J" && n == 0:
		if s.y == 0 && s.x == 0 {
			s.t.Error("erased from the very first cell, which terminals take for a clearing of the screen")
		}
		s.Rows[s.y] = s.Rows[s.y][:min(s.x, len(s.Rows[s.y]))]
		for y := s.y + 1; y < s.Height; y++ {
			s.Rows[y] = nil
		}
	case code == "?l" && n == 7:
		s.nowrap = true
	case code == "?h" && n == 7:
		s.nowrap = false
	case code == "m":
	default:
		s.t.Errorf("unexpected code %q", raw)
	}
}

func (s *Screen) down() {
	if s.y < s.Height-1 {
		s.y++
		return
	}
	s.History = append(s.History, string(s.Rows[0]))
	s.Rows = append(s.Rows[1:], nil)
}

func (s *Screen) put(r rune) {
	if s.x >= s.Width {
		if s.nowrap {
			s.x = s.Width - 1
		} else {
			s.x = 0
			s.down()
		}
	}
	row := s.Rows[s.y]
	for len(row) <= s.x {
		row = append(row, ' ')
	}
	row[s.x] = r
	s.Rows[s.y] = row
	s.x++
}

// Resize breaks lines anew, as terminals do, and keeps the cursor on its line.
func (s *Screen) Resize(width, height int) {
	var rows [][]rune
	y := 0
	for i, row := range s.Rows {
		if i == s.y {
			y = len(rows)
		}
		for len(row) > width {
			rows = append(rows, row[:width])
			row = row[width:]
		}
		rows = append(rows, row)
	}
	for len(rows) > height && (y >= height || len(rows[len(rows)-1]) > 0) {
		s.History = append(s.History, string(rows[0]))
		rows = rows[1:]
		y--
		if y < 0 {
			s.t.Fatal("the cursor left the screen")
		}
	}
	rows = rows[:min(len(rows), height)]
	for len(rows) < height {
		rows = append(rows, nil)
	}
	s.Rows, s.y, s.x, s.Width, s.Height = rows, y, 0, width, height
}

// String is what is seen, without the empty lines at the end.
func (s *Screen) String() string {
	var lines []string
	for _, r := range s.Rows {
		lines = append(lines, strings.TrimRight(string(r), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// All is what scrolled off, and what is seen.
func (s *Screen) All() string { return strings.Join(append(s.History, s.String()), "\n") }
