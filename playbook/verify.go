package playbook

import (
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Verify says how long to wait for the declared state, and how to see it.
type Verify struct {
	Within time.Duration // default 2 minutes
	Probes []Probe
	Pos    diag.Pos
}

// Probe asks a service from the controller.
type Probe struct {
	HTTP         string // URL
	ExpectStatus int    // default 200
	ExpectBody   string // text that the answer must contain
	TCP          string // host:port that must accept a connection
	Pos          diag.Pos
}

// probe reads one question to a service: http or tcp.
func (l *loader) probe(n *yamldoc.Node, path yamldoc.Path) Probe {
	p := Probe{HTTP: text(n.Get("http")), ExpectBody: text(n.Get("expect_body")), TCP: text(n.Get("tcp")), Pos: l.doc.Pos(n)}
	http, tcp := n.Field("http"), n.Field("tcp")
	switch {
	case n.Kind != yamldoc.Map:
	case http == nil && tcp == nil:
		l.errorAt(p.Pos, path, "give http: URL or tcp: HOST:PORT", "it is not said what to ask")
	case http != nil && tcp != nil:
		l.errorAt(l.doc.KeyPos(tcp), path, "write two probes", "a probe asks by http or by tcp, not both")
	case http != nil:
		p.ExpectStatus = 200
		if status, err := strconv.Atoi(text(n.Get("expect_status"))); err == nil {
			p.ExpectStatus = status
		}
		u, err := url.Parse(p.HTTP)
		if p.HTTP != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			l.errorAt(l.doc.Pos(http.Value), path+".http", "write it as http://10.0.0.100/", "%s is not a URL", quote(p.HTTP))
		}
	case tcp != nil:
		for _, key := range []string{"expect_status", "expect_body"} {
			if f := n.Field(key); f != nil {
				l.errorAt(l.doc.KeyPos(f), path.Key(key), "use http for it", "a tcp probe only connects")
			}
		}
		host, port, err := net.SplitHostPort(p.TCP)
		if number, e := strconv.Atoi(port); p.TCP != "" && (err != nil || host == "" || e != nil || number < 1 || number > 65535) {
			l.errorAt(l.doc.Pos(tcp.Value), path+".tcp", "write it as 10.0.0.100:5432", "%s is not HOST:PORT", quote(p.TCP))
		}
	}
	return p
}

// defaultWithin is how long verify waits when the playbook does not say.
const defaultWithin = 2 * time.Minute

func (l *loader) verify(f *yamldoc.Field) Verify {
	v := Verify{Within: defaultWithin, Pos: l.fieldPos(f)}
	if f == nil {
		return v
	}
	if n := f.Value.Get("within"); text(n) != "" {
		d, err := ParseInterval(n.Text)
		switch {
		case err != nil:
			l.errorAt(l.doc.Pos(n), "verify.within", "", "%q %v", n.Text, err)
		case d <= 0:
			l.errorAt(l.doc.Pos(n), "verify.within", "", "must be longer than 0")
		default:
			v.Within = d
		}
	}
	for i, item := range items(f.Value.Get("probes")) {
		v.Probes = append(v.Probes, l.probe(item, yamldoc.Path("verify.probes").Index(i)))
	}
	return v
}
