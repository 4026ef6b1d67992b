package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// deed is a shelf that does something in the middle of being applied.
type deed struct {
	*shelf
	do func(context.Context) error
}

func (a deed) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	if err := a.do(ctx); err != nil {
		return err
	}
	return a.shelf.Apply(ctx, t, changes)
}

type wideAct struct{ deed }

func (wideAct) ClusterWide() {}

// TestApplyInterrupted: whenever the user asks to stop, the summary and the
// error say so, and count what was made, left, and not known.
func TestApplyInterrupted(t *testing.T) {
	ctrlC := "once"
	cutOff := "twice"
	for name, c := range map[string]struct {
		when string // before, in one, in two, in three (the last)
		how  string
		did  string
		left string
		want string
		none bool // no interruption: it came too late
	}{
		"before anything":               {when: "before", how: ctrlC, left: "one 1, two 1, three 1", want: "nothing was changed, 3 changes are left"},
		"in the first step":             {when: "in one", how: ctrlC, did: "one a", left: "two 1, three 1", want: "before step two: 1 change was made, 2 left"},
		"in the second step":            {when: "in two", how: ctrlC, did: "one a, two a", left: "three 1", want: "before step three: 2 changes were made, 1 left"},
		"in the last step":              {when: "in three", how: ctrlC, did: "one a, two a, three a", none: true},
		"twice in the second step":      {when: "in two", how: cutOff, did: "one a", left: "three 1", want: "in step two and cut off: 1 change is known to be made"},
		"twice in the last step":        {when: "in three", how: cutOff, did: "one a, two a", want: "in step three and cut off: 2 changes are known to be made"},
		"in a step that only waits yet": {when: "in two", how: "gives way", did: "one a", left: "two 1, three 1", want: "in step two: 1 change was made, 2 left"},
	} {
		for _, wide := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, cluster-wide %v", name, wide), func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				stop := make(chan struct{})
				var did []string
				var steps []Step
				for _, name := range []string{"one", "two", "three"} {
					a := deed{&shelf{name: name, wish: map[string]string{"a": "new"}, have: map[string]string{"a": "old"}, did: &did}, func(ctx context.Context) error {
						if c.when != "in "+name {
							return nil
						}
						close(stop)
						switch c.how {
						case cutOff:
							cancel(errors.New("told to leave"))
							return &remote.InterruptedError{Node: "n1", Label: "work", Unknown: true, Err: context.Cause(ctx)}
						case "gives way":
							return ErrInterrupted
						}
						return nil
					}}
					if wide {
						steps = append(steps, wideAct{a})
					} else {
						steps = append(steps, a)
					}
				}
				r := &Run{op: Operation{Steps: steps, Doing: "applying"}, observed: time.Now().Add(time.Hour), Cluster: &Cluster{forks: 1, emit: func(Event) {}, stop: stop, Playbook: &playbook.Playbook{},
					Nodes: []*Node{{Node: inventory.Node{Name: "n1"}, Facts: &facts.Facts{}, Conn: silent{}}}}}
				p, err := r.Plan(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if c.when == "before" {
					close(stop)
				}
				sum, err := r.Apply(ctx, p)
				if got := strings.Join(did, ", "); got != c.did {
					t.Errorf("did %q, want %q", got, c.did)
				}
				if sum.Changes != len(did) {
					t.Errorf("%d changes are counted, %d were made", sum.Changes, len(did))
				}
				if c.none {
					if err != nil || sum.Interrupted {
						t.Errorf("all was made, and yet: %v", err)
					}
					return
				}
				if !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				var left []string
				for _, l := range sum.Left {
					left = append(left, fmt.Sprintf("%s %d", l.Step, l.Changes))
				}
				if got := strings.Join(left, ", "); got != c.left || !sum.Interrupted {
					t.Errorf("left %q (interrupted: %v), want %q", got, sum.Interrupted, c.left)
				}
				if (c.how == cutOff) != (len(sum.Unknown) == 1 && strings.Contains(sum.Unknown[0], "whether it took effect is unknown")) {
					t.Errorf("not known: %q", sum.Unknown)
				}
				if sum.Nodes[0].FailedAt != "" || sum.Failure != "" {
					t.Errorf("it is told as a failure: %+v", sum)
				}
			})
		}
	}
}

// deafNode is a node that answers nothing until the context ends.
type deafNode struct {
	remote.Conn
	began func()
}

func (h deafNode) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	h.began()
	<-ctx.Done()
	return remote.Result{}, &remote.InterruptedError{Node: "n1", Label: cmd.Label, Err: context.Cause(ctx)}
}

func (h deafNode) Lock(ctx context.Context, _ string) (func(), error) {
	_, err := h.Run(ctx, remote.Cmd{Label: "lock"})
	return nil, err
}

func (h deafNode) Lost() <-chan struct{} { return nil }
func (h deafNode) Close() error          { return nil }

