package playbook

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// section is one key of a playbook.
type section struct {
	key    string
	decode func(l *loader, p *Playbook, f *yamldoc.Field) // nil: not given
}

// sections are read in this order: what is named comes before what names it.
var sections = []section{
	{"name", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Name = l.clusterName(value(f)) }},
	{"hosts", func(_ *loader, p *Playbook, f *yamldoc.Field) { p.Hosts = text(value(f)) }},
	{"inventory", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Inventory = l.inventory(value(f)) }},
	{"packages", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Packages = l.packages(value(f)) }},
	{"files", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Files = l.files(value(f)) }},
	{"agents", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Agents = l.agents(value(f)) }},
	{"hacluster", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Hacluster = l.hacluster(f) }},
	{"cluster", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Cluster = l.cluster(f) }},
	{"nodes", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Nodes = l.nodes(value(f)) }},
	{"properties", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Properties = l.properties(value(f)) }},
	{"resource_defaults", func(l *loader, p *Playbook, f *yamldoc.Field) { p.ResourceDefaults = l.defaults(f, metaRules) }},
	{"operation_defaults", func(l *loader, p *Playbook, f *yamldoc.Field) { p.OperationDefaults = l.defaults(f, operationRules) }},
	{"stonith", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Stonith = l.stonith(f) }},
	{"resources", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Resources = l.resources(value(f)) }},
	{"tags", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Tags = l.tags(value(f)) }},
	{"constraints", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Constraints = l.constraints(value(f)) }},
	{"verify", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Verify = l.verify(f) }},
}

// playbook reads all sections, and checks each on the way.
func (l *loader) playbook(file string) *Playbook {
	p := &Playbook{File: file, Dir: l.dir, Pos: map[string]diag.Pos{}, doc: l.doc}
	for i := range l.doc.Root.Fields {
		p.Pos[l.doc.Root.Fields[i].Key] = l.doc.KeyPos(&l.doc.Root.Fields[i])
	}
	for _, s := range sections {
		s.decode(l, p, l.doc.Root.Field(s.key))
	}
	l.checkFencing(p)
	return p
}
