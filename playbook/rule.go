package playbook

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/rule"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// rule reads a rule; what is wrong with it is told at the word.
func (l *loader) rule(n *yamldoc.Node, path yamldoc.Path, uses rule.Uses) rule.Rule {
	if !l.sound(path) {
		return rule.Rule{}
	}
	r, err := rule.Parse(n.Text, uses)
	if wrong, ok := errors.AsType[*rule.Error](err); ok {
		l.errorAt(l.wordPos(n, wrong), path, wrong.Do, "%s", wrong.What)
	}
	return r
}

// wordPos is where a word of a rule stands in the file: the text of a value that
// is folded, or holds a variable, stands there otherwise, and then it is looked
// for behind the value's beginning.
func (l *loader) wordPos(n *yamldoc.Node, e *rule.Error) diag.Pos {
	pos := l.doc.Pos(n)
	line := []rune(l.doc.Text(pos.Line))
	if pos.Column < 1 || pos.Column > len(line)+1 {
		return pos
	}
	rest := string(line[pos.Column-1:])
	quote := 0
	if strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "'") {
		quote = 1
	}
	if end := quote + e.Offset; end <= len(rest) && strings.HasPrefix(rest[quote:], n.Text[:e.Offset]) && strings.HasPrefix(rest[end:], e.Word) {
		pos.Column += utf8.RuneCountInString(rest[:end])
		return pos
	}
	if i := strings.Index(rest, e.Word); i > 0 && e.Word != "" && strings.Count(n.Text, e.Word) == 1 {
		pos.Column += utf8.RuneCountInString(rest[:i])
	}
	return pos
}
