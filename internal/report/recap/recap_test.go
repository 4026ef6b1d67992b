package recap

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestByReason(t *testing.T) {
	got := byReason([]string{"auth: n2 failed at packages", "odd", "cib: n2 failed at packages", "verify: cib: failed"})
	if d := cmp.Diff([]string{"auth, cib: n2 failed at packages", "odd", "verify: cib: failed"}, got); d != "" {
		t.Error(d)
	}
}
