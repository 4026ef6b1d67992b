package playbook

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/schema"
)

// defaultWithin is how long verify waits when the playbook does not say.
const defaultWithin = 2 * time.Minute

// value is what stands under a key, nil when it is not given.
func value(f *yamldoc.Field) *yamldoc.Node {
	if f == nil {
		return nil
	}
	return f.Value
}

// inventory is the path of the inventory, relative to the playbook's folder.
func (l *loader) inventory(n *yamldoc.Node) string {
	if text(n) == "" {
		return ""
	}
	return secret.Path(l.dir, text(n))
}

// text is a scalar's text, "" when n is none.
func text(n *yamldoc.Node) string {
	if n == nil || n.Kind != yamldoc.Scalar {
		return ""
	}
	return n.Text
}

// items are the entries of a list, none when n is no list.
func items(n *yamldoc.Node) []*yamldoc.Node {
	if n == nil || n.Kind != yamldoc.Seq {
		return nil
	}
	return n.Items
}

// flag is a switch, def when it is not given.
func flag(n *yamldoc.Node, def bool) bool {
	if b, ok := schema.Bool(text(n)); ok {
		return b
	}
	return def
}

// fieldPos is the position of a section's name.
func (l *loader) fieldPos(f *yamldoc.Field) diag.Pos {
	if f == nil {
		return diag.Pos{File: l.doc.File}
	}
	return l.doc.KeyPos(f)
}

// optionName is what Pacemaker and Corosync take as a name.
var optionName = regexp.MustCompile(`^[A-Za-z0-9_#][A-Za-z0-9_.:/#-]*$`)

// options are names with values; which may be secrets, the schema says.
func (l *loader) options(n *yamldoc.Node, path yamldoc.Path) Options {
	if n == nil || n.Kind != yamldoc.Map {
		return nil
	}
	var out Options
	for i := range n.Fields {
		f := &n.Fields[i]
		at := path.Key(f.Key)
		if !optionName.MatchString(f.Key) {
			l.errorAt(l.doc.KeyPos(f), at, "use letters, digits, _ and -", "%q cannot be the name of an option", f.Key)
			continue
		}
		o := Option{Name: f.Key, Pos: l.doc.KeyPos(f), Value: Value{Text: text(f.Value), Pos: l.doc.Pos(f.Value)}}
		if f.Value.Kind == yamldoc.Map {
			ref := l.secretRef(f.Value, at)
			o.Value.Secret = &ref
		}
		out = append(out, o)
	}
	return out
}

// secretRef reads {env}, {file} or {command}, or plain text.
func (l *loader) secretRef(n *yamldoc.Node, path yamldoc.Path) SecretRef {
	ref := SecretRef{Pos: l.doc.Pos(n)}
	switch {
	case n == nil:
	case n.Kind == yamldoc.Scalar:
		ref.Plain = secret.New(n.Text)
	case n.Kind == yamldoc.Map:
		ref.Env = text(n.Get("env"))
		ref.File = text(n.Get("file"))
		for _, word := range items(n.Get("command")) {
			ref.Command = append(ref.Command, text(word))
		}
		if ref.Env != "" && !variableName(ref.Env) {
			l.errorAt(l.doc.Pos(n.Get("env")), path.Key("env"), "give the name alone, without $", "%q cannot be the name of an environment variable", ref.Env)
		}
		if ref.File != "" {
			if mode, open := secret.TooOpen(secret.Path(l.dir, ref.File)); open {
				l.warnAt(l.doc.Pos(n.Get("file")), path.Key("file"), "chmod 600 "+ref.File, "others may read the file of this secret (mode %04o)", mode)
			}
		}
	}
	return ref
}

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

