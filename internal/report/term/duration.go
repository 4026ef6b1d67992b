package term

import (
	"fmt"
	"strings"
	"time"
)

// Duration is a time span as a person reads it: 0.4s, 41s, 2m03s, 1h02m.
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "0.0s"
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < 99500*time.Millisecond:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// Seconds is a time span that is running: 4s, 41s, 2m03s, 5m.
func Seconds(d time.Duration) string {
	d = max(0, d.Truncate(time.Second))
	if d < 100*time.Second {
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
	return strings.TrimSuffix(Duration(d), "00s")
}
