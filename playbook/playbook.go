package playbook

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/inventory"
)

// Playbook is the desired state of one cluster, as cluster.yaml declares it,
// with the position of every value that an error may have to point at.
type Playbook struct {
	File string // as given on the command line
	Dir  string // paths inside the playbook are relative to it

	Name      string            // cluster name
	Inventory string            // path of the inventory, made relative to Dir; empty: not given
	Inline    *inventory.Inline // the inventory itself, nil where there is a path or nothing
	Hosts     string            // inventory group or pattern; empty: all

	Packages   Packages
	Files      []File
	Agents     []Agent
	Hacluster  Hacluster
	Cluster    Cluster
	Nodes      []NodeConfig
	Properties Options // those that hold always
	// Properties, and defaults of resources and operations, one entry per set.
	PropertySets, ResourceDefaults, OperationDefaults []OptionSet
	Stonith                                           Stonith
	Templates                                         []Primitive
	Resources                                         []Resource
	Remotes                                           []RemoteNode // their primitives stand among Resources
	Tags                                              []Tag
	Constraints                                       Constraints
	ACLs                                              ACLs
	Alerts                                            []Alert
	Verify                                            Verify
	Prune                                             []PruneRule       // what of the undeclared goes
	IDs                                               map[string]string // id that pcs would make for an element of the CIB -> the one that it has

	Kept Kept // what is in the CIB and never applied

	AsWritten []AsWritten // what the CIB writes otherwise than pcs would

	// AsFound says that the playbook was made of a cluster: what should not be
	// declared, and is there, is a warning.
	AsFound bool

	Pos map[string]diag.Pos // top-level key -> where it stands

	doc *yamldoc.Document // for the text of lines in later diagnostics
}

// Line is the text of a line of the playbook, with passwords masked, for
// diagnostics that are made later; "" when there is no such line.
func (p *Playbook) Line(line int) string {
	if p.doc == nil || line < 1 {
		return ""
	}
	return p.doc.Text(line)
}

// Judge are judgements of what the playbook declares: errors, which are warnings
// where it says that the cluster was found so.
func (p *Playbook) Judge(list diag.List) diag.List {
	if p.AsFound {
		for i := range list {
			list[i].Severity = diag.Warning
		}
	}
	return list
}

// section is one key of a playbook.
type section struct {
	key    string
	decode func(l *loader, p *Playbook, f *yamldoc.Field) // nil: not given
}

// sections are read in this order: what is named comes before what names it.
var sections = []section{
	{"as_found", func(l *loader, p *Playbook, f *yamldoc.Field) {
		p.AsFound = flag(value(f), false)
		l.asFound = p.AsFound
	}},
	{"name", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Name = l.clusterName(value(f)) }},
	{"hosts", func(_ *loader, p *Playbook, f *yamldoc.Field) { p.Hosts = text(value(f)) }},
	{"inventory", func(l *loader, p *Playbook, f *yamldoc.Field) { l.inventory(value(f), p) }},
	{"packages", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Packages = l.packages(value(f)) }},
	{"files", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Files = l.files(value(f)) }},
	{"agents", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Agents = l.agents(value(f)) }},
	{"hacluster", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Hacluster = l.hacluster(f) }},
	{"cluster", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Cluster = l.cluster(f) }},
	{"nodes", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Nodes = l.nodes(value(f)) }},
	{"own_names", func(l *loader, _ *Playbook, f *yamldoc.Field) { l.own = l.ownNames(value(f)) }},
	{"properties", func(l *loader, p *Playbook, f *yamldoc.Field) { p.PropertySets = l.properties(value(f)) }},
	{"property_sets", func(l *loader, p *Playbook, f *yamldoc.Field) {
		p.PropertySets = append(p.PropertySets, l.propertySets(value(f))...)
		p.Properties = inForce(p.PropertySets)
	}},
	{"resource_defaults", func(l *loader, p *Playbook, f *yamldoc.Field) {
		p.ResourceDefaults = l.optionSets(value(f), "resource_defaults", resourceSets)
	}},
	{"operation_defaults", func(l *loader, p *Playbook, f *yamldoc.Field) {
		p.OperationDefaults = l.optionSets(value(f), "operation_defaults", operationSets)
	}},
	{"stonith", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Stonith = l.stonith(f) }},
	{"templates", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Templates = l.templateList(value(f)) }},
	{"resources", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Resources = l.resources(value(f)) }},
	{"remote_nodes", func(l *loader, p *Playbook, f *yamldoc.Field) { l.remoteNodes(value(f), p) }},
	{"tags", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Tags = l.tags(value(f)) }},
	{"constraints", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Constraints = l.constraints(value(f)) }},
	{"acls", func(l *loader, p *Playbook, f *yamldoc.Field) { p.ACLs = l.acls(f, p) }},
	{"alerts", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Alerts = l.alerts(value(f)) }},
	{"prune", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Prune = l.prune(value(f)) }},
	{"written", func(l *loader, p *Playbook, f *yamldoc.Field) { p.AsWritten = l.asWritten(value(f)) }},
	{"ids", func(l *loader, p *Playbook, f *yamldoc.Field) { p.IDs = l.elementIDs(value(f)) }},
	{"kept", func(l *loader, p *Playbook, f *yamldoc.Field) { p.Kept = l.kept(value(f)) }},
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
	l.checkOnFail(p)
	l.checkTickets(p)
	l.checkRemoteUse(p)
	l.checkAddresses(p)
	l.checkOrders(p)
	l.checkColocations(p)
	return p
}

// inventory is the path of the inventory, relative to the playbook's folder, or
// the inventory itself.
func (l *loader) inventory(n *yamldoc.Node, p *Playbook) {
	if n != nil && n.Kind == yamldoc.Map {
		doc := *l.doc
		doc.Root = n
		p.Inline = &inventory.Inline{Doc: &doc, Place: "inventory", Dir: l.dir}
		l.list = append(l.list, p.Inline.Check()...)
	}
	if text(n) != "" {
		p.Inventory = secret.Path(l.dir, text(n))
	}
}

// withoutInventory is a document's root without an inventory that stands in it,
// of whose values most belong to others.
func withoutInventory(root *yamldoc.Node) *yamldoc.Node {
	if n := root.Get("inventory"); n == nil || n.Kind != yamldoc.Map {
		return root
	}
	return root.Without("inventory")
}
