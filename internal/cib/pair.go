package cib

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// pair is one name and value; what is secret is compared, never shown.
type pair struct {
	name, value string
	secret      bool
	unknown     bool   // the secret is not at hand: what is there counts as the same
	at          string // where the playbook has it, FILE:LINE
}

func hasPair(list []pair, name string) bool {
	return slices.ContainsFunc(list, func(p pair) bool { return p.name == name })
}

// diff notes a difference; that of secret values is sealed and masked.
func diff(name, before, after string, hadBefore, hasAfter, masked bool) plan.Diff {
	d := plan.Diff{Name: name, Before: before, After: after, HasBefore: hadBefore, HasAfter: hasAfter, Secret: masked}
	if !masked {
		return d
	}
	d = d.Sealed([]byte(before), []byte(after))
	if hadBefore {
		d.Before = secret.Mask
	}
	if hasAfter {
		d.After = secret.Mask
	}
	return d
}

// from is the difference that makes a pair of what was there. A secret that is
// not at hand has no seal: there is nothing to hold it against.
func (p pair) from(prefix, before string, had bool) plan.Diff {
	d := diff(prefix+p.name, before, p.value, had, true, p.secret)
	if p.unknown {
		d.Seal = ""
	}
	return d
}
