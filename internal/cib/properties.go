package cib

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// properties is a cluster property. They are compared one by one: those that are
// not declared belong to Pacemaker or to somebody else.
var properties = &kind{
	word: kindProperty, section: "crm_config", tag: "cluster_property_set",
	want:  func(b *builder, p *playbook.Playbook) []*object { return wantSetPairs(b, p.PropertySets) },
	write: writeProperty,
	pcs:   pcsProperty,
	alone: aloneProperties,
}

func writeProperty(e *editor, w *object, _ *etree.Element, c *plan.Change) {
	e.writeSetPair(w, c, bootstrapOptions, e.want.dialect.ShortIDs())
}

// pcsProperty is the command for one property. pcs takes the first set there is.
func pcsProperty(e *editor, w *object, _ *etree.Element) string {
	if w.in != "" {
		return "" // it has no command for other sets
	}
	for _, set := range children(e.cfg.SelectElement("crm_config"), "cluster_property_set") {
		switch e.madeIDOf(set) {
		case SeedID, handoverSet:
			continue
		case bootstrapOptions:
			return pcsSetProperty(w.attrs[0])
		}
		return ""
	}
	return pcsSetProperty(w.attrs[0])
}

// pcsSetProperty: pcs asks for --force where it does not know the name, and for
// a time that is no plain number of seconds, minutes or hours.
func pcsSetProperty(p pair) string {
	words := "pcs property set"
	if o := pacemaker.Find(pacemaker.Properties(), p.name); o == nil || o.Sort == pacemaker.Duration && !pcsTime(p.value) {
		words += " --force"
	}
	return pcsLine(words, p)
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
		if attr(set, "id") != handoverSet && !e.wholeSets(k.section)[set] {
			e.leavePairs(set, k.word, "", func(name string) bool {
				return ownProperty(name) || e.wants(k, func(w *object) bool { return w.id == name })
			})
		}
	}
}
