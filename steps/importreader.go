package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/inventory"
)

// NewImportReader prepares to read; it connects to no node yet. cfg is as for
// NewConfigReader. find tells where a member may be reached that was not named,
// the likeliest first; its second argument is a member that answered.
func NewImportReader(name string, cfg Config, find func(member, known Found) []inventory.Node) (*ImportReader, error) {
	cfg.Playbook = nil
	c, err := newCluster(Import, name, cfg)
	if err != nil {
		return nil, err
	}
	return &ImportReader{&ConfigReader{&AgentReader{c}}, find}, nil
}

// Read reads. With contents, those of the files too. The error means that the
// cluster is not known: a member did not answer, the members do not agree, or
// Pacemaker runs on none.
func (r *ImportReader) Read(ctx context.Context, contents bool) (*Imported, error) {
	if err := r.members(ctx); err != nil {
		return nil, r.stopped(ctx, err)
	}
	var running []*Node
	for _, n := range r.Nodes {
		if n.Facts.CIB.Live != nil {
			running = append(running, n)
		}
	}
	if running == nil {
		return nil, fmt.Errorf("the live configuration is not known: Pacemaker runs on none of %s; hadeploy import --cib FILE takes a CIB that was kept", strings.Join(namesOf(r.Nodes), ", "))
	}
	if err := r.oneCluster(ctx, running); err != nil {
		return nil, r.stopped(ctx, err)
	}
	out := &Imported{Corosync: r.Nodes[0].Facts.Corosync.Config, CIB: running[0].Facts.CIB.Live, Metadata: map[string]*agent.Agent{}}
	r.learn(out.CIB)
	uses := out.CIB.Uses()
	units := slices.Sorted(keysOf(out.CIB.Units()))
	if err := r.eachErr(r.Nodes, func(n *Node) error {
		ask := facts.Ask{Sections: []facts.Section{facts.SectionUnits, facts.SectionAgents},
			Units: append([]string{facts.Corosyncd, facts.Pacemakerd, unitPcsd, unitSBD}, units...), Agents: uses.Agents}
		if n == running[0] {
			ask.Metadata = uses.Agents
		}
		return n.observe(ctx, ask)
	}); err != nil {
		return nil, r.stopped(ctx, err)
	}
	out.Metadata = running[0].Facts.Agents.Metadata
	for _, n := range r.Nodes {
		out.Members = append(out.Members, ImportedMember{n.Node, n.NodeName})
	}
	r.daemons(out, units)
	if err := r.packages(ctx, out, uses, units, contents); err != nil {
		return nil, r.stopped(ctx, err)
	}
	if ctx.Err() != nil { // some files were not read then
		return nil, ErrInterrupted
	}
	return out, nil
}

// stopped is the error of a run that the user ended.
func (r *ImportReader) stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return err
}

// firstLook is what every member is asked before anything else is known.
var firstLook = []facts.Section{facts.SectionHost, facts.SectionCorosync, facts.SectionCIB}

// members asks the named nodes, then the others of their cluster, and puts all in
// the order of corosync.conf.
func (r *ImportReader) members(ctx context.Context) error {
	if err := r.eachErr(r.Nodes, func(n *Node) error {
		if err := r.connectReading(ctx, n, longestPause); err != nil {
			return err
		}
		return r.first(ctx, n)
	}); err != nil {
		return err
	}
	conf := r.Nodes[0].Facts.Corosync.Config
	list := conf.Nodes()
	of := make([]*Node, len(list))
	for _, n := range r.Nodes {
		at := memberAt(conf, n)
		switch {
		case at < 0:
			return NodeErrors{{Node: n.Name, Err: fmt.Errorf("it is none of the members that corosync.conf of %s names: %s", r.Nodes[0].Name, membersIn(list))}}
		case of[at] != nil:
			return NodeErrors{{Node: n.Name, Err: fmt.Errorf("it is the same member as %s", of[at].Name)}}
		}
		of[at] = n
	}
	known := Found{list[memberAt(conf, r.Nodes[0])], r.Nodes[0].Node}
	errs := iter.Mapper[int, error]{MaxGoroutines: r.forks}.Map(numbersTo(len(list)), func(i *int) (err error) {
		if of[*i] == nil {
			of[*i], err = r.other(ctx, conf, *i, known)
		}
		return err
	})
	r.Nodes = of[:0]
	var missing NodeErrors
	for i, n := range of {
		if errs[i] != nil {
			missing = append(missing, NodeError{Node: memberName(list[i]), Err: errs[i]})
			continue
		}
		n.NodeName = cmp.Or(list[i].Name, n.Facts.Host.Name)
		r.Nodes = append(r.Nodes, n)
	}
	if missing != nil {
		return &membersError{missing}
	}
	for _, n := range r.Nodes[1:] {
		if err := sameConf(r.Nodes[0], n); err != nil {
			return NodeErrors{{Node: n.Name, Err: err}}
		}
	}
	return nil
}

// membersError says that members could not be asked.
type membersError struct{ NodeErrors }

func (e *membersError) Unwrap() error { return e.NodeErrors }

