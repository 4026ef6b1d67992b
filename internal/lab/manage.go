package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Open finds a lab by name, or, with name "", by the folder that Up filled.
func Open(name, dir string) (*Lab, error) {
	p := defaultPaths()
	if name == "" {
		s, err := readUserState(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("no lab in folder %s (it has no %s); say which with --dir or --name, 'hadeploy lab status --all' lists them", dir, fileState)
		}
		if err != nil {
			return nil, err
		}
		name = s.Name
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	s, err := p.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no lab %s on this machine; 'hadeploy lab status --all' lists what there is", name)
	}
	if err != nil {
		return nil, err
	}
	return &Lab{p, s}, nil
}

// All lists every lab on this machine, by name.
func All() ([]*Lab, error) {
	p := defaultPaths()
	names, err := p.names()
	if err != nil {
		return nil, err
	}
	var out []*Lab
	for _, n := range names {
		s, err := p.read(n)
		if err != nil {
			// Cut short before its state was written; Down knows it by name.
			s = &State{Name: n, Phase: phaseCreating, Slot: -1}
		}
		out = append(out, &Lab{p, s})
	}
	return out, nil
}

func readUserState(dir string) (*State, error) {
	data, err := os.ReadFile(filepath.Join(dir, fileState))
	if err != nil {
		return nil, err
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil || checkName(s.Name) != nil {
		return nil, fmt.Errorf("%s is not a lab's", filepath.Join(dir, fileState))
	}
	return &s, nil
}

// Down ends the lab called name and leaves nothing of it. It is no error when
// there is none: what a killed run left without a record goes as well.
func Down(ctx context.Context, name string, say Progress) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := requireRoot(); err != nil {
		return err
	}
	p := defaultPaths()
	lock, err := p.lock(ctx, name, say)
	if err != nil {
		return err
	}
	defer lock.remove()
	if err := p.remove(ctx, name); err != nil {
		return fmt.Errorf("lab %s: %w", name, err)
	}
	return nil
}

// Down ends this lab.
func (l *Lab) Down(ctx context.Context, say Progress) error { return Down(ctx, l.state.Name, say) }

// remove takes away everything that bears the lab's name, whatever its state
// says, and goes on where one part fails. The lab's lock is held.
func (p paths) remove(ctx context.Context, name string) error {
	var errs []error
	s, err := p.read(name)
	if err != nil {
		s = &State{Name: name}
	}
	stopped := make([]error, len(s.Nodes))
	var wg sync.WaitGroup
	for i := range s.Nodes {
		wg.Go(func() { stopped[i] = s.Nodes[i].Guard.killNode(ctx) })
	}
	wg.Wait()
	errs = append(errs, stopped...)
	errs = append(errs, emptyCgroup(ctx, name, ""))
	for i := range MaxNodes {
		forgetMachine(machineName(name, nodeName(i)))
	}
	slots, err := p.labSlots(name)
	errs = append(errs, err, removeNetwork(ctx, name, slots), unmountUnder(p.lab(name)))
	// Only now may another lab have the slot; and what is left keeps its record.
	if errors.Join(errs...) != nil {
		return errors.Join(errs...)
	}
	errs = append(errs, p.freeSlots(ctx, name), os.RemoveAll(p.lab(name)))
	if s.Dir != "" {
		if other, err := readUserState(s.Dir); err != nil || other.Name == name {
			for _, f := range userFiles {
				if err := os.Remove(filepath.Join(s.Dir, f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					errs = append(errs, err)
				}
			}
			// Only when nothing of the user's is in it.
			_ = os.Remove(s.Dir)
		}
	}
	return errors.Join(errs...)
}

// unmountUnder unmounts everything beneath dir, the deepest first.
func unmountUnder(dir string) error {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	points := mountPoints(string(data), dir)
	for _, m := range slices.Backward(points) {
		if uerr := syscall.Unmount(m, syscall.MNT_DETACH); uerr != nil {
			err = errors.Join(err, fmt.Errorf("unmount %s: %w", m, uerr))
		}
	}
	return err
}

// mountPoints lists the mounts beneath dir in the order they were made.
func mountPoints(mountinfo, dir string) []string {
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	var out []string
	for line := range strings.Lines(mountinfo) {
		f := strings.Fields(line)
		if len(f) < 5 {
			continue
		}
		if m := unescape.Replace(f[4]); strings.HasPrefix(m, dir+"/") {
			out = append(out, m)
		}
	}
	return out
}

// sweep removes the labs whose owner has ended, except the one called not.
func (p paths) sweep(ctx context.Context, not string, say Progress) error {
	names, err := p.names()
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		if s, err := p.read(name); name == not || err != nil || s.Owner == nil || s.Owner.Alive() {
			continue
		}
		lock, err := p.lock(ctx, name, say)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		// Again under the lock: someone else may have been quicker.
		if s, err := p.read(name); err == nil && s.Owner != nil && !s.Owner.Alive() {
			why, _ := s.abandoned()
			say.say("removing lab %s: %s", name, why)
			if err := p.remove(ctx, name); err != nil {
				errs = append(errs, fmt.Errorf("remove lab %s: %w", name, err))
			}
		}
		lock.remove()
	}
	return errors.Join(errs...)
}

