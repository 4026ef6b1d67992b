package remote

import (
	"context"

	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// ReadOnly gives a connection that cannot change the node: it refuses
// commands that are not marked Reads, WriteFile and Lock with a *ReadOnlyError. Plan
// works on such a connection, so a dry run is safe by construction.
func ReadOnly(c Conn) Conn { return readOnly{c} }

type readOnly struct{ Conn }

func (r readOnly) refuse(label string) *ReadOnlyError {
	e := &ReadOnlyError{Label: label}
	if n, ok := r.Conn.(interface{ Node() string }); ok {
		e.Node = n.Node()
	}
	return e
}

// Node is the inventory name, "" when the connection does not know it.
func (r readOnly) Node() string { return r.refuse("").Node }

func (r readOnly) Run(ctx context.Context, cmd Cmd) (Result, error) {
	if !cmd.Reads {
		return Result{}, r.refuse(labelOf(cmd))
	}
	return r.Conn.Run(ctx, cmd)
}

func (r readOnly) WriteFile(_ context.Context, f File) error {
	return r.refuse("write " + excerpt.Printable(f.Path, 200))
}

func (r readOnly) Lock(context.Context, string) (func(), error) {
	return nil, r.refuse("lock")
}
