package rule

import (
	"testing"
	"time"
)

// TestAt: the moment is Wednesday, 2027-03-31 14:30:00 in a zone two hours east.
func TestAt(t *testing.T) {
	now := time.Date(2027, 3, 31, 14, 30, 0, 0, time.FixedZone("", 2*3600))
	words := map[Truth]string{True: "true", False: "false", Unknown: "unknown"}
	for _, c := range []struct{ rule, want string }{
		{"date gt 2027-03-31", "true"},
		{"date gt 2027-04-01", "false"},
		{"date gt 2027-03-31T14:30:00", "false"},
		{"date lt 2027-03-31T14:30:01", "true"},
		{"date lt 2027-03-31T12:30:01Z", "true"},
		{"date lt 2027-03-31T12:30:00Z", "false"},
		{"date lt 2027-03-31T12:31Z", "true"},
		{"date gt 20270331T1400", "true"},
		{"date gt 2027-W13-3", "true"},
		{"date gt 2027-W13-4", "false"},
		{"date lt 2027-091", "true"},
		{"date lt 2027-090", "false"},
		{"date gt 2027", "unknown"},
		{"date in_range 2027-03-01 to 2027-04-01", "true"},
		{"date in_range to 2027-03-31T14:30:00", "true"},
		{"date in_range 2027-03-31T14:30:00 to duration hours=1", "true"},
		{"date in_range 2027-01-31 to duration months=2", "false"}, // to 2027-03-31 00:00
		{"date in_range 2027-01-31T15:00:00 to duration months=2", "true"},
		{"date in_range 2026-11-30T15:00:00 to duration months=3", "false"}, // to 2027-02-28
		{"date in_range 2026-03-31T15:00:00 to duration years=1", "true"},
		{"date in_range 2027-03-24 to duration weeks=1", "false"},
		{"date-spec hours=9-16 weekdays=1-5", "true"},
		{"date-spec hours=9-13", "false"},
		{"date-spec weekdays=3", "true"},
		{"date-spec weekdays=6-7", "false"},
		{"date-spec weeks=13 weekyears=2027 years=2027 months=3 monthdays=31 yeardays=90", "true"},
		{"date-spec moon=4", "unknown"},
		{"date-spec moon=4 hours=3", "false"},
		{"site eq north", "unknown"},
		{"site eq north and date gt 2028-01-01", "false"},
		{"site eq north and date lt 2028-01-01", "unknown"},
		{"site eq north or date lt 2028-01-01", "true"},
		{"date gt 2028-01-01 or (date-spec hours=14 and date-spec weekdays=3)", "true"},
	} {
		r, err := Parse(c.rule, Uses{Attributes: true})
		if err != nil {
			t.Fatal(c.rule, err)
		}
		if got := words[r.At(now)]; got != c.want {
			t.Errorf("%s: %s, not %s", c.rule, got, c.want)
		}
	}
}

func TestNow(t *testing.T) {
	now := time.Date(2027, 3, 31, 14, 30, 0, 0, time.UTC)
	for _, c := range []struct{ rule, want string }{
		{"site eq north", ""},
		{"date gt 2027-01-01", "the rule holds now"},
		{"date-spec moon=1", "the rule cannot be judged here"},
		{"site eq north and date lt 2027-01-01", "the rule does not hold now"},
		{"site eq north and date gt 2027-01-01 and (date-spec hours=1 or defined x)",
			"whether the rule holds rests on more than the time: date gt 2027-01-01 holds now, date-spec hours=1 does not hold now"},
	} {
		r, err := Parse(c.rule, Uses{Attributes: true})
		if err != nil {
			t.Fatal(c.rule, err)
		}
		if got := r.Now(now); got != c.want {
			t.Errorf("%s: %q, not %q", c.rule, got, c.want)
		}
	}
}

// TestMoment: what a live rule may have, and pcs cannot write.
func TestMoment(t *testing.T) {
	zone := time.FixedZone("", -5*3600)
	for text, want := range map[string]string{
		"2027-01-31 15:00:00": "20:00", "2027-01-31T15:00:00Z": "15:00", "2027-01-31T15:00:00+03:00": "20:00", "2027-01-31T15:00:00 +03:00": "12:00",
		"2027-01-31 15:00:00 +0300": "12:00", "2027-01-31 15:00:00 +03": "12:00", "2027-01-31 15:00:00 -01:30": "16:30", "2027-01-31T15:00:00 Z": "15:00",
		"2027-01-31 15:00:00 +3": "", "2027-01-31": "00:00", "2027-13-31": "", "2027-01-31T1": "", "2027-01-31T10:00:00:00": "", "x": "",
	} {
		got := ""
		if m, ok := moment(text, zone); ok {
			got = m.UTC().Format("15:04")
		}
		if got != want {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}
