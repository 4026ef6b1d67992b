package inventory

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/schema"
)

// ForeignTags are those of Ansible that an inventory may have: where the value is
// none of ours, they do not matter.
var ForeignTags = []string{"!vault", "!vault-encrypted", "!unsafe"}

// readYAML reads an inventory in YAML or JSON, the top-level groups first to
// last, as Ansible does.
func (l *loader) readYAML(from *source, doc *yamldoc.Document) {
	from.doc = doc
	if l.refuseOther(from) {
		return
	}
	l.list = append(l.list, schema.ValidateInventory(doc, from.place)...)
	for i := range doc.Root.Fields {
		f := &doc.Root.Fields[i]
		l.readGroup(from, f, from.place.Key(f.Key))
	}
}

// refuseOther reports what is YAML and no inventory, and whether it was.
func (l *loader) refuseOther(from *source) bool {
	root := from.doc.Root
	at, file := from.doc.Pos(root), from.file
	if from.place != "" {
		file = "FILE"
	}
	if p := root.Field("plugin"); p != nil && p.Value.Kind == yamldoc.Scalar {
		l.errorAt(from, from.doc.KeyPos(p), from.place.Key("plugin"), "write down what it finds: ansible-inventory -i "+file+" --list --yaml > inventory.yaml",
			"the plugin %s of Ansible would have to find the hosts; hadeploy reads inventories that name them", p.Value.Text)
		return true
	}
	if f := root.Field("_meta"); f != nil {
		l.errorAt(from, from.doc.KeyPos(f), from.place.Key("_meta"), "make it with --yaml: ansible-inventory -i FILE --list --yaml > inventory.yaml",
			"this is what ansible-inventory --list prints, not an inventory")
		return true
	}
	if slices.ContainsFunc([]string{"hacluster", "resources", "stonith"}, func(key string) bool { return root.Get(key) != nil }) {
		hint := "the playbook is the argument of the command; the inventory follows -i"
		if n := root.Get("inventory"); n != nil && n.Kind == yamldoc.Map {
			hint = "its own inventory is read when it is the argument of the command, without -i"
		}
		l.errorAt(from, at, from.place, hint, "this is a playbook of hadeploy, not an inventory")
		return true
	}
	if root.Kind == yamldoc.Seq && len(root.Items) > 0 && root.Items[0].Get("hosts") != nil {
		l.errorAt(from, at, from.place, "name the inventory of that playbook", "this is a playbook of Ansible, not an inventory")
		return true
	}
	for i := range root.Fields {
		f := &root.Fields[i]
		if f.Key == "hosts" || f.Key == "children" || f.Key == "vars" {
			l.errorAt(from, from.doc.KeyPos(f), from.place.Key(f.Key), "write all: above it, and indent what follows",
				"%q stands where a group's name should", f.Key)
			return true
		}
		if f.Value.Kind != yamldoc.Map {
			continue
		}
		for j := range f.Value.Fields {
			if own := &f.Value.Fields[j]; strings.HasPrefix(own.Key, "ansible_") {
				l.errorAt(from, from.doc.KeyPos(f), from.place.Key(f.Key), "write all: and hosts: above the hosts, and indent what follows",
					"%q has variables of a host, and stands where a group's name should", f.Key)
				return true
			}
		}
	}
	return false
}

// section is a mapping under a group; a single name stands for a mapping with
// that one key.
func section(n *yamldoc.Node) []yamldoc.Field {
	switch {
	case n.IsNull():
		return nil
	case n.Kind == yamldoc.Scalar:
		return []yamldoc.Field{{Key: n.Text, Value: &yamldoc.Node{Kind: yamldoc.Null, Line: n.Line, Column: n.Column}, Line: n.Line, Column: n.Column}}
	}
	return n.Fields
}

func (l *loader) readGroup(from *source, f *yamldoc.Field, path yamldoc.Path) *group {
	n := f.Value
	g := l.groupAt(from, from.doc.KeyPos(f), path, f.Key)
	if n.IsNull() || n.Kind != yamldoc.Map {
		return g
	}
	for _, part := range n.Fields {
		at := path.Key(part.Key)
		switch part.Key {
		case "vars":
			for _, s := range settings(from, part.Value, at) {
				l.setGroupVar(g, s)
			}
		case "children":
			children := section(part.Value)
			for i := range children {
				f := &children[i]
				child := l.readGroup(from, f, at.Key(f.Key))
				l.addChild(from, g, child, from.doc.KeyPos(f), at.Key(f.Key))
			}
		case "hosts":
			hosts := section(part.Value)
			for i := range hosts {
				f := &hosts[i]
				vars := settings(from, f.Value, at.Key(f.Key))
				l.addHosts(from, g, f.Key, from.doc.KeyPos(f), at.Key(f.Key), vars)
			}
		}
	}
	return g
}

// settings are the variables of a mapping.
func settings(from *source, n *yamldoc.Node, path yamldoc.Path) []setting {
	if n.IsNull() || n.Kind != yamldoc.Map {
		return nil
	}
	out := make([]setting, len(n.Fields))
	for i := range n.Fields {
		f := &n.Fields[i]
		out[i] = setting{f, path.Key(f.Key), from}
	}
	return out
}
