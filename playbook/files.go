package playbook

import (
	"bytes"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// File is a file that the resources need on every node.
type File struct {
	Path    string // absolute, on the node
	Source  string // on the controller; empty: Content is given inline
	Content []byte // read when the playbook is loaded
	Mode    string // "0644"
	Owner   string // user[:group]; empty: root:root
	Pos     diag.Pos
}

// Agent is a resource agent of the user's own, installed under
// /usr/lib/ocf/resource.d/PROVIDER/NAME.
type Agent struct {
	Name    string // ocf:PROVIDER:TYPE
	Source  string
	Content []byte
	Pos     diag.Pos
}

// Path is where the agent lives on a node.
func (a Agent) Path() string {
	ref := ParseAgent(a.Name)
	return "/usr/lib/ocf/resource.d/" + ref.Provider + "/" + ref.Type
}

// MaxFile is the largest file that is put onto nodes, in bytes.
const MaxFile = 64 << 20

var (
	fileMode  = regexp.MustCompile(`^0?[0-7]{3,4}$`)
	fileOwner = regexp.MustCompile(`^[A-Za-z_0-9][A-Za-z0-9_.-]*\$?(:[A-Za-z_0-9][A-Za-z0-9_.-]*)?$`)
)

// ownPaths are written by hadeploy's own steps or by the cluster itself.
var ownPaths = []string{
	"/etc/corosync/corosync.conf", "/etc/corosync/authkey", "/etc/pacemaker/authkey",
	"/etc/corosync/.corosync.conf.hadeploy", "/var/lib/hadeploy", "/run/hadeploy", "/run/hadeploy.corosync-reloaded",
	"/var/lib/pacemaker", "/var/lib/corosync", "/var/lib/pcsd",
}

func (l *loader) files(n *yamldoc.Node) []File {
	var out []File
	for i, item := range items(n) {
		at := yamldoc.Path("files").Index(i)
		f := File{Path: text(item.Get("path")), Mode: text(item.Get("mode")), Owner: text(item.Get("owner")), Pos: l.doc.Pos(item)}
		if f.Path != "" {
			l.checkNodePath(item.Get("path"), at+".path")
			l.place(f.Path, "the file "+f.Path, item.Get("path"), at+".path")
		}
		f.Mode = l.mode(item.Get("mode"), at+".mode")
		if f.Owner != "" && !fileOwner.MatchString(f.Owner) {
			l.errorAt(l.doc.Pos(item.Get("owner")), at+".owner", "write user or user:group", "%q is not an owner", f.Owner)
		}
		source, content := item.Get("source"), item.Get("content")
		switch {
		case source != nil && content != nil:
			l.errorAt(l.doc.KeyPos(item.Field("content")), at, "keep one of them", "both source and content are given")
		case content != nil:
			f.Content = []byte(text(content))
		case text(source) != "":
			f.Source = source.Text
			f.Content = l.source(source, at+".source")
		case source == nil && l.sound(at):
			l.errorAt(l.doc.Pos(item), at, "give source: PATH, or the text itself as content", "the file has no content")
		}
		out = append(out, f)
	}
	return out
}

// checkNodePath wants a plain absolute path that is nobody else's.
func (l *loader) checkNodePath(n *yamldoc.Node, at yamldoc.Path) {
	p := n.Text
	switch {
	case !path.IsAbs(p):
		l.errorAt(l.doc.Pos(n), at, "start it with /", "%q is not an absolute path", p)
	case strings.HasSuffix(p, "/"):
		l.errorAt(l.doc.Pos(n), at, "", "%q names a folder; files are put one by one", p)
	case path.Clean(p) != p:
		l.errorAt(l.doc.Pos(n), at, "write "+path.Clean(p), "%q is not written plainly", p)
	default:
		for _, own := range ownPaths {
			switch {
			case p == own || strings.HasPrefix(p, own+"/"):
				l.errorAt(l.doc.Pos(n), at, "use the sections of this playbook for it", "%s is written by hadeploy or by the cluster itself", own)
				return
			case strings.HasPrefix(own, p+"/"):
				l.errorAt(l.doc.Pos(n), at, "choose another path", "%s cannot be a file: it is the folder of %s", p, own)
				return
			}
		}
	}
}

// moved are folders that are links on the nodes: one file by two names.
var moved = []struct{ from, to string }{
	{"/bin", "/usr/bin"}, {"/sbin", "/usr/sbin"}, {"/lib", "/usr/lib"}, {"/lib32", "/usr/lib32"}, {"/lib64", "/usr/lib64"},
	{"/var/run", "/run"}, {"/var/lock", "/run/lock"},
}

// plainly is the one name of a path that may be spelled in several ways.
func plainly(p string) string {
	p = path.Clean(p)
	for _, m := range moved {
		if rest, ok := strings.CutPrefix(p, m.from+"/"); ok {
			return m.to + "/" + rest
		}
	}
	return p
}

// place takes a path on the nodes for one file or agent. No other may have
// the same one, however it is spelled, nor lie under it: a file is no folder.
func (l *loader) place(p, what string, n *yamldoc.Node, at yamldoc.Path) {
	if !path.IsAbs(p) {
		return // told already
	}
	name, pos := plainly(p), l.doc.Pos(n)
	if first, found := l.places[name]; found {
		as := "stands first"
		if first.what != what {
			as = "stands as " + first.what
		}
		l.errorAt(pos, at, "keep one of them", "%s is given twice; it %s on line %d", what, as, first.line)
		return
	}
	l.places[name] = placed{what, pos.Line}
	if below, found := l.within[name]; found {
		l.errorAt(pos, at, "choose another path for one of them", "%s is also the folder of %s on line %d; a path is a file or a folder", what, below.what, below.line)
	}
	for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
		if above, found := l.places[dir]; found {
			l.errorAt(pos, at, "choose another path for one of them", "%s would lie in %s, which is put on line %d; a path is a file or a folder", what, above.what, above.line)
		}
		if _, found := l.within[dir]; !found {
			l.within[dir] = placed{what, pos.Line}
		}
	}
}