// packageName is what every distribution takes as a name, without version and
// architecture. apt-get reads a last "-" as "remove it".
var packageName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._+-]{0,198}[A-Za-z0-9._+])?$`)

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

func (l *loader) hacluster(f *yamldoc.Field) Hacluster {
	if f == nil {
		return Hacluster{}
	}
	h := Hacluster{Pos: l.doc.KeyPos(f)}
	n := f.Value.Get("password")
	path := yamldoc.Path("hacluster.password")
	h.Password = l.secretRef(n, path)
	if h.Password.Plain.IsSet() {
		if h.Password.Plain.Reveal() == "" {
			l.errorAt(l.doc.Pos(n), path, "use {env: HACLUSTER_PASSWORD}", "the password is empty")
		} else {
			l.warnAt(l.doc.Pos(n), path, "use {env: NAME}, {file: PATH} or {command: [...]}", "the password stands here in plain text; whoever reads this file can control the cluster")
		}
	}
	return h
}

func (l *loader) nodes(n *yamldoc.Node) []NodeConfig {
	if n == nil || n.Kind != yamldoc.Map {
		return nil
	}
	var out []NodeConfig
	for i := range n.Fields {
		f := &n.Fields[i]
		path := yamldoc.Path("nodes").Key(f.Key)
		c := NodeConfig{Name: f.Key, Pos: l.doc.KeyPos(f)}
		c.Attributes = l.options(f.Value.Get("attributes"), path+".attributes")
		c.Utilization = l.options(f.Value.Get("utilization"), path+".utilization")
		for _, o := range c.Utilization {
			if _, err := strconv.ParseInt(o.Value.Text, 10, 32); err != nil {
				l.errorAt(o.Value.Pos, (path + ".utilization").Key(o.Name), "", "must be a whole number, not %q", o.Value.Text)
			}
		}
		l.checkReservedAttributes(c.Attributes, path+".attributes")
		out = append(out, c)
	}
	return out
}

// checkReservedAttributes refuses what an operator or Pacemaker sets.
func (l *loader) checkReservedAttributes(o Options, path yamldoc.Path) {
	for _, a := range o {
		switch {
		case a.Name == "standby" || a.Name == "maintenance" || a.Name == "terminate":
			l.errorAt(a.Pos, path.Key(a.Name), "use pcs node "+a.Name, "is an operator's decision of the moment, not part of a configuration")
		case strings.HasPrefix(a.Name, "#"):
			l.errorAt(a.Pos, path.Key(a.Name), "choose a name without #", "names that start with # are Pacemaker's own")
		}
	}
}

func (l *loader) defaults(f *yamldoc.Field, rules rules) []Defaults {
	var out []Defaults
	for i, item := range items(value(f)) {
		at := yamldoc.Path(f.Key).Index(i)
		d := Defaults{ID: text(item.Get("id")), Pos: l.doc.Pos(item)}
		l.declare(item.Get("id"), at.Key("id"), &declared{kind: "set of defaults"})
		d.Meta = l.options(item.Get("meta"), at+".meta")
		l.check(d.Meta, at+".meta", rules)
		out = append(out, d)
	}
	return out
}

func (l *loader) verify(f *yamldoc.Field) Verify {
	v := Verify{Within: defaultWithin, Pos: l.fieldPos(f)}
	if f == nil {
		return v
	}
	if n := f.Value.Get("within"); text(n) != "" {
		d, err := ParseInterval(n.Text)
		switch {
		case err != nil:
			l.errorAt(l.doc.Pos(n), "verify.within", "", "%q %v", n.Text, err)
		case d <= 0:
			l.errorAt(l.doc.Pos(n), "verify.within", "", "must be longer than 0")
		default:
			v.Within = d
		}
	}
	for i, item := range items(f.Value.Get("probes")) {
		v.Probes = append(v.Probes, l.probe(item, yamldoc.Path("verify.probes").Index(i)))
	}
	return v
}

// sourcePath is where a file of this machine lies.
func sourcePath(dir, source string) string {
	if filepath.IsAbs(source) {
		return source
	}
	return filepath.Join(dir, source)
}
