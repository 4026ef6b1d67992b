package rule

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var everywhere = Uses{Attributes: true, Resources: true, Operations: true}

// TestParse: each rule is printed as it was written, or in pcs's own way behind
// the arrow.
func TestParse(t *testing.T) {
	for _, text := range []string{
		"pingd lt 1 or not_defined pingd",
		"#uname eq n1",
		"date gt 2027-01-01",
		"date lt 2027-01-01T08:00:00",
		"date in_range 2027-01-01 to 2027-02-01",
		"date in_range to 2027-02-01",
		"date in_range 2027-01-01 to duration hours=8 weeks=1",
		"date-spec hours=9-16 weekdays=1-5",
		"defined a and (b eq 1 or c ne 2) and d gte version 1.2",
		"a eq integer 5 or a eq number 1.5 or a eq string x",
		`a eq "x y"`,
		`a eq "and"`,
		`a eq ""`,
		"a eq string => a eq \"string\"",
		"resource ocf:pacemaker:Dummy",
		"resource ::Dummy and op monitor interval=10s",
		"op start",
		"resource eq 1 and op ne 2 and defined eq 3",
		"(a eq 1 and b eq 2) => a eq 1 and b eq 2",
		"((a eq 1)) or ( b eq 2 and c eq 3 ) => a eq 1 or (b eq 2 and c eq 3)",
		"  a\teq\n1 => a eq 1",
		"resource ocf:Dummy => resource ocf::Dummy",
	} {
		text, want, other := strings.Cut(text, " => ")
		if !other {
			want = text
		}
		r, err := Parse(text, everywhere)
		if err != nil || r.String() != want {
			t.Errorf("%s: %v, %s", text, err, r)
			continue
		}
		again, err := Parse(r.String(), everywhere)
		if d := cmp.Diff(r, again); err != nil || d != "" {
			t.Errorf("%s is printed as %s, which is another rule: %v\n%s", text, r, err, d)
		}
	}
}

