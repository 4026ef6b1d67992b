package rule

import (
	"strconv"
	"strings"
	"time"
)

// Truth is what is known of a condition.
type Truth int

// What a condition comes down to.
const (
	Unknown Truth = iota // it rests on more than the time
	True
	False
)

// Dates reports whether a rule has a condition on the time.
func (r *Rule) Dates() bool { return len(r.dates()) > 0 }

// dates are the conditions on the time, in their order.
func (r *Rule) dates() (list []*Rule) {
	if r.Join == "" {
		if r.Tag == "date_expression" {
			return []*Rule{r}
		}
		return nil
	}
	for i := range r.Parts {
		list = append(list, r.Parts[i].dates()...)
	}
	return list
}

// At tells whether a rule holds at a moment. Times without a zone are in that of
// now, as Pacemaker takes them in the zone of its node. What rests on nodes,
// resources or operations, and on the moon, is Unknown.
func (r *Rule) At(now time.Time) Truth {
	if r.Join == "" {
		return r.one(now)
	}
	// True wins in or, False in and; else what is unknown leaves all unknown.
	wins, all := False, True
	if r.Join == "or" {
		wins, all = True, False
	}
	for i := range r.Parts {
		t := r.Parts[i].At(now)
		if t == wins {
			return wins
		}
		if t == Unknown {
			all = t
		}
	}
	return all
}

// Now says in words what the time makes of a rule that has dates; "" of one that
// has none.
func (r *Rule) Now(now time.Time) string {
	holds := map[Truth]string{True: "holds now", False: "does not hold now", Unknown: "cannot be judged here"}
	dates := r.dates()
	t := r.At(now)
	switch {
	case len(dates) == 0:
		return ""
	case t != Unknown || len(dates) == 1 && r.Join == "":
		return "the rule " + holds[t]
	}
	var said []string
	for _, d := range dates {
		said = append(said, d.expression()+" "+holds[d.At(now)])
	}
	return "whether the rule holds rests on more than the time: " + strings.Join(said, ", ")
}

func (e *Expression) one(now time.Time) Truth {
	if e.Tag != "date_expression" {
		return Unknown
	}
	if e.Get("operation") == "date_spec" {
		return spec(e.Spec, now)
	}
	start, end := e.Get("start"), e.Get("end")
	from, okFrom := moment(start, now.Location())
	to, okTo := moment(end, now.Location())
	if e.Duration != nil && okFrom {
		to, okTo = after(from, e.Duration)
	}
	switch {
	case start != "" && !okFrom, (end != "" || e.Duration != nil) && !okTo:
		return Unknown
	}
	switch e.Get("operation") {
	case "gt":
		return truth(now.After(from))
	case "lt":
		return truth(now.Before(to))
	}
	return truth((start == "" || !now.Before(from)) && (end == "" && e.Duration == nil || !now.After(to)))
}

func truth(b bool) Truth {
	if b {
		return True
	}
	return False
}

// spec holds a moment against the ranges of a date-spec (pcmk__evaluate_date_spec
// in Pacemaker's lib/common/rules.c): all of them have to fit.
func spec(list []Attr, now time.Time) Truth {
	year, week := now.ISOWeek()
	weekday := int(now.Weekday())
	if weekday == 0 {
		weekday = 7
	}
	is := map[string]int{"seconds": now.Second(), "minutes": now.Minute(), "hours": now.Hour(), "monthdays": now.Day(), "weekdays": weekday,
		"yeardays": now.YearDay(), "months": int(now.Month()), "weeks": week, "years": now.Year(), "weekyears": year}
	all := True
	for _, a := range list {
		value, known := is[a.Name]
		low, high, ranged := strings.Cut(a.Value, "-")
		first, err := strconv.Atoi(low)
		last, errLast := first, error(nil)
		if ranged {
			last, errLast = strconv.Atoi(high)
		}
		switch {
		case !known || err != nil || errLast != nil:
			all = Unknown
		case value < first || value > last:
			return False
		}
	}
	return all
}

