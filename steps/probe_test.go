package steps

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/playbook"
)

// TestProbeWords: why a service does not answer is said in plain words.
func TestProbeWords(t *testing.T) {
	serve := func(answer func(net.Conn)) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				answer(c)
			}
		}()
		return l.Addr().String()
	}
	closed := serve(func(c net.Conn) { _ = c.Close() })
	cut := serve(func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"))
		_ = c.Close()
	})
	other := serve(func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write([]byte("SSH-2.0-x\r\n\r\n"))
		_ = c.Close()
	})
	silent := serve(func(c net.Conn) { t.Cleanup(func() { _ = c.Close() }) }) // kept: a forgotten one is closed
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	_ = l.Close()
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	for name, c := range map[string]struct {
		probe playbook.Probe
		want  string
	}{
		"refused":       {playbook.Probe{TCP: nobody}, "connection refused: nothing listens there"},
		"refused, HTTP": {playbook.Probe{HTTP: "http://" + nobody}, "connection refused: nothing listens there"},
		"closed":        {playbook.Probe{HTTP: "http://" + closed}, "the connection was closed before the answer was whole"},
		"cut":           {playbook.Probe{HTTP: "http://" + cut}, "the connection was closed before the answer was whole"},
		"no HTTP":       {playbook.Probe{HTTP: "http://" + other}, "malformed HTTP"},
		"silent":        {playbook.Probe{HTTP: "http://" + silent}, "no answer within 5s"},
		"no such name":  {playbook.Probe{TCP: "no-such-host.invalid:80"}, "the name no-such-host.invalid "},
		"not found":     {playbook.Probe{HTTP: web.URL}, "status 404, expected 200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := probe(t.Context(), c.probe)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			for _, raw := range []string{"dial tcp", "Get \"", "context", "EOF", "lookup"} {
				if err != nil && strings.Contains(err.Error(), raw) {
					t.Errorf("Go's own words: %v", err)
				}
			}
		})
	}
}
