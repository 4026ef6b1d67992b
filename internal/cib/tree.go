package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// bootstrapOptions is the set of properties that pcs and Pacemaker make.
const bootstrapOptions = "cib-bootstrap-options"

// SeedID is the id of the property set that a first start begins with.
const SeedID = "hadeploy-seed"

// handoverSet is the set of properties that keeps Pacemaker from stopping what
// is handed over in place. Its pairs name the old ids, so that a run that was
// cut off can be brought to its end.
const (
	handoverSet    = "hadeploy-rename"
	handoverPrefix = handoverSet + "."
	stopOrphans    = "stop-orphan-resources"
)

// targetRole is the meta attribute that says in which role a resource is to be.
const targetRole = "target-role"

func attr(e *etree.Element, name string) string { return e.SelectAttrValue(name, "") }

func hasAttr(e *etree.Element, name string) bool { return e.SelectAttr(name) != nil }

// children is SelectElements that takes a parent which is not there.
func children(parent *etree.Element, tag string) []*etree.Element {
	if parent == nil {
		return nil
	}
	return parent.SelectElements(tag)
}

// plainSets returns the sets of one sort that are in force at all times and
// belong to their parent alone, the one that wins first: by score, and
// cib-bootstrap-options before all other property sets, as Pacemaker takes
// them. Sets with a rule, and references to a set elsewhere, are left out.
func plainSets(parent *etree.Element, tag string) []*etree.Element {
	var sets []*etree.Element
	for _, s := range children(parent, tag) {
		if s.SelectElement("rule") == nil && !hasAttr(s, "id-ref") && attr(s, "id") != SeedID {
			sets = append(sets, s)
		}
	}
	rank := func(s *etree.Element) float64 {
		if attr(s, "id") == bootstrapOptions {
			return 2e6
		}
		n, _ := pacemaker.Score(attr(s, "score"))
		return n
	}
	slices.SortStableFunc(sets, func(a, b *etree.Element) int { return cmp.Compare(rank(b), rank(a)) })
	return sets
}

// otherSets are those that plainSets leaves out.
func otherSets(parent *etree.Element, tag string) []*etree.Element {
	var sets []*etree.Element
	for _, s := range children(parent, tag) {
		if s.SelectElement("rule") != nil || hasAttr(s, "id-ref") {
			sets = append(sets, s)
		}
	}
	return sets
}

// walk visits e and all elements below it.
func walk(e *etree.Element, visit func(*etree.Element)) {
	if e == nil {
		return
	}
	visit(e)
	for _, c := range e.ChildElements() {
		walk(c, visit)
	}
}

// sanitizeID drops what may not stand in an XML id, as pcs does.
func sanitizeID(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s)
}

// xmlText reports whether s holds only characters that XML can carry.
func xmlText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF || r == 0xFFFD
	})
}

// maxValue bounds what is shown of a value that somebody else wrote.
const maxValue = 200

// cut bounds a text that is shown, and leaves no half character.
func cut(s string) string {
	if len(s) <= maxValue {
		return s
	}
	const more = "..."
	return strings.ToValidUTF8(s[:maxValue-len(more)], "") + more
}

// shown is a value as it may be shown.
func shown(name, value string) string {
	if secret.Named(name) {
		return secret.Mask
	}
	return cut(value)
}