// mode is a file's mode in four digits, "" when it is not given.
func (l *loader) mode(n *yamldoc.Node, at yamldoc.Path) string {
	m := text(n)
	if m == "" {
		return ""
	}
	if !fileMode.MatchString(m) {
		l.errorAt(l.doc.Pos(n), at, `write it in octal: "0644"`, "%q is not a file mode", m)
		return ""
	}
	return "0"[:max(0, 4-len(m))] + m[max(0, len(m)-4):]
}

// source reads a file of this machine.
func (l *loader) source(n *yamldoc.Node, at yamldoc.Path) []byte {
	name := sourcePath(l.dir, n.Text)
	content, _, err := localfile.Read(name, MaxFile)
	switch {
	case err != nil:
		l.errorAt(l.doc.Pos(n), at, "paths are relative to the folder of the playbook", "%s %v", name, err)
		return nil
	case len(content) > MaxFile:
		l.errorAt(l.doc.Pos(n), at, "bring large files to the nodes in a package", "%s is larger than %d MiB", name, MaxFile>>20)
		return nil
	}
	return content
}

// agentPart is what a provider and a type may be named: they become a folder
// and a file.
var agentPart = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

func (l *loader) agents(n *yamldoc.Node) []Agent {
	var out []Agent
	for i, item := range items(n) {
		at := yamldoc.Path("agents").Index(i)
		a := Agent{Name: text(item.Get("name")), Source: text(item.Get("source")), Pos: l.doc.Pos(item)}
		if a.Name != "" {
			name := item.Get("name")
			pos := l.doc.Pos(name)
			ref := ParseAgent(a.Name)
			switch {
			case ref.Standard != "ocf" || !agentPart.MatchString(ref.Provider) || !agentPart.MatchString(ref.Type):
				l.errorAt(pos, at+".name", "write ocf:PROVIDER:TYPE, such as ocf:acme:myapp", "%q is not the name of an agent that can be installed", a.Name)
				name = nil
			case ref.Provider == "heartbeat" || ref.Provider == "pacemaker":
				l.warnAt(pos, at+".name", "choose a provider of your own", "ocf:%s belongs to the distribution's packages; an update may overwrite this agent", ref.Provider)
			}
			if name != nil {
				l.place(a.Path(), "the agent "+ref.String(), name, at+".name")
			}
		}
		if a.Source != "" {
			a.Content = l.source(item.Get("source"), at+".source")
			if complaint := runnable(a.Content); complaint != "" && a.Content != nil {
				l.errorAt(l.doc.Pos(item.Get("source")), at+".source", "", "%s %s", a.Source, complaint)
			}
		}
		out = append(out, a)
	}
	return out
}

// runnable says why the kernel would not run content, "" when it would.
func runnable(content []byte) string {
	first, _, _ := bytes.Cut(content, []byte("\n"))
	switch {
	case bytes.HasPrefix(content, []byte("\x7fELF")):
		return ""
	case len(content) == 0:
		return "is empty"
	case !bytes.HasPrefix(first, []byte("#!")):
		return "is no program: it starts neither with #! nor as an ELF file"
	case bytes.HasSuffix(first, []byte("\r")):
		return fmt.Sprintf("has Windows line ends; no node has the interpreter %q", strings.TrimLeft(string(first[2:]), " "))
	}
	return ""
}

// sourcePath is where a file of this machine lies.
func sourcePath(dir, source string) string {
	if filepath.IsAbs(source) {
		return source
	}
	return filepath.Join(dir, source)
}
