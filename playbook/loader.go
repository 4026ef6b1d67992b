package playbook

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// loader reads the tree into a Playbook. It takes what has the right shape and
// leaves out the rest: the schema has reported that.
type loader struct {
	doc    *yamldoc.Document
	dir    string // the playbook's folder
	list   diag.List
	broken []yamldoc.Path // where the schema is violated

	ids       map[string]*declared // every id, and what it names
	units     map[string]Primitive // every unit of the system, and who runs it
	places    map[string]placed    // every path on the nodes that a file or agent has
	within    map[string]placed    // every folder, and the first that lies in it
	templates map[string]*Primitive
	asFound   bool     // see Playbook.AsFound
	fencing   bool     // a fencing device is declared
	own       []string // names of properties and meta attributes that Pacemaker need not know
	hints     int      // near names looked for so far
}

// declared is what an id names.
type declared struct {
	kind       string // primitive, group, clone, promotable clone, fencing device, tag, constraint, set of defaults
	resource   bool   // a constraint may refer to it
	promotable bool   // the clone that has promoted instances
	inside     string // id of the clone around it
	line       int
}

// placed is what has a path on the nodes.
type placed struct {
	what string // the file /x, the agent ocf:acme:x
	line int
}

func (l *loader) errorAt(pos diag.Pos, path yamldoc.Path, hint, format string, args ...any) {
	l.list = append(l.list, l.doc.At(pos, diag.Error, path, fmt.Sprintf(format, args...), hint))
}

// judgeAt reports what a CIB can hold and no one should declare: an error, and a
// warning where the playbook says that the cluster was found so.
func (l *loader) judgeAt(pos diag.Pos, path yamldoc.Path, hint, format string, args ...any) {
	if l.asFound {
		l.warnAt(pos, path, hint, format, args...)
		return
	}
	l.errorAt(pos, path, hint, format, args...)
}

func (l *loader) warnAt(pos diag.Pos, path yamldoc.Path, hint, format string, args ...any) {
	l.list = append(l.list, l.doc.At(pos, diag.Warning, path, fmt.Sprintf(format, args...), hint))
}

// sound reports whether the schema found nothing wrong under path.
func (l *loader) sound(path yamldoc.Path) bool {
	return !slices.ContainsFunc(l.broken, func(b yamldoc.Path) bool { return b.Under(path) })
}

// fieldPos is the position of a section's name.
func (l *loader) fieldPos(f *yamldoc.Field) diag.Pos {
	if f == nil {
		return diag.Pos{File: l.doc.File}
	}
	return l.doc.KeyPos(f)
}

// maxHints bounds how often near names are looked for: a file with more slips
// has another problem.
const maxHints = 100

func quote(text string) string {
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "..."
	}
	return strconv.Quote(text)
}
