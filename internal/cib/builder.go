package cib

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

func (b *builder) fail(pos diag.Pos, msg string) {
	b.diags = append(b.diags, diag.Diagnostic{Pos: pos, Message: msg})
}

func (b *builder) pairs(o playbook.Options) []pair {
	var list []pair
	for _, x := range o {
		list = append(list, b.pair(x))
	}
	return list
}

func (b *builder) pair(x playbook.Option) pair {
	b.seen = append(b.seen, x)
	p := pair{name: x.Name, value: x.Value.Text, secret: secret.Named(x.Name), at: x.Pos.InFile()}
	if ref := x.Value.Secret; ref != nil {
		p.secret = true
		v, ok := ref.Plain, ref.Plain.IsSet()
		if !ok && b.secrets != nil {
			v, ok = b.secrets(*ref)
		}
		switch {
		case !ok && b.without:
			v, p.unknown = secret.New("not at hand"), true
		case !ok:
			b.fail(x.Pos, "the secret for "+x.Name+" is not available")
		}
		p.value = v.Reveal()
	}
	if b.mask && p.secret && !playbook.Hides(p.name, p.value) {
		p.value, p.unknown = secret.Mask, false
	}
	if !xmlText(p.value) {
		b.fail(x.Pos, x.Name+" holds a control character, which the CIB cannot store")
	}
	return p
}
