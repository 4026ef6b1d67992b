package pcs

import (
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
)

// mutations is how many texts TestStructure makes of the fixtures: in a race of
// a few seconds by default, 100,000 in CI (make fuzz).
var mutations = flag.Int("mutations", 10_000, "how many changed texts TestStructure reads")

// broken is a change of one line, as people and programs make it.
type broken struct {
	name    string
	changed string
	drops   bool
	moved   string // the resource whose line has another indent
}

// breakLine changes one line of a text.
func breakLine(rnd *rand.Rand, lines []string) broken {
	i := rnd.Intn(len(lines))
	l := lines[i]
	blanks := len(l) - len(strings.TrimLeft(l, " \t"))
	with := func(name string, now ...string) broken {
		all := append(append(slices.Clone(lines[:i]), now...), lines[i+1:]...)
		b := broken{name: fmt.Sprintf("line %d %s: %q", i+1, name, l), changed: strings.Join(all, "\n"), drops: len(now) == 0}
		if ln := oneLine(l); len(now) == 1 {
			r, _ := resourceLine(ln.s)
			b.moved = r.ID
		}
		return b
	}
	switch rnd.Intn(6) {
	case 0:
		n := 1 + rnd.Intn(max(blanks, 1))
		return with(fmt.Sprintf("dedented by %d", n), l[min(n, blanks):])
	case 1:
		return with("dedented", l[blanks:])
	case 2:
		n := 1 + rnd.Intn(8)
		return with(fmt.Sprintf("indented by %d", n), strings.Repeat(" ", n)+l)
	case 3:
		return with("dropped")
	case 4:
		return with("doubled", l, l)
	}
	at := rnd.Intn(len(l) + 1)
	if j := strings.IndexAny(l[at:], " \t"); j >= 0 {
		at += j
	}
	return with(fmt.Sprintf("wrapped at %d", at), l[:at], strings.TrimLeft(l[at:], " \t"))
}

