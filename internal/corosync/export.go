package corosync

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// Member is what an export has to know of a member beside its corosync.conf.
type Member struct {
	Name string // Pacemaker's name for it; "": the file's, else what Pacemaker takes
	Host string // where ssh finds it; "": the address of its first link
}

// Exported is a corosync.conf in the words of a playbook and its inventory.
type Exported struct {
	Name    string // of the cluster
	Members []inventory.Node
	// Lost is what plan would change, and what the playbook has no word for.
	Lost []Loss
	// Kept is what every cluster has of its own, whatever is declared, and plan
	// leaves as it is: ids of nodes, and the like.
	Kept []Loss

	transport string
	said      []said
}

// Loss is one setting that is not said, or would not stay as it is.
type Loss struct {
	Line  int    // of the file, from 1; 0: it is not there
	Path  string // totem.token, nodelist.node[db1].nodeid
	Value string // masked where it is a secret
	Why   string
}

// said is one option of the playbook's section cluster, and where it is from.
type said struct {
	part        string // totem, quorum, options, crypto or link
	link        int
	name, value string
	from        string // its path in corosync.conf
}

// Export says in a playbook's words what a corosync.conf says; members has what
// is known of the entries of its nodelist, in their order, and may be shorter.
// What is given is loaded, built and merged into the file again, as plan does it:
// what would change then is a loss, and so is what the built file has not.
func Export(c *Config, members []Member) (*Exported, error) {
	e := &Exported{Name: exportedName(c.ClusterName()), transport: c.Transport()}
	for i, n := range c.Nodes() {
		var m Member
		if i < len(members) {
			m = members[i]
		}
		e.Members = append(e.Members, exportedNode(n, m))
	}
	e.collect(c)
	var p *playbook.Playbook
	var want *Config
	for { // what is refused is left out, and is a loss below
		text, err := e.document()
		if err != nil {
			return nil, err
		}
		var found diag.List
		if p, found = playbook.Load("-", playbook.LoadOptions{Stdin: bytes.NewReader(text)}); p != nil {
			want, found = Build(p, e.Members)
		}
		if want != nil {
			break
		}
		if !e.drop(found) {
			for _, d := range found {
				if d.Severity == diag.Error {
					_ = e.refused(d.Path, d.Message)
				}
			}
			return e, nil
		}
	}
	return e, e.compare(c, want)
}

// refused is a loss of all that plan would do: it is no error of the export.
func (e *Exported) refused(path, why string) error {
	e.Lost = append(e.Lost, Loss{Path: path, Why: "the playbook would be refused: " + why})
	return nil
}

// badName are the characters that a playbook takes in no cluster's name.
var badName = regexp.MustCompile(`[^A-Za-z0-9_-]`)

func exportedName(name string) string {
	name = badName.ReplaceAllString(name, "-")
	return cmp.Or(name[:min(len(name), 32)], "cluster")
}

// exportedNode is a member as the inventory has it. One without a name is called
// by its ring0_addr where that is no IP address (lib/cluster/corosync.c,
// pcmk__corosync_name).
func exportedNode(n Node, m Member) inventory.Node {
	out := inventory.Node{NodeName: cmp.Or(n.Name, m.Name)}
	first := ""
	for _, a := range n.Addrs {
		if a != "" {
			out.Links = append(out.Links, a)
			first = cmp.Or(first, a)
		}
	}
	if out.NodeName == "" {
		out.NodeName = first
		if _, err := netip.ParseAddr(first); err == nil {
			out.NodeName = fmt.Sprintf("node%d", n.ID)
		}
	}
	out.Name = out.NodeName
	out.Host = cmp.Or(m.Host, first)
	if len(out.Links) == 1 && same(ringAddr(0), out.Links[0], out.Host) {
		out.Links, out.Host = nil, out.Links[0]
	}
	return out
}

// collect takes what a playbook has options for.
func (e *Exported) collect(c *Config) {
	top := []*section{&c.root}
	totem, quorum := children(top, "totem"), children(top, "quorum")
	knet := e.transport == "knet"
	take := func(part string, link int, secs []*section, from string, options []option) {
		for _, o := range options {
			value, there := lookup(secs, o.inConf())
			if o.inConf() == "broadcast" && value == "yes" {
				value = "1" // as pcs and the playbook have it
			}
			if there && o.ok(value) && o.name != "linknumber" {
				e.said = append(e.said, said{part, link, o.name, value, from + "." + o.inConf()})
			}
		}
	}
	take("totem", 0, totem, "totem", totemOptions)
	take("quorum", 0, quorum, "quorum", quorumOptions)
	if !knet {
		take("options", 0, totem, "totem", udpOptions)
	} else {
		take("options", 0, totem, "totem", knetOptions)
		e.crypto(c, totem)
	}
	of := udpLinkOptions
	if knet {
		of = knetLinkOptions
	}
	for link := range MaxLinks {
		number := strconv.Itoa(link)
		var secs []*section
		for _, s := range c.interfaces() {
			if same("linknumber", s.link(), number) {
				secs = append(secs, s)
			}
		}
		take("link", link, secs, "totem.interface["+number+"]", of)
	}
	// Each of the two is refused without the other.
	pings := []string{"ping_interval", "ping_timeout"}
	e.said = slices.DeleteFunc(e.said, func(s said) bool {
		return slices.Contains(pings, s.name) && !slices.ContainsFunc(e.said, func(o said) bool { return o.link == s.link && o.name != s.name && slices.Contains(pings, o.name) })
	})
}

