package playbook

import (
	"context"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// Resolve fetches the secret; a relative file is relative to dir, the
// playbook's folder. No error holds the secret. See secret.Ref.Resolve.
func (r SecretRef) Resolve(ctx context.Context, dir string) (secret.Value, error) {
	return r.ref().Resolve(ctx, dir)
}

// Describe names where the secret comes from, never the secret itself.
func (r SecretRef) Describe() string { return r.ref().String() }

func (r SecretRef) ref() secret.Ref {
	return secret.Ref{Env: r.Env, File: r.File, Command: r.Command, Plain: r.Plain}
}
