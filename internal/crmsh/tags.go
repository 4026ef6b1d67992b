package crmsh

// tag: tag ID[:] OBJECT...
func (p *parser) tag() error {
	if w, ok := p.label(); ok {
		p.next--
		p.words[p.next] = w
	}
	e, err := p.begin("tag")
	if err != nil {
		return err
	}
	for {
		w, more := p.peek()
		if !more {
			break
		}
		p.next++
		if !name(w.text) {
			return fail(w, found(w)+" is no id", "")
		}
		ref := p.new("obj_ref", w)
		ref.set("id", w.text)
		e.add(ref)
	}
	if len(e.children) == 0 {
		w, _ := p.peek()
		return fail(w, "the tag is of nothing", "")
	}
	return nil
}
