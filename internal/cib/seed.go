package cib

import (
	"errors"
	"fmt"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// Seed makes the CIB of a first start from what `cibadmin --empty` printed on
// the node: the installed Pacemaker's own schema and feature set (a newer one
// would stall the cluster), a short wait for the first election, and no
// fencing while there is no device yet. Compare takes the set out again.
func Seed(empty []byte) ([]byte, error) {
	c, err := Parse(empty)
	if err != nil {
		return nil, fmt.Errorf("output of cibadmin --empty: %w", err)
	}
	if c.FeatureSet() == "" || c.Schema() == "" {
		return nil, errors.New("output of cibadmin --empty: it names no crm_feature_set or no validate-with")
	}
	doc := c.doc.Copy()
	root := doc.Root()
	for _, a := range [][2]string{{"admin_epoch", "0"}, {"epoch", "1"}, {"num_updates", "0"}} {
		root.CreateAttr(a[0], a[1])
	}
	cfg := root.SelectElement("configuration")
	for _, name := range []string{"crm_config", "nodes", "resources", "constraints"} {
		if sec := cfg.SelectElement(name); sec == nil {
			cfg.CreateElement(name)
		} else if len(sec.ChildElements()) > 0 {
			return nil, fmt.Errorf("output of cibadmin --empty: <%s> is not empty", name)
		}
	}
	set := cfg.SelectElement("crm_config").CreateElement("cluster_property_set")
	set.CreateAttr("id", SeedID)
	for _, p := range [][2]string{{"dc-deadtime", "2s"}, {"stonith-enabled", "false"}} {
		nv := set.CreateElement("nvpair")
		nv.CreateAttr("id", SeedID+"-"+p[0])
		nv.CreateAttr("name", p[0])
		nv.CreateAttr("value", p[1])
	}
	doc.Indent(2)
	return doc.WriteToBytes()
}

// Seeded reports whether the seed of a first start is still in the CIB.
func (c *CIB) Seeded() bool { return seedSet(c.section("crm_config")) != nil }

func seedSet(crmConfig *etree.Element) *etree.Element {
	for _, set := range children(crmConfig, "cluster_property_set") {
		if attr(set, "id") == SeedID {
			return set
		}
	}
	return nil
}

func (e *editor) removeSeed() {
	if set := seedSet(e.cfg.SelectElement("crm_config")); set != nil {
		e.drop(set)
		e.seeded = true
	}
}

// seedAlone lists the removal of the seed when nothing else is to be done: as
// a rule it goes with the first configuration and is nobody's concern, but a
// run that died in between must not leave a cluster without fencing.
func (e *editor) seedAlone() {
	if e.seeded && len(e.delta.Changes) == 0 {
		e.change(plan.Change{Action: plan.Delete, Kind: kindProperty, ID: SeedID,
			Diffs: []plan.Diff{plan.Was("dc-deadtime", "2s"), plan.Was("stonith-enabled", "false")}})
	}
}
