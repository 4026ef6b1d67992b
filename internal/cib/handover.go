package cib

import (
	"errors"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// wayOf decides for one renamed primitive.
func (e *editor) wayOf(id string) Handover {
	x := e.ids[id]
	switch unit := (playbook.AgentRef{Standard: attr(x, "class"), Type: attr(x, "type")}).Unit(); {
	case attr(x, "class") == "stonith", e.stopped(id):
		return Plain
	case unit == "" || e.ordersOrphans():
		if e.maintained() {
			e.errorf("the primitive %q gets another id and has to be stopped for that, and the cluster, or a node of it, is in maintenance: nothing is stopped there; end the maintenance first", id)
		}
		return StopFirst
	}
	return InPlace
}

// maintained reports whether the cluster, or one of its nodes, is in
// maintenance.
func (e *editor) maintained() bool {
	on := func(parent *etree.Element, tag, name string) bool {
		for _, set := range plainSets(parent, tag) {
			for _, nv := range children(set, "nvpair") {
				if e.nvName(nv) == name && pacemaker.True(e.nvValue(nv)) {
					return true
				}
			}
		}
		return false
	}
	return on(e.cfg.SelectElement("crm_config"), "cluster_property_set", "maintenance-mode") ||
		slices.ContainsFunc(children(e.cfg.SelectElement("nodes"), "node"), func(n *etree.Element) bool { return on(n, "instance_attributes", "maintenance") })
}

// ordersOrphans reports whether the CIB itself says what becomes of orphans:
// its first set of properties goes before any other.
func (e *editor) ordersOrphans() bool {
	for _, set := range children(e.cfg.SelectElement("crm_config"), "cluster_property_set") {
		for _, nv := range children(set, "nvpair") {
			if e.nvName(nv) == stopOrphans && attr(set, "id") != handoverSet {
				return true
			}
		}
	}
	return false
}

// unfinished plans the end of a rename that was cut off.
func (e *editor) unfinished() {
	if old := handovers(e.cfg); len(old) > 0 {
		e.change(plan.Change{Action: plan.Delete, Kind: kindPropertySet, ID: handoverSet,
			Diffs: []plan.Diff{plan.Was(stopOrphans, "false")},
			Note:  "an earlier run renamed " + strings.Join(old, ", ") + " and was cut off before its end; the old history is cleared, and nothing stops for it"})
	}
}

func handovers(cfg *etree.Element) (old []string) {
	for _, set := range children(cfg.SelectElement("crm_config"), "cluster_property_set") {
		if attr(set, "id") != handoverSet {
			continue
		}
		for _, nv := range children(set, "nvpair") {
			if id, ok := strings.CutPrefix(attr(nv, "id"), handoverPrefix); ok {
				old = append(old, id)
			}
		}
	}
	return old
}

// Own reports whether a change only takes away what hadeploy itself has put
// there for a while: the seed of a new cluster, and what a rename in place
// needs. Nothing stops for it, and nobody has to agree to it.
func Own(c plan.Change) bool {
	return c.Action == plan.Delete && (c.Kind == kindProperty && c.ID == SeedID || c.Kind == kindPropertySet && c.ID == handoverSet)
}

// Handovers are the old ids of primitives that are being handed over in place.
func (c *CIB) Handovers() []string { return handovers(c.root().SelectElement("configuration")) }

// HandoverXML is the set that ends a handover in place when it is deleted.
const HandoverXML = `<cluster_property_set id="` + handoverSet + `"/>`

// HasHistory reports whether a node still has the history of a resource, as it
// has of an orphan.
func (c *CIB) HasHistory(id string) bool {
	found := false
	if status := c.root().SelectElement("status"); status != nil {
		walk(status, func(x *etree.Element) {
			found = found || x.Tag == "lrm_resource" && isInstance(attr(x, "id"), id)
		})
	}
	return found
}

func isInstance(id, of string) bool { return id == of || strings.HasPrefix(id, of+":") }

// Held is Result with what keeps Pacemaker from stopping the old ones of a
// handover in place.
func (d *Delta) Held() (secret.Value, error) {
	return d.edited(func(doc *etree.Document) error {
		config := doc.Root().SelectElement("configuration").SelectElement("crm_config")
		if config == nil {
			return errors.New("the CIB has no <crm_config>")
		}
		set := config.CreateElement("cluster_property_set")
		set.CreateAttr("id", handoverSet)
		for _, old := range d.renames {
			nv := set.CreateElement("nvpair")
			nv.CreateAttr("id", handoverPrefix+old)
			nv.CreateAttr("name", stopOrphans)
			nv.CreateAttr("value", "false")
		}
		return nil
	})
}

// Foreseen is what the simulator is to be asked about: Result, in which the
// history of what is handed over in place stands under its new id, as the
// cluster's own probes will find it.
func (d *Delta) Foreseen() (secret.Value, error) {
	return d.edited(func(doc *etree.Document) error {
		status := doc.Root().SelectElement("status")
		if d.handover != InPlace || status == nil {
			return nil
		}
		for id, old := range d.renames {
			walk(status, func(x *etree.Element) {
				switch {
				case x.Tag == "lrm_resource" && isInstance(attr(x, "id"), old):
					x.CreateAttr("id", id+strings.TrimPrefix(attr(x, "id"), old))
				case x.Tag == "lrm_rsc_op" && isInstance(attr(x.Parent(), "id"), id):
					for _, name := range []string{"id", "operation_key"} {
						if rest, ok := strings.CutPrefix(attr(x, name), old+"_"); ok {
							x.CreateAttr(name, id+"_"+rest)
						}
					}
				}
			})
		}
		return nil
	})
}

// Without is the live CIB less the primitives that are stopped before they get
// their new ids, and less what names them.
func (d *Delta) Without() (secret.Value, error) {
	if d.live == nil {
		return secret.Value{}, errors.New("there is no live CIB")
	}
	gone := map[string]bool{}
	for _, old := range d.renames {
		gone[old] = true
	}
	doc := d.live.Copy()
	cfg := doc.Root().SelectElement("configuration")
	for again := true; again; { // a group that loses its last member goes, and a clone of it
		again = false
		var drop []*etree.Element
		walk(cfg.SelectElement("resources"), func(x *etree.Element) {
			if isResource(x) && (gone[attr(x, "id")] || isContainer(x) && x.Tag != "bundle" && len(members(x)) == 0) {
				drop = append(drop, x)
			}
		})
		for _, x := range drop {
			gone[attr(x, "id")], again = true, true
			x.Parent().RemoveChild(x)
		}
	}
	for _, section := range referring {
		s := cfg.SelectElement(section)
		if s == nil {
			continue
		}
		for _, x := range s.ChildElements() {
			if slices.ContainsFunc(references(x), func(r reference) bool { return gone[r.id] }) {
				s.RemoveChild(x)
			}
		}
	}
	return written(doc)
}

// stopped reports whether a resource is switched off.
func (e *editor) stopped(id string) bool {
	return slices.ContainsFunc(e.pairTexts(e.ids[id], "meta_attributes"), func(p string) bool {
		return strings.EqualFold(p, "target-role=Stopped")
	})
}
