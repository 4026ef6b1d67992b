package playbook

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// verdict judges the text of a value: "" when it will do, else what is wrong.
type verdict func(text string) string

// rules are the rules of options by name.
type rules map[string]verdict

// check applies rules; names without one pass.
func (l *loader) check(options Options, path yamldoc.Path, r rules) {
	for _, o := range options {
		judge := r[o.Name]
		if judge == nil || o.Value.Secret != nil {
			continue
		}
		if complaint := judge(o.Value.Text); complaint != "" {
			l.judgeAt(o.Value.Pos, path.Key(o.Name), "", "%s", complaint)
		}
	}
}

// checkAll applies rules, and refuses names without one. What says whose
// option it is: "option of totem".
func (l *loader) checkAll(options Options, path yamldoc.Path, r rules, what string) {
	names := r.names()
	for _, o := range options {
		if _, known := r[o.Name]; !known {
			l.judgeAt(o.Pos, path.Key(o.Name), diag.DidYouMean(o.Name, names), "unknown %s %q", what, o.Name)
		}
	}
	l.check(options, path, r)
}

func (r rules) names() []string {
	var out []string
	for name := range r {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func oneOf(values ...string) verdict {
	return func(text string) string {
		if slices.Contains(values, text) {
			return ""
		}
		return fmt.Sprintf("must be %s, not %s", orList(values), quote(text))
	}
}

func orList(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}

func number(low, high int64) verdict {
	return func(text string) string {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil || strings.HasPrefix(text, "+"):
			return fmt.Sprintf("must be a whole number, not %s", quote(text))
		case n < low || n > high:
			return fmt.Sprintf("must be from %d to %d, not %d", low, high, n)
		}
		return ""
	}
}

const maxInt = 1<<31 - 1

func notEmpty(text string) string {
	if text == "" {
		return "is empty"
	}
	return ""
}

func duration(text string) string {
	if _, err := ParseDuration(text); err != nil {
		return fmt.Sprintf("%s %v", quote(text), err)
	}
	return ""
}

func interval(text string) string {
	if _, err := ParseInterval(text); err != nil {
		return fmt.Sprintf("%s %v", quote(text), err)
	}
	return ""
}

func boolean(text string) string {
	if pacemaker.Bool(text) {
		return ""
	}
	return fmt.Sprintf("must be true or false, not %s", quote(text))
}

var scoreText = regexp.MustCompile(`^[+-]?(INFINITY|[0-9]+)$`)

func score(text string) string {
	if scoreText.MatchString(text) {
		return ""
	}
	return fmt.Sprintf("must be a whole number, INFINITY or -INFINITY, not %s", quote(text))
}

// rulesOf are the rules of Pacemaker's own options, by the sort of their values.
// A wrong value Pacemaker would silently ignore, and take its default.
func rulesOf(options []pacemaker.Option) rules {
	r := rules{}
	for _, o := range options {
		switch o.Sort {
		case pacemaker.Text:
			r[o.Name] = func(string) string { return "" }
		case pacemaker.Boolean:
			r[o.Name] = boolean
		case pacemaker.Integer:
			r[o.Name] = number(o.Least, maxInt)
		case pacemaker.ScoreValue:
			r[o.Name] = scoreFrom(o.Least)
			if o.Natural {
				r[o.Name] = noLess
			}
		case pacemaker.Duration:
			r[o.Name] = interval
		case pacemaker.Percentage:
			r[o.Name] = percentage
		case pacemaker.Select:
			r[o.Name] = wordOf(o)
		}
	}
	return r
}

var (
	propertyRules = rulesOf(pacemaker.Properties())

	metaRules = func() rules {
		r := rulesOf(pacemaker.MetaAttributes())
		r["target-role"] = func(text string) string {
			if !strings.EqualFold(text, "Master") && !strings.EqualFold(text, "Slave") {
				text = pacemaker.Role(text)
			}
			return role(text)
		}
		return r
	}()

	operationRules = func() rules {
		r := rulesOf(pacemaker.OperationOptions())
		r["timeout"] = func(text string) string {
			if d, err := ParseDuration(text); err == nil && d == 0 {
				return "is no time at all: Pacemaker takes 0 for its default, 20s"
			}
			return duration(text)
		}
		r["interval-origin"] = notEmpty
		r["role"] = role
		return r
	}()
)

// checkNames finds the names that Pacemaker does not have. One that is nearly a
// known one is a slip, and an error; any other is kept by Pacemaker and means
// nothing to it: some agents and tools read their own. Those that the playbook
// lists are meant.
func (l *loader) checkNames(options Options, path yamldoc.Path, known []pacemaker.Option, what string) {
	names := pacemaker.Names(known)
	for _, o := range options {
		if k := pacemaker.Find(known, o.Name); k != nil {
			if k.Now != "" {
				l.warnAt(o.Pos, path.Key(o.Name), "use "+k.Now, "%s is the name of older releases of Pacemaker, which those from %s on do not know", o.Name, k.Gone)
			}
			continue
		}
		if slices.Contains(l.own, o.Name) {
			continue
		}
		meant := diag.Closest(o.Name, names)
		hint := diag.DidYouMean(o.Name, names)
		if meant != "" && diag.Distance(strings.ReplaceAll(strings.ToLower(o.Name), "_", "-"), meant) <= 2 {
			l.judgeAt(o.Pos, path.Key(o.Name), hint, "unknown %s %q", what, o.Name)
			continue
		}
		l.warnAt(o.Pos, path.Key(o.Name), cmp.Or(hint, "if that is meant, list it under own_names"),
			"Pacemaker knows no %s %q: it would be written into the CIB and do nothing, unless an agent reads it", what, o.Name)
	}
}

// ownNames are the names that the playbook lists as meant. One that Pacemaker
// knows is no such name, and one that is nowhere does no harm.
func (l *loader) ownNames(n *yamldoc.Node) (own []string) {
	for i, item := range items(n) {
		name := text(item)
		for _, known := range [][]pacemaker.Option{pacemaker.Properties(), pacemaker.MetaAttributes()} {
			if pacemaker.Find(known, name) != nil {
				l.errorAt(l.doc.Pos(item), yamldoc.Path("own_names").Index(i), "remove it here", "%s is a name of Pacemaker's, and needs no leave", name)
				name = ""
			}
		}
		if name != "" {
			own = append(own, name)
		}
	}
	return own
}

// percentage wants the sign too: Pacemaker takes 80 for no percentage, and uses
// its default.
func percentage(text string) string {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		if n, err := strconv.Atoi(number); err == nil && n >= 0 {
			return ""
		}
	}
	return fmt.Sprintf("must be a percentage such as 80%%, not %s", quote(text))
}