// TestReadingInterrupted: what only reads is broken off at the first request to
// stop, is told as an interruption, and nothing as changed.
func TestReadingInterrupted(t *testing.T) {
	node := inventory.Node{Name: "n1", NodeName: "n1"}
	p := &playbook.Playbook{Name: "c", Dir: t.TempDir()}
	p.Hacluster.Password = playbook.SecretRef{Command: []string{"sleep", "100"}}
	for name, do := range map[string]func(ctx context.Context, r *Run, stop chan struct{}, now func()) error{
		"connecting to the nodes": func(ctx context.Context, _ *Run, stop chan struct{}, now func()) error {
			_, err := Open(ctx, Verify, Config{Playbook: p, Nodes: []inventory.Node{node}, Forks: 1, Stop: stop,
				Dial: func(ctx context.Context, _ inventory.Node) (remote.Conn, error) {
					now()
					<-ctx.Done()
					return nil, context.Cause(ctx)
				}})
			return err
		},
		"taking the lock":   func(ctx context.Context, r *Run, _ chan struct{}, _ func()) error { return r.Lock(ctx) },
		"reading the nodes": func(ctx context.Context, r *Run, _ chan struct{}, _ func()) error { return r.Observe(ctx) },
		"planning": func(ctx context.Context, r *Run, _ chan struct{}, now func()) error {
			r.op = Operation{Steps: []Step{asks{now}}}
			_, err := r.Plan(ctx)
			return err
		},
		"verifying": func(ctx context.Context, r *Run, _ chan struct{}, _ func()) error {
			_, err := r.Verify(ctx, time.Hour)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			stop := make(chan struct{})
			began := make(chan struct{}, 10)
			now := func() { began <- struct{}{} }
			go func() {
				<-began
				close(stop)
			}()
			c := &Cluster{Playbook: p, forks: 1, stop: stop, emit: func(Event) {},
				Nodes: []*Node{{Node: node, Conn: deafNode{began: now}, Facts: &facts.Facts{}}}}
			err := do(ctx, &Run{Cluster: c, op: Plan}, stop, now)
			if ctx.Err() != nil {
				t.Fatal("it was not broken off")
			}
			if !errors.Is(err, ErrInterrupted) || !strings.HasPrefix(err.Error(), "interrupted while "+name) {
				t.Errorf("got %v", err)
			}
			var e *InterruptedError
			if errors.As(err, &e) && !strings.HasSuffix(err.Error(), "; nothing was changed") {
				t.Errorf("it does not say that nothing was changed: %v", err)
			}
		})
	}
}

// asks is a step that needs a secret.
type asks struct{ now func() }

func (asks) Name() string { return "asks" }

func (a asks) Check(ctx context.Context, t *Target) ([]plan.Change, error) {
	a.now()
	_, err := t.Secret(ctx, t.Playbook.Hacluster.Password)
	return nil, err
}

func (asks) Apply(context.Context, *Target, []plan.Change) error { return nil }
func (asks) ClusterWide()                                        {}

// TestNothingBegunAfterStop: a package manager that somebody else uses is not
// waited for, and no job is started.
func TestNothingBegunAfterStop(t *testing.T) {
	stop := make(chan struct{})
	close(stop)
	in := &installation{t: &Target{Node: &Node{}, Cluster: &Cluster{stop: stop}}}
	if err := in.run(t.Context()); !errors.Is(err, ErrInterrupted) {
		t.Errorf("got %v", err)
	}
}

const canary = `S3cr&t "w0rd"<9>`

// TestWordsAreMasked: what leaves the package has no secret in it, whatever a
// node says; and what is judged is what the node said.
func TestWordsAreMasked(t *testing.T) {
	m := secret.NewMasker()
	m.Add(secret.New(canary))
	var events []string
	c := &Cluster{Playbook: &playbook.Playbook{}, forks: 1, mask: m}
	c.emit = maskEvents(m, func(e Event) { events = append(events, fmt.Sprintf("%+v", e)) })
	for _, e := range []Event{
		Waiting{Detail: "x " + canary}, Working{Text: canary}, NodeFailed{Err: errors.New(canary)}, Skipped{Reason: canary},
		FindingSeen{plan.Finding{Message: canary, Seen: canary}}, RunDone{Summary{Failure: canary, Nodes: []NodeSummary{{Error: canary}}}},
		NodeChanged{Changes: []plan.Change{{Note: canary, Diffs: []plan.Diff{plan.Changes("password", canary, canary)}}}},
	} {
		c.emit(e)
	}
	r := &Run{Cluster: c, op: Plan}
	r.op.Steps = []Step{says{}}
	c.Nodes = []*Node{{Node: inventory.Node{Name: "n1"}, Facts: &facts.Facts{}, err: errors.New(canary)}}
	c.report(plan.Finding{Message: canary})
	p, err := r.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := p.Document()
	if err != nil {
		t.Fatal(err)
	}
	events = append(events, string(doc), fmt.Sprintf("%+v", r.summary(canary, []string{canary})))
	for _, text := range events {
		if slices.ContainsFunc([]string{canary, "w0rd"}, func(s string) bool { return strings.Contains(text, s) }) {
			t.Errorf("it is shown: %s", text)
		}
	}
	if p.Changes[0].Diffs[0].Before != canary || !p.Changes[0].Diffs[0].Secret {
		t.Error("what is compared is not what is there")
	}
}

// says is a step that finds a secret where none is expected.
type says struct{}

func (says) Name() string { return "says" }
func (says) Check(context.Context, *Target) ([]plan.Change, error) {
	return []plan.Change{{Action: plan.Update, Kind: "thing", ID: "a", Note: canary, Pcs: "pcs x " + canary,
		Diffs: []plan.Diff{plan.Changes("motd", canary, "x "+canary)}}}, nil
}
func (says) Apply(context.Context, *Target, []plan.Change) error { return nil }
func (says) ClusterWide()                                        {}
