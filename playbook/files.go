package playbook

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// MaxFile is the largest file that is put onto nodes, in bytes.
const MaxFile = 64 << 20

var (
	fileMode  = regexp.MustCompile(`^0?[0-7]{3,4}$`)
	fileOwner = regexp.MustCompile(`^[A-Za-z_0-9][A-Za-z0-9_.-]*\$?(:[A-Za-z_0-9][A-Za-z0-9_.-]*)?$`)
)

// ownPaths are written by hadeploy's own steps or by the cluster itself.
var ownPaths = []string{
	"/etc/corosync/corosync.conf", "/etc/corosync/authkey", "/etc/pacemaker/authkey",
	"/var/lib/pacemaker", "/var/lib/corosync", "/var/lib/pcsd",
}

func (l *loader) files(n *yamldoc.Node, dir string) []File {
	var out []File
	lines := map[string]int{}
	for i, item := range items(n) {
		at := yamldoc.Path("files").Index(i)
		f := File{Path: text(item.Get("path")), Mode: text(item.Get("mode")), Owner: text(item.Get("owner")), Pos: l.doc.Pos(item)}
		if f.Path != "" {
			pos := l.doc.Pos(item.Get("path"))
			l.checkNodePath(item.Get("path"), at+".path")
			if first := lines[f.Path]; first > 0 {
				l.errorAt(pos, at+".path", "keep one of them", "the file %s is given twice; it stands first on line %d", f.Path, first)
			}
			lines[f.Path] = pos.Line
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
			f.Content = l.source(source, at+".source", dir)
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
			if p == own || strings.HasPrefix(p, own+"/") {
				l.errorAt(l.doc.Pos(n), at, "use the sections of this playbook for it", "%s is written by hadeploy or by the cluster itself", own)
			}
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
func (l *loader) source(n *yamldoc.Node, at yamldoc.Path, dir string) []byte {
	name := sourcePath(dir, n.Text)
	content, err := readRegular(name, MaxFile)
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

func (l *loader) agents(n *yamldoc.Node, dir string) []Agent {
	var out []Agent
	lines := map[string]int{}
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
			case ref.Provider == "heartbeat" || ref.Provider == "pacemaker":
				l.warnAt(pos, at+".name", "choose a provider of your own", "ocf:%s belongs to the distribution's packages; an update may overwrite this agent", ref.Provider)
			}
			if first := lines[ref.String()]; first > 0 {
				l.errorAt(pos, at+".name", "keep one of them", "the agent %s is given twice; it stands first on line %d", a.Name, first)
			}
			lines[ref.String()] = pos.Line
		}
		if a.Source != "" {
			a.Content = l.source(item.Get("source"), at+".source", dir)
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