// wordOf wants one of the values of a Select.
func wordOf(o pacemaker.Option) verdict {
	return func(text string) string {
		if o.Takes(text) {
			return ""
		}
		return oneOf(o.Values...)(text)
	}
}

// scoreFrom wants a score of at least least; of 0, any score.
func scoreFrom(least int64) verdict {
	return func(text string) string {
		complaint := score(text)
		if complaint != "" && strings.EqualFold(strings.TrimLeft(text, "+-"), "INFINITY") {
			return fmt.Sprintf("must be %s, in capitals: Pacemaker does not know %s", strings.ToUpper(text), quote(text))
		}
		if n, ok := pacemaker.Score(text); complaint == "" && least != 0 && ok && n < float64(least) {
			return fmt.Sprintf("must be %d or more, not %s", least, quote(text))
		}
		return complaint
	}
}

// noLess wants a score of 0 or more.
func noLess(text string) string {
	if n, ok := pacemaker.Score(text); ok && n < 0 && scoreText.MatchString(text) {
		return fmt.Sprintf("must be 0 or more, not %s: Pacemaker takes what is below for 1, and later releases refuse it", quote(text))
	}
	return scoreFrom(0)(text)
}

// role wants the present names of roles; the old ones are said in the new.
func role(text string) string {
	renamed := map[string]string{"Master": "Promoted", "Slave": "Unpromoted"}
	if now := renamed[text]; now != "" {
		return fmt.Sprintf("must be %s: Pacemaker has renamed %s", now, text)
	}
	return oneOf("Started", "Stopped", "Promoted", "Unpromoted")(text)
}
