package playbook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/rule"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Constraints bind resources to nodes and to each other.
type Constraints struct {
	Location   []Location
	Colocation []Colocation
	Order      []Order
	Ticket     []Ticket
}

// Location is a preference of a resource for, or against, a node, or all nodes
// for which a rule holds.
type Location struct {
	ID       string // empty: made from the resource and the node as pcs does
	Resource string
	Pattern  string // a POSIX regular expression for ids, instead of Resource
	Node     string // empty: there is a rule
	Rule     *LocationRule
	Rules    []LocationRule // instead of Rule: several, each with a score and a role of its own
	Role     string         // Started, Promoted, Unpromoted; empty: any
	Score    string         // INFINITY when not given; empty with Rule.ScoreAttribute
	Options  Options
	Pos      diag.Pos
	NodePos  diag.Pos // of the node's name
}

// LocationRule says on which nodes, or when, a location holds.
type LocationRule struct {
	rule.Rule
	ScoreAttribute string   // the node attribute that holds the score; empty: Location.Score
	Score, Role    string   // of one of several
	Pos            diag.Pos // of its text
}

// Colocation keeps a resource with, or apart from, another.
type Colocation struct {
	ID             string
	Resource, With string
	Role, WithRole string // Started, Promoted, Unpromoted; empty: not given
	Score          string
	Options        Options
	Sets           []ResourceSet // instead of Resource and With
	Pos            diag.Pos
}

// Order makes one action wait for another.
type Order struct {
	ID                      string
	First, Then             string
	FirstAction, ThenAction string
	Options                 Options       // kind, symmetrical, require-all
	Sets                    []ResourceSet // instead of First and Then
	Pos                     diag.Pos
}

var colocationRules = rules{"influence": boolean, "node-attribute": notEmpty}

func (l *loader) constraints(n *yamldoc.Node) Constraints {
	var c Constraints
	once := map[string]int{} // what a constraint says -> its line
	for i, item := range items(n.Get("location")) {
		c.Location = append(c.Location, l.location(item, yamldoc.Path("constraints.location").Index(i), once))
	}
	for i, item := range items(n.Get("colocation")) {
		c.Colocation = append(c.Colocation, l.colocation(item, yamldoc.Path("constraints.colocation").Index(i), once))
	}
	for i, item := range items(n.Get("order")) {
		c.Order = append(c.Order, l.order(item, yamldoc.Path("constraints.order").Index(i), once))
	}
	for i, item := range items(n.Get("ticket")) {
		c.Ticket = append(c.Ticket, l.ticket(item, yamldoc.Path("constraints.ticket").Index(i), once))
	}
	return c
}

// only reports a constraint that says what another says already.
func (l *loader) only(once map[string]int, pos diag.Pos, path yamldoc.Path, format string, args ...any) {
	key := fmt.Sprintf(format, args...)
	if line := once[key]; line > 0 {
		l.judgeAt(pos, path, "keep one of them", "the same constraint stands on line %d already", line)
		return
	}
	once[key] = pos.Line
}

func (l *loader) colocation(n *yamldoc.Node, path yamldoc.Path, once map[string]int) Colocation {
	c := Colocation{
		ID:       text(n.Get("id")),
		Resource: text(n.Get("resource")), Role: text(n.Get("role")),
		With: text(n.Get("with")), WithRole: text(n.Get("with_role")),
		Pos: l.doc.Pos(n),
	}
	l.declare(n.Get("id"), path+".id", &declared{kind: "constraint"})
	c.Score = l.score(n.Get("score"), path+".score")
	c.Options = l.options(n.Get("options"), path+".options")
	l.checkAll(c.Options, path+".options", colocationRules, "option of a colocation constraint")
	l.oneForm(n, path, []string{"resource", "with"}, []string{"role", "with_role", "options"})
	c.Sets = l.resourceSets(n.Get("sets"), path+".sets", "sequential", "role")
	if len(c.Sets) > 0 {
		l.binds(c.Sets, c.Pos, path+".sets")
		l.only(once, c.Pos, path, "colocation %s", setsWord(c.Sets))
		return c
	}
	l.promotes(n.Get("role"), c.Role, l.refer(n.Get("resource"), path+".resource"), c.Resource, path+".role")
	l.promotes(n.Get("with_role"), c.WithRole, l.refer(n.Get("with"), path+".with"), c.With, path+".with_role")
	if c.Resource != "" && c.With != "" {
		if c.Resource == c.With {
			l.judgeAt(l.doc.Pos(n.Get("with")), path+".with", "", "%s cannot be colocated with itself", c.Resource)
		}
		l.only(once, c.Pos, path, "colocation %q %q %q %q", c.Resource, c.Role, c.With, c.WithRole)
	}
	return c
}

