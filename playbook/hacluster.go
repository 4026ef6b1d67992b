package playbook

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Hacluster is the account that pcs uses between nodes.
type Hacluster struct {
	Password SecretRef
	Pos      diag.Pos
}

func (l *loader) hacluster(f *yamldoc.Field) Hacluster {
	if f == nil {
		return Hacluster{}
	}
	h := Hacluster{Pos: l.doc.KeyPos(f)}
	n := f.Value.Get("password")
	path := yamldoc.Path("hacluster.password")
	h.Password = l.secretRef(n, path)
	if h.Password.Plain.IsSet() {
		if h.Password.Plain.Reveal() == "" {
			l.errorAt(l.doc.Pos(n), path, "use {env: HACLUSTER_PASSWORD}", "the password is empty")
		} else {
			l.warnAt(l.doc.Pos(n), path, "use {env: NAME}, {file: PATH} or {command: [...]}", "the password stands here in plain text; whoever reads this file can control the cluster")
		}
	}
	return h
}
