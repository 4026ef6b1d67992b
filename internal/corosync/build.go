package corosync

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// Build makes the corosync.conf of a new cluster, as pcs cluster setup would
// write it for the same options, nodes numbered from 1 in the order given.
// (The cluster's id, totem.cluster_uuid, is not made: pcs lets it be absent,
// and a random value would make two runs differ.) Every problem is in the
// list, at the playbook's or the inventory's position; the Config is nil when
// one of them is an error.
func Build(p *playbook.Playbook, nodes []inventory.Node) (*Config, diag.List) {
	b := &builder{p: p, t: p.Cluster.Transport, nodes: nodes}
	b.transport = cmp.Or(b.t.Type, "knet")
	b.checkName()
	b.checkNodes()
	b.totem = b.options("cluster.totem", "totem", p.Cluster.Totem, totemOptions)
	b.quorum = b.options("cluster.quorum.options", "quorum", p.Cluster.Quorum, quorumOptions)
	b.checkTransport()
	b.checkTimes()
	b.checkPings()
	b.checkQuorum()
	_ = b.found.Sort()
	if b.found.Err() != nil {
		return nil, b.found
	}
	return b.config(), b.found
}

// builder collects what is declared, checked and in corosync's names.
type builder struct {
	p         *playbook.Playbook
	t         playbook.Transport
	transport string
	nodes     []inventory.Node
	addrs     [][]string // by node and link
	found     diag.List

	totem, quorum, generic, crypto values
	links                          []link
}

// values are settings in corosync's own names.
type values map[string]string

// link is what is declared for one link.
type link struct {
	number int
	values values
}

func (b *builder) errorf(pos diag.Pos, path, hint, format string, args ...any) {
	b.add(diag.Error, pos, path, hint, format, args...)
}

func (b *builder) warnf(pos diag.Pos, path, hint, format string, args ...any) {
	b.add(diag.Warning, pos, path, hint, format, args...)
}

func (b *builder) add(sev diag.Severity, pos diag.Pos, path, hint, format string, args ...any) {
	if pos.File == "" {
		pos.File = b.p.File
	}
	b.found = append(b.found, diag.Diagnostic{Pos: pos, Severity: sev, Path: path,
		Message: fmt.Sprintf(format, args...), Hint: hint})
}

// options checks one set of options against the known ones and returns the
// good ones. What is the set's name in messages.
func (b *builder) options(path, what string, given playbook.Options, known []option) values {
	out := values{}
	for _, g := range given {
		at := path + "." + g.Name
		i := slices.IndexFunc(known, func(o option) bool { return o.name == g.Name })
		if i < 0 {
			b.unknown(at, what, g, known)
			continue
		}
		o, pos := known[i], cmp.Or(g.Value.Pos, g.Pos)
		switch text := g.Value.Text; {
		case g.Value.Secret != nil:
			b.errorf(pos, at, "", "a secret cannot stand here: corosync.conf is readable and no %s option is secret", what)
		case out[o.inConf()] != "":
			b.errorf(g.Pos, at, "", "the option is given twice")
		case !o.ok(text):
			b.errorf(pos, at, boolHint(o, text), "%q is not %s", text, o.want)
		default:
			out[o.inConf()] = text
		}
	}
	return out
}

