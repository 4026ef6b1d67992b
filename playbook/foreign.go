package playbook

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

var (
	// jinja is an expression or a statement of Jinja, as Ansible has them; those
	// of Go's templates ({{.State}}, {{json .}}), as docker takes them, are none.
	jinja = regexp.MustCompile(`\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)(?:\.[A-Za-z0-9_]+)*\s*(?:-?\}\}|[|\[(+~*/]|if\s)|\{%-?\s*(?:if|for|set|raw|macro|include|endif|endfor|else)\b`)
	// simple is a variable alone, perhaps with a filter.
	simple = regexp.MustCompile(`^\{\{-?\s*[A-Za-z0-9_]+\s*(?:-?\}\}|\|)`)
	// environment is a variable of a shell, alone.
	environment = regexp.MustCompile(`^\$[A-Z][A-Z0-9_]{2,}$`)
	// goWords are what may stand alone in a template of Go.
	goWords = map[string]bool{"end": true, "else": true, "break": true, "continue": true}
)

// foreignValues refuses what another program would have replaced: {{ vip }} of
// Ansible, $VIP of a shell, and text of ansible-vault. It would be set in the
// cluster as it stands. The text of files and commands is left alone. Of these
// values nothing else is told.
func (l *loader) foreignValues() {
	before := l.list
	l.list = nil
	defer func() {
		found := map[diag.Pos]bool{}
		for _, d := range l.list {
			found[d.Pos] = true
		}
		l.list = append(slices.DeleteFunc(before, func(d diag.Diagnostic) bool { return found[d.Pos] }), l.list...)
	}()
	withoutInventory(withoutVars(l.doc.Root)).Walk("", func(path yamldoc.Path, n *yamldoc.Node) {
		if n.Kind != yamldoc.Scalar || asItStands(path) {
			return
		}
		key := lastKey(path)
		password := key == "password" || secret.Named(key)
		m := jinja.FindStringSubmatch(n.Text)
		switch {
		case strings.HasPrefix(n.Text, "$ANSIBLE_VAULT;"):
			l.errorAt(l.doc.Pos(n), path, "use {command: [ansible-vault, view, FILE]}, {env: NAME} or {file: PATH}", "the value is encrypted by ansible-vault; hadeploy does not decrypt it")
		case m != nil && !goWords[m[1]] && password:
			l.errorAt(l.doc.Pos(n), path, "use {env: NAME}, {file: PATH} or {command: [ansible-vault, view, FILE]}", "the value is a Jinja template; hadeploy does not run templates")
		case m != nil && !goWords[m[1]]:
			hint := `write the value itself, or a variable: "${name}"`
			if simple.MatchString(n.Text) {
				hint = `write "${` + m[1] + `}", with ` + m[1] + " under vars or in -e " + m[1] + "=VALUE, or the value itself"
			}
			l.errorAt(l.doc.Pos(n), path, hint, "the value is a Jinja template; hadeploy does not run templates")
		case key == "env" || key == "file" && password:
			// The name of a variable is judged where it is read.
		case environment.MatchString(n.Text) && password:
			l.errorAt(l.doc.Pos(n), path, "write {env: NAME}; a secret that starts with $ goes into a file: {file: PATH}", "this is no secret but looks like the name of an environment variable")
		case environment.MatchString(n.Text):
			l.errorAt(l.doc.Pos(n), path, "write ${name}, and give -e name=\""+n.Text+"\"", "%s would be set as it stands; hadeploy replaces no environment variables", n.Text)
		}
	})
}

// asItStands reports whether a value is for another program to read.
func asItStands(path yamldoc.Path) bool {
	for _, part := range []string{".content", ".command", ".commands", ".description"} {
		if i := strings.Index(string(path), part); i >= 0 && path.Under(yamldoc.Path(string(path)[:i+len(part)])) {
			return true
		}
	}
	return false
}

// lastKey is the key that a path ends with.
func lastKey(path yamldoc.Path) string {
	s := string(path)
	return s[strings.LastIndexByte(s, '.')+1:]
}
