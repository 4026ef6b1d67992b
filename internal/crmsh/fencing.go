package crmsh

import (
	"fmt"
	"strconv"
	"strings"
)

// fencing: fencing_topology, then for each target its levels, the devices of
// one with commas between. Without a target they are those of every node. One
// that has no level is what crmsh shows of an empty element.
func (p *parser) fencing() error {
	e := p.new("fencing-topology", p.words[p.next-1])
	counts := map[string]int{}
	var target func(level *element)
	key := ""
	for {
		w, more := p.peek()
		if !more {
			break
		}
		p.next++
		if set, k, ok := fencingTarget(w); ok {
			target, key = set, k
			continue
		}
		for device := range strings.SplitSeq(w.text, ",") {
			if !deviceName(device) {
				return fail(w, found(w)+" is no list of fence devices", "devices are written with commas and without blanks; a target ends with a colon")
			}
		}
		level := p.new("fencing-level", w)
		if target != nil {
			target(level)
		}
		counts[key]++
		level.set("index", strconv.Itoa(counts[key]))
		level.set("devices", w.text)
		e.add(level)
	}
	p.out = append(p.out, e)
	return nil
}

func deviceName(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == ""
}

// fencingTarget reads NODE:, attr:NAME=VALUE or pattern:PATTERN.
func fencingTarget(w word) (set func(*element), key string, ok bool) {
	if rest, is := strings.CutPrefix(w.text, "attr:"); is {
		attribute, value, pair := strings.Cut(rest, "=")
		return func(l *element) { l.set("target-attribute", attribute); l.set("target-value", value) }, w.text, pair && attribute != ""
	}
	if pattern, is := strings.CutPrefix(w.text, "pattern:"); is {
		return func(l *element) { l.set("target-pattern", pattern) }, w.text, pattern != ""
	}
	node, is := strings.CutSuffix(w.text, ":")
	return func(l *element) { l.set("target", node) }, w.text, is && node != ""
}

// spread gives levels without a target to every node.
func (b *build) spread(e *element, nodes []*element) {
	var all []*element
	for _, level := range e.children {
		if level.has("target") || level.has("target-pattern") || level.has("target-attribute") || level.owner.xml {
			all = append(all, level)
			continue
		}
		if len(nodes) == 0 {
			e.owner.refuse(level.at, "the levels are those of every node, and the text has no line for a node", "say the target of each level, such as node1:")
			return
		}
		if len(all)+len(nodes) > maxLevels {
			e.owner.refuse(level.at, fmt.Sprintf("there would be more than %d levels", maxLevels), "")
			return
		}
		for _, n := range nodes {
			own := &element{tag: level.tag, owner: level.owner, at: level.at}
			own.set("target", n.get("uname"))
			own.attrs = append(own.attrs, level.attrs...)
			own.parent = e
			all = append(all, own)
		}
	}
	e.children = all
}
