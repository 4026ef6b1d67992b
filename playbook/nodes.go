package playbook

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// NodeConfig is Pacemaker's view of one node.
type NodeConfig struct {
	Name                    string
	Attributes, Utilization Options
	Pos                     diag.Pos
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
		c.Utilization = l.utilization(f.Value.Get("utilization"), path+".utilization")
		l.checkReservedAttributes(c.Attributes, path+".attributes")
		out = append(out, c)
	}
	return out
}

// reservedAttribute tells the attributes that an operator or Pacemaker sets.
func reservedAttribute(name string) bool {
	return name == "standby" || name == "maintenance" || name == "terminate" || strings.HasPrefix(name, "#")
}

// checkReservedAttributes refuses what an operator or Pacemaker sets.
func (l *loader) checkReservedAttributes(o Options, path yamldoc.Path) {
	for _, a := range o {
		switch {
		case !reservedAttribute(a.Name):
		case !strings.HasPrefix(a.Name, "#"):
			l.errorAt(a.Pos, path.Key(a.Name), "use pcs node "+a.Name, "is an operator's decision of the moment, not part of a configuration")
		case strings.HasPrefix(a.Name, "#health"):
			l.errorAt(a.Pos, path.Key(a.Name), "give it its first value once, by hand: crm_attribute --node NODE --name '"+a.Name+"' --update VALUE",
				"is the node's health, which agents set as they measure it: an apply would call a sick node well")
		default:
			l.errorAt(a.Pos, path.Key(a.Name), "choose a name without #", "names that start with # are Pacemaker's own")
		}
	}
}