// crypto says how a cluster of knet encrypts: nothing where it does as a new one
// would.
func (e *Exported) crypto(c *Config, totem []*section) {
	var all []said
	for _, o := range cryptoOptions {
		path := "totem." + o.inConf()
		value, there := lookup(totem, o.inConf())
		if !there {
			value, there = absentOf(path, c.Get)
		}
		if there && o.ok(value) {
			all = append(all, said{"crypto", 0, o.name, value, path})
		}
	}
	if len(all) == 2 && all[0].value == "aes256" && all[1].value == "sha256" {
		return
	}
	e.said = append(e.said, all...)
}

// drop leaves out the options that errors are about.
func (e *Exported) drop(found diag.List) (dropped bool) {
	for _, d := range found {
		if d.Severity != diag.Error {
			continue
		}
		before := len(e.said)
		e.said = slices.DeleteFunc(e.said, func(s said) bool {
			path := e.pathOf(s)
			return path == d.Path || strings.HasPrefix(path, d.Path+".")
		})
		dropped = dropped || len(e.said) < before
	}
	return dropped
}

// pathOf is an option's path in the playbook.
func (e *Exported) pathOf(s said) string {
	switch s.part {
	case "totem":
		return "cluster.totem." + s.name
	case "quorum":
		return "cluster.quorum.options." + s.name
	case "link":
		return fmt.Sprintf("cluster.transport.links[%d].%s", slices.Index(e.linksSaid(), s.link), s.name)
	}
	return "cluster.transport." + s.part + "." + s.name
}

