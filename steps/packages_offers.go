package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// offersTimeout bounds one question to a package manager about its lists: some
// read all of them for it.
const offersTimeout = 3 * time.Minute

// Survey asks the nodes on which packages are to be installed whether their
// package lists know them, once a run. A name that no list has is told before
// anything is done; the installation, which reads the lists anew, is the judge.
func (packages) Survey(ctx context.Context, c *Cluster) error {
	if c.offered {
		return nil
	}
	c.offered = true
	var nodes []*Node
	wanted := map[*Node][]string{}
	for _, n := range c.Live() {
		if names := absentPackages(c, n); n.Conn != nil && len(names) > 0 {
			nodes, wanted[n] = append(nodes, n), names
		}
	}
	offers := make(map[*Node]pkgs.Offers, len(nodes))
	failed := map[*Node]error{}
	c.each(nodes, func(n *Node) error {
		o, err := askOffers(ctx, n, wanted[n])
		c.mu.Lock()
		defer c.mu.Unlock()
		offers[n], failed[n] = o, err
		return nil
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, n := range nodes {
		switch err := failed[n]; {
		case err != nil:
			c.report(plan.Finding{Code: "PACKAGE_LISTS", Severity: plan.Warning, Node: n.Name,
				Message: fmt.Sprintf("the package lists could not be asked, so it is not known whether there is %s: %v", excerpt.List(wanted[n]), err), Fix: "run the package manager there by hand"})
		case offers[n].NoLists:
			c.report(plan.Finding{Code: "PACKAGE_LISTS", Severity: plan.Info, Node: n.Name,
				Message: fmt.Sprintf("there are no package lists yet: whether there is %s is seen when apply reads them", excerpt.List(wanted[n])), Fix: "nothing; to see it now, read the lists on the node"})
		}
	}
	tellUnknown(c, nodes, offers)
	return nil
}

// absentPackages are the declared packages that are not on the node.
func absentPackages(c *Cluster, n *Node) (names []string) {
	m, err := pkgs.On(n.Facts.Host)
	if err != nil {
		return nil // told by preflight
	}
	declared, err := wantedPackages(m, &Target{Node: n, Cluster: c})
	if err != nil {
		return nil // told by Check
	}
	return slices.DeleteFunc(declared, func(name string) bool {
		_, known := n.Facts.Packages.Known[name]
		return known
	})
}

// askOffers asks one node.
func askOffers(ctx context.Context, n *Node, names []string) (pkgs.Offers, error) {
	m, err := pkgs.On(n.Facts.Host)
	if err != nil {
		return pkgs.Offers{}, err
	}
	label := m.Name() + " offers"
	res, err := n.Conn.Run(ctx, remote.Cmd{Script: pkgs.Script(m), Args: append([]string{"offers"}, names...), Timeout: offersTimeout, Label: label, Reads: true})
	if err == nil {
		err = res.Err(label)
	}
	if err != nil {
		return pkgs.Offers{}, err
	}
	return pkgs.ReadOffers(string(res.Stdout), names)
}

// tellUnknown reports the names that no list has, each once with all its nodes.
func tellUnknown(c *Cluster, nodes []*Node, offers map[*Node]pkgs.Offers) {
	type lack struct {
		on    []string
		near  string
		stale bool
	}
	lacks := map[string]*lack{}
	for _, n := range nodes {
		for name, near := range offers[n].Unknown {
			l := lacks[name]
			if l == nil {
				l = &lack{}
				lacks[name] = l
			}
			l.on = append(l.on, n.Name)
			l.stale = l.stale || offers[n].Stale
			if l.near == "" {
				l.near = near
			}
		}
	}
	written := slices.Concat(c.Playbook.Packages.Set, c.Playbook.Packages.Install)
	for _, name := range slices.Sorted(maps.Keys(lacks)) {
		l := lacks[name]
		message := fmt.Sprintf("no package list of %s has the package %s", strings.Join(l.on, ", "), name)
		fix := "correct packages in the playbook, or give the nodes the repository that has it"
		if !slices.Contains(written, name) {
			message += ", which a cluster needs there"
			fix = "enable the repository with the high availability packages on the nodes"
		}
		if l.near != "" {
			fix = fmt.Sprintf("did you mean %q? Else give the nodes the repository that has it", l.near)
		}
		message += "; apply reads the lists anew, and fails before it installs anything if it is not there then"
		if l.stale {
			message += " (they may be out of date)"
		}
		f := plan.Finding{Code: "PACKAGE_UNKNOWN", Severity: plan.Warning, Object: name, Message: message, Fix: fix}
		if len(l.on) == 1 {
			f.Node = l.on[0]
		}
		c.report(f)
	}
}
