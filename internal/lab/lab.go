// Package lab boots real cluster nodes on this machine: systemd-nspawn
// containers with their own systemd, sshd, disk and network links, over
// read-only Debian images. It is for demos, for rebuilding a cluster's faults
// (power loss, partition) and for tests.
//
// Everything that a lab makes carries the lab's name, so that it can be found
// and removed even when the process that made it was killed.
package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// bootLimit bounds the start of a node; two to six seconds are usual.
const bootLimit = 2 * time.Minute

// Progress receives one line of progress at a time; nil means silence.
type Progress func(line string)

func (p Progress) say(format string, args ...any) {
	if p != nil {
		p(fmt.Sprintf(format, args...))
	}
}

// Options say what lab to make. Zero values mean the defaults in brackets.
type Options struct {
	Name         string   // [from the folder, see NameFor]
	Dir          string   // where the inventory, key and known hosts go
	Image        string   // [debian12] one of Images
	Nodes        int      // [3]
	Links        int      // cluster links per node [2]
	Preinstalled bool     // with the cluster's packages, nothing of it running
	Packages     []string // more packages for the nodes' repository
	Mirror       string   // [the host's own] where an image is made from
	Replace      bool     // end a lab of the same name first
	// Owner is a process with which the lab ends: once it is gone, the next Up
	// of any lab removes this one. [none: it stays until Down]
	Owner    int
	Progress Progress
}

// Lab is a lab that exists.
type Lab struct {
	p     paths
	state *State
}

// State returns what is known of the lab.
func (l *Lab) State() State { return *l.state }

// Inventory is the path of the lab's inventory file.
func (l *Lab) Inventory() string { return filepath.Join(l.state.Dir, fileInventory) }

func (o *Options) check() error {
	if o.Image == "" {
		o.Image = "debian12"
	}
	if o.Nodes == 0 {
		o.Nodes = 3
	}
	if o.Links == 0 {
		o.Links = 2
	}
	if o.Dir == "" {
		return errors.New("no folder is given for the lab's files")
	}
	abs, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	o.Dir = abs
	if strings.ContainsAny(o.Dir, " \t\n\"'\\$%~") {
		return fmt.Errorf("folder %q: ssh options cannot hold a path with blanks, quotes, '$', '%%', '~' or backslashes; choose another", o.Dir)
	}
	if o.Name == "" {
		o.Name = NameFor(o.Dir)
	}
	if err := checkName(o.Name); err != nil {
		return err
	}
	if o.Nodes < 1 || o.Nodes > MaxNodes {
		return fmt.Errorf("%d nodes: must be 1 to %d", o.Nodes, MaxNodes)
	}
	if o.Links < 1 || o.Links > MaxLinks {
		return fmt.Errorf("%d links: must be 1 to %d", o.Links, MaxLinks)
	}
	return nil
}

// Up makes a lab and returns when every node lets logins in. When it fails or
// ctx ends, nothing of the lab is left.
func Up(ctx context.Context, o Options) (*Lab, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	r, err := recipeFor(o.Image, o.Packages)
	if err != nil {
		return nil, err
	}
	if err := requireRoot(); err != nil {
		return nil, err
	}
	p := defaultPaths()
	if err := ensureTools(ctx, append(nodeTools, imageTools...), o.Progress); err != nil {
		return nil, err
	}
	if err := p.sweep(ctx, o.Name, o.Progress); err != nil {
		o.Progress.say("warning: %v", err)
	}
	lock, err := p.lock(ctx, o.Name, o.Progress)
	if err != nil {
		return nil, err
	}
	defer lock.remove()
	if err := p.clearWay(ctx, o); err != nil {
		return nil, err
	}
	img, err := p.ensureImage(ctx, r, o.Preinstalled, o.Mirror, o.Progress)
	if err != nil {
		return nil, err
	}
	s, err := p.create(ctx, o, img)
	if err == nil {
		return &Lab{p, s}, nil
	}
	o.Progress.say("taking back what was made of lab %s", o.Name)
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if cerr := p.remove(clean, o.Name); cerr != nil {
		err = errors.Join(err, fmt.Errorf("taking back: %w", cerr))
	}
	return nil, fmt.Errorf("lab %s: %w", o.Name, err)
}

