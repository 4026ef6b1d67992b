package cib

import (
	"cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// ExportOptions say what is known besides the CIB.
type ExportOptions struct {
	// Agents is the metadata by the names of agent.Names. Operations that an agent
	// advises are left out; of an agent without metadata all are written.
	Agents map[string]*agent.Agent
	// SecretFile gives the path that the playbook has for the secret of a name; nil:
	// it names a variable of the environment.
	SecretFile func(name string) string
	// Kept writes what Pacemaker and operators keep in the CIB as well, in a section
	// of its own.
	Kept bool
}

// Export says in the words of a playbook what a CIB says.
func (c *CIB) Export(o ExportOptions) *Exported {
	e := newEditor(c, &Desired{}, kinds)
	e.resolve()
	x := &exporter{editor: e, agents: o.Agents, file: o.SecretFile, out: &Exported{}, envs: map[string]bool{}, kept: yamlout.NewMap()}
	for _, n := range children(e.cfg.SelectElement("nodes"), "node") {
		switch attr(n, "type") {
		case "", "normal", "member":
			x.out.Members = append(x.out.Members, Node{Name: cmp.Or(attr(n, "uname"), attr(n, "id")), ID: attr(n, "id")})
		}
	}
	x.add("nodes", x.nodes())
	x.properties()
	x.add("resource_defaults", x.defaults("rsc_defaults"))
	x.add("operation_defaults", x.defaults("op_defaults"))
	devices, resources, templates := x.resources()
	x.add("stonith", yamlout.NewMap().Set("devices", devices).Set("levels", x.levels()).Node())
	x.add("templates", templates)
	x.add("resources", resources)
	x.add("tags", x.tags())
	x.add("alerts", x.alerts())
	x.add("constraints", x.constraints())
	x.add("acls", x.acls())
	if o.Kept {
		x.kept.SetText("schema", c.Schema())
		x.kept.Set("sections", x.emptySections())
		x.add("kept", x.kept.Node())
	}
	return x.out
}
