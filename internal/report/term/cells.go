package term

import (
	"strings"
	"unicode"
)

// Cells tells how many columns a line takes. It knows our own colours, wide
// East Asian characters and combining marks.
func Cells(line string) int {
	n, sgr := 0, false
	for _, r := range line {
		switch {
		case r == '\x1b':
			sgr = true
		case sgr:
			sgr = r != 'm'
		default:
			n += runeCells(r)
		}
	}
	return n
}

func runeCells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// Pad fills text with spaces up to n cells.
func Pad(text string, n int) string {
	return text + strings.Repeat(" ", max(0, n-Cells(text)))
}

// Fit cuts a line that has no colours to at most n cells.
func Fit(line string, n int) string {
	if Cells(line) <= n {
		return line
	}
	var b strings.Builder
	used := 0
	for _, r := range line {
		w := runeCells(r)
		if used+w > n-3 {
			break
		}
		used += w
		b.WriteRune(r)
	}
	if n < 4 {
		return strings.Repeat(".", max(0, n))
	}
	return b.String() + "..."
}

// Flow sets words into lines: the first takes at most first cells, the others
// rest. A word is never broken; when not even one fits the first line, that
// stays empty.
func Flow(words []string, first, rest int) []string {
	var lines []string
	line, used, room := "", 0, first
	for _, w := range words {
		n := Cells(w)
		switch {
		case used > 0 && used+1+n <= room:
			line, used = line+" "+w, used+1+n
		case used == 0 && (n <= room || len(lines) > 0):
			line, used = w, n
		default:
			lines = append(lines, line)
			line, used, room = w, n, rest
		}
	}
	return append(lines, line)
}

// Cut is a line up to n cells; colours are no cells.
func Cut(line string, n int) string {
	if Cells(line) <= n {
		return line
	}
	var b strings.Builder
	used, sgr := 0, false
	for _, r := range line {
		switch {
		case r == '\x1b':
			sgr = true
		case sgr:
			sgr = r != 'm'
			b.WriteRune(r)
			continue
		default:
			if used += runeCells(r); used > n {
				continue
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

// InColumns sets words below each other in as many columns as fit, as ls does.
func InColumns(words []string, width int) []string {
	for n := min(len(words), max(1, width/3)); ; n-- {
		rows := (len(words) + n - 1) / n
		widths := make([]int, (len(words)+rows-1)/rows)
		total := -2
		for i, w := range words {
			widths[i/rows] = max(widths[i/rows], Cells(w))
		}
		for _, w := range widths {
			total += w + 2
		}
		if total > width && n > 1 {
			continue
		}
		lines := make([]string, rows)
		for i, w := range words {
			lines[i%rows] += Pad(w, widths[i/rows]+2)
		}
		for i := range lines {
			lines[i] = strings.TrimRight(lines[i], " ")
		}
		return lines
	}
}
