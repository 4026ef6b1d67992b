package playbook

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Cluster is what lies below Pacemaker's configuration.
type Cluster struct {
	Start, Enable bool // both default to true
	Transport     Transport
	Totem         Options
	Quorum        Options
	Pos           diag.Pos
}

// Transport is how Corosync's nodes talk.
type Transport struct {
	Type    string // knet (default), udp, udpu
	Options Options
	Links   []Options // each may hold linknumber; else its index
	Crypto  Options
	Pos     diag.Pos
}

// clusterNameText is what pcs takes without --force: a longer name, or one
// with other characters, could not mount GFS2.
var clusterNameText = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

func (l *loader) clusterName(n *yamldoc.Node) string {
	name := text(n)
	switch {
	case name == "":
	case !clusterNameText.MatchString(name):
		l.errorAt(l.doc.Pos(n), "name", "use at most 32 of A-Z a-z 0-9 _ -", "%s cannot be the name of a cluster (%d characters); pcs refuses it", quote(name), len([]rune(name)))
	case name == "debian":
		l.warnAt(l.doc.Pos(n), "name", "choose a name of your own", "debian is the name of the cluster that Debian's corosync package starts by itself; the two are hard to tell apart")
	}
	return name
}

// What pcs knows of corosync.conf; Corosync ignores what it does not know, so
// a slip would show only when the cluster fails.
var (
	natural = number(0, maxInt)

	transportRules = map[string]rules{
		"knet": {
			"ip_version":          oneOf("ipv4", "ipv6", "ipv4-6", "ipv6-4"),
			"knet_pmtud_interval": natural,
			"link_mode":           oneOf("active", "passive", "rr"),
		},
		"udp": {"ip_version": oneOf("ipv4", "ipv6", "ipv4-6", "ipv6-4"), "netmtu": natural},
	}
	linkRules = map[string]rules{
		"knet": {
			"linknumber": number(0, 7), "link_priority": number(0, 255), "mcastport": number(1, 65535),
			"ping_interval": natural, "ping_precision": natural, "ping_timeout": natural, "pong_count": natural,
			"transport": oneOf("udp", "sctp"),
		},
		"udp": {
			"linknumber": number(0, 0), "bindnetaddr": notEmpty, "broadcast": oneOf("0", "1"),
			"mcastaddr": notEmpty, "mcastport": number(1, 65535), "ttl": number(0, 255),
		},
	}
	cryptoRules = rules{
		"cipher": oneOf("none", "aes256", "aes192", "aes128"),
		"hash":   oneOf("none", "md5", "sha1", "sha256", "sha384", "sha512"),
		"model":  oneOf("nss", "openssl"),
	}
	totemRules = rules{
		"block_unlisted_ips": oneOf("yes", "no"),
		"consensus":          natural, "downcheck": natural, "fail_recv_const": natural,
		"heartbeat_failures_allowed": natural, "hold": natural, "join": natural, "max_messages": natural,
		"max_network_delay": natural, "merge": natural, "miss_count_const": natural, "send_join": natural,
		"seqno_unchanged_const": natural, "token": natural, "token_coefficient": natural,
		"token_retransmit": natural, "token_retransmits_before_loss_const": natural, "window_size": natural,
	}
	quorumRules = rules{
		"auto_tie_breaker": oneOf("0", "1"), "last_man_standing": oneOf("0", "1"),
		"last_man_standing_window": natural, "wait_for_all": oneOf("0", "1"),
	}
)

func (l *loader) cluster(f *yamldoc.Field) Cluster {
	c := Cluster{Start: true, Enable: true, Pos: l.fieldPos(f), Transport: Transport{Type: "knet"}}
	if f == nil {
		return c
	}
	n := f.Value
	c.Start = flag(n.Get("start"), true)
	c.Enable = flag(n.Get("enable"), true)
	c.Transport = l.transport(n.Get("transport"))
	c.Totem = l.options(n.Get("totem"), "cluster.totem")
	l.checkAll(c.Totem, "cluster.totem", totemRules, "option of totem")

	path := yamldoc.Path("cluster.quorum.options")
	c.Quorum = l.options(n.Get("quorum").Get("options"), path)
	c.Quorum = slices.DeleteFunc(c.Quorum, func(o Option) bool {
		own := o.Name == "two_node" || o.Name == "expected_votes"
		if own {
			l.errorAt(o.Pos, path.Key(o.Name), "remove it", "%s follows from the number of nodes; hadeploy sets it", o.Name)
		}
		return own
	})
	l.checkAll(c.Quorum, path, quorumRules, "option of quorum")

	for _, part := range []struct {
		options Options
		path    yamldoc.Path
	}{{c.Totem, "cluster.totem"}, {c.Quorum, path}, {c.Transport.Options, "cluster.transport.options"}, {c.Transport.Crypto, "cluster.transport.crypto"}} {
		l.checkCorosyncText(part.options, part.path)
	}
	for i, link := range c.Transport.Links {
		l.checkCorosyncText(link, yamldoc.Path("cluster.transport.links").Index(i))
	}
	return c
}

