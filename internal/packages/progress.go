package packages

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/plural"
)

// Busy reads the answer of look: whether a job of an earlier run is at work, and
// who else keeps the package manager, "" when it is free.
func Busy(out []byte) (earlier bool, holder string) {
	var holders []string
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "job":
			return true, ""
		case "holder":
			pid, command, _ := strings.Cut(value, " ")
			holders = append(holders, fmt.Sprintf("%s (pid %s)", excerpt.Tail([]byte(command), 1), excerpt.Tail([]byte(pid), 1)))
		}
	}
	if holders == nil {
		return false, ""
	}
	return false, "held by " + excerpt.List(holders)
}

// Progress turns the lines of a job into words.
type Progress struct {
	Earlier bool   // the job is of an earlier run
	Last    string // what was told last

	count int
}

// Take reads one line: "step WORDS", "count N", or a status line of apt:
// dlstatus:FILE:PERCENT:TEXT, pmstatus:PACKAGE:PERCENT:TEXT. The text to be
// shown is empty when there is nothing new.
func (p *Progress) Take(line string) string {
	text := ""
	key, rest, _ := strings.Cut(line, " ")
	switch {
	case key == "step":
		text = excerpt.Tail([]byte(rest), 1)
	case key == "count":
		p.count, _ = strconv.Atoi(strings.TrimSpace(rest))
	case strings.HasPrefix(line, "dlstatus:"), strings.HasPrefix(line, "pmstatus:"):
		w := strings.SplitN(line, ":", 4)
		if len(w) < 4 {
			return ""
		}
		text = lowerFirst(excerpt.Tail([]byte(w[3]), 1))
		// "Unpacking corosync (amd64)": every package of a node is of its own architecture.
		if i := strings.LastIndex(text, " ("); i > 0 && strings.HasPrefix(line, "pm") {
			text = text[:i]
		}
		if percent, err := strconv.ParseFloat(w[2], 64); err == nil && percent >= 0 && percent <= 100 && w[0] == "pmstatus" {
			text = fmt.Sprintf("%d %%, %s", int(percent), text)
		}
	}
	if text == "" {
		return ""
	}
	if p.count > 0 {
		text = fmt.Sprintf("%s, %s", plural.Of(p.count, "package"), text)
	}
	if p.Earlier {
		text = "an earlier run's installation still goes on: " + text
	}
	if text == p.Last {
		return ""
	}
	p.Last = text
	return text
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
