package playbook

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	plainDuration = regexp.MustCompile(`^([0-9]+)[ \t]*([A-Za-z]*)$`)
	isoDuration   = regexp.MustCompile(`^P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?$`)
)

// timeUnits are those that both Pacemaker and pcs read, and Pacemaker's own
// for fractions of a second. No unit means seconds.
var timeUnits = map[string]time.Duration{
	"": time.Second, "s": time.Second, "sec": time.Second,
	"ms": time.Millisecond, "msec": time.Millisecond,
	"us": time.Microsecond, "usec": time.Microsecond,
	"m": time.Minute, "min": time.Minute,
	"h": time.Hour, "hr": time.Hour,
}

// ParseDuration reads a time as Pacemaker does: 30, 30s, 5min, 1h, 500ms.
func ParseDuration(text string) (time.Duration, error) {
	m := plainDuration.FindStringSubmatch(strings.Trim(text, " \t"))
	if m == nil {
		if strings.Contains(text, ".") {
			return 0, errors.New("is not a whole number with a unit; Pacemaker cuts what follows the point")
		}
		return 0, errors.New("is not a time such as 30s, 5min or 1h")
	}
	unit, ok := timeUnits[strings.ToLower(m[2])]
	if !ok {
		return 0, fmt.Errorf("has the unit %q; Pacemaker reads ms, s, min and h", m[2])
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) {
		return 0, errors.New("is longer than any cluster lives")
	}
	return time.Duration(n) * unit, nil
}

// ParseInterval reads a time as ParseDuration does, and ISO 8601 durations
// (PT1M30S), which Pacemaker takes for intervals. A year counts 365 days and a
// month 30.
func ParseInterval(text string) (time.Duration, error) {
	if !strings.HasPrefix(text, "P") {
		return ParseDuration(text)
	}
	m := isoDuration.FindStringSubmatch(text)
	if m == nil || text == "P" || strings.HasSuffix(text, "T") {
		return 0, errors.New("is not an ISO 8601 duration such as PT1M30S")
	}
	const day = 24 * time.Hour
	units := []time.Duration{365 * day, 30 * day, 7 * day, day, time.Hour, time.Minute, time.Second}
	var total time.Duration
	for i, unit := range units {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(m[i+1], 10, 64)
		if err != nil || n > int64((math.MaxInt64-total)/unit) {
			return 0, errors.New("is longer than any cluster lives")
		}
		total += time.Duration(n) * unit
	}
	return total, nil
}
