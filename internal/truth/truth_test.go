package truth

import "testing"

func TestParse(t *testing.T) {
	for text, want := range map[string][2]bool{
		"true": {true, true}, "on": {true, true}, "yes": {true, true}, "Y": {true, true}, "1": {true, true}, "TRUE": {true, true},
		"false": {false, true}, "off": {false, true}, "no": {false, true}, "n": {false, true}, "0": {false, true}, "Off": {false, true},
		"": {}, "t": {}, "2": {}, " true": {}, "enabled": {},
	} {
		value, ok := Parse(text)
		if got := [2]bool{value, ok}; got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
		if Is(text) != (ok && value) || Not(text) != (ok && !value) {
			t.Errorf("%q: Is and Not do not agree with Parse", text)
		}
	}
}
