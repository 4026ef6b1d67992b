package corosync

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/playbook"
)

// A corosync.conf gives the playbook's name and cluster, the nodes with the links
// of the inventory, what is lost and what is kept.
func TestExport(t *testing.T) {
	table(t, "export", func(t *testing.T, a *archive) {
		var members []Member
		for line := range strings.Lines(string(a.get("members"))) {
			name, host, _ := strings.Cut(strings.TrimSpace(line), " ")
			members = append(members, Member{name, host})
		}
		e, err := Export(parsed(t, a.get("corosync.conf")), members)
		if err != nil {
			t.Fatal(err)
		}
		text, err := yamlout.Document("", yamlout.NewMap().SetText("name", e.Name).Set("cluster", e.Cluster(true, true).Node()))
		if err != nil {
			t.Fatal(err)
		}
		var nodes, lost, kept strings.Builder
		for _, n := range e.Members {
			fmt.Fprintf(&nodes, "%s at %s", n.NodeName, n.Host)
			if n.Links != nil {
				fmt.Fprintf(&nodes, ", links %s", strings.Join(n.Links, " "))
			}
			nodes.WriteString("\n")
		}
		for _, l := range e.Lost {
			fmt.Fprintln(&lost, l)
		}
		for _, l := range e.Kept {
			fmt.Fprintln(&kept, l)
		}
		for name, text := range map[string]string{"lost": lost.String(), "kept": kept.String()} {
			a.set(name, nil)
			if text != "" {
				defer a.set(name, []byte(text))
			}
		}
		a.set("playbook", text)
		a.set("nodes", []byte(nodes.String()))
	})
}

// TestExportRandom: of any corosync.conf, what a cluster made of the playbook
// would not have is lost or kept by name, and plan finds to change exactly what is
// said to be lost.
func TestExportRandom(t *testing.T) {
	rounds := 3000
	if testing.Short() {
		rounds = 300
	}
	held := 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 19))
		text := randomConf(r)
		c := parsed(t, []byte(text))
		e, err := Export(c, nil)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if checkExport(t, seed, text, c, e) {
			held++
		}
		if t.Failed() {
			return
		}
	}
	if held < rounds/5 {
		t.Errorf("only %d of %d could be said without a loss", held, rounds)
	}
}

// checkExport reports whether nothing is lost.
func checkExport(t *testing.T, seed int, text string, c *Config, e *Exported) bool {
	t.Helper()
	doc, err := e.document()
	if err != nil {
		t.Fatal(err)
	}
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("seed %d: %s\n%s\nplaybook:\n%s\nlost: %v\nkept: %v", seed, fmt.Sprintf(format, args...), text, doc, e.Lost, e.Kept)
	}
	named := func(line int) bool {
		is := func(l Loss) bool { return l.Line == line }
		return slices.ContainsFunc(e.Lost, is) || slices.ContainsFunc(e.Kept, is)
	}
	p, found := playbook.Load("-", playbook.LoadOptions{Stdin: bytes.NewReader(doc)})
	var want *Config
	if p != nil {
		want, found = Build(p, e.Members)
	}
	if want == nil {
		if !slices.ContainsFunc(e.Lost, func(l Loss) bool { return strings.Contains(l.Why, "refused") }) {
			fail("it is refused and not said to be: %v", found)
		}
		return false
	}
	diffs, err := Compare(c, want)
	if err != nil {
		if len(e.Lost) == 0 {
			fail("it cannot be merged: %v", err)
		}
		return false
	}
	for _, d := range diffs {
		if !slices.ContainsFunc(e.Lost, func(l Loss) bool { return l.Path == d.Path }) {
			fail("plan would change %v", d)
		}
	}
	// Independent of Compare: each line of the file that says something.
	made := string(want.Bytes())
	for i, line := range strings.Split(text, "\n") {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.HasPrefix(name, "#") || named(i+1) {
			continue
		}
		if !strings.Contains(made, name+": "+value+"\n") && !harmless(name, value) {
			fail("line %d is dropped: %s\nmade:\n%s", i+1, line, made)
		}
	}
	return len(e.Lost) == 0
}

// harmless are the lines that say nothing, or what later lines say anew.
func harmless(name, value string) bool {
	switch name + ": " + value {
	case "secauth: off", "secauth: on", "crypto_cipher: none", "crypto_hash: none", "ringnumber: 0", "linknumber: 0", "linknumber: 1", "linknumber: 2",
		"broadcast: no", "debug: off", "fileline: off", "transport: knet", "two_node: 0", "to_stderr: no", "timestamp: off":
		return true
	}
	return false
}

