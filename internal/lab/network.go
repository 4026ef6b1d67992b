package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The network of a lab. All bridges live in a namespace of the lab's own, the
// switch: there neither the host's packet filter (which drops bridged packets
// once a container engine has switched bridge-nf-call-iptables on) nor its
// interface names are in the way, and deleting one namespace deletes all of it.
// The host has one leg in every network, with the address ending in .1.
//
//	host            hadlab0m     hadlab0l0    hadlab0l1
//	                   |            |            |
//	switch          [ brm ]      [ br0 ]      [ br1 ]
//	                   | n1m        | n1l0       | n1l1
//	node n1          mgmt0        link0        link1

// ipBatch runs ip(8) commands, one a line, in namespace ns ("" is the host's).
func ipBatch(ctx context.Context, ns string, lines ...string) error {
	args := []string{"ip"}
	if ns != "" {
		args = append(args, "-n", ns)
	}
	args = append(args, "-batch", "-")
	if err := runInput(ctx, strings.Join(lines, "\n")+"\n", args...); err != nil {
		return fmt.Errorf("network set-up: %w", err)
	}
	return nil
}

// makeSwitch makes the lab's bridges and the host's legs.
func makeSwitch(ctx context.Context, s *State) error {
	sw := switchNetns(s.Name)
	host := []string{"netns add " + sw}
	var inside []string
	network := func(n int, leg, bridge string) {
		host = append(host,
			fmt.Sprintf("link add %s type veth peer name host%d netns %s", leg, n, sw),
			fmt.Sprintf("addr add %s/24 dev %s", hostAddr(s.Slot, n), leg),
			fmt.Sprintf("link set %s up", leg))
		inside = append(inside,
			fmt.Sprintf("link add %s type bridge", bridge),
			fmt.Sprintf("link set %s up", bridge),
			fmt.Sprintf("link set host%d master %s up", n, bridge))
	}
	network(0, hostMgmtIf(s.Slot), "brm")
	for l := range s.Links {
		network(1+l, hostLinkIf(s.Slot, l), fmt.Sprintf("br%d", l))
	}
	if err := ipBatch(ctx, "", host...); err != nil {
		return err
	}
	return ipBatch(ctx, sw, inside...)
}

// plugNode makes the node's namespace and connects it, with the links that are
// cut left down. The node gives itself its addresses when it boots, as a real
// one does: so an address that a cluster added is gone after a reboot.
func plugNode(ctx context.Context, s *State, i int) error {
	n := &s.Nodes[i]
	ns, sw := netnsName(s.Name, n.Name), switchNetns(s.Name)
	if err := ipBatch(ctx, "", "netns add "+ns); err != nil {
		return err
	}
	var ports []string
	connect := func(network int, bridge, port, dev string, up bool) {
		state := "up"
		if !up {
			state = "down"
		}
		ports = append(ports,
			fmt.Sprintf("link add %s type veth peer name %s address %s netns %s", port, dev, macAddr(s.Slot, network, i), ns),
			fmt.Sprintf("link set %s master %s %s", port, bridge, state))
	}
	connect(0, "brm", portMgmtIf(n.Name), "mgmt0", true)
	for l := range n.LinkAddrs {
		connect(1+l, fmt.Sprintf("br%d", l), portLinkIf(n.Name, l), linkIf(l), !slices.Contains(n.Cut, l))
	}
	return ipBatch(ctx, sw, ports...)
}

// unplugNode takes the node's network away: its addresses, floating ones
// included, must not outlive its power.
func unplugNode(ctx context.Context, s *State, n *NodeState) error {
	sw := switchNetns(s.Name)
	ports := []string{portMgmtIf(n.Name)}
	for l := range n.LinkAddrs {
		ports = append(ports, portLinkIf(n.Name, l))
	}
	// Deleting a port deletes its peer at once; deleting the namespace would do
	// it some time later, and the next power-on would find the name taken.
	var lines []string
	for _, p := range ports {
		lines = append(lines, "link del "+p)
	}
	// A port may be missing already (a half-made node); what matters is that
	// none is left, which the next power-on finds out. Hence -force.
	_ = runInput(ctx, strings.Join(lines, "\n")+"\n", "ip", "-n", sw, "-force", "-batch", "-")
	return deleteNetns(ctx, netnsName(s.Name, n.Name))
}

// setPort takes a link's switch port up or down: the node sees its carrier go.
func setPort(ctx context.Context, s *State, node string, link int, up bool) error {
	state := "up"
	if !up {
		state = "down"
	}
	return ipBatch(ctx, switchNetns(s.Name), fmt.Sprintf("link set %s %s", portLinkIf(node, link), state))
}

func deleteNetns(ctx context.Context, ns string) error {
	if _, err := os.Stat(filepath.Join("/run/netns", ns)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	_, err := run(ctx, "ip", "netns", "del", ns)
	return err
}

// removeNetwork deletes everything of the lab's network, found by name and not
// by state, because the state of a run that was killed may lag behind.
func removeNetwork(ctx context.Context, name string, slots []int) error {
	var errs []error
	for _, slot := range slots {
		legs := []string{hostMgmtIf(slot)}
		for l := range MaxLinks {
			legs = append(legs, hostLinkIf(slot, l))
		}
		for _, leg := range legs {
			if _, err := os.Stat("/sys/class/net/" + leg); err == nil {
				if err := ipBatch(ctx, "", "link del "+leg); err != nil {
					errs = append(errs, err)
				}
			}
		}
	}
	found, _ := filepath.Glob("/run/netns/" + netnsName(name, "*"))
	for _, f := range found {
		errs = append(errs, deleteNetns(ctx, filepath.Base(f)))
	}
	return errors.Join(errs...)
}