func (b *builder) unknown(at, what string, g playbook.Option, known []option) {
	names := make([]string, len(known))
	for i, o := range known {
		names[i] = o.name
	}
	hint := "known are " + strings.Join(names, ", ")
	if only := otherTransport(what, g.Name); only != "" {
		hint = only
	} else if why, ok := elsewhere[g.Name]; ok {
		hint = why
	} else if near := diag.Closest(g.Name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	b.errorf(g.Pos, at, hint, "unknown %s option", what)
}

// boolHint helps with a truth value in another notation than corosync's.
func boolHint(o option, text string) string {
	if !pacemaker.Bool(text) {
		return ""
	}
	i := 0
	if pacemaker.True(text) {
		i = 1
	}
	for _, pair := range [][2]string{{"0", "1"}, {"no", "yes"}} {
		if o.ok(pair[i]) && o.ok(pair[1-i]) && !o.integer {
			return "write " + pair[i]
		}
	}
	return ""
}

// safeName are the characters of a cluster's name that GFS2 and DLM take; pcs
// refuses others unless forced.
var safeName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,32}$`)

func (b *builder) checkName() {
	pos := b.p.Pos["name"]
	switch name := b.p.Name; {
	case name == "":
		b.errorf(pos, "name", "", "the cluster needs a name")
	case !valueSafe(name) || name != strings.TrimSpace(name):
		b.errorf(pos, "name", "use letters, digits, - and _", "%q cannot stand in corosync.conf", name)
	case !safeName.MatchString(name):
		b.warnf(pos, "name", "use at most 32 letters, digits, - and _",
			"%q cannot be the name of a cluster with GFS2 or DLM, and pcs cluster setup refuses it unless forced", name)
	}
}

// valueSafe reports whether a text can be a value in corosync.conf without
// becoming something else there, for corosync's parser or for pcs's.
func valueSafe(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return control(r) || r == '\t' || r == '{' || r == '}' }) && len(s) <= 255
}

func (b *builder) checkTransport() {
	const path = "cluster.transport"
	switch b.transport {
	case "knet":
		b.generic = b.options(path+".options", "knet transport", b.t.Options, knetOptions)
		b.crypto = b.options(path+".crypto", "crypto", b.t.Crypto, cryptoOptions)
		cipher, hash := cmp.Or(b.crypto["crypto_cipher"], "none"), cmp.Or(b.crypto["crypto_hash"], "none")
		if _, given := b.t.Crypto.Get("hash"); cipher != "none" && hash == "none" && (b.crypto["crypto_hash"] == "none" || !given) {
			b.errorf(b.t.Crypto[0].Pos, path+".crypto", "add hash: sha256", "the cipher %s needs a hash, corosync refuses it without", cipher)
		}
		b.knetLinks()
	case "udp", "udpu":
		b.generic = b.options(path+".options", "udp and udpu transport", b.t.Options, udpOptions)
		if len(b.t.Crypto) > 0 {
			b.errorf(b.t.Crypto[0].Pos, path+".crypto", "", "%s cannot encrypt; only knet can", b.transport)
		}
		b.udpLinks()
	default:
		hint := "known are knet, udp, udpu"
		if near := diag.Closest(b.transport, []string{"knet", "udp", "udpu"}); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		b.errorf(b.t.Pos, path+".type", hint, "unknown transport %q", b.transport)
	}
}

// maxLinks is the most links that any node declares by its addresses.
func (b *builder) maxLinks() int {
	n := 0
	for _, a := range b.addrs {
		n = max(n, len(a))
	}
	return n
}

func (b *builder) knetLinks() {
	seen := map[int]bool{}
	var unnumbered []int
	for i, given := range b.t.Links {
		path := fmt.Sprintf("cluster.transport.links[%d]", i)
		l := link{number: -1, values: b.options(path, "knet link", given, knetLinkOptions)}
		if text, ok := l.values["linknumber"]; ok {
			l.number, _ = strconv.Atoi(text)
			pos := given[slices.IndexFunc(given, func(o playbook.Option) bool { return o.Name == "linknumber" })].Value.Pos
			if seen[l.number] {
				b.errorf(pos, path+".linknumber", "", "link %d is described twice", l.number)
			}
			seen[l.number] = true
			if n := b.maxLinks(); l.number >= n && n > 0 {
				b.errorf(pos, path+".linknumber", "links are counted from 0; give each node one address per link in the inventory (links)",
					"there is no link %d: the nodes have %s", l.number, plural.Of(n, "link"))
			}
			delete(l.values, "linknumber")
		}
		for _, pair := range [][2]string{{"ping_interval", "ping_timeout"}, {"ping_timeout", "ping_interval"}} {
			if g, ok := given.Get(pair[0]); ok && l.values["knet_"+pair[0]] != "" {
				if _, ok := given.Get(pair[1]); !ok {
					b.errorf(g.Pos, path+"."+pair[0], "", "%s needs %s beside it", pair[0], pair[1])
				}
			}
		}
		if l.number < 0 {
			unnumbered = append(unnumbered, len(b.links))
		}
		b.links = append(b.links, l)
	}
	// pcs gives the lowest free numbers to the links that have none.
	next := 0
	for _, i := range unnumbered {
		for seen[next] {
			next++
		}
		b.links[i].number = next
		seen[next] = true
	}
	b.linkCount()
}

func (b *builder) udpLinks() {
	for i, given := range b.t.Links {
		path := fmt.Sprintf("cluster.transport.links[%d]", i)
		v := b.options(path, "udp and udpu link", given, udpLinkOptions)
		if addr, ok := given.Get("mcastaddr"); ok && v["broadcast"] == "1" {
			b.errorf(addr.Pos, path+".mcastaddr", "give only one of them", "mcastaddr has no place beside broadcast: 1")
		}
		if ttl, ok := given.Get("ttl"); ok && b.transport == "udpu" && v["ttl"] != "" && v["ttl"] != "1" {
			b.errorf(ttl.Pos, path+".ttl", "leave it out", "ttl is for multicast, which udpu does not use; corosync would not start")
		}
		switch v["broadcast"] { // corosync knows only "yes"
		case "1":
			v["broadcast"] = "yes"
		case "0":
			delete(v, "broadcast")
		}
		delete(v, "linknumber")
		b.links = append(b.links, link{number: i, values: v})
	}
	b.linkCount()
}

func (b *builder) linkCount() {
	if n := b.maxLinks(); len(b.links) > n && n > 0 {
		b.errorf(b.t.Pos, "cluster.transport.links", "give each node one address per link in the inventory (links)",
			"options for %s, but the nodes have %s", plural.Of(len(b.links), "link"), plural.Of(n, "link"))
	}
	slices.SortStableFunc(b.links, func(x, y link) int { return cmp.Compare(x.number, y.number) })
}

// config writes down what was checked, in pcs's order.
func (b *builder) config() *Config {
	c := &Config{declared: true}
	totem := c.root.addSection("totem")
	totem.add("version", "2")
	totem.add("cluster_name", b.p.Name)
	totem.add("transport", b.transport)
	totem.addAll(b.totem)
	totem.addAll(b.generic)
	switch {
	case len(b.crypto) > 0:
		totem.addAll(b.crypto)
	case b.transport == "knet":
		totem.imply("crypto_cipher", "aes256")
		totem.imply("crypto_hash", "sha256")
	}
	for _, l := range b.links {
		if len(l.values) > 0 {
			l.values["linknumber"] = strconv.Itoa(l.number)
			totem.addSection("interface").addAll(l.values)
		}
	}

	nodelist := c.root.addSection("nodelist")
	for i, n := range b.nodes {
		s := nodelist.addSection("node")
		for link, addr := range b.addrs[i] {
			s.add(ringAddr(link), addr)
		}
		s.add("name", n.NodeName)
		s.add("nodeid", strconv.Itoa(i+1))
	}

	quorum := c.root.addSection("quorum")
	quorum.add("provider", "corosync_votequorum")
	if len(b.nodes) == 2 && b.quorum["auto_tie_breaker"] != "1" {
		quorum.add("two_node", "1")
	}
	quorum.addAll(b.quorum)

	logging := c.root.addSection("logging")
	logging.imply("to_logfile", "yes")
	logging.imply("logfile", "/var/log/corosync/corosync.log")
	logging.imply("to_syslog", "yes")
	logging.imply("timestamp", "on")
	return c
}

// addAll appends settings in the order of their names.
func (s *section) addAll(v values) {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s.add(name, v[name])
	}
}
