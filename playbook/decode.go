package playbook

import (
	"regexp"

	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/schema"
)

// value is what stands under a key, nil when it is not given.
func value(f *yamldoc.Field) *yamldoc.Node {
	if f == nil {
		return nil
	}
	return f.Value
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