// clearWay makes sure that the lab's name and folder are free, removing a lab
// of the same name that was left behind. The lab's lock is held.
func (p paths) clearWay(ctx context.Context, o Options) error {
	old, err := p.read(o.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// Something may be there without a state: a run killed at its very start.
		if err := p.remove(ctx, o.Name); err != nil {
			return fmt.Errorf("lab %s: remove what an earlier run left: %w", o.Name, err)
		}
	case err != nil:
		return err
	default:
		why, dead := old.abandoned()
		if !dead && !o.Replace {
			return fmt.Errorf("lab %s is up already (its files are in %s); end it with 'hadeploy lab down --name %s' or choose another --name", o.Name, old.Dir, o.Name)
		}
		if dead {
			o.Progress.say("removing the old lab %s: %s", o.Name, why)
		} else {
			o.Progress.say("removing the old lab %s", o.Name)
		}
		if err := p.remove(ctx, o.Name); err != nil {
			return fmt.Errorf("remove the old lab %s: %w", o.Name, err)
		}
	}
	if other, err := readUserState(o.Dir); err == nil && other.Name != o.Name {
		if _, err := os.Stat(p.lab(other.Name)); err == nil {
			return fmt.Errorf("folder %s belongs to lab %s, which is up; choose another --dir", o.Dir, other.Name)
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		for _, f := range userFiles {
			if _, err := os.Lstat(filepath.Join(o.Dir, f)); err == nil {
				return fmt.Errorf("%s exists and is not a lab's; choose another --dir, nothing was overwritten", filepath.Join(o.Dir, f))
			}
		}
	}
	return nil
}

// create makes the lab, recording every part before or as it is made.
func (p paths) create(ctx context.Context, o Options, img image) (*State, error) {
	start := time.Now()
	self, err := identify(os.Getpid())
	if err != nil {
		return nil, err
	}
	s := &State{
		Name: o.Name, Dir: o.Dir, Image: o.Image, Preinstalled: o.Preinstalled, Links: o.Links, Slot: -1,
		Created: start.UTC().Truncate(time.Second), Phase: phaseCreating, BootID: bootID(), Owner: &self,
		Layers: img.layers, Repo: img.repo,
	}
	for _, d := range []string{p.lab(s.Name), s.Dir} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	if err := p.write(s); err != nil {
		return nil, err
	}
	if s.Slot, err = p.takeSlot(ctx, s.Name, o.Progress); err != nil {
		return nil, err
	}
	s.address(o.Nodes)
	if err := p.write(s); err != nil {
		return nil, err
	}
	login, err := makeKey("ed25519", "hadeploy-lab")
	if err != nil {
		return nil, err
	}
	hostKeys, err := makeHostKeys(s)
	if err != nil {
		return nil, err
	}
	if err := writeUserFiles(s, login, hostKeys); err != nil {
		return nil, err
	}
	if err := makeSwitch(ctx, s); err != nil {
		return nil, err
	}
	o.Progress.say("starting %d nodes of %s", o.Nodes, o.Image)
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if err := p.mountDisk(s, n.Name); err != nil {
			return nil, err
		}
		if err := p.writeIdentity(s, i, login, hostKeys[i]); err != nil {
			return nil, fmt.Errorf("disk of node %s: %w", n.Name, err)
		}
		if err := plugNode(ctx, s, i); err != nil {
			return nil, err
		}
		if err := p.boot(s, n); err != nil {
			return nil, err
		}
		if err := p.write(s); err != nil {
			return nil, err
		}
	}
	if err := p.waitAll(ctx, s, o.Progress); err != nil {
		return nil, err
	}
	s.Phase, s.Owner = phaseReady, nil
	if o.Owner != 0 {
		owner, err := identify(o.Owner)
		if err != nil {
			return nil, fmt.Errorf("owner process %d: %w", o.Owner, err)
		}
		s.Owner = &owner
	}
	if err := p.write(s); err != nil {
		return nil, err
	}
	o.Progress.say("lab %s is up after %.1f s", s.Name, time.Since(start).Seconds())
	return s, nil
}

// address fills in what follows from the slot.
func (s *State) address(nodes int) {
	for n := range 1 + s.Links {
		s.Networks = append(s.Networks, slotAddr(s.Slot, n, 0)+"/24")
	}
	s.FreeFirst, s.FreeLast = slotAddr(s.Slot, 1, firstFree), slotAddr(s.Slot, 1, lastFree)
	for i := range nodes {
		n := NodeState{Name: nodeName(i), Address: mgmtAddr(s.Slot, i)}
		for l := range s.Links {
			n.LinkAddrs = append(n.LinkAddrs, linkAddr(s.Slot, l, i))
		}
		s.Nodes = append(s.Nodes, n)
	}
}

// waitAll waits for every node at once; the first failure ends the waiting.
func (p paths) waitAll(ctx context.Context, s *State, say Progress) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range s.Nodes {
		n := &s.Nodes[i]
		wg.Go(func() {
			if err := p.waitReady(ctx, s, n, bootLimit); err != nil {
				cancel(err)
				return
			}
			say.say("  %4.1f s  %s answers at %s", time.Since(start).Seconds(), n.Name, n.Address)
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