// randomConf is a corosync.conf with some of everything, sound or not. No setting
// is repeated.
func randomConf(r *rand.Rand) string {
	var b strings.Builder
	maybe := func(in int) bool { return r.IntN(in) == 0 }
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	line := func(indent int, name, value string) {
		if maybe(12) {
			b.WriteString(pick("\n", strings.Repeat(" ", indent)+"# a note: of somebody\n"))
		}
		fmt.Fprintf(&b, "%s%s: %s\n", strings.Repeat(" ", indent), name, value)
	}
	options := func(indent, in int, list []option) {
		for _, o := range list {
			if !maybe(in) || o.name == "linknumber" {
				continue
			}
			value := pick("0", "1", "yes", "no", "5", "40", "120", "400", "3000", "5000", "70000", "active", "ipv4", "sctp", "aes128", "sha512", "openssl", "239.1.1.1", "10.0.0.0")
			if !o.ok(value) && !maybe(25) {
				continue
			}
			if o.inConf() == "broadcast" {
				value = pick("yes", "no")
			}
			line(indent, o.inConf(), value)
		}
	}
	links, nodes := 1+r.IntN(3)*r.IntN(2), 1+r.IntN(4)
	transport := pick("knet", "knet", "knet", "udpu", "udp", "")
	b.WriteString("totem {\n")
	line(4, "version", "2")
	line(4, "cluster_name", pick("prod", "db_1", "web-2", "prod", "a.b", strings.Repeat("x", 40)))
	if transport != "" {
		line(4, "transport", transport)
	}
	switch transport {
	case "knet", "":
		options(4, 6, knetOptions)
		switch r.IntN(4) {
		case 0:
			line(4, "crypto_cipher", "aes256")
			line(4, "crypto_hash", "sha256")
		case 1:
			options(4, 2, cryptoOptions)
		case 2:
			line(4, "secauth", pick("on", "off"))
		}
	default:
		links = 1
		options(4, 4, udpOptions)
	}
	options(4, 15, totemOptions)
	if maybe(10) {
		line(4, pick("rrp_mode", "nodeid", "cluster_uuid", "key"), pick("active", "7"))
	}
	for i := range links {
		if !maybe(2) {
			continue
		}
		b.WriteString("    interface {\n")
		if i > 0 || maybe(2) {
			line(8, "linknumber", fmt.Sprint(i))
		}
		if transport == "udp" || transport == "udpu" {
			options(8, 3, udpLinkOptions)
		} else {
			options(8, 4, knetLinkOptions)
		}
		b.WriteString("    }\n")
	}
	b.WriteString("}\n\nnodelist {\n")
	for i := range nodes {
		b.WriteString("    node {\n")
		for k := range links {
			line(8, ringAddr(k), pick(fmt.Sprintf("10.%d.0.%d", k, i+1), fmt.Sprintf("host%d-%d", i, k)))
		}
		if !maybe(30) {
			line(8, "name", fmt.Sprintf("n%d", i+1))
		}
		line(8, "nodeid", fmt.Sprint(1+i*(1+r.IntN(2)*r.IntN(40))))
		if maybe(15) {
			line(8, "quorum_votes", "2")
		}
		b.WriteString("    }\n")
	}
	b.WriteString("}\n\nquorum {\n")
	if !maybe(20) {
		line(4, "provider", "corosync_votequorum")
	}
	if nodes == 2 && !maybe(6) {
		line(4, "two_node", "1")
	}
	options(4, 6, quorumOptions)
	if maybe(8) {
		line(4, "expected_votes", fmt.Sprint(nodes))
	}
	if maybe(15) {
		b.WriteString("    device {\n        model: net\n        net {\n            host: qnetd\n        }\n    }\n")
	}
	b.WriteString("}\n\nlogging {\n")
	for _, l := range []string{"to_logfile: yes", "logfile: /var/log/corosync/corosync.log", "to_syslog: yes", "timestamp: on", "fileline: off", "debug: off"} {
		if !maybe(5) {
			name, value, _ := strings.Cut(l, ": ")
			line(4, name, value)
		}
	}
	b.WriteString("}\n")
	if maybe(6) {
		b.WriteString("uidgid {\n    uid: ricci\n    gid: ricci\n}\n")
	}
	return b.String()
}

// TestExportRefused: what cannot be built is told, and no error is taken for none.
func TestExportRefused(t *testing.T) {
	e, err := Export(parsed(t, []byte("totem {\n version: 2\n}\n")), nil)
	if err != nil || len(e.Lost) == 0 || !strings.Contains(e.Lost[0].Why, "no hosts") {
		t.Errorf("got %v, %v", e, err)
	}
}

// String is a loss on one line.
func (l Loss) String() string {
	text := "corosync.conf: "
	if l.Line > 0 {
		text = fmt.Sprintf("corosync.conf:%d: ", l.Line)
	}
	text += l.Path
	if l.Value != "" {
		text += ": " + l.Value
	}
	return text + ": " + l.Why
}
