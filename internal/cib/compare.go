package cib

import "errors"

// Compare works out the changes that make live what is wanted. live may be nil
// on hosts that have no cluster yet: then everything is created.
//
// Objects are the same when they have the same id and kind; sets of name/value
// pairs and constraints also when they say the same under another id. An error
// means that the playbook cannot be put into this CIB at all.
func Compare(live *CIB, want *Desired) (*Delta, error) {
	e := newEditor(live, want, kinds)
	e.removeSeed()
	before := e.existing()
	for _, k := range kinds {
		if k.compare != nil {
			k.compare(e, k)
		} else if k.want != nil {
			e.flat(k)
		}
	}
	e.tellRenames()
	e.spell(before)
	if err := errors.Join(e.errs...); err != nil {
		return nil, err
	}
	e.unfinished()
	e.leftAlone()
	e.checkReferences()
	if len(e.errs) == 0 {
		e.prune(live)
	}
	if err := errors.Join(e.errs...); err != nil {
		return nil, err
	}
	e.seedAlone()
	d := &e.delta
	if live != nil {
		d.doc, d.live = e.doc, live.doc
	}
	return d, nil
}
