package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/hadeploy/hadeploy/playbook"
)

const (
	probeTimeout = 5 * time.Second
	probeBytes   = 1 << 20
)

// probe asks a declared service, from here.
func probe(ctx context.Context, p playbook.Probe) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if p.TCP != "" {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.TCP)
		if err != nil {
			return unanswered(err)
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
		return unanswered(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, probeBytes))
	if err != nil {
		return unanswered(err)
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

// unanswered says in plain words why a service did not answer.
func unanswered(err error) error {
	var name *net.DNSError
	var url *url.Error
	var late interface{ Timeout() bool }
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return fmt.Errorf("the name %s is not known here", name.Name)
	case errors.As(err, &name):
		return fmt.Errorf("the name %s could not be looked up", name.Name)
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return fmt.Errorf("no answer within %s", probeTimeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("connection refused: nothing listens there")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return errors.New("there is no way to that address from here")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		strings.Contains(err.Error(), "server closed idle connection"): // net/http has no value for it: closed before the request was written
		return errors.New("the connection was closed before the answer was whole")
	case errors.As(err, &url): // what was asked is named beside it
		err = url.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	return err
}