// Whatever happens to the lines of a status: what the reader still says is what
// the whole text said, or it says that the state is unknown. A resource never
// comes into a set to which its id cannot belong.
func TestStructure(t *testing.T) {
	all := goodTexts(t, "testdata/text/*.txtar", "testdata/states/*/*.txtar")
	var group sync.WaitGroup
	var mu sync.Mutex
	unknown, failures := 0, 0
	for worker := range 2 {
		group.Go(func() {
			rnd := rand.New(rand.NewSource(int64(worker)))
			for range *mutations / 2 {
				f := all[rnd.Intn(len(all))]
				b := breakLine(rnd, f.lines)
				st, err := ParseStatus([]byte(b.changed + "\n"))
				var wrong []string
				if err == nil {
					wrong = impossible(st, f.whole, b.moved)
					if !st.Unknown() {
						wrong = append(wrong, untrue(st, f.whole, b)...)
					}
				}
				mu.Lock()
				if err != nil || st.Unknown() {
					unknown++
				}
				if len(wrong) > 0 && failures < 30 {
					failures++
					t.Errorf("%s, %s:\n\t%s", f.name, b.name, strings.Join(wrong, "\n\t"))
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	t.Logf("%d texts of %d fixtures, %d of them unknown", *mutations, len(all), unknown)
}

// goodText is a text that reads in full.
type goodText struct {
	name  string
	lines []string
	whole *Status
}

func goodTexts(t *testing.T, patterns ...string) (all []goodText) {
	t.Helper()
	for _, name := range globAll(t, patterns...) {
		for _, p := range readArchive(t, name).parts {
			if p.name == "model" || p.name == "quoted" || strings.HasSuffix(p.name, "xml") {
				continue
			}
			st, err := ParseStatus([]byte(p.data))
			if err != nil || st.Unknown() {
				continue
			}
			all = append(all, goodText{name + " " + p.name, strings.Split(strings.TrimSuffix(p.data, "\n"), "\n"), st})
		}
	}
	return all
}

// The same of every line of the texts that print much: dropped, doubled, with any
// indent, broken at any blank.
func TestStructureOfEachLine(t *testing.T) {
	n := 0
	for _, f := range goodTexts(t, "testdata/text/[a-c]*.txtar", "testdata/text/[n-z]*.txtar", "testdata/states/debian11/orphaned.txtar", "testdata/states/debian13/bundle*.txtar") {
		if strings.Contains(f.name, "belongs-") { // they are damaged as they are
			continue
		}
		for i, l := range f.lines {
			if _, prompt := promptCommand(l); prompt {
				continue
			}
			bare := strings.TrimLeft(l, " \t")
			changes := [][]string{nil, {l, l}}
			for indent := range len(l) - len(bare) + 8 {
				changes = append(changes, []string{strings.Repeat(" ", indent) + bare})
			}
			for at := range l {
				if rest := strings.TrimLeft(l[at:], " \t"); at > len(l)-len(bare) && len(rest) < len(l[at:]) && !strings.HasPrefix(rest, ">") { // a mail quotes with it
					changes = append(changes, []string{l[:at], rest})
				}
			}
			for _, now := range changes {
				n++
				b := broken{drops: now == nil, changed: strings.Join(slices.Concat(f.lines[:i], now, f.lines[i+1:]), "\n")}
				if r, ok := resourceLine(oneLine(l).s); ok && len(now) == 1 {
					b.moved = r.ID
				}
				st, err := ParseStatus([]byte(b.changed + "\n"))
				if err != nil {
					continue
				}
				wrong := impossible(st, f.whole, b.moved)
				if !st.Unknown() {
					wrong = append(wrong, untrue(st, f.whole, b)...)
				}
				if len(wrong) > 0 {
					t.Errorf("%s, line %d %q is now %q:\n\t%s", f.name, i+1, l, now, strings.Join(wrong, "\n\t"))
				}
			}
		}
	}
	t.Logf("%d texts", n)
}

// impossible finds resources in sets that cannot hold them. Any can stand in a
// group: only its indent tells, so the one whose line was moved is left out.
func impossible(st, whole *Status, moved string) (found []string) {
	for i := range st.Resources {
		r := &st.Resources[i]
		var in string
		switch {
		case r.Clone != "":
			in = r.Clone
		case r.Bundle != "":
			in = r.Bundle
		case r.Group != "":
			in = r.Group
		default:
			continue
		}
		if r.ID == moved && in == r.Group || r.ID == in && r.Clone == in { // the name of a member that is not told
			continue
		}
		if !slices.ContainsFunc(whole.Resources, func(o Resource) bool {
			return o.ID == r.ID && (o.Clone == in || o.Bundle == in || o.Group == in) ||
				r.Bundle == in && (strings.HasPrefix(r.ID, in+"-") || o.Replica != nil && o.Replica.Primitive == r.ID) ||
				r.Clone == in && o.Clone == in && (o.ID == r.Group || o.Group != "" && o.Group == r.ID)
		}) && whole.hasSet(in) {
			found = append(found, fmt.Sprintf("%s is in %s", r.ID, in))
		}
	}
	return found
}

func (s *Status) hasSet(id string) bool {
	return slices.ContainsFunc(s.Sets, func(set Set) bool { return set.ID == id })
}

// untrue finds what a model says and the whole text did not, or, where no line
// was dropped, what it does not say any more.
func untrue(st, whole *Status, b broken) (found []string) {
	say := func(s *Status) (all []string) {
		for _, n := range s.Nodes {
			n.Attributes = nil
			all = append(all, fmt.Sprintf("node %+v", n))
		}
		for _, r := range s.Resources {
			if r.Role == Untold || r.ID == b.moved && (r.Group != "" || r.Clone+r.Bundle == "") {
				continue
			}
			if b.drops { // as much as is left
				r.Instances, r.StoppedOn, r.Members, r.Address, r.Replica = nil, nil, nil, "", nil
				if r.Bundle != "" && r.Failed { // its role is told by the others
					r.Role = Started
				}
			}
			all = append(all, "resource "+describeResource(&r))
		}
		for _, a := range s.FailedActions {
			all = append(all, fmt.Sprintf("failed %+v", a))
		}
		for _, e := range s.Fencing {
			all = append(all, fmt.Sprintf("fencing %+v", e))
		}
		for _, b := range s.Bans {
			all = append(all, fmt.Sprintf("ban %+v", b))
		}
		for _, k := range s.Tickets {
			all = append(all, fmt.Sprintf("ticket %+v", k))
		}
		for k, v := range s.Daemons {
			all = append(all, "daemon "+k+" "+v)
		}
		for k, v := range s.PCSD {
			all = append(all, "pcsd "+k+" "+v)
		}
		return all
	}
	fold := func(all []string) []string { // a line that was broken at two blanks has one
		for i, s := range all {
			all[i] = strings.Join(strings.Fields(s), " ")
		}
		return all
	}
	now, then := fold(say(st)), fold(say(whole))
	for _, s := range now {
		if !slices.Contains(then, s) {
			found = append(found, "it says "+s)
		}
	}
	for _, s := range then {
		if !b.drops && !slices.Contains(now, s) {
			found = append(found, "it does not say "+s)
		}
	}
	if !b.drops && st.Maintenance != whole.Maintenance || st.DC != whole.DC && st.DC != "" || st.Quorum && !whole.Quorum {
		found = append(found, "the head is another")
	}
	return found
}
