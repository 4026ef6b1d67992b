package pacemaker

import "testing"

func TestMilliseconds(t *testing.T) {
	for text, want := range map[string]float64{
		"10": 10000, "10s": 10000, "10 sec": 10000, "500ms": 500, "2min": 120000, "2m": 120000, "1h": 3600000, "1hr": 3600000, "0": 0, "7us": 0.007,
		"": -1, "s": -1, "-5s": -1, "5 apples": -1, "PT5S": -1, "1.5s": -1, "99999999999999999999": -1,
	} {
		got, ok := Milliseconds(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %v ms, want %v", text, got, want)
		}
	}
}

func TestScore(t *testing.T) {
	for text, want := range map[string]float64{"INFINITY": 1e6, "-INFINITY": -1e6, "2000000": 1e6, "-2000000": -1e6, "7": 7, "x": 0} {
		if got, ok := Score(text); got != want || ok == (text == "x") {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
	for n, want := range map[float64]string{1: "1", 0.5: "0.5", Infinity: "INFINITY", 2 * Infinity: "INFINITY", -Infinity: "-INFINITY"} {
		if got := ScoreText(n); got != want {
			t.Errorf("%v is written %s, want %s", n, got, want)
		}
	}
}

func TestBool(t *testing.T) {
	for text, want := range map[string]string{
		"true": "yes", "ON": "yes", "Yes": "yes", "y": "yes", "1": "yes",
		"false": "no", "Off": "no", "NO": "no", "n": "no", "0": "no",
		"": "neither", "t": "neither", "2": "neither", "yes ": "neither",
	} {
		got := "neither"
		if True(text) {
			got = "yes"
		} else if False(text) {
			got = "no"
		}
		if got != want || Bool(text) != (want != "neither") {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestTime(t *testing.T) {
	for text, want := range map[string]bool{"5": true, "5 min": true, "PT1M30S": true, "P1D": true, "soon": false, "1M": true, "1x": false} {
		if Time(text) != want {
			t.Errorf("%q: a time is %v, want %v", text, !want, want)
		}
	}
}

func TestRole(t *testing.T) {
	for _, c := range []struct{ role, today, before string }{
		{"Master", "Promoted", "Master"}, {"promoted", "Promoted", "Master"}, {"SLAVE", "Unpromoted", "Slave"},
		{"Unpromoted", "Unpromoted", "Slave"}, {"started", "Started", "Started"}, {"Stopped", "Stopped", "Stopped"}, {"", "", ""}, {"odd", "odd", "odd"},
	} {
		if got := Role(c.role); got != c.today || RoleFor(c.role, true) != c.today || RoleFor(c.role, false) != c.before {
			t.Errorf("%q is %q; for today %q, before %q", c.role, got, RoleFor(c.role, true), RoleFor(c.role, false))
		}
	}
}
