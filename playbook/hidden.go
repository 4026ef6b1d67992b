package playbook

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Hides reports whether a value is what stands in the place of a password, as
// crm_report and crmsh write it: asterisks.
func Hides(name, value string) bool {
	return value != "" && strings.Trim(value, "*") == "" && secret.Named(name)
}

// Hidden are the passwords of which the playbook has asterisks only: nobody may
// set these in a cluster.
func (p *Playbook) Hidden() (list diag.List) {
	look := func(options Options) {
		for _, o := range options {
			if o.Value.Secret == nil && Hides(o.Name, o.Value.Text) {
				list = append(list, diag.Diagnostic{Pos: o.Value.Pos, Message: "this is not the value of " + o.Name + ", but what hides it: in the cluster it would be the password",
					Hint: "give the password, as {env: NAME} or {file: PATH}", Source: p.Line(o.Value.Pos.Line)})
			}
		}
	}
	for _, r := range p.Written() {
		look(r.Options)
	}
	for _, a := range p.Alerts {
		look(a.Options)
		for _, r := range a.Recipients {
			look(r.Options)
		}
	}
	return list
}
