package steps

import (
	"context"
	"time"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// runtimePatience is how long one node may take to say what Corosync runs with.
const runtimePatience = 20 * time.Second

// askDaemons asks every node that tells its state what its daemons run with, and
// says what is declared for them.
func (r *Run) askDaemons(ctx context.Context) (said []verify.Daemons, want *corosync.Config) {
	var nodes []*Node
	for _, n := range r.Nodes {
		if n.Conn != nil && !n.deaf {
			nodes = append(nodes, n)
		}
	}
	errs := r.each(nodes, func(n *Node) error {
		ctx, cancel := context.WithTimeout(ctx, patience(ctx, runtimePatience))
		defer cancel()
		return r.read(ctx, n, []facts.Section{facts.SectionCorosync})
	})
	heard := &Cluster{Playbook: r.Playbook}
	for i, n := range nodes {
		d := verify.Daemons{Node: n.Name, Err: errs[i]}
		if n.Facts != nil {
			d.Corosync = &n.Facts.Corosync
		}
		if said = append(said, d); errs[i] == nil {
			heard.Nodes = append(heard.Nodes, n)
		}
	}
	if w, err := wantedCorosync(heard); err == nil { // else plan has to say why
		want = w.next
	}
	return said, want
}

// askRemotes asks the hosts of remote and guest nodes for their key and their
// daemon.
func (r *Run) askRemotes(ctx context.Context) []verify.RemoteHost {
	hosts := make([]verify.RemoteHost, len(r.Remotes))
	index := map[*Node]int{}
	for i, n := range r.Remotes {
		hosts[i], index[n] = verify.RemoteHost{Node: n.Name, Name: n.Remote.Name}, i
	}
	r.each(r.Remotes, func(n *Node) error {
		ctx, cancel := context.WithTimeout(ctx, patience(ctx, runtimePatience))
		defer cancel()
		h := &hosts[index[n]]
		if h.Err = r.connectReading(ctx, n, waitedPause); h.Err == nil {
			h.Err = r.read(ctx, n, []facts.Section{facts.SectionUnits, facts.SectionCorosync})
		}
		if h.Err != nil {
			h.Reach = reach(h.Err)
			return nil
		}
		h.Key, h.Remote = n.Facts.Corosync.PacemakerKey, n.Facts.Units[facts.PacemakerRemoted]
		return nil
	})
	return hosts
}
