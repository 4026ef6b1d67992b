package cib

import (
	"cmp"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/playbook"
)

// fencingLevels say which devices fence a node together. A level means the same
// under any id: its target and its number are what it is, its devices what it
// has.
var fencingLevels = &kind{
	word: "fencing level", section: "fencing-topology", tag: "fencing-level",
	want: wantLevels, match: sameLevels, write: writeConstraint, pcs: pcsLevel, text: levelText,
	autoID: levelID,
}

func wantLevels(b *builder, p *playbook.Playbook) (list []*object) {
	for _, f := range p.Stonith.Levels {
		for name, s := range map[string]string{"target": f.Target, "target_pattern": f.Pattern, "target_value": f.Value} {
			if !xmlText(s) {
				b.fail(f.Pos, name+" holds a control character, which the CIB cannot store")
			}
		}
		list = append(list, b.constraint(f.ID, f.Pos, nil, pair{name: "index", value: f.Level},
			pair{name: "target", value: f.Target}, pair{name: "target-pattern", value: f.Pattern},
			pair{name: "target-attribute", value: f.Attribute}, pair{name: "target-value", value: f.Value},
			pair{name: "devices", value: strings.Join(f.Devices, ",")}))
	}
	return list
}

// levelKey is what a level is for.
var levelKey = []string{"index", "target", "target-pattern", "target-attribute", "target-value"}

// sameLevels finds the live level of each: by id, then one that says the same,
// then one with the same target and number, whose devices are others.
func sameLevels(e *editor, k *kind, want []*object) []*etree.Element {
	out := byID(e, k, want)
	matched := map[*etree.Element]bool{}
	for _, x := range out {
		matched[x] = true
	}
	for _, names := range [][]string{append([]string{"devices"}, levelKey...), levelKey} {
		for i, w := range want {
			for _, x := range children(e.cfg.SelectElement(k.section), k.tag) {
				if out[i] == nil && !matched[x] && sameAttrs(names, w.get, getter(x)) {
					out[i], matched[x] = x, true
				}
			}
		}
	}
	return out
}

// levelID is the id that pcs makes (_append_level_element in its
// lib/cib/fencing_topology.py): of an attribute without its value.
func levelID(get func(string) string) string {
	return sanitizeID("fl-" + cmp.Or(get("target"), get("target-pattern"), get("target-attribute")) + "-" + get("index"))
}

// pcsLevel: pcs changes no level; its remove takes one with the devices that it
// has. Only releases from 0.12 on surely take an id.
func pcsLevel(e *editor, w *object, x *etree.Element) string {
	line := "pcs stonith level add " + w.get("index") + " " + shellWord(levelTarget(w.get)) + levelDevices(w.get)
	switch {
	case w.id == "" || x != nil && w.id == attr(x, "id") && w.id == levelID(w.get):
	case e.want.dialect == pcs.Pcs012:
		line += " id=" + w.id
	case w.id != levelID(w.get):
		return ""
	}
	if x == nil {
		return line
	}
	return e.pcsDeleteLevel(getter(x)) + " && " + line
}

// levelText is a fencing level: level 1 for n1: fence-a fence-b.
func levelText(_ *editor, x *etree.Element) string {
	target := cmp.Or(attr(x, "target"), attr(x, "target-pattern"))
	if a := attr(x, "target-attribute"); a != "" {
		target = a + "=" + attr(x, "target-value")
	}
	return "level " + attr(x, "index") + " for " + target + ": " + strings.ReplaceAll(attr(x, "devices"), ",", " ")
}
