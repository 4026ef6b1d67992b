package playbook

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// AsWritten says how an attribute stands in the CIB that pcs would write
// otherwise, or not at all.
type AsWritten struct {
	Element string // its id; of one without an id that of its parent, with /TAG behind it
	Name    string
	Value   string
	Absent  bool // it does not stand there
	Pos     diag.Pos
}

// asWritten reads the section written.
func (l *loader) asWritten(n *yamldoc.Node) (list []AsWritten) {
	if n == nil || n.Kind != yamldoc.Map {
		return nil
	}
	for _, f := range n.Fields {
		if f.Value.Kind != yamldoc.Map {
			continue // the schema has reported it
		}
		for i := range f.Value.Fields {
			a := &f.Value.Fields[i]
			if a.Key == "id" {
				l.errorAt(l.doc.KeyPos(a), yamldoc.Path("written").Key(f.Key).Key("id"), "write it under ids", "an id is no way to write something")
				continue
			}
			list = append(list, AsWritten{Element: f.Key, Name: a.Key, Value: text(a.Value), Absent: a.Value.Kind == yamldoc.Null, Pos: l.doc.KeyPos(a)})
		}
	}
	return list
}