// change runs f on the lab's newest state under its lock, and stores what
// came of it even when f fails half-way.
func (l *Lab) change(ctx context.Context, say Progress, node string, f func(s *State, n *NodeState, i int) error) error {
	if err := requireRoot(); err != nil {
		return err
	}
	lock, err := l.p.lock(ctx, l.state.Name, say)
	if err != nil {
		return err
	}
	defer lock.remove()
	s, err := l.p.read(l.state.Name)
	if err != nil {
		return fmt.Errorf("lab %s: %w", l.state.Name, err)
	}
	if why, dead := s.abandoned(); dead {
		return fmt.Errorf("lab %s is not usable: %s; end it with 'hadeploy lab down --name %s'", s.Name, why, s.Name)
	}
	n, err := s.node(node)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.Nodes, func(x NodeState) bool { return x.Name == node })
	err = f(s, n, i)
	l.state = s
	return errors.Join(err, l.p.write(s))
}

// PowerOff ends a node as a power failure does. Its disk stays.
func (l *Lab) PowerOff(ctx context.Context, node string, say Progress) error {
	return l.change(ctx, say, node, func(s *State, n *NodeState, _ int) error {
		return l.p.cutPower(ctx, s, n)
	})
}

// PowerOn boots a node from the disk it had, and returns when it lets logins in.
func (l *Lab) PowerOn(ctx context.Context, node string, say Progress) error {
	return l.change(ctx, say, node, func(s *State, n *NodeState, i int) error {
		if n.Guard != nil && n.Guard.Alive() {
			return fmt.Errorf("node %s has power already", node)
		}
		return l.powerOn(ctx, s, n, i)
	})
}

// PowerCycle is PowerOff and PowerOn in one.
func (l *Lab) PowerCycle(ctx context.Context, node string, say Progress) error {
	return l.change(ctx, say, node, func(s *State, n *NodeState, i int) error {
		if err := l.p.cutPower(ctx, s, n); err != nil {
			return err
		}
		return l.powerOn(ctx, s, n, i)
	})
}

// powerOn takes away what a node that ended by itself may have left, and boots.
func (l *Lab) powerOn(ctx context.Context, s *State, n *NodeState, i int) error {
	if err := l.p.cutPower(ctx, s, n); err != nil {
		return err
	}
	if err := plugNode(ctx, s, i); err != nil {
		return err
	}
	if err := l.p.boot(s, n); err != nil {
		return err
	}
	return l.p.waitReady(ctx, s, n, bootLimit)
}

// Cut takes the given cluster links of a node down, all of them when none is
// named. The management network stays, so ssh still works.
func (l *Lab) Cut(ctx context.Context, node string, links []int, say Progress) error {
	return l.setLinks(ctx, node, links, false, say)
}

// Heal takes links up again.
func (l *Lab) Heal(ctx context.Context, node string, links []int, say Progress) error {
	return l.setLinks(ctx, node, links, true, say)
}

func (l *Lab) setLinks(ctx context.Context, node string, links []int, up bool, say Progress) error {
	return l.change(ctx, say, node, func(s *State, n *NodeState, _ int) error {
		if len(links) == 0 {
			for i := range s.Links {
				links = append(links, i)
			}
		}
		for _, link := range links {
			if link < 0 || link >= s.Links {
				return fmt.Errorf("node %s has no link %d; its links are 0 to %d", node, link, s.Links-1)
			}
			// A node without power has no port; the power-on reads Cut.
			if n.Powered {
				if err := setPort(ctx, s, node, link, up); err != nil {
					return err
				}
			}
			n.Cut = slices.DeleteFunc(n.Cut, func(x int) bool { return x == link })
			if !up {
				n.Cut = append(n.Cut, link)
			}
		}
		slices.Sort(n.Cut)
		return nil
	})
}
