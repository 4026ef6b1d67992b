package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// fetchLimit bounds the reading of one small index file from a mirror.
const fetchLimit = 60 * time.Second

// debianSuites are the host suites whose repositories may be Debian's own;
// others (of third parties) are not even asked.
var debianSuites = []string{"buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid",
	"oldoldstable", "oldstable", "stable", "testing", "unstable"}

// imageSources decides where the image's packages come from: Debian's main
// archive and, where there, its updates and security suites. mirror "" means
// what the host's own apt uses. What a repository is, is read from its own
// Release file and not guessed from its address.
func imageSources(ctx context.Context, etc, mirror, codename, tmp string, say Progress) ([]aptSource, error) {
	var uris []aptSource
	if mirror != "" {
		uris = []aptSource{{URI: strings.TrimRight(mirror, "/")}}
	} else {
		host, err := hostSources(etc)
		if err != nil {
			return nil, fmt.Errorf("read this machine's apt sources: %w", err)
		}
		uris = candidates(host)
		if len(uris) == 0 {
			return nil, fmt.Errorf("no Debian mirror is known: none of the files %s/sources.list and %s/sources.list.d/* names one for a Debian suite; give one with --mirror URL", etc, etc)
		}
	}
	var out []aptSource
	var failed []error
	security := false
	add := func(c aptSource, suite, label string) bool {
		release, err := fetchRelease(ctx, c.URI, suite, tmp)
		if err != nil {
			failed = append(failed, err)
			return false
		}
		if got := stanza822(release, "Label"); got != label {
			failed = append(failed, fmt.Errorf("%s %s: the Release file has label %q, not %q", c.URI, suite, got, label))
			return false
		}
		out = append(out, aptSource{c.URI, suite, []string{"main"}, c.SignedBy})
		return true
	}
	for _, c := range uris {
		if len(out) == 0 && add(c, codename, "Debian") {
			add(c, codename+"-updates", "Debian")
			continue
		}
		if !security {
			security = add(c, codename+"-security", "Debian-Security")
		}
	}
	if len(out) == 0 || out[0].Suite != codename {
		return nil, fmt.Errorf("no mirror for Debian %s answered: %w; give another with --mirror URL", codename, errors.Join(failed...))
	}
	for _, s := range out {
		say.say("packages from %s %s", s.URI, s.Suite)
	}
	return out, ctx.Err()
}

// candidates are the distinct addresses of sources that may be Debian's, in
// the order of apt's files.
func candidates(host []aptSource) []aptSource {
	var out []aptSource
	for _, s := range host {
		base, _, _ := strings.Cut(strings.TrimSuffix(s.Suite, "/updates"), "-")
		if !slices.Contains(debianSuites, base) || !slices.Contains(s.Components, "main") || strings.HasPrefix(s.URI, "cdrom:") {
			continue
		}
		if !slices.ContainsFunc(out, func(o aptSource) bool { return o.URI == s.URI }) {
			out = append(out, aptSource{URI: s.URI, SignedBy: s.SignedBy})
		}
	}
	return out
}

// fetchRelease reads a suite's Release file by apt's own means, so that every
// address, proxy and password that works for apt works here.
func fetchRelease(ctx context.Context, uri, suite, tmp string) (string, error) {
	dst := filepath.Join(tmp, "Release")
	defer os.Remove(dst)
	_ = os.Remove(dst)
	_, err := command{
		args: []string{"/usr/lib/apt/apt-helper", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=1",
			"-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20",
			"download-file", uri + "/dists/" + suite + "/Release", dst},
		timeout: fetchLimit,
	}.run(ctx)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(dst)
	return string(data), err
}

// aptProxies are the proxy settings of the host's apt, to be used for making
// the image and not to be left in it.
func aptProxies(ctx context.Context) []string {
	var out []string
	for _, key := range []string{"Acquire::http::Proxy", "Acquire::https::Proxy"} {
		if v, err := run(ctx, "apt-config", "dump", "--format", "%v", key); err == nil && strings.TrimSpace(v) != "" {
			out = append(out, fmt.Sprintf("%s %q", key, strings.TrimSpace(v)))
		}
	}
	return out
}
