package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// nodeAuth lets every node's pcs command every node's pcsd. pcs keeps the
// tokens that a node holds in known-hosts, and those that it accepts in
// pcs_users.conf (pcs 0.10 to 0.12); a token is good when both sides have it,
// which two file reads tell, where `pcs status pcsd` takes a Python start and
// asks every node. Only what is missing is authenticated.
type nodeAuth struct{}

func (nodeAuth) Name() string             { return "auth" }
func (nodeAuth) ClusterWide()             {}
func (nodeAuth) Touches() []facts.Section { return []facts.Section{facts.SectionTokens} }

const (
	knownHostsFile = "/var/lib/pcsd/known-hosts"
	pcsdPort       = 2224
)

// knownHosts is /var/lib/pcsd/known-hosts.
type knownHosts struct {
	Format int                  `json:"format_version"`
	Data   int                  `json:"data_version"`
	Hosts  map[string]knownHost `json:"known_hosts"`
}

type knownHost struct {
	Dest  []dest `json:"dest_list"`
	Token string `json:"token"`
}

type dest struct {
	Addr string `json:"addr"`
	Port int    `json:"port"`
}

func (nodeAuth) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	var changes []plan.Change
	for _, n := range t.Nodes {
		missing := missingTokens(t.Cluster, n)
		if len(missing) == 0 {
			continue
		}
		changes = append(changes, plan.Change{Node: n.Name, Action: plan.Create, Kind: "authentication", ID: n.NodeName,
			Diffs: []plan.Diff{plan.Becomes("may command", strings.Join(missing, ", "))}, Pcs: hostAuthLine(t.Cluster, missing)})
	}
	return changes, nil
}

// missingTokens are the members that node n has no good token for.
func missingTokens(c *Cluster, n *Node) (missing []string) {
	known := parseKnownHosts(n.Facts.Tokens.KnownHosts)
	for _, m := range c.Nodes {
		h, ok := known.Hosts[m.NodeName]
		if !ok || !accepts(m, h.Token) || !leadsTo(h, m) {
			missing = append(missing, m.NodeName)
		}
	}
	return missing
}

// Apply gives the nodes that the changes name the tokens that they lack. A token
// that nobody has is fetched by the first of them.
func (nodeAuth) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	nodes, _ := byNode(t.Cluster, changes)
	good := goodTokens(t.Cluster)
	var nobody []string
	for _, m := range t.Nodes {
		if _, ok := good[m.NodeName]; !ok {
			nobody = append(nobody, m.NodeName)
		}
	}
	if nobody != nil {
		if err := hostAuth(ctx, t, nodes[0], nobody); err != nil {
			return err
		}
		// Every node's pcs_users.conf has a new token, and ours the counterparts.
		if err := joinNodes(t.Nodes, t.observe(ctx, t.Nodes, []facts.Section{facts.SectionTokens})); err != nil {
			return err
		}
		good = goodTokens(t.Cluster)
	}
	return t.eachErr(nodes, func(n *Node) error {
		missing := missingTokens(t.Cluster, n)
		if missing == nil {
			return nil
		}
		known := parseKnownHosts(n.Facts.Tokens.KnownHosts)
		for _, name := range missing {
			h, ok := good[name]
			if !ok {
				return fmt.Errorf("pcs host auth answered, and yet left no token for %s", name)
			}
			known.Hosts[name] = h
		}
		known.Format = 1
		known.Data++
		b, err := json.MarshalIndent(known, "", "  ")
		if err != nil {
			return err
		}
		return n.Conn.WriteFile(ctx, remote.File{Path: knownHostsFile, Content: append(b, '\n'), Mode: "0600"})
	})
}

// hostAuth authenticates the named members from a node, the password on stdin.
func hostAuth(ctx context.Context, t *Target, from *Node, names []string) error {
	if t.Playbook.Hacluster.Password.IsZero() {
		return fmt.Errorf("nodes are to be authenticated and hacluster.password is not declared")
	}
	password, err := t.Secret(ctx, t.Playbook.Hacluster.Password)
	if err != nil {
		return err
	}
	res, err := from.Conn.Run(ctx, remote.Cmd{
		Argv:    hostAuthArgv(t.Cluster, names),
		Stdin:   strings.NewReader(password.Reveal() + "\n"),
		Timeout: 2 * time.Minute,
		Label:   "pcs host auth " + strings.Join(names, " "),
	})
	if err != nil {
		return err
	}
	return res.Err("pcs host auth " + strings.Join(names, " "))
}

func hostAuthArgv(c *Cluster, names []string) []string {
	argv := []string{"pcs", "host", "auth", "-u", "hacluster", "--"}
	for _, m := range c.Nodes {
		if slices.Contains(names, m.NodeName) {
			d := pcsdAddress(m)
			argv = append(argv, m.NodeName, "addr="+net.JoinHostPort(d.Addr, strconv.Itoa(d.Port)))
		}
	}
	return argv
}

func hostAuthLine(c *Cluster, names []string) string {
	line := "pcs host auth -u hacluster"
	for _, m := range c.Nodes {
		if slices.Contains(names, m.NodeName) {
			line += " " + m.NodeName + " addr=" + pcsdAddress(m).Addr
		}
	}
	return line
}

// pcsdAddress is where the other nodes reach a node's pcsd: its link 0.
func pcsdAddress(n *Node) dest { return dest{Addr: linkAddresses(n)[0], Port: pcsdPort} }

// leadsTo reports whether pcs reaches a node by what it knows of it: by an address
// of the node, or by a name that it has, as `pcs host auth NODE` without addr=
// stores it.
func leadsTo(h knownHost, n *Node) bool {
	ways := append(slices.Clone(linkAddresses(n)), n.Host, n.Name, n.NodeName)
	return slices.ContainsFunc(h.Dest, func(d dest) bool { return d.Port == pcsdPort && slices.Contains(ways, d.Addr) })
}

// goodTokens are, by node name, tokens that some member holds and that node
// accepts.
func goodTokens(c *Cluster) map[string]knownHost {
	good := map[string]knownHost{}
	for _, n := range c.Nodes {
		known := parseKnownHosts(n.Facts.Tokens.KnownHosts)
		for _, m := range c.Nodes {
			if h, ok := known.Hosts[m.NodeName]; ok && accepts(m, h.Token) && leadsTo(h, m) {
				good[m.NodeName] = h
			}
		}
	}
	return good
}

// accepts reports whether the node's pcsd knows the token.
func accepts(n *Node, token string) bool {
	if token == "" {
		return false
	}
	var users []struct {
		Username string `json:"username"`
		Token    string `json:"token"`
	}
	if json.Unmarshal([]byte(n.Facts.Tokens.Users.Reveal()), &users) != nil {
		return false
	}
	for _, u := range users {
		if u.Token == token && u.Username == "hacluster" {
			return true
		}
	}
	return false
}

// parseKnownHosts reads the file; one that cannot be read holds no tokens, as
// pcs itself sees it.
func parseKnownHosts(file secret.Value) knownHosts {
	var k knownHosts
	if json.Unmarshal([]byte(file.Reveal()), &k) != nil {
		k = knownHosts{}
	}
	if k.Hosts == nil {
		k.Hosts = map[string]knownHost{}
	}
	return k
}
