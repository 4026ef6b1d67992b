package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(labtest.Main(m, "integration/faults: the faults are", &binary)) }

// partTime is after how long the part for CI begins no further fault.
const partTime = 2*time.Minute + 30*time.Second

// TestFaults tries faults on nodes of one lab, and mends each before the next.
// HADEPLOY_FAULTS=all tries all of them in the order of the catalogue; else it
// is a part that the seed chooses and orders.
func TestFaults(t *testing.T) {
	labtest.NeedRoot(t)
	all := os.Getenv("HADEPLOY_FAULTS") == "all"
	seed := chosenSeed(t)
	faults := chosen(all, seed)
	t.Logf("HADEPLOY_FAULTS_SEED=%d repeats this; %d faults of %d are in line", seed, len(faults), len(every()))
	dir, began := t.TempDir(), time.Now()
	var table table
	var c *cluster
	defer func() {
		if c != nil {
			c.t = t
			c.down()
		}
		t.Logf("seed %d, %s\n%s", seed, time.Since(began).Round(time.Second), table)
	}()
	for i, f := range faults {
		if !all && time.Since(began) > partTime {
			t.Logf("the time is up: %d of %d faults of this seed were not tried; HADEPLOY_FAULTS=all tries them", len(faults)-i, len(faults))
			break
		}
		t.Run(f.kind+": "+f.name, func(t *testing.T) {
			if c != nil && (c.lost || c.image != f.nodes()) {
				c.t = t
				c.down()
				c = nil
			}
			if c == nil {
				c = up(t, dir, f.nodes())
				c.seed, c.all = seed, all
			}
			c.t = t
			start := time.Now()
			row := c.try1(f.fault)
			row.name, row.took = f.kind+": "+f.name, time.Since(start)
			table = append(table, row)
			t.Logf("%d of %d: %s; audit %s (%s)", i+1, len(faults), row.what, row.audit, row.took.Round(time.Second))
		})
	}
}

// entry is a fault and its kind.
type entry struct {
	kind string
	fault
}

func (f fault) nodes() string {
	if f.image == "" {
		return "debian12"
	}
	return f.image
}

func every() (all []entry) {
	for _, k := range catalogue() {
		for _, f := range k.faults {
			all = append(all, entry{k.name, f})
		}
	}
	// Nodes of another release come last: each needs a lab of its own.
	slices.SortStableFunc(all, func(a, b entry) int { return strings.Compare(rank(a), rank(b)) })
	return all
}

func rank(e entry) string { return strings.Replace(e.nodes(), "debian12", "", 1) }

func chosenSeed(t *testing.T) int64 {
	if text := os.Getenv("HADEPLOY_FAULTS_SEED"); text != "" {
		seed, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatalf("HADEPLOY_FAULTS_SEED: %v", err)
		}
		return seed
	}
	return time.Now().UnixNano() % 1_000_000
}

// chosen is what is tried: all, or what a lab of the usual release can do in
// some minutes, in an order of its own.
func chosen(all bool, seed int64) []entry {
	faults := every()
	if all {
		return faults
	}
	faults = slices.DeleteFunc(faults, func(e entry) bool { return e.slow || rank(e) != "" })
	random(seed).Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	for i, e := range faults { // of the answers every run tries some
		if e.name == "every answer of a node is broken in every way" {
			copy(faults[1:i+1], faults[:i])
			faults[0] = e
		}
	}
	return faults
}

func random(seed int64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 9)) }

