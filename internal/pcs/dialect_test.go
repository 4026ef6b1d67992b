package pcs

import "testing"

func TestDialectOf(t *testing.T) {
	for version, want := range map[string]Dialect{
		"0.9.169": Pcs010, "0.10.8": Pcs010, "0.10.8-1+deb11u1": Pcs010, "0.11.5": Pcs011, "0.11.9.1": Pcs011, "0.12.0.2": Pcs012, "0.13.1": Pcs012,
		"": Pcs011, "1.0": Pcs011, "0.x": Pcs011,
	} {
		if got := DialectOf(version); got != want {
			t.Errorf("%q speaks %s, want %s", version, got, want)
		}
	}
}

func TestScore(t *testing.T) {
	for score, want := range map[string][3]string{
		"INFINITY": {" INFINITY", " INFINITY", " score=INFINITY"}, "50": {" 50", " 50", " score=50"}, "-INFINITY": {" -- -INFINITY", " -- -INFINITY", " score=-INFINITY"},
	} {
		for i, d := range []Dialect{Pcs010, Pcs011, Pcs012} {
			if got := d.Score(score); got != want[i] {
				t.Errorf("pcs %s says %q for %s, want %q", d, got, score, want[i])
			}
		}
	}
}
