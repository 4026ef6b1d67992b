package statusreport

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Screen shows a text that changes: in place on a terminal, else one
// block after the other, each below a line with the time.
//
// On a terminal the cursor rests above the text, as with the progress, so
// there is nothing to restore whatever ends the program.
type Screen struct {
	W    io.Writer
	TTY  bool
	Size func() (width, height int) // of the terminal

	last string
	live bool
}

// Show replaces what is shown. What the terminal is too small for is left
// out, and said.
func (s *Screen) Show(now time.Time, text string) error {
	if !s.TTY {
		_, err := fmt.Fprintf(s.W, "---- %s ----\n%s\n", now.Format(time.RFC3339), text)
		return err
	}
	s.last = text
	width, height := s.Size()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if room := max(1, height-2); len(lines) > room {
		lines = append(lines[:room-1:room-1], fmt.Sprintf("... %s more: enlarge the window, or end with Ctrl-C to see all", plural.Of(len(lines)-room+1, "line")))
	}
	var b strings.Builder
	if s.live {
		b.WriteString(term.Erase)
	}
	b.WriteString("\x1b[?7l") // no line may break
	for _, l := range lines {
		b.WriteString("\n" + term.Cut(l, width))
	}
	fmt.Fprintf(&b, "\x1b[?7h\r\x1b[%dA", len(lines))
	s.live = true
	_, err := io.WriteString(s.W, b.String())
	return err
}

// End leaves the last text on the terminal, as a whole.
func (s *Screen) End() error {
	if !s.live {
		return nil
	}
	s.live = false
	_, err := io.WriteString(s.W, term.Erase+s.last)
	return err
}