// TestErrors: the word, what is wrong with it, and what to do.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "at the end: there is no rule; write one such as: pingd lt 1 or not_defined pingd"},
		{"pingd = 1", `at "=": "=" does not compare here; write eq`},
		{"pingd=1", `at "pingd=1": "pingd=1" is no expression; write pingd eq 1, with blanks between`},
		{"pingd!=1", `at "pingd!=1": "pingd!=1" is no expression; write pingd ne 1, with blanks between`},
		{"pingd lt 1 || not_defined pingd", `at "||": "||" does not join expressions; write or`},
		{"pingd lt 1 AND defined x", `at "AND": "AND" does not join expressions; write and`},
		{"not defined pingd", `at "not": not defined is one word here; write not_defined`},
		{"pingd lesser 1", `at "lesser": "lesser" does not compare; write eq, ne, lt, lte, gt or gte`},
		{"pingd", "at the end: what \"pingd\" is to be compared with is missing; write pingd eq VALUE, or defined pingd"},
		{"pingd lt", `at the end: the value that "pingd" is compared with is missing`},
		{"pingd lt and b eq 1", `at "and": the value that "pingd" is compared with is missing`},
		{"a eq x y", `at "y": expected and, or, or the end, not "y"; a value with blanks stands in quotes`},
		{"a eq 1 and b eq 2 or c eq 3", `at "or": and and or stand beside each other, and what is to be joined first is not said; put brackets around what belongs together`},
		{"(a eq 1", `at "(": the bracket is not closed`},
		{"a eq 1)", `at ")": a ) closes nothing`},
		{"()", `at ")": an expression is expected before )`},
		{"a eq 1 and", "at the end: the rule ends where an expression is expected"},
		{`a eq "x`, `at "\"x": the quote is not closed`},
		{"defined", "at the end: the name of a node attribute is missing"},
		{"a eq integer 1.5", `at "1.5": "1.5" is no integer`},
		{"a eq number x", `at "x": "x" is no number`},
		{"date", "at the end: gt, lt or in_range is missing behind date"},
		{"date in range 2027-01-01 to 2027-02-01", `at "in": "in" is not known behind date; write date in_range 2027-01-01 to 2027-02-01`},
		{"date gt tomorrow", `at "tomorrow": "tomorrow" is no date of ISO 8601; write one such as 2027-01-31 or 2027-01-31T08:00:00`},
		{"date gt 2027-02-30", `at "2027-02-30": "2027-02-30" is a day that no calendar has`},
		{"date in_range 2027-02-01 to 2027-01-01", `at "2027-01-01": 2027-01-01 lies before 2027-02-01: it would never hold`},
		{"date in_range 2027-02-01 2027-01-01", `at "2027-01-01": to is missing behind the first date; write date in_range 2027-01-01 to 2027-02-01`},
		{"date in_range to duration hours=1", `at "duration": a duration needs the date from which it counts`},
		{"date in_range 2027-02-01 to duration", "at the end: no option of duration is given; write for example duration hours=9"},
		{"date-spec hours=9-25", `at "hours=9-25": hours goes from 0 to 23, and "9-25" does not lie in it`},
		{"date-spec hours=17-8", `at "hours=17-8": hours "17-8" ends before it begins: write two, joined by or`},
		{"date-spec weekdays=8", `at "weekdays=8": weekdays goes from 1 to 7, and "8" does not lie in it`},
		{"date-spec hour=9", `at "hour=9": unknown option "hour" of date-spec; did you mean "hours"?`},
		{"date-spec weekdays=mon", `at "weekdays=mon": weekdays must be a number or a range such as 1-5, not "mon"`},
		{"date-spec hours=9 hours=10", `at "hours=10": hours stands there twice; keep one of them`},
		{"date-spec", "at the end: no option of date-spec is given; write for example date-spec hours=9"},
		{"date_spec hours=9", `at "date_spec": unknown expression date_spec; write date-spec`},
		{"resource Dummy", `at "Dummy": "Dummy" is no agent; write ::Dummy for a type of any standard`},
		{`resource "a b::c"`, `at "a b::c": an agent is expected; write it as ocf:pacemaker:Dummy; what may be any is left empty: ocf::Dummy`},
		{`op "monitor x"`, `at "monitor x": the name of an operation is expected; write op monitor`},
		{`op monitor "interval=1 0"`, `at "interval=1 0": the interval is missing; write interval=10s`},
		{"op", "at the end: the name of an operation is expected; write op monitor"},
		{strings.Repeat("(", 30) + "a eq 1" + strings.Repeat(")", 30), `at "(": more than 20 brackets stand in each other`},
	} {
		_, err := Parse(c.text, everywhere)
		if got := told(err); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.text, got, c.want)
		}
		var e *Error
		if errors.As(err, &e) && e.Word != "" && !strings.HasPrefix(strings.TrimLeft(c.text[e.Offset:], `"'`), strings.TrimLeft(e.Word, `"`)) {
			t.Errorf("%s: byte %d is not %q", c.text, e.Offset, e.Word)
		}
	}
	for _, c := range []struct {
		text, want string
		uses       Uses
	}{
		{"#uname eq n1", `at "#uname": a rule about node attributes cannot stand here; it holds wherever the resource runs: use dates, resource or op`, Uses{Resources: true}},
		{"resource ::Dummy", `at "resource": a rule about the agent of resources cannot stand here; it is for the defaults of resources and operations`, Uses{Attributes: true}},
		{"op monitor", `at "op": a rule about operations cannot stand here; it is for the defaults of operations`, Uses{Resources: true}},
	} {
		if _, err := Parse(c.text, c.uses); told(err) != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.text, told(err), c.want)
		}
	}
}

func told(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return "no error"
	}
	if e.Word == "" {
		return "at the end: " + e.Error()
	}
	return `at ` + strings.ReplaceAll(clip(e.Word), "\n", " ") + `: ` + e.Error()
}

// FuzzRule: no rule breaks the reader, and what it takes it prints as the same.
func FuzzRule(f *testing.F) {
	for _, s := range []string{"pingd lt 1 or not_defined pingd", "date-spec hours=9-16", "(a eq 1 and b eq \"x y\")", "date in_range 2027-01-01 to duration hours=8", "resource ::Dummy and op monitor interval=10s", "a eq 'x", "a lt 0'\"", "a eq \"\r\"", "\"date\" eq \"and\"", "\"0=\"eq 0", "a eq string \"and\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text, everywhere)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) || e.What == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, err := Parse(r.String(), everywhere)
		if d := cmp.Diff(r, again); err != nil || d != "" {
			t.Fatalf("%q is printed as %q, which is another rule: %v\n%s", text, r, err, d)
		}
	})
}