// checkCorosyncText refuses braces, which open and close sections of
// corosync.conf; line breaks are refused everywhere.
func (l *loader) checkCorosyncText(options Options, path yamldoc.Path) {
	for _, o := range options {
		if strings.ContainsAny(o.Value.Text, "{}") {
			l.errorAt(o.Value.Pos, path.Key(o.Name), "", "a value in corosync.conf cannot hold { or }")
		}
	}
}

func (l *loader) transport(n *yamldoc.Node) Transport {
	path := yamldoc.Path("cluster.transport")
	t := Transport{Type: text(n.Get("type"))}
	if t.Type == "" {
		t.Type = "knet"
	}
	kind := t.Type
	if kind == "udpu" {
		kind = "udp"
	}
	t.Options = l.options(n.Get("options"), path+".options")
	t.Crypto = l.options(n.Get("crypto"), path+".crypto")
	for i, item := range items(n.Get("links")) {
		t.Links = append(t.Links, l.options(item, (path+".links").Index(i)))
	}
	if transportRules[kind] == nil {
		return t // reported by the schema
	}
	l.checkAll(t.Options, path+".options", transportRules[kind], "option of "+t.Type)
	l.checkLinks(t, kind, n.Get("links"))
	if kind == "udp" {
		if f := n.Field("crypto"); f != nil {
			l.errorAt(l.doc.KeyPos(f), path+".crypto", "use knet, or remove crypto", "%s cannot encrypt", t.Type)
		}
		return t
	}
	l.checkAll(t.Crypto, path+".crypto", cryptoRules, "option of crypto")
	cipher, _ := t.Crypto.Get("cipher")
	hash, given := t.Crypto.Get("hash")
	if cipher.Text != "" && cipher.Text != "none" && given && hash.Text == "none" {
		l.errorAt(hash.Pos, path+".crypto.hash", "use sha256", "a cipher needs a hash, or Corosync refuses to start")
	}
	return t
}

func (l *loader) checkLinks(t Transport, kind string, n *yamldoc.Node) {
	path := yamldoc.Path("cluster.transport.links")
	if kind == "udp" && len(t.Links) > 1 {
		l.errorAt(l.doc.Pos(n.Items[1]), path.Index(1), "use knet for more", "%s has one link only", t.Type)
	}
	taken := map[int]int{} // linknumber -> index in the list
	for i, link := range t.Links {
		at := path.Index(i)
		l.checkAll(link, at, linkRules[kind], "option of a link")
		number, pos := i, l.doc.Pos(n.Items[i])
		if v, ok := link.Get("linknumber"); ok {
			parsed, err := strconv.Atoi(v.Text)
			if err != nil {
				continue // reported above
			}
			number, pos = parsed, v.Pos
		}
		if first, dup := taken[number]; dup {
			l.errorAt(pos, at, "give each link its own linknumber, from 0", "link %d is described twice: links[%d] is the same", number, first)
			continue
		}
		taken[number] = i
		_, interval := link.Get("ping_interval")
		_, timeout := link.Get("ping_timeout")
		if interval != timeout {
			l.errorAt(pos, at, "give both", "ping_interval and ping_timeout go together")
		}
	}
}

// CorosyncNames are the options, sorted, that a part of the section cluster may
// have: totem, quorum, crypto, and of each transport, knet and udp, its own
// (transport knet) and those of its links (link knet). nil: there is no such part.
func CorosyncNames(part string) []string {
	all := map[string]rules{"totem": totemRules, "quorum": quorumRules, "crypto": cryptoRules}
	for kind := range transportRules {
		all["transport "+kind], all["link "+kind] = transportRules[kind], linkRules[kind]
	}
	return all[part].names()
}
