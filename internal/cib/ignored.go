package cib

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// ignored is what of an object is left as it is once the object exists.
type ignored []playbook.Ignored

// of tells the names of one part (options, meta, op) that are left as they
// are.
func (g ignored) of(part string) func(name string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(g, func(x playbook.Ignored) bool { return x.Part == part && (x.Name == "" || x.Name == name) })
	}
}

// whyIgnored is what plan.Object.Why says of these.
const whyIgnored = "ignore_changes"

// notSet stands for the value of what the file has and the CIB has not.
const notSet = "not set"

// spare notes what ignore_changes leaves as it is though the file says
// otherwise. kind is "option of primitive web-ip".
func (e *editor) spare(kind, name, value string) {
	e.spared = append(e.spared, plan.Object{Kind: kind, ID: name, Value: cut(value), Why: whyIgnored})
}

// shown is a value as it may be shown.
func shown(name, value string) string {
	if secret.Named(name) {
		return secret.Mask
	}
	return cut(value)
}
