package playbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Kept is what Pacemaker, its tools and operators keep in the CIB: written down as
// it was found, and never applied.
type Kept struct {
	Properties Options
	Nodes      []NodeConfig // their attributes
	Schema     string       // that the CIB was written for: pacemaker-3.7
	Sections   []string     // of the configuration that stand there and hold nothing
}

// emptySections are those that the schema lets out, and that may hold nothing.
var emptySections = []string{"rsc_defaults", "op_defaults", "fencing-topology", "acls", "tags", "alerts"}

var schemaName = regexp.MustCompile(`^(pacemaker-[0-9]{1,3}\.[0-9]{1,3}|pacemaker-next|none)$`)

func (l *loader) kept(n *yamldoc.Node) (k Kept) {
	if n == nil || n.Kind != yamldoc.Map {
		return Kept{}
	}
	k.Schema = text(n.Get("schema"))
	if k.Schema != "" && !schemaName.MatchString(k.Schema) {
		l.errorAt(l.doc.Pos(n.Get("schema")), "kept.schema", "write it as validate-with has it: pacemaker-3.7", "%s is no schema of Pacemaker", quote(k.Schema))
	}
	for i, item := range items(n.Get("sections")) {
		name := text(item)
		if !slices.Contains(emptySections, name) {
			l.errorAt(l.doc.Pos(item), yamldoc.Path("kept.sections").Index(i), diag.DidYouMean(name, emptySections), "%s is no section of the configuration that may hold nothing", quote(name))
			continue
		}
		k.Sections = append(k.Sections, name)
	}
	k.Properties = l.options(n.Get("properties"), "kept.properties")
	for _, o := range k.Properties {
		if ownedProperty(o.Name) {
			continue
		}
		hint := fmt.Sprintf("write it under properties: {%s: %s}", o.Name, quote(o.Value.Text))
		if meant := diag.Closest(o.Name, pacemaker.OwnProperties()); meant != "" && pacemaker.Find(pacemaker.Properties(), o.Name) == nil {
			hint = fmt.Sprintf("did you mean %q?", meant)
		}
		l.errorAt(o.Pos, yamldoc.Path("kept.properties").Key(o.Name), hint, "%s is not set by Pacemaker itself; kept holds %s", o.Name, strings.Join(pacemaker.OwnProperties(), ", "))
	}
	nodes := n.Get("nodes")
	if nodes == nil || nodes.Kind != yamldoc.Map {
		return k
	}
	for i := range nodes.Fields {
		f := &nodes.Fields[i]
		path := yamldoc.Path("kept.nodes").Key(f.Key)
		c := NodeConfig{Name: f.Key, Pos: l.doc.KeyPos(f), Attributes: l.options(f.Value, path)}
		for _, a := range c.Attributes {
			if !reservedAttribute(a.Name) {
				l.errorAt(a.Pos, path.Key(a.Name), fmt.Sprintf("write it under nodes: {%s: {attributes: {%s: %s}}}", f.Key, a.Name, quote(a.Value.Text)),
					"%s is neither an operator's decision of the moment nor Pacemaker's own; kept holds standby, maintenance, terminate and what starts with #", a.Name)
			}
		}
		k.Nodes = append(k.Nodes, c)
	}
	return k
}
