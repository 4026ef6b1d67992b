package cib

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// TestBundleReleases: which releases can run whose containers.
func TestBundleReleases(t *testing.T) {
	for _, c := range []struct {
		container string
		release   pacemaker.Release
		want      string // empty: it can
	}{
		{"podman", pacemaker.Release{2, 0, 1}, "a bundle of podman came with Pacemaker 2.0.2, and the release is 2.0.1"},
		{"podman", pacemaker.Release{2, 0, 2}, ""},
		{"docker", pacemaker.Release{1, 1, 16}, "a bundle of docker came with Pacemaker 1.1.17"},
		{"docker", pacemaker.Release{3, 0, 0}, ""},
		{"rkt", pacemaker.Release{2, 1, 9}, ""},
		{"rkt", pacemaker.Release{3, 0, 0}, "a bundle of rkt went with Pacemaker 3.0.0, and the release is 3.0.0"},
	} {
		p := load(t, "properties: {stonith-enabled: false}\nresources: [{id: b, bundle: {container: "+c.container+", image: x}}]\n")
		got := CheckRelease(p, c.release)
		if (len(got) > 0) != (c.want != "") || len(got) > 0 && !strings.Contains(got[0].Message, c.want) {
			t.Errorf("%s with %s: got %v, want %q", c.container, c.release, got, c.want)
		}
		if len(got) > 0 && got[0].Line == 0 {
			t.Errorf("%s with %s: the message has no place", c.container, c.release)
		}
	}
}