// after adds a duration; a day that a month does not have is its last one.
func after(t time.Time, duration []Attr) (time.Time, bool) {
	n := map[string]int{}
	for _, a := range duration {
		v, err := strconv.Atoi(a.Value)
		if err != nil {
			return t, false
		}
		n[a.Name] = v
	}
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), 0, t.Location()).AddDate(n["years"], n["months"], 0)
	last := first.AddDate(0, 1, -1).Day()
	t = first.AddDate(0, 0, min(t.Day(), last)-1)
	return t.AddDate(0, 0, 7*n["weeks"]+n["days"]).
		Add(time.Duration(n["hours"])*time.Hour + time.Duration(n["minutes"])*time.Minute + time.Duration(n["seconds"])*time.Second), true
}

// moment reads a date of ISO 8601: 2027-01-31, 20270131, 2027-031, 2027-W04-7,
// with a time and a zone or without. A date without a time is midnight UTC,
// and a zone other than Z counts only behind a blank (crm_rule and iso8601 of
// 2.0.5, 2.1.5 and 3.0.0).
func moment(text string, zone *time.Location) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if i := strings.IndexByte(text, ' '); i >= 0 && !strings.Contains(text, "T") {
		text = text[:i] + "T" + text[i+1:]
	}
	date, clock, timed := strings.Cut(text, "T")
	if !timed {
		zone = time.UTC
	}
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		behind, ok := offset(clock[i:])
		if !ok {
			return time.Time{}, false
		}
		if clock[i] == 'Z' || i > 0 && clock[i-1] == ' ' {
			zone = behind
		} // else Pacemaker leaves it aside
		clock = strings.TrimSpace(clock[:i])
	}
	day, ok := day(strings.ReplaceAll(date, "-", ""))
	if !ok {
		return time.Time{}, false
	}
	parts := [3]int{}
	for i, digits := 0, strings.ReplaceAll(clock, ":", ""); digits != ""; i, digits = i+1, digits[2:] {
		n, err := strconv.Atoi(digits[:min(2, len(digits))])
		if len(digits) < 2 || i > 2 || err != nil || n > 60 {
			return time.Time{}, false
		}
		parts[i] = n
	}
	return time.Date(day.Year(), day.Month(), day.Day(), parts[0], parts[1], parts[2], 0, zone), true
}

// day reads a date without hyphens.
func day(text string) (time.Time, bool) {
	if len(text) < 7 {
		return time.Time{}, false
	}
	year, err := strconv.Atoi(text[:4])
	rest := text[4:]
	var n int
	var errRest error
	if w, weeks := strings.CutPrefix(rest, "W"); weeks {
		rest = w
	}
	n, errRest = strconv.Atoi(rest)
	switch {
	case err != nil || errRest != nil || n < 0:
	case text[4] == 'W' && len(text) == 8: // the week with 4 January is the first
		fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
		monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
		return monday.AddDate(0, 0, 7*(n/10-1)+n%10-1), n%10 >= 1 && n%10 <= 7
	case len(text) == 8:
		t := time.Date(year, time.Month(n/100), n%100, 0, 0, 0, 0, time.UTC)
		return t, t.Day() == n%100 && int(t.Month()) == n/100
	case len(text) == 7:
		return time.Date(year, 1, n, 0, 0, 0, 0, time.UTC), n >= 1 && n <= 366
	}
	return time.Time{}, false
}

// offset reads Z, +01:00, +0100 or +01.
func offset(text string) (*time.Location, bool) {
	if text == "Z" {
		return time.UTC, true
	}
	digits := strings.ReplaceAll(text[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) != 2 && len(digits) != 4 {
		return nil, false
	}
	if len(digits) == 2 {
		n *= 100
	}
	seconds := n/100*3600 + n%100*60
	if text[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}
