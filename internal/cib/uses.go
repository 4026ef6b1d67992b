package cib

import (
	"path"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/playbook"
)

// Uses is what a configuration needs on its nodes, each list sorted, each word
// once.
type Uses struct {
	Agents     []string // STANDARD:[PROVIDER:]TYPE of all primitives and templates
	Containers []string // docker, podman, rkt: what runs bundles
	Paths      []string // absolute paths that options of resources name
}

// Uses reads it. What is in a bundle lies in its image: its agents and paths are
// none of the nodes', the folders that the bundle mounts are.
func (c *CIB) Uses() Uses {
	var u Uses
	walk(c.section("resources"), func(e *etree.Element) {
		inBundle := e.Parent() != nil && e.Parent().Tag == "bundle"
		switch {
		case (e.Tag == "primitive" || e.Tag == "template") && !inBundle && attr(e, "type") != "":
			ref := playbook.AgentRef{Standard: attr(e, "class"), Provider: attr(e, "provider"), Type: attr(e, "type")}
			u.Agents = append(u.Agents, ref.String())
			for _, nv := range e.FindElements("instance_attributes/nvpair") {
				u.path(attr(nv, "value"))
			}
		case e.Tag == "primitive" && !inBundle:
			for _, nv := range e.FindElements("instance_attributes/nvpair") {
				u.path(attr(nv, "value"))
			}
		case e.Tag == "bundle":
			for _, engine := range []string{"docker", "podman", "rkt"} {
				if e.SelectElement(engine) != nil {
					u.Containers = append(u.Containers, engine)
				}
			}
		case e.Tag == "storage-mapping":
			u.path(attr(e, "source-dir"))
		}
	})
	for _, list := range []*[]string{&u.Agents, &u.Containers, &u.Paths} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return u
}

// maxPath bounds a path, in bytes: Linux takes no longer one.
const maxPath = 4095

func (u *Uses) path(text string) {
	if path.IsAbs(text) && path.Clean(text) == text && len(text) <= maxPath && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		u.Paths = append(u.Paths, text)
	}
}

// RemoteHost is the host of a remote or guest node, as resources name it.
type RemoteHost struct{ Name, Address string }

// RemoteHosts are those, in the document's order. The address is where members
// reach the node; "" where its name is all there is.
func (c *CIB) RemoteHosts() (hosts []RemoteHost) {
	walk(c.section("resources"), func(e *etree.Element) {
		if e.Tag != "primitive" {
			return
		}
		if attr(e, "class") == "ocf" && attr(e, "provider") == "pacemaker" && attr(e, "type") == "remote" {
			hosts = append(hosts, RemoteHost{attr(e, "id"), option(e, "instance_attributes", "server")})
		}
		if name := option(e, "meta_attributes", "remote-node"); name != "" {
			hosts = append(hosts, RemoteHost{name, option(e, "meta_attributes", "remote-addr")})
		}
	})
	return hosts
}

// NodeIDs are the names of the nodes by their ids, which are Corosync's.
func (c *CIB) NodeIDs() map[string]string {
	names := map[string]string{}
	for _, n := range children(c.section("nodes"), "node") {
		names[attr(n, "id")] = attr(n, "uname")
	}
	return names
}

// option is the first value of that name in sets of a resource.
func option(e *etree.Element, sets, name string) string {
	for _, nv := range e.FindElements(sets + "/nvpair") {
		if attr(nv, "name") == name {
			return attr(nv, "value")
		}
	}
	return ""
}