// linksSaid are the numbers of the links that have options.
func (e *Exported) linksSaid() (numbers []int) {
	for _, s := range e.said {
		if s.part == "link" && !slices.Contains(numbers, s.link) {
			numbers = append(numbers, s.link)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// Cluster is the playbook's section cluster, without keys where all is as by
// default. start and enable are its first two options.
func (e *Exported) Cluster(start, enable bool) *yamlout.Map {
	no := func(on bool) string {
		if on {
			return ""
		}
		return "false"
	}
	part := func(name string, link int) *yamlout.Map {
		m := yamlout.NewMap()
		for _, s := range e.said {
			if s.part == name && s.link == link {
				m.SetText(s.name, s.value)
			}
		}
		return m
	}
	transport := yamlout.NewMap()
	if e.transport != "knet" {
		transport.SetText("type", e.transport)
	}
	transport.Set("options", part("options", 0).Node())
	list := yamlout.List()
	numbers := e.linksSaid()
	for i, number := range numbers {
		m := yamlout.NewMap()
		if number != i || numbers[len(numbers)-1] != len(numbers)-1 {
			m.SetText("linknumber", strconv.Itoa(number))
		}
		for _, s := range e.said {
			if s.part == "link" && s.link == number {
				m.SetText(s.name, s.value)
			}
		}
		list = yamlout.Append(list, m.Node())
	}
	transport.Set("links", list).Set("crypto", part("crypto", 0).Node())
	return yamlout.NewMap().SetText("start", no(start)).SetText("enable", no(enable)).
		Set("transport", transport.Node()).Set("totem", part("totem", 0).Node()).
		Set("quorum", yamlout.NewMap().Set("options", part("quorum", 0).Node()).Node())
}

// document is a playbook of this cluster that has nothing else.
func (e *Exported) document() ([]byte, error) {
	m := yamlout.NewMap().SetText("name", e.Name)
	m.Set("hacluster", yamlout.NewMap().Set("password", yamlout.NewMap().SetText("env", "HACLUSTER_PASSWORD").Node()).Node())
	return yamlout.Document("", m.Set("cluster", e.Cluster(true, true).Node()))
}

// compare finds what plan would change, and what a cluster made of the playbook
// would not have.
func (e *Exported) compare(c, want *Config) error {
	lines := e.located(c)
	lineOf := func(path string) int {
		for _, l := range slices.Backward(lines) {
			if l.path == path {
				return l.line
			}
		}
		return 0
	}
	next, err := Merge(c, want)
	if err != nil {
		return e.refused("nodelist", err.Error())
	}
	diffs, err := Compare(c, next)
	if err != nil {
		return err
	}
	changed := map[string]bool{}
	for _, d := range diffs {
		changed[d.Path] = true
		why := fmt.Sprintf("plan would set it to %q", d.After)
		switch {
		case !d.HasAfter:
			why = "plan would remove it"
		case !d.HasBefore:
			why = fmt.Sprintf("it is not there, and plan would set it to %q", d.After)
		}
		e.Lost = append(e.Lost, Loss{Line: lineOf(d.Path), Path: d.Path, Value: d.Before, Why: why})
	}
	if err := next.CheckTimes(); err != nil {
		e.Lost = append(e.Lost, Loss{Path: "totem", Why: "plan would be refused: " + err.Error()})
	}
	made := map[string]value{}
	for _, l := range e.located(want) {
		made[l.key] = l.value
	}
	for i, l := range lines {
		has, there := made[l.key]
		switch {
		case changed[l.path] || there && same(l.name, has.text, l.text):
		case l.repeated(lines[i+1:]) || l.meansNothing(c):
		case l.own(c):
			e.Kept = append(e.Kept, Loss{l.line, l.path, l.text, "it stays on these nodes; a cluster made of the playbook has its own"})
		default:
			text := l.text
			if l.path == "totem.key" {
				text = masked(text)
			}
			e.Lost = append(e.Lost, Loss{l.line, l.path, text, "a playbook cannot say it; it stays on these nodes, and a cluster made of the playbook would not have it"})
		}
	}
	slices.SortStableFunc(e.Lost, func(a, b Loss) int { return cmp.Compare(a.Line, b.Line) })
	return nil
}

// locatedValue is a setting with its line.
type locatedValue struct {
	value
	key  string // its path, with the number of the member in the place of its name
	line int
}

// located are all settings of a file, those of the members included. Line counts
// from 1.
func (e *Exported) located(c *Config) (out []locatedValue) {
	line, member := 0, 0
	var walk func(s *section, path, key string)
	walk = func(s *section, path, key string) {
		for _, x := range s.entries {
			line++
			switch {
			case x.kind == setting && slices.Contains(labels[s.name], x.name): // it is in the path
			case x.kind == setting:
				name := x.name
				if additive[path+x.name] {
					name += "[" + x.value + "]"
				}
				out = append(out, locatedValue{value{path + name, x.name, x.value}, key + name, line})
			case x.kind == group && path+x.sub.name == "nodelist.node":
				walk(x.sub, path+"node["+e.Members[member].NodeName+"].", fmt.Sprintf("%snode[%d].", key, member))
				member++
				line++
			case x.kind == group:
				walk(x.sub, path+x.sub.label()+".", key+x.sub.label()+".")
				line++ // the closing brace
			}
		}
	}
	walk(&c.root, "", "")
	return out
}

// repeated tells whether a later line takes the place of this one. Of sections
// that Corosync does not read itself that is not known.
func (v locatedValue) repeated(later []locatedValue) bool {
	switch top, _, _ := strings.Cut(v.path, "."); top {
	case "totem", "quorum", "logging", "nodelist":
		return slices.ContainsFunc(later, func(l locatedValue) bool { return l.key == v.key })
	}
	return false
}

// byDefault are values that Corosync 3 takes anyway (corosync.conf(5)).
var byDefault = map[string][]string{
	"totem.secauth":                {"off"},
	"totem.crypto_cipher":          {"none"},
	"totem.crypto_hash":            {"none"},
	"totem.crypto_compat":          {"2.2"},
	"totem.threads":                {"0"},
	"totem.netmtu":                 {"1500"},
	"totem.interface.broadcast":    {"no"},
	"quorum.two_node":              {"0"},
	"logging.to_stderr":            {"yes", "no"}, // a daemon has none
	"logging.to_syslog":            {"yes"},
	"logging.fileline":             {"off"},
	"logging.function_name":        {"off"},
	"logging.debug":                {"off"},
	"logging.timestamp":            {"on", "off", "hires"}, // how a line begins
	"logging.syslog_facility":      {"daemon"},
	"logging.syslog_priority":      {"info"},
	"logging.logfile_priority":     {"info"},
	"logging.logger_subsys.debug":  {"off"},
	"nodelist.node.quorum_votes":   {"1"},
	"logging.logging_daemon.debug": {"off"},
}

// inBrackets is the label in a path.
var inBrackets = regexp.MustCompile(`\[[^\]]*\]`)

// meansNothing tells whether Corosync would do the same without the line.
func (v locatedValue) meansNothing(c *Config) bool {
	if v.path == "totem.secauth" && v.text == "on" { // it is said as crypto
		return c.Transport() == "knet"
	}
	for _, text := range byDefault[inBrackets.ReplaceAllString(v.path, "")] {
		if same(v.name, v.text, text) {
			return true
		}
	}
	return false
}

// own tells whether it is what every cluster has of its own.
func (v locatedValue) own(c *Config) bool {
	switch inBrackets.ReplaceAllString(v.path, "") {
	case "totem.cluster_uuid", "nodelist.node.nodeid":
		return true
	case "quorum.expected_votes": // as Corosync counts by itself
		return same(v.name, v.text, strconv.Itoa(len(c.Nodes())))
	case "totem.interface.bindnetaddr": // with a nodelist nobody reads it
		return c.Transport() == "knet" && len(c.Nodes()) > 0
	}
	return false
}
