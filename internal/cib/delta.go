package cib

import (
	"errors"
	"fmt"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Step is the name that the changes carry.
const Step = "cib"

// Delta is what separates a live CIB from the desired configuration.
type Delta struct {
	Changes   []plan.Change
	LeftAlone []plan.Object // in the live CIB, not in the playbook; left alone

	doc     *etree.Document // the live CIB with the changes made; nil without a live CIB
	missing []string        // nodes whose attributes have no place yet
	renames map[string]string

	live     *etree.Document // as it was; nil without a live CIB
	handover Handover

	removed, unstopped []string        // see Removed
	staged             *etree.Document // see Stopping
}

// Format keeps every printer from what may be secret.
func (d *Delta) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%d changes of the CIB", len(d.Changes))
}

// Result is the whole new CIB: the live one with the changes made and all the
// rest as it was, under the live one's version. It holds the secrets.
func (d *Delta) Result() (secret.Value, error) { return d.edited(nil) }

// edited is the new CIB with one more edit, nil for none.
func (d *Delta) edited(edit func(*etree.Document) error) (secret.Value, error) {
	if d.doc == nil {
		return secret.Value{}, errors.New("there is no live CIB that the changes could go into")
	}
	if len(d.missing) > 0 {
		return secret.Value{}, fmt.Errorf("the CIB has no entry for node %s yet, and its id in the cluster is not known", d.missing[0])
	}
	doc := d.doc.Copy()
	if edit != nil {
		if err := edit(doc); err != nil {
			return secret.Value{}, err
		}
	}
	return written(doc)
}

// Renames are the primitives that get another id, the old ids by the new ones.
func (d *Delta) Renames() map[string]string { return d.renames }

// Handover is how primitives pass from an old id to a new one. In one push
// Pacemaker would stop the old one as something that is no longer configured,
// and order that before nothing: the stop of the one ends what the other has
// started, or both run at once.
type Handover int

const (
	// Plain is one push. Nothing runs, or it is a fencing device, which is only
	// registered.
	Plain Handover = iota
	// InPlace is that what runs is found again by its unit, under the new id. Orphans
	// are not stopped meanwhile, and the old one's history is then cleared.
	// (Tried with Pacemaker 2.1.5: the unit's process stays the same.)
	InPlace
	// StopFirst is that the old one is removed and stopped before the new one is made.
	// An agent may keep its state by the resource's id, so it cannot be found
	// under another.
	StopFirst
)

// Handover is how the renamed primitives are to be handed over.
func (d *Delta) Handover() Handover { return d.handover }
