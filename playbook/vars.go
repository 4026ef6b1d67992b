package playbook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// maxExpansion bounds the text of one value after substitution, in bytes.
const maxExpansion = yamldoc.MaxSize

// variables are the names that ${name} may use.
type variables struct {
	doc     *yamldoc.Document
	given   map[string]string         // -e; not expanded further
	written map[string]*yamldoc.Field // vars:
	value   map[string]string         // of those already expanded
	busy    map[string]bool           // being expanded, to find a circle
	used    map[string]bool
	hints   int // given so far
	list    diag.List
}

// substitute replaces ${name} in every value of doc; $${ stands for ${. Keys
// are left as they are. Values keep their positions.
func substitute(doc *yamldoc.Document, given map[string]string) diag.List {
	v := &variables{
		doc: doc, given: given,
		written: map[string]*yamldoc.Field{},
		value:   map[string]string{},
		busy:    map[string]bool{},
		used:    map[string]bool{},
	}
	if vars := doc.Root.Get("vars"); vars != nil {
		for i := range vars.Fields {
			f := &vars.Fields[i]
			path := yamldoc.Path("vars").Key(f.Key)
			if !variableName(f.Key) {
				v.fail(doc.KeyPos(f), path, "use letters, digits and _, a letter or _ first", fmt.Sprintf("%q cannot be the name of a variable", f.Key))
				continue
			}
			v.written[f.Key] = f
		}
		// Also those that nothing uses are read, so that their errors show.
		for i := range vars.Fields {
			if f := &vars.Fields[i]; v.written[f.Key] == f && f.Value.Kind == yamldoc.Scalar {
				v.lookup(f.Key)
			}
		}
	}
	clear(v.used)
	withoutVars(doc.Root).Walk("", func(path yamldoc.Path, n *yamldoc.Node) {
		if n.Kind == yamldoc.Scalar {
			n.Text = v.expand(n, path)
		}
	})
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !v.used[name] {
			v.list = append(v.list, diag.Diagnostic{
				Pos: diag.Pos{File: doc.File}, Severity: diag.Warning,
				Message: fmt.Sprintf("-e %s is given, but nothing uses ${%s}", name, name),
				Hint:    v.meant(name),
			})
		}
	}
	return v.list
}

func (v *variables) fail(pos diag.Pos, path yamldoc.Path, hint, message string) {
	v.list = append(v.list, v.doc.At(pos, diag.Error, path, message, hint))
}

// meant is what to do about a variable that nothing uses: those of the command
// line are no names that it could be a slip for.
func (v *variables) meant(name string) string {
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(v.written)), func(n string) bool { return n == name })
	return cmp.Or(diag.DidYouMean(name, others), fmt.Sprintf("leave it out, or write ${%s} where it is meant", name))
}

// names are all defined names, sorted.
func (v *variables) names() []string {
	all := map[string]bool{}
	for n := range v.given {
		all[n] = true
	}
	for n := range v.written {
		all[n] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// expand is the text of n with its variables replaced. What cannot be replaced
// is reported and stays.
func (v *variables) expand(n *yamldoc.Node, path yamldoc.Path) string {
	rest := n.Text
	if !strings.Contains(rest, "${") {
		return rest
	}
	pos := v.doc.Pos(n)
	var out strings.Builder
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			break
		}
		if i > 0 && rest[i-1] == '$' {
			out.WriteString(rest[:i-1] + "${")
			rest = rest[i+2:]
			continue
		}
		out.WriteString(rest[:i])
		name, after, closed := strings.Cut(rest[i+2:], "}")
		if !closed || !variableName(name) {
			v.fail(pos, path, "write ${name}; a ${ that is meant as it is stands as $${", "the value holds a ${ that is no variable")
			return n.Text
		}
		text, ok := v.lookup(name)
		if !ok {
			if v.written[name] == nil {
				hint := "define it under vars, or give -e " + name + "=VALUE; a ${ that is meant as it is stands as $${"
				if v.hints++; v.hints > maxHints {
					hint = ""
				} else if meant := diag.Closest(name, v.names()); meant != "" {
					hint = fmt.Sprintf("did you mean ${%s}?", meant)
				}
				v.fail(pos, path, hint, fmt.Sprintf("the variable %q is not defined", name))
			}
			return n.Text
		}
		if out.Len()+len(text) > maxExpansion {
			v.fail(pos, path, "", fmt.Sprintf("the value is larger than %d KiB once its variables are replaced", maxExpansion>>10))
			return n.Text
		}
		out.WriteString(text)
		rest = after
	}
	out.WriteString(rest)
	return out.String()
}

// lookup is the value of a variable. Variables under vars may use others.
func (v *variables) lookup(name string) (string, bool) {
	v.used[name] = true
	if text, ok := v.given[name]; ok {
		return text, true
	}
	if text, ok := v.value[name]; ok {
		return text, true
	}
	f := v.written[name]
	if f == nil || f.Value.Kind != yamldoc.Scalar {
		return "", false
	}
	path := yamldoc.Path("vars").Key(name)
	if v.busy[name] {
		v.fail(v.doc.KeyPos(f), path, "", fmt.Sprintf("the variable %q uses itself", name))
		return "", false
	}
	v.busy[name] = true
	text := v.expand(f.Value, path)
	delete(v.busy, name)
	v.value[name] = text
	return text, true
}

// withoutVars is the document without its variables; a value that an alias
// brings from there counts where it is used.
func withoutVars(root *yamldoc.Node) *yamldoc.Node { return root.Without("vars") }

func variableName(s string) bool {
	for i, r := range s {
		switch {
		case r == '_', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		case r >= '0' && r <= '9' && i > 0:
		default:
			return false
		}
	}
	return s != ""
}
