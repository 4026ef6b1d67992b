package cib

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// properties is a cluster property. They are compared one by one: those that are
// not declared belong to Pacemaker or to somebody else.
var properties = &kind{
	word: kindProperty, section: "crm_config", tag: "cluster_property_set",
	want:  func(b *builder, p *playbook.Playbook) []*object { return eachPair(b.pairs(p.Properties), object{}) },
	write: writeProperty,
	pcs:   func(_ *editor, w *object, _ *etree.Element) string { return pcsLine("pcs property set", w.attrs...) },
	alone: aloneProperties,
}

func writeProperty(e *editor, w *object, _ *etree.Element, c *plan.Change) {
	e.writePair(c, pairSet{parent: e.madeSection("crm_config"), tag: "cluster_property_set", newID: bootstrapOptions, want: w.attrs,
		short: e.want.dialect.ShortIDs()})
}

// ownProperty tells the cluster properties that Pacemaker and its tools write
// for themselves.
func ownProperty(name string) bool {
	switch name {
	case "cluster-infrastructure", "cluster-name", "dc-version", "have-watchdog", "last-lrm-refresh":
		return true
	}
	return strings.HasSuffix(name, "-watchdog-timeout")
}

func aloneProperties(e *editor, k *kind) {
	sec := e.cfg.SelectElement(k.section)
	for _, set := range plainSets(sec, k.tag) {
		if attr(set, "id") != handoverSet {
			e.leavePairs(set, k.word, "", func(name string) bool {
				return ownProperty(name) || e.wants(k, func(w *object) bool { return w.id == name })
			})
		}
	}
	for _, set := range otherSets(sec, k.tag) {
		e.undeclared(set, kindPropertySet, setName(set), e.setText(set))
	}
}