func (l *loader) order(n *yamldoc.Node, path yamldoc.Path, once map[string]int) Order {
	c := Order{
		ID:    text(n.Get("id")),
		First: text(n.Get("first")), FirstAction: text(n.Get("first_action")),
		Then: text(n.Get("then")), ThenAction: text(n.Get("then_action")),
		Pos: l.doc.Pos(n),
	}
	l.declare(n.Get("id"), path+".id", &declared{kind: "constraint"})
	for _, o := range []struct{ key, name string }{{"kind", "kind"}, {"symmetrical", "symmetrical"}, {"require_all", "require-all"}} {
		f := n.Field(o.key)
		if f == nil || f.Value.Kind != yamldoc.Scalar {
			continue
		}
		v := Value{Text: f.Value.Text, Pos: l.doc.Pos(f.Value)}
		if o.key != "kind" {
			// The CIB's schema wants these two words; the schema of the
			// playbook has seen that it is one of theirs.
			v.Text = fmt.Sprint(flag(f.Value, true))
		}
		c.Options = append(c.Options, Option{Name: o.name, Value: v, Pos: l.doc.KeyPos(f)})
	}
	l.oneForm(n, path, []string{"first", "then"}, []string{"first_action", "then_action", "require_all"})
	c.Sets = l.resourceSets(n.Get("sets"), path+".sets", "sequential", "require_all", "action")
	if len(c.Sets) > 0 {
		l.binds(c.Sets, c.Pos, path+".sets")
		l.only(once, c.Pos, path, "order %s", setsWord(c.Sets))
		return c
	}
	first, then := l.refer(n.Get("first"), path+".first"), l.refer(n.Get("then"), path+".then")
	for _, a := range []struct {
		key, action, id string
		of              *declared
	}{{"first_action", c.FirstAction, c.First, first}, {"then_action", c.ThenAction, c.Then, then}} {
		if a.action == "promote" || a.action == "demote" {
			l.promotes(n.Get(a.key), a.action, a.of, a.id, path.Key(a.key))
		}
	}
	if c.First != "" && c.Then != "" {
		if c.First == c.Then {
			l.judgeAt(l.doc.Pos(n.Get("then")), path+".then", "", "%s cannot wait for itself", c.First)
		}
		l.only(once, c.Pos, path, "order %q %q %q %q", c.First, cmp.Or(c.FirstAction, "start"), c.Then, cmp.Or(c.ThenAction, "start"))
	}
	return c
}

// score is the text of a score, INFINITY when it is not given.
func (l *loader) score(n *yamldoc.Node, path yamldoc.Path) string {
	if n == nil || n.Kind != yamldoc.Scalar {
		return "INFINITY"
	}
	if complaint := score(n.Text); complaint != "" {
		l.errorAt(l.doc.Pos(n), path, meantScore(n.Text), "%s", complaint)
	}
	return n.Text
}

// meantScore says how a score that is written otherwise elsewhere is written
// here, "" when that is not known.
func meantScore(text string) string {
	sign, rest := "", strings.ToLower(strings.TrimSpace(text))
	if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
		sign, rest = strings.TrimPrefix(rest[:1], "+"), rest[1:]
	}
	digits := strings.NewReplacer("_", "", ",", "", " ", "").Replace(rest)
	switch {
	case rest == "inf" || rest == "infinite" || diag.Distance(rest, "infinity") <= 1 && len(rest) > 5 || rest == "∞":
		return "write " + sign + "INFINITY"
	case digits != rest && scoreText.MatchString(digits):
		return "write " + sign + digits
	}
	return ""
}

// promotes reports a role or an action that only a promotable clone has.
func (l *loader) promotes(n *yamldoc.Node, word string, d *declared, id string, path yamldoc.Path) {
	if d == nil || d.promotable || !slices.Contains([]string{"Promoted", "Unpromoted", "promote", "demote"}, word) {
		return
	}
	l.judgeAt(l.doc.Pos(n), path, fmt.Sprintf("make %s promotable, or remove %s", id, word), "%s is a %s; only a promotable clone can be promoted", id, d.kind)
}
