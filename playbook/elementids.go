package playbook

import (
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// elementIDs reads the ids that elements of the CIB have in place of those that
// pcs would give them. It comes last: all objects with ids of their own are known
// by then.
func (l *loader) elementIDs(n *yamldoc.Node) map[string]string {
	if n == nil || n.Kind != yamldoc.Map {
		return nil
	}
	out := map[string]string{}
	lines := map[string]int{} // value -> where it stands first
	for i := range n.Fields {
		f := &n.Fields[i]
		path, id, pos := yamldoc.Path("ids").Key(f.Key), text(f.Value), l.doc.Pos(f.Value)
		const form = "start with a letter or _, and go on with letters, digits, _ . -"
		switch own := l.ids[f.Key]; {
		case !idText.MatchString(f.Key):
			l.errorAt(l.doc.KeyPos(f), path, form, "%s cannot be an id", quote(f.Key))
			continue
		case own != nil && own.kind == "remote node":
			l.errorAt(l.doc.KeyPos(f), path, "the id of its connection is its name", "%q names a %s, declared on line %d", f.Key, own.kind, own.line)
			continue
		case own != nil:
			l.errorAt(l.doc.KeyPos(f), path, "give it the other id there, and remove this entry", "%q is the id of a %s, declared on line %d; ids are for the parts that have none of their own", f.Key, own.kind, own.line)
			continue
		case id == "":
			continue // the schema has reported it
		case !idText.MatchString(id):
			l.errorAt(pos, path, form, "%s cannot be an id", quote(id))
			continue
		}
		switch own := l.ids[id]; {
		case own != nil:
			l.errorAt(pos, path, "every id is unique in the whole configuration", "the id %q names a %s already, on line %d", id, own.kind, own.line)
			continue
		case lines[id] > 0:
			l.errorAt(pos, path, "every id is unique in the whole configuration", "the id %q is given to another element already, on line %d", id, lines[id])
			continue
		}
		lines[id] = pos.Line
		out[f.Key] = id
	}
	return out
}