// Hint says what to do.
func (e *membersError) Hint() string {
	return "all members are asked, since what one of them has cannot be guessed from the others; name each as ssh reaches it (user@host:port), or give their inventory with -i"
}

// first is the first look at a node; a node without a cluster of its own is an
// error.
func (r *ImportReader) first(ctx context.Context, n *Node) error {
	if err := n.observe(ctx, facts.Ask{Sections: firstLook}); err != nil {
		return err
	}
	switch f := n.Facts; {
	case f.Default != nil:
		return &noMemberError{"it has only the cluster that Debian's corosync package starts by itself"}
	case f.Corosync.Err != nil:
		return f.Corosync.Err
	case f.Corosync.Config == nil:
		return &noMemberError{fmt.Sprintf("there is no %s: it is no member of a cluster", facts.CorosyncConf)}
	case len(f.Corosync.Config.Nodes()) == 0:
		return fmt.Errorf("%s has no nodelist; the members of such a cluster cannot be known", facts.CorosyncConf)
	}
	return nil
}

// noMemberError says that a node has no cluster.
type noMemberError struct{ why string }

func (e *noMemberError) Error() string { return e.why }

// Hint says what to do.
func (*noMemberError) Hint() string {
	return "name members alone, of an inventory with --hosts GROUP; the hosts of remote nodes are none"
}

// other finds and asks a member that was not named.
func (r *ImportReader) other(ctx context.Context, conf *corosync.Config, at int, known Found) (*Node, error) {
	member := conf.Nodes()[at]
	var tried []error
	for _, where := range r.find(Found{Member: member}, known) {
		n := &Node{Node: where}
		err := r.connectReading(ctx, n, longestPause)
		if err == nil {
			err = r.first(ctx, n)
		}
		if err == nil && memberAt(conf, n) != at {
			err = fmt.Errorf("%s is another host: it calls itself %s", where.Host, n.Facts.Host.Name)
		}
		if err == nil {
			return n, nil
		}
		n.drop()
		if ctx.Err() != nil {
			return nil, err
		}
		tried = append(tried, err)
	}
	if tried == nil {
		return nil, errors.New("it is not known where to reach it")
	}
	return nil, errors.Join(tried...)
}

// memberAt is the place of a node in a nodelist, by its addresses, else by its
// name; -1 when it is not in it.
func memberAt(conf *corosync.Config, n *Node) int {
	list, host := conf.Nodes(), n.Facts.Host
	at := slices.IndexFunc(list, func(m corosync.Node) bool {
		return slices.ContainsFunc(m.Addrs[:], func(text string) bool {
			a, err := netip.ParseAddr(text)
			return err == nil && slices.ContainsFunc(host.Addresses, func(p netip.Prefix) bool { return p.Addr().WithZone("") == a })
		})
	})
	if at >= 0 {
		return at
	}
	short, _, _ := strings.Cut(host.Name, ".")
	return slices.IndexFunc(list, func(m corosync.Node) bool {
		return slices.ContainsFunc(append([]string{m.Name}, m.Addrs[:]...), func(name string) bool {
			return name != "" && (name == host.Name || name == short)
		})
	})
}

func memberName(n corosync.Node) string {
	return cmp.Or(n.Name, n.Addrs[0], fmt.Sprintf("nodeid %d", n.ID))
}

func membersIn(list []corosync.Node) string {
	var names []string
	for _, n := range list {
		names = append(names, memberName(n))
	}
	return excerpt.List(names)
}

// sameConf makes it an error when a member's corosync.conf says something else.
func sameConf(a, b *Node) error {
	diffs, err := corosync.Compare(a.Facts.Corosync.Config, b.Facts.Corosync.Config)
	if err != nil || len(diffs) == 0 {
		return err
	}
	var told []string
	for _, d := range diffs {
		told = append(told, d.Path)
	}
	return fmt.Errorf("its %s is not that of %s: %s; make them the same first (pcs cluster sync)", facts.CorosyncConf, a.Name, excerpt.List(told))
}

// daemons tells how the cluster is started, and what of it plan would change.
func (r *ImportReader) daemons(out *Imported, units []string) {
	enabled := 0
	for _, n := range r.Nodes {
		if n.Facts.Units[facts.Corosyncd].Enabled == "enabled" && n.Facts.Units[facts.Pacemakerd].Enabled == "enabled" {
			enabled++
		}
	}
	out.Enable = enabled*2 > len(r.Nodes)
	boot := map[bool]string{true: "enabled", false: "disabled"}[out.Enable]
	for _, n := range r.Nodes {
		for _, unit := range []string{facts.Corosyncd, facts.Pacemakerd} {
			u := n.Facts.Units[unit]
			if !u.Running() {
				out.lose("%s: %s does not run, and plan would start it", n.NodeName, unit)
			}
			if u.Enabled != boot {
				out.lose("%s: %s is %s at boot, and plan would make it %s", n.NodeName, unit, cmp.Or(u.Enabled, "in no state"), boot)
			}
		}
		for _, unit := range units {
			if n.Facts.Units[unit].Enabled == "enabled" {
				out.lose("%s: %s is run by the cluster and is enabled at boot, and plan would disable it", n.NodeName, unit)
			}
		}
	}
}

func numbersTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
