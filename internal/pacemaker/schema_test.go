package pacemaker

import "testing"

func TestSchema(t *testing.T) {
	for version, want := range map[string]string{
		"3.0.1":           "pacemaker-4.0",
		"3.0.0-5":         "pacemaker-4.0",
		"2.1.9":           "pacemaker-3.10",
		"2.1.5-1+deb12u1": "pacemaker-3.9", // what cibadmin --empty says on Debian 12
		"2.0.5-2":         "pacemaker-3.5", // on Debian 11
		"2.0.0":           "pacemaker-3.1",
		"1.1.24":          "pacemaker-2.10",
		"1.1.12":          "pacemaker-2.0",
		"1.1.11":          "",
	} {
		if got, err := ParseRelease(version).Schema(); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v, want %q", version, got, err, want)
		}
	}
}