// try1 tries one fault, mends it, and audits.
func (c *cluster) try1(f fault) (row row) {
	t := c.t
	t.Helper()
	row.what, row.audit = "not tried", "FAILED"
	finished := false
	defer func() {
		if !finished { // a Fatal: what was spoilt is not to spoil the next one
			c.lost = true
		}
	}()
	if f.gone {
		c.must(0, "destroy", "--confirm", "quickstart")
	}
	if f.edit != nil {
		f.edit(c)
	}
	if f.ready != nil {
		f.ready(c)
	}
	r := c.strike(f)
	row.what = summary(r)
	c.judge(f.right, r)
	if f.also != nil {
		f.also(c, r)
	}
	if f.holds != nil {
		f.holds(c)
	}
	if f.heal != nil {
		f.heal(c)
	}
	c.whole()
	if c.audit() {
		row.audit = "ok"
	} else {
		c.lost = true
	}
	if t.Failed() {
		row.what = "WRONG: " + row.what
	}
	if !c.lost {
		if f.undo != nil {
			f.undo(c)
		}
		c.home()
	}
	finished = true
	return row
}

// strike runs the command, and lets the fault strike at its moment.
func (c *cluster) strike(f fault) end {
	c.t.Helper()
	within := f.right.within
	if within == 0 {
		within = 5 * time.Minute
	}
	if f.when == nil {
		return c.hadeploy(within, f.run...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	args := f.run
	if !slices.Contains(args, "--progress") {
		args = append(slices.Clone(args), "--progress", "plain")
	}
	p, err := c.Start(ctx, c.env, c.args(args...)...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.running = p
	for !f.when(c, p) {
		select {
		case <-p.Done:
			c.t.Errorf("it ended before the fault could strike: %s", p.Result())
			return p.Result()
		case <-time.After(5 * time.Millisecond):
		}
	}
	f.then(c)
	r := p.Result()
	if ctx.Err() != nil {
		c.t.Errorf("it hangs: %s", r)
	}
	return r
}

// judge holds the end of a command against what is right.
func (c *cluster) judge(want right, r end) {
	c.t.Helper()
	if !slices.Contains(want.exit, r.Code) {
		c.t.Errorf("expected exit %v: %s", want.exit, r)
	}
	contains(c.t, r, want.says...)
	containsNot(c.t, r, append(slices.Clone(never), want.never...)...)
}

// row is a line of the table at the end.
type row struct {
	name, what, audit string
	took              time.Duration
}

type table []row

func (rows table) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FAULT\tWHAT HAPPENED\tAUDIT\tTIME")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.name, r.what, r.audit, r.took.Round(time.Second))
	}
	_ = w.Flush()
	return b.String()
}

// summary is how a run ended, in a few words: its last line of weight.
func summary(r end) string {
	said := ""
	for line := range strings.Lines(r.Err + r.Out) {
		line = strings.TrimSpace(line)
		for _, sign := range []string{"rror:", "error [", "Apply complete", "No changes", "Plan:", "is not as declared", "interrupted", "failed"} {
			if strings.Contains(line, sign) && !strings.HasPrefix(line, `"`) {
				said = line
			}
		}
	}
	if len(said) > 90 {
		said = strings.ToValidUTF8(said[:90], "") + "..."
	}
	return fmt.Sprintf("exit %d in %.1fs: %s", r.Code, r.Took.Seconds(), said)
}

// TestCatalogue holds the catalogue itself in order: it needs no nodes.
func TestCatalogue(t *testing.T) {
	names, rules := map[string]bool{}, map[int]bool{}
	for _, e := range every() {
		id := e.kind + "/" + e.name
		if names[id] {
			t.Errorf("%s: there are two", id)
		}
		names[id], rules[e.rule] = true, true
		if e.what == "" || len(e.run) == 0 || len(e.right.exit) == 0 {
			t.Errorf("%s: it does not say what it is, what runs, or what is right", id)
		}
		if (e.when == nil) != (e.then == nil) {
			t.Errorf("%s: a moment and what strikes then belong together", id)
		}
		if strings.ContainsAny(e.name, "/#") {
			t.Errorf("%s: go test -run cannot name it", id)
		}
	}
	for rule := 1; rule <= 11; rule++ {
		if !rules[rule] {
			t.Errorf("rule %d has no entry", rule)
		}
	}
}
