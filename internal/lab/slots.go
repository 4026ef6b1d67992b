package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A slot is a number below slotCount that decides a lab's networks and the
// names of its interfaces. Its allocation is a file under the run folder, made
// under a lock, so that two labs that start at once never share one.

func (p paths) slotDir() string { return filepath.Join(p.run, "slots") }

// takeSlot allocates the lowest slot that neither another lab nor any route or
// address of this machine uses.
func (p paths) takeSlot(ctx context.Context, name string, say Progress) (int, error) {
	lock, err := p.lockSlots(ctx)
	if err != nil {
		return 0, err
	}
	defer lock.release()
	if err := raiseLimit(inotifyLimit, p.savedLimit()); err != nil {
		say.say("warning: %v; with many nodes some may stop while they boot", err)
	}
	if err := os.MkdirAll(p.slotDir(), 0o755); err != nil {
		return 0, err
	}
	used, err := hostPrefixes(ctx)
	if err != nil {
		return 0, err
	}
	taken, err := p.slots()
	if err != nil {
		return 0, err
	}
	slot, err := pickSlot(taken, used)
	if err != nil {
		return 0, err
	}
	content := name + "\n" + p.state + "\n"
	return slot, writeAtomic(filepath.Join(p.slotDir(), strconv.Itoa(slot)), []byte(content), 0o644)
}

// slots returns slot -> lab name of every allocation.
func (p paths) slots() (map[int]string, error) {
	entries, err := os.ReadDir(p.slotDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[int]string{}
	for _, e := range entries {
		slot, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		data, err := os.ReadFile(filepath.Join(p.slotDir(), e.Name()))
		if err != nil {
			continue
		}
		name, _, _ := strings.Cut(string(data), "\n")
		out[slot] = name
	}
	return out, nil
}

func (p paths) lockSlots(ctx context.Context) (*fileLock, error) {
	return acquire(ctx, filepath.Join(p.run, "slots.lock"), 30*time.Second, nil)
}

// labSlots lists the slots of a lab: one, or none.
func (p paths) labSlots(name string) ([]int, error) {
	taken, err := p.slots()
	var out []int
	for slot, owner := range taken {
		if owner == name {
			out = append(out, slot)
		}
	}
	return out, err
}

// freeSlots gives back every slot of a lab, once its network is gone.
func (p paths) freeSlots(ctx context.Context, name string) error {
	lock, err := p.lockSlots(ctx)
	if err != nil {
		return err
	}
	defer lock.release()
	taken, err := p.slots()
	for slot, owner := range taken {
		if owner != name {
			continue
		}
		if rerr := os.Remove(filepath.Join(p.slotDir(), strconv.Itoa(slot))); rerr != nil {
			err = errors.Join(err, rerr)
			continue
		}
		delete(taken, slot)
	}
	if err != nil || len(taken) > 0 {
		return err
	}
	return restoreLimit(inotifyLimit, p.savedLimit())
}

// pickSlot is the lowest slot not taken whose network overlaps none of used.
// A wide route (10.0.0.0/8 to an office, say) would forbid them all; then only
// routes of /16 and narrower count, because the lab's own are more specific.
func pickSlot(taken map[int]string, used []netip.Prefix) (int, error) {
	for _, narrowest := range []int{1, 16} {
	next:
		for slot := range slotCount {
			if _, ok := taken[slot]; ok {
				continue
			}
			for _, u := range used {
				if u.Bits() >= narrowest && u.Overlaps(slotPrefix(slot)) {
					continue next
				}
			}
			return slot, nil
		}
	}
	return 0, fmt.Errorf("no free network for a lab: all of 10.192.0.0/12 is used by %d labs or by this machine's own routes; end labs with 'hadeploy lab down --all'", len(taken))
}

// hostPrefixes are the destinations of all IPv4 routes of this machine, the
// default route left out.
func hostPrefixes(ctx context.Context) ([]netip.Prefix, error) {
	out, err := run(ctx, "ip", "-j", "-4", "route", "show", "table", "all")
	if err != nil {
		return nil, err
	}
	return parseRoutes([]byte(out))
}

// parseRoutes reads the JSON of 'ip -j route'.
func parseRoutes(data []byte) ([]netip.Prefix, error) {
	var routes []struct {
		Dst string `json:"dst"`
	}
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(data, &routes); err != nil {
		return nil, fmt.Errorf("output of ip route: %w", err)
	}
	var out []netip.Prefix
	for _, r := range routes {
		if p, err := netip.ParsePrefix(r.Dst); err == nil {
			if p.Bits() > 0 {
				out = append(out, p.Masked())
			}
		} else if a, err := netip.ParseAddr(r.Dst); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return out, nil
}
