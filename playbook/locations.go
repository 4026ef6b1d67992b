package playbook

import (
	"regexp"

	"github.com/hadeploy/hadeploy/internal/rule"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

var locationRules = rules{"resource-discovery": oneOf("always", "never", "exclusive")}

func (l *loader) location(n *yamldoc.Node, path yamldoc.Path, once map[string]int) Location {
	c := Location{ID: text(n.Get("id")), Resource: text(n.Get("resource")), Pattern: text(n.Get("resource_pattern")),
		Node: text(n.Get("node")), Role: text(n.Get("role")), Pos: l.doc.Pos(n), NodePos: l.doc.Pos(n.Get("node"))}
	l.declare(n.Get("id"), path+".id", &declared{kind: "constraint"})
	c.Score = l.score(n.Get("score"), path+".score")
	c.Options = l.options(n.Get("options"), path+".options")
	l.checkAll(c.Options, path+".options", locationRules, "option of a location constraint")
	l.oneOfTwo(n, path, "resource", "resource_pattern", "an id of a resource")
	l.oneOfTwo(n, path, "node", "rule", "the name of a node, or a rule: \"#uname eq n1\"")
	d := l.refer(n.Get("resource"), path+".resource")
	l.promotes(n.Get("role"), c.Role, d, c.Resource, path+".role")
	if c.Pattern != "" {
		if _, err := regexp.CompilePOSIX(c.Pattern); err != nil {
			l.errorAt(l.doc.Pos(n.Get("resource_pattern")), path+".resource_pattern", "write it as grep -E takes it: web-.*", "%s is no regular expression: %v", quote(c.Pattern), err)
		}
	}
	at := n.Get("score_attribute")
	if f := n.Field("rule"); f != nil && f.Value.Kind == yamldoc.Scalar {
		c.Rule = &LocationRule{Rule: l.rule(f.Value, path+".rule", rule.Uses{Attributes: true}), ScoreAttribute: text(at), Pos: l.doc.Pos(f.Value)}
	}
	switch {
	case at == nil:
	case n.Field("rule") == nil:
		l.errorAt(l.doc.Pos(at), path+".score_attribute", "remove it, or write a rule", "the score can stand in a node attribute only where there is a rule")
	case n.Field("score") != nil:
		l.errorAt(l.doc.Pos(at), path+".score_attribute", "keep one of them", "the score stands in score already")
	default:
		c.Score = ""
	}
	said := ""
	if c.Rule != nil {
		said = c.Rule.String()
	}
	if (c.Resource == "") != (c.Pattern == "") && (c.Node == "") != (said == "") {
		l.only(once, c.Pos, path, "location %q %q %q %q %q", c.Resource, c.Pattern, c.Node, said, c.Role)
	}
	return c
}

// oneOfTwo wants exactly one of two keys.
func (l *loader) oneOfTwo(n *yamldoc.Node, path yamldoc.Path, first, second, what string) {
	if n.Kind != yamldoc.Map || !l.sound(path) {
		return
	}
	a, b := n.Field(first), n.Field(second)
	switch {
	case a == nil && b == nil:
		l.errorAt(l.doc.Pos(n), path, "add "+first+": "+what, "the key %q is missing, or %q", first, second)
	case a != nil && b != nil:
		l.errorAt(l.doc.KeyPos(b), path.Key(second), "keep one of them", "%s does not go with %s", second, first)
	}
}
