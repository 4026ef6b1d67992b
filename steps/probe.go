package steps

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

const (
	probeTimeout = 5 * time.Second
	probeBytes   = 1 << 20
)

// checkProbes asks the declared services, from here.
func checkProbes(ctx context.Context, probes []playbook.Probe) (found []plan.Finding) {
	for _, p := range probes {
		what := p.HTTP
		if what == "" {
			what = p.TCP
		}
		if err := probe(ctx, p); err != nil {
			found = append(found, plan.Finding{Code: "PROBE_FAILED", Severity: plan.Error, Object: what, Expected: "an answer", Seen: err.Error(),
				Message: fmt.Sprintf("%s does not answer as declared: %v", what, err), Fix: "is the address reachable from here? look at the resource's log on its node"})
		}
	}
	return found
}

// probeHost is the name or address that a probe asks, "" when it has none.
func probeHost(p playbook.Probe) string {
	if p.TCP != "" {
		host, _, _ := net.SplitHostPort(p.TCP)
		return host
	}
	u, err := url.Parse(p.HTTP)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func probe(ctx context.Context, p playbook.Probe) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if p.TCP != "" {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.TCP)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.HTTP, nil)
	if err != nil {
		return err
	}
	// No proxy, no connection kept: the service itself is asked, each time anew.
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, probeBytes))
	if err != nil {
		return err
	}
	want := p.ExpectStatus
	if want == 0 {
		want = http.StatusOK
	}
	if res.StatusCode != want {
		return fmt.Errorf("status %d, expected %d", res.StatusCode, want)
	}
	if !strings.Contains(string(body), p.ExpectBody) {
		return fmt.Errorf("the answer does not contain %q", p.ExpectBody)
	}
	return nil
}
