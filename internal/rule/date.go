package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// limits are the least and the greatest value.
type limits struct{ least, most int }

// key is an option of a date-spec or a duration.
type key struct {
	name string
	limits
	ranges bool // 9-16 may stand there
}

var (
	// specKeys are the options of a date-spec (pcs(8), and what Pacemaker
	// Explained says of their values).
	specKeys = []key{
		{"hours", limits{0, 23}, true}, {"monthdays", limits{1, 31}, true}, {"weekdays", limits{1, 7}, true}, {"yeardays", limits{1, 366}, true},
		{"months", limits{1, 12}, true}, {"weeks", limits{1, 53}, true}, {"years", limits{1970, 9999}, true}, {"weekyears", limits{1970, 9999}, true}, {"moon", limits{0, 7}, true},
	}
	// durationKeys are those that Pacemaker of every release adds to a date.
	durationKeys = []key{
		{"hours", limits{0, 1 << 20}, false}, {"weeks", limits{0, 1 << 16}, false}, {"months", limits{0, 1 << 16}, false}, {"years", limits{0, 9999}, false},
	}
)

// options reads NAME=VALUE as far as they go; there has to be one.
func (p *parser) options(keys []key, of string) (list []Attr, err error) {
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].name
	}
	for {
		w, more := p.peek()
		if !more || w.text == "and" || w.text == "or" || w.text == ")" || joins[w.text] != "" {
			break
		}
		name, value, ok := strings.Cut(w.text, "=")
		i := slices.Index(names, name)
		switch {
		case !ok:
			return nil, p.fail(fmt.Sprintf("expected an option of %s, not %s", of, clip(w.text)), "write it as hours=9 or the like")
		case i < 0:
			return nil, p.fail(fmt.Sprintf("unknown option %s of %s", clip(name), of), diag.DidYouMean(name, names))
		case slices.ContainsFunc(list, func(a Attr) bool { return a.Name == name }):
			return nil, p.fail(fmt.Sprintf("%s stands there twice", name), "keep one of them")
		}
		if complaint := keys[i].wrong(value); complaint != "" {
			return nil, p.fail(name+" "+complaint, "")
		}
		list = append(list, Attr{name, value})
		p.next++
	}
	if list == nil {
		return nil, p.fail("no option of "+of+" is given", "write for example "+of+" hours=9")
	}
	return list, nil
}

// wrong says what is wrong with a value, "" for nothing.
func (k *key) wrong(value string) string {
	number := func(s string) (int, bool) {
		n, err := strconv.Atoi(s)
		return n, err == nil && s[0] != '+' && s[0] != '-'
	}
	first, last, is := strings.Cut(value, "-")
	a, ok := number(first)
	b, good := a, true
	if is {
		b, good = number(last)
	}
	switch {
	case !ok || !good || is && !k.ranges:
		if k.ranges {
			return fmt.Sprintf("must be a number or a range such as %d-%d, not %s", k.least, min(k.least+4, k.most), clip(value))
		}
		return fmt.Sprintf("must be a whole number, not %s", clip(value))
	case a < k.least || b > k.most || b < k.least || a > k.most:
		return fmt.Sprintf("goes from %d to %d, and %s does not lie in it", k.least, k.most, clip(value))
	case b < a:
		return fmt.Sprintf("%s ends before it begins: write two, joined by or", clip(value))
	}
	return ""
}

func (p *parser) date() (Expression, error) {
	w, more := p.peek()
	if !more {
		return Expression{}, p.fail("gt, lt or in_range is missing behind date", "")
	}
	e := Expression{Tag: "date_expression", Attrs: []Attr{{"operation", w.text}}}
	switch w.text {
	case "gt", "lt":
		p.next++
		d, err := p.moment()
		e.Attrs = append(e.Attrs, Attr{map[string]string{"gt": "start", "lt": "end"}[w.text], d})
		return e, err
	case "in_range":
		p.next++
		return p.period(e)
	case "in", "in-range", "inrange":
		return Expression{}, p.fail(fmt.Sprintf("%s is not known behind date", clip(w.text)), "write date in_range 2027-01-01 to 2027-02-01")
	}
	return Expression{}, p.fail(fmt.Sprintf("%s is not known behind date", clip(w.text)), "write gt, lt or in_range; a pattern of days or hours is date-spec")
}

func (p *parser) period(e Expression) (Expression, error) {
	if w, _ := p.peek(); w.text != "to" {
		d, err := p.moment()
		if err != nil {
			return e, err
		}
		e.Attrs = append(e.Attrs, Attr{"start", d})
	}
	if w, more := p.peek(); !more || w.text != "to" {
		return e, p.fail("to is missing behind the first date", "write date in_range 2027-01-01 to 2027-02-01")
	}
	p.next++
	if w, _ := p.peek(); w.text == "duration" {
		p.next++
		if e.Get("start") == "" {
			return e, at(w, "a duration needs the date from which it counts", "")
		}
		list, err := p.options(durationKeys, "duration")
		e.Duration = list
		return e, err
	}
	w, _ := p.peek()
	d, err := p.moment()
	if err != nil {
		return e, err
	}
	e.Attrs = append(e.Attrs, Attr{"end", d})
	if from, ok := moment(e.Get("start"), time.Local); ok {
		if to, ok := moment(d, time.Local); ok && to.Before(from) {
			return e, at(w, fmt.Sprintf("%s lies before %s: it would never hold", d, e.Get("start")), "")
		}
	}
	return e, nil
}

var dateForm = regexp.MustCompile(`^[0-9]{4}(-?[0-9]{2}-?[0-9]{2}|-?W[0-9]{2}-?[0-9]|-?[0-9]{3})?(T[0-9]{2}(:?[0-9]{2}(:?[0-9]{2})?)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$`)

// moment reads a date in one of the forms of ISO 8601 that Pacemaker reads.
func (p *parser) moment() (string, error) {
	w, more := p.peek()
	if !more || w.text == "and" || w.text == "or" || w.text == ")" {
		return "", p.fail("a date is missing", "write one such as 2027-01-31 or 2027-01-31T08:00:00")
	}
	if !dateForm.MatchString(w.text) {
		return "", p.fail(fmt.Sprintf("%s is no date of ISO 8601", clip(w.text)), "write one such as 2027-01-31 or 2027-01-31T08:00:00")
	}
	if len(w.text) >= 10 && w.text[4] == '-' && w.text[7] == '-' {
		if _, err := time.Parse(time.DateOnly, w.text[:10]); err != nil {
			return "", p.fail(fmt.Sprintf("%s is a day that no calendar has", clip(w.text[:10])), "")
		}
	}
	if clock := strings.LastIndexAny(w.text, "+-"); clock > strings.Index(w.text, "T") && strings.Contains(w.text, "T") {
		meant := "write it in UTC, with a Z at its end"
		if zone, ok := offset(w.text[clock:]); ok {
			if t, ok := moment(w.text[:clock], zone); ok {
				meant = "write it in UTC: " + t.UTC().Format("2006-01-02T15:04:05Z")
			}
		}
		return "", p.fail(fmt.Sprintf("the zone of %s would be left aside: Pacemaker takes the one of its node", clip(w.text)), meant)
	}
	p.next++
	return w.text, nil
}
