package crmsh

import (
	"fmt"
	"strings"
)

// sets reads resource sets into a constraint: a ( b c ) [ d:Promoted e ]. In (
// and ) the members of a set are in no order; in [ and ], one of them is
// enough. Where role or action change, the next set begins.
func (p *parser) sets(e *element, words []word, qualifier string) error {
	words = brackets(words)
	var set *element
	opened, openedAt := "", word{}
	sequential, all := "", ""
	save := func() {
		if set == nil {
			return
		}
		if opened == "[" && all != "true" || all == "false" {
			set.set("require-all", "false")
		}
		if opened != "" && sequential != "true" || sequential == "false" {
			set.set("sequential", "false")
		}
		e.add(set)
		set = nil
	}
	for _, w := range words {
		switch w.text {
		case "_rsc_set_": // what follows is a set, of however many
			continue
		case "(", "[":
			if opened != "" {
				return fail(w, "a set stands in a set", "close the one before it")
			}
			save()
			opened, openedAt, sequential, all = w.text, w, "", ""
			continue
		case ")", "]":
			if opened == "" || (opened == "(") != (w.text == ")") {
				return fail(w, w.text+" closes nothing", "")
			}
			if set == nil {
				return fail(w, "the set is empty", "")
			}
			save()
			opened, sequential, all = "", "", ""
			continue
		}
		if key, value, pair := strings.Cut(w.text, "="); pair {
			b, ok := boolean(value)
			switch {
			case !ok || key != "sequential" && key != "require-all":
				return fail(w, found(w)+" is no option of a set", "sequential=true|false and require-all=true|false are")
			case key == "sequential":
				sequential = b
			default:
				all = b
			}
			continue
		}
		id, q, err := qualified(w, qualifier)
		if err != nil {
			return err
		}
		if set != nil && set.get(qualifier) != q {
			save()
		}
		if set == nil {
			set = p.new("resource_set", w)
			if q != "" {
				set.set(qualifier, q)
			}
		}
		ref := p.new("resource_ref", w)
		ref.set("id", id)
		set.add(ref)
	}
	if opened != "" {
		return fail(openedAt, opened+" is not closed", "")
	}
	save()
	if e.child("resource_set") == nil {
		at := word{at: len(p.line.text)}
		if len(words) > 0 {
			at = words[0]
		}
		return fail(at, fmt.Sprintf("the %s names no resources", p.word), "")
	}
	return nil
}

// brackets splits one off that stands at a resource without a blank.
func brackets(words []word) []word {
	var all []word
	for _, w := range words {
		if len(w.text) > 1 && strings.ContainsRune("([", rune(w.text[0])) {
			all = append(all, word{w.text[:1], w.at})
			w = word{w.text[1:], w.at + 1}
		}
		last := len(w.text) - 1
		if last > 0 && strings.ContainsRune(")]", rune(w.text[last])) {
			all = append(all, word{w.text[:last], w.at}, word{w.text[last:], w.at + last})
			continue
		}
		all = append(all, w)
	}
	return all
}
