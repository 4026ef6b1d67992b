package playbook

import (
	"fmt"
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
	c.Rules = l.locationRules(n.Get("rules"), path+".rules")
	if c.Rules == nil {
		l.oneOfTwo(n, path, "node", "rule", "the name of a node, or a rule: \"#uname eq n1\"")
	} else {
		for _, key := range []string{"node", "rule", "score", "score_attribute", "role"} {
			if f := n.Field(key); f != nil {
				l.errorAt(l.doc.KeyPos(f), path.Key(key), "remove it, or write it in each of the rules", "%s does not go with rules", key)
			}
		}
		c.Score = ""
	}
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
	for i := range c.Rules {
		r := &c.Rules[i]
		l.promotes(n.Get("rules").Items[i].Get("role"), r.Role, d, c.Resource, (path + ".rules").Index(i).Key("role"))
		said += fmt.Sprintf("%q %s %s %s ", r.String(), r.Score, r.ScoreAttribute, r.Role)
	}
	if (c.Resource == "") != (c.Pattern == "") && (c.Node == "") != (said == "") {
		l.only(once, c.Pos, path, "location %q %q %q %q %q", c.Resource, c.Pattern, c.Node, said, c.Role)
	}
	return c
}

// locationRules are several rules of one constraint.
func (l *loader) locationRules(n *yamldoc.Node, path yamldoc.Path) (list []LocationRule) {
	for i, item := range items(n) {
		at := path.Index(i)
		r := LocationRule{Role: text(item.Get("role")), ScoreAttribute: text(item.Get("score_attribute")), Pos: l.doc.Pos(item.Get("rule"))}
		if f := item.Field("rule"); f != nil && f.Value.Kind == yamldoc.Scalar {
			r.Rule = l.rule(f.Value, at+".rule", rule.Uses{Attributes: true})
		}
		switch {
		case r.ScoreAttribute == "":
			r.Score = l.score(item.Get("score"), at+".score")
		case item.Field("score") != nil:
			l.errorAt(l.doc.Pos(item.Get("score_attribute")), at+".score_attribute", "keep one of them", "the score stands in score already")
		}
		list = append(list, r)
	}
	return list
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
