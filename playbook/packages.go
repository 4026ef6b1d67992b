package playbook

import (
	"regexp"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Packages says what is installed on every node.
type Packages struct {
	// Set replaces the distribution's cluster set when not nil (the list
	// form); Install comes on top of it.
	Set, Install []string
	Pos          diag.Pos
}

// packageName is what every distribution takes as a name, without version and
// architecture. apt-get reads a last "-" as "remove it".
var packageName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._+-]{0,198}[A-Za-z0-9._+])?$`)

func (l *loader) packages(n *yamldoc.Node) Packages {
	if n == nil {
		return Packages{}
	}
	p := Packages{Pos: l.doc.Pos(n)}
	if n.Kind == yamldoc.Seq {
		p.Set = l.packageList(n, "packages")
		return p
	}
	p.Install = l.packageList(n.Get("install"), "packages.install")
	return p
}

func (l *loader) packageList(n *yamldoc.Node, path yamldoc.Path) []string {
	out := []string{}
	seen := map[string]bool{}
	for i, item := range items(n) {
		name := text(item)
		switch {
		case name == "":
		case !packageName.MatchString(name):
			l.errorAt(l.doc.Pos(item), path.Index(i), "give the name alone, without version or architecture", "%q cannot be the name of a package", name)
		case seen[name]:
			l.warnAt(l.doc.Pos(item), path.Index(i), "remove it", "the package %s is listed twice", name)
		default:
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}
