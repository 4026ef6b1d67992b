package report

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// screen is a small terminal: it knows the few codes that ttyProgress uses,
// keeps what scrolls off, and refuses all others.
type screen struct {
	t       *testing.T
	width   int
	height  int
	history []string
	rows    [][]rune
	y, x    int
	nowrap  bool
}

func newScreen(t *testing.T, width, height int) *screen {
	s := &screen{t: t, width: width, height: height}
	for range height {
		s.rows = append(s.rows, nil)
	}
	return s
}

var escape = regexp.MustCompile(`^\x1b\[(\??)(\d*)([A-Za-z])`)

func (s *screen) Write(p []byte) (int, error) {
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

func (s *screen) code(code string, n int, raw string) {
	switch {
	case code == "A":
		s.y = max(0, s.y-max(1, n))
	case code == "K" && n == 0:
		s.rows[s.y] = s.rows[s.y][:min(s.x, len(s.rows[s.y]))]
	case code == "J" && n == 0:
		if s.y == 0 && s.x == 0 {
			s.t.Error("erased from the very first cell, which terminals take for a clearing of the screen")
		}
		s.rows[s.y] = s.rows[s.y][:min(s.x, len(s.rows[s.y]))]
		for y := s.y + 1; y < s.height; y++ {
			s.rows[y] = nil
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

func (s *screen) down() {
	if s.y < s.height-1 {
		s.y++
		return
	}
	s.history = append(s.history, string(s.rows[0]))
	s.rows = append(s.rows[1:], nil)
}

func (s *screen) put(r rune) {
	if s.x >= s.width {
		if s.nowrap {
			s.x = s.width - 1
		} else {
			s.x = 0
			s.down()
		}
	}
	row := s.rows[s.y]
	for len(row) <= s.x {
		row = append(row, ' ')
	}
	row[s.x] = r
	s.rows[s.y] = row
	s.x++
}

// resize breaks lines anew, as terminals do, and keeps the cursor on its line.
func (s *screen) resize(width, height int) {
	var rows [][]rune
	y := 0
	for i, row := range s.rows {
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
		s.history = append(s.history, string(rows[0]))
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
	s.rows, s.y, s.x, s.width, s.height = rows, y, 0, width, height
}

// String is what is seen, without the empty lines at the end.
func (s *screen) String() string {
	var lines []string
	for _, r := range s.rows {
		lines = append(lines, strings.TrimRight(string(r), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// all is what scrolled off, and what is seen.
func (s *screen) all() string { return strings.Join(append(s.history, s.String()), "\n") }
