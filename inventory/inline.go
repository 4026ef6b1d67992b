package inventory

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Inline is an inventory that stands in a playbook, in Ansible's YAML form.
type Inline struct {
	Doc    *yamldoc.Document // of the playbook's file; its root is the inventory
	Place  yamldoc.Path      // where in the playbook that is
	Dir    string            // the playbook's folder, which paths are relative to
	Shared bool              // others than its owner may read the file
}

// Check is what is wrong with the groups and hosts of an inline inventory, sorted.
// What is wrong with their variables is told by Load.
func (in Inline) Check() diag.List {
	l := newLoader()
	l.readYAML(in.source(), in.Doc)
	l.hideIn(l.list)
	return l.list.Sort()
}

// Load reads an inline inventory as Load does a file in the playbook's folder.
func (in Inline) Load() (*Inventory, diag.List) {
	l := newLoader()
	l.inline = in.source()
	l.beside(in.Dir)
	l.readYAML(l.inline, in.Doc)
	return l.complete([]string{in.Doc.File}, in.Dir)
}

func (in Inline) source() *source {
	return &source{file: in.Doc.File, place: in.Place, dir: in.Dir, shared: in.Shared, doc: in.Doc}
}
