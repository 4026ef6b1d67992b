package playbook

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// checkRemoteUse refuses what Pacemaker Explained says never to do with the
// connection to a remote node: to put it into a group or a clone, a colocation or
// an order. Pacemaker starts it by itself before anything runs there; by a
// constraint the node, with all that runs on it, would hang on other resources.
func (l *loader) checkRemoteUse(p *Playbook) {
	remote := map[string]bool{}
	for _, r := range p.remotes() {
		if r.guest {
			continue // its resource may stand anywhere; the connection is Pacemaker's own
		}
		remote[r.id] = true
		path := strings.TrimSuffix(string(r.path), ".agent")
		if r.setUp {
			continue
		}
		for _, part := range []struct{ key, word string }{{".group[", "a group"}, {".clone", "a clone"}, {".promotable", "a promotable clone"}} {
			if strings.Contains(path, part.key) {
				l.judgeAt(r.pos, r.path, "declare it as a resource of its own", "%s is the connection to a remote node, which cannot be in %s", r.id, part.word)
				break
			}
		}
	}
	check := func(pos diag.Pos, path yamldoc.Path, word string, ids ...string) {
		for _, id := range ids {
			if remote[id] {
				l.judgeAt(pos, path, "remove it: Pacemaker connects to the node before anything runs there, and resources are bound to the node by location",
					"%s is the connection to a remote node, which cannot be in %s", id, word)
				return
			}
		}
	}
	for i, c := range p.Constraints.Colocation {
		check(c.Pos, yamldoc.Path("constraints.colocation").Index(i), "a colocation", c.Resource, c.With)
	}
	for i, c := range p.Constraints.Order {
		check(c.Pos, yamldoc.Path("constraints.order").Index(i), "an order", c.First, c.Then)
	}
}
