package playbook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// notDeclared are keys that say where things are found, that are in the values of
// others by the time they are looked at, or that are never applied.
var notDeclared = []string{"inventory", "vars", "files", "kept"}

// Digests returns, by top-level key, a SHA-256 of what the playbook declares
// there: every value with its path, variables replaced. Layout, comments and
// the order of a mapping's keys do not count. No secret is in it, nor the
// content of files; see FileDigests for these.
func (p *Playbook) Digests() map[string]string {
	out := map[string]string{}
	if p.doc != nil {
		for i := range p.doc.Root.Fields {
			f := &p.doc.Root.Fields[i]
			if !slices.Contains(notDeclared, f.Key) {
				out[f.Key] = digest(values(yamldoc.Path(f.Key), f.Key, f.Value))
			}
		}
	}
	if len(p.Files) > 0 {
		var lines []string
		for _, f := range p.Files {
			lines = append(lines, fmt.Sprintf("%q %q %q", f.Path, f.Mode, f.Owner))
		}
		out["files"] = digest(lines)
	}
	return out
}

// values are the scalars under a node, a line each: its path and its text.
func values(path yamldoc.Path, key string, n *yamldoc.Node) []string {
	switch {
	case n == nil || n.Kind == yamldoc.Null:
		return []string{string(path) + " null"}
	case n.Kind == yamldoc.Scalar && secret.Named(key) && !path.Under("cluster"): // totem.token is a time
		return []string{string(path) + " " + secret.Mask}
	case n.Kind == yamldoc.Scalar:
		return []string{string(path) + fmt.Sprintf(" %q", n.Text)}
	}
	lines := []string{string(path) + " " + n.Kind.String()}
	for i, item := range n.Items {
		lines = append(lines, values(path.Index(i), key, item)...)
	}
	for i := range n.Fields {
		lines = append(lines, values(path.Key(n.Fields[i].Key), n.Fields[i].Key, n.Fields[i].Value)...)
	}
	return lines
}

func digest(lines []string) string {
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}

// FileDigests returns, by path on the nodes, the SHA-256 of each file and agent
// that is shipped there; not of a file that others than its owner and group may
// not read, which may hold a secret.
func (p *Playbook) FileDigests() map[string]string {
	out := map[string]string{}
	add := func(path string, content []byte) {
		sum := sha256.Sum256(content)
		out[path] = hex.EncodeToString(sum[:])
	}
	for _, f := range p.Files {
		if !f.Secret() {
			add(f.Path, f.Content)
		}
	}
	for _, a := range p.Agents {
		add(a.Path(), a.Content)
	}
	return out
}

// Secret reports whether a file may hold a secret: others than its owner and
// group may not read it. Its content is shown nowhere.
func (f File) Secret() bool { return secret.Mode(f.Mode) }

// HoldsSecret reports whether a text is, or is part of, a secret that stands in
// the playbook as plain text.
func (p *Playbook) HoldsSecret(text string) bool {
	if text == "" || p.doc == nil {
		return false
	}
	found := false
	var look func(key string, n *yamldoc.Node)
	look = func(key string, n *yamldoc.Node) {
		if n == nil {
			return
		}
		if n.Kind == yamldoc.Scalar && secret.Named(key) && strings.Contains(n.Text, text) {
			found = true
		}
		for _, item := range n.Items {
			look(key, item)
		}
		for i := range n.Fields {
			look(n.Fields[i].Key, n.Fields[i].Value)
		}
	}
	look("", withoutVars(p.doc.Root).Without("cluster")) // totem.token is a time
	for _, f := range p.Files {
		found = found || f.Secret() && strings.Contains(string(f.Content), text)
	}
	return found
}
