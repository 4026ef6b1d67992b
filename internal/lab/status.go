package lab

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
)

// NodeStatus is a node as it is now.
type NodeStatus struct {
	Name    string   `json:"name"`
	Power   string   `json:"power"` // on, off, or stopped (ended by itself)
	SSH     bool     `json:"ssh"`
	Address string   `json:"address"`
	Links   []string `json:"links"`
	Cut     []int    `json:"cut"`
	Console string   `json:"console"`
}

// Status is a lab as it is now.
type Status struct {
	Name      string       `json:"name"`
	State     string       `json:"state"` // ready, creating, or abandoned: why
	Image     string       `json:"image"`
	Dir       string       `json:"dir"`
	FreeFirst string       `json:"free_first"`
	FreeLast  string       `json:"free_last"`
	Nodes     []NodeStatus `json:"nodes"`
}

// Status looks at the lab; every powered node is asked by ssh, all at once.
func (l *Lab) Status(ctx context.Context) Status {
	s := l.state
	st := Status{Name: s.Name, State: s.Phase, Image: s.Image, Dir: s.Dir, FreeFirst: s.FreeFirst, FreeLast: s.FreeLast,
		Nodes: make([]NodeStatus, len(s.Nodes))}
	if why, dead := s.abandoned(); dead {
		st.State = "abandoned: " + why
	}
	if s.Preinstalled {
		st.Image += " preinstalled"
	}
	config, cerr := clientConfig(s.Dir)
	var wg sync.WaitGroup
	for i, n := range s.Nodes {
		st.Nodes[i] = NodeStatus{Name: n.Name, Power: "off", Address: n.Address, Links: n.LinkAddrs,
			Cut: append([]int{}, n.Cut...), Console: l.p.console(s.Name, n.Name)}
		if n.Powered {
			st.Nodes[i].Power = "stopped"
		}
		if n.Guard == nil || !n.Guard.Alive() {
			continue
		}
		st.Nodes[i].Power = "on"
		if cerr == nil {
			wg.Go(func() { st.Nodes[i].SSH = probe(ctx, n.Address, config) == nil })
		}
	}
	wg.Wait()
	return st
}

// String is the status for a person to read.
func (st Status) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "lab %s  %s  %s\n", st.Name, st.Image, st.State)
	if st.FreeFirst != "" {
		fmt.Fprintf(&b, "  inventory           %s\n", filepath.Join(st.Dir, fileInventory))
		fmt.Fprintf(&b, "  floating addresses  %s to %s are free (link 0)\n", st.FreeFirst, st.FreeLast)
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, n := range st.Nodes {
		ssh := "no ssh"
		if n.SSH {
			ssh = "ssh"
		}
		cut := "all links up"
		if len(n.Cut) > 0 {
			cut = "cut: " + strings.Trim(fmt.Sprint(n.Cut), "[]")
		}
		fmt.Fprintf(w, "  %s\tpower %s\t%s\t%s\t%s\t%s\n", n.Name, n.Power, ssh, n.Address, strings.Join(n.Links, " "), cut)
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}

// SSHCommand is the argv of an ssh client that logs in to node as root (or as
// another user), and runs command there unless it is empty.
func (l *Lab) SSHCommand(node, user string, command []string) ([]string, error) {
	n, err := l.state.node(node)
	if err != nil {
		return nil, err
	}
	// The key exchange is one that every release has and that is quick: what it
	// is against does not happen on this machine, and a lab logs in often.
	argv := []string{"ssh", "-F", "/dev/null", "-i", filepath.Join(l.state.Dir, fileKey),
		"-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=" + filepath.Join(l.state.Dir, fileKnownHosts),
		"-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=5", "-o", "LogLevel=ERROR",
		"-o", "KexAlgorithms=curve25519-sha256", "-l", user, n.Address}
	if len(command) > 0 {
		argv = append(append(argv, "--"), command...)
	}
	return argv, nil
}
