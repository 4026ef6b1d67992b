package rolevars

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/playbook"
)

// settle reads the playbook as hadeploy does. What is refused is taken out of it
// and named where it stands in the variables, until all of the rest is taken.
func (r *reader) settle() error {
	told := map[*yamlout.Node]bool{}
	for {
		list, err := r.errors()
		if len(list) == 0 || err != nil {
			return err
		}
		if r.cut(list, told) {
			continue
		}
		if r.m.Get("as_found") != nil {
			return r.refused(list)
		}
		if err := r.found(list); err != nil {
			return err
		}
	}
}

// errors are those of the playbook as it is.
func (r *reader) errors() (diag.List, error) {
	text, err := r.document()
	if err != nil {
		return nil, err
	}
	p, list := playbook.Load("-", playbook.LoadOptions{Stdin: bytes.NewReader(text)})
	if p != nil {
		return nil, nil
	}
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Severity != diag.Error }), nil
}

func (r *reader) document() ([]byte, error) { return yamlout.Document("", r.m) }

// found says that the cluster was found so, of what cannot be taken out: that
// nothing fences it, above all. Then hadeploy warns of it.
func (r *reader) found(list diag.List) error {
	r.m.Insert(1, "as_found", yamlout.Text("true"))
	left, err := r.errors()
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return r.refused(list)
	}
	for _, d := range list {
		r.name(diag.Warning, r.m.Way(d.Path), d, "hadeploy would refuse this in a new playbook, and takes it by as_found: %s", d.Message)
	}
	return nil
}

// whole are the places of which nothing but all is taken away: half of a
// constraint binds something else, and without one denial a role may more.
var whole = regexp.MustCompile(`^(?:constraints\.[a-z]+|stonith\.levels|acls\.[a-z]+|resource_defaults|operation_defaults)\[\d+\]`)

// identity are the keys without which an object is none.
var identity = regexp.MustCompile(`\]\.(?:[a-z]+\.)?(?:id|agent|path|value)$`)

// cut takes out what is refused; false where nothing can be.
func (r *reader) cut(list diag.List, told map[*yamlout.Node]bool) bool {
	var ways [][]*yamlout.Node
	gone := map[*yamlout.Node]bool{}
	for _, d := range list {
		path := d.Path
		if at := whole.FindString(path); at != "" && path != at+".id" {
			path = at
		} else if at == "" && identity.MatchString(path) {
			path = path[:strings.LastIndexByte(path, '.')]
		}
		way := r.m.Way(path)
		if kept(path, way) || slices.ContainsFunc(way, func(n *yamlout.Node) bool { return gone[n] }) {
			continue
		}
		last := way[len(way)-1]
		gone[last] = true
		ways = append(ways, way)
		if !told[last] {
			what := "this"
			if path == d.Path {
				what = path[strings.LastIndexByte(path, '.')+1:]
			}
			r.name(diag.Error, way, d, "%s is left out of the playbook: %s", what, d.Message)
		}
		for _, n := range way {
			told[n] = true
		}
	}
	for _, way := range ways {
		for last := len(way) - 1; last > 0; last-- { // and what is around it, where that holds nothing any more
			yamlout.Remove(way[last-1], way[last])
			if !yamlout.IsEmpty(way[last-1]) {
				break
			}
		}
	}
	return len(ways) > 0
}

// kept are the sections that are not taken out as a whole.
func kept(path string, way []*yamlout.Node) bool {
	return len(way) < 2 || len(way) == 2 && slices.Contains([]string{"", "name", "hacluster", "resources", "stonith"}, path)
}

// name says something of what stands in the playbook, at the nearest place that it
// came from.
func (r *reader) name(severity diag.Severity, way []*yamlout.Node, d diag.Diagnostic, format string, args ...any) {
	for _, n := range slices.Backward(way) {
		if v, ok := r.from[n]; ok {
			r.leave(severity, v, d.Hint, format, args...)
			return
		}
	}
	// A section: the variable that most of it comes from.
	section, _, _ := strings.Cut(d.Path, ".")
	for _, v := range r.list {
		if variable, ok := sectionOf[v.Key]; ok && variable == section {
			r.leaveAt(severity, r.doc.KeyPos(v.Field), "", d.Hint, format, args...)
			return
		}
	}
	r.leaveAt(severity, diag.Pos{File: r.doc.File, Line: 1, Column: 1}, "", d.Hint, format, args...)
}

// sectionOf is the section that a variable is the most of.
var sectionOf = map[string]string{
	"ha_cluster_resource_primitives": "resources", "ha_cluster_node_options": "inventory", "ha_cluster_cluster_properties": "properties",
	"ha_cluster_acls": "acls", "ha_cluster_stonith_levels": "stonith", "ha_cluster_transport": "cluster",
}

// refused is the error of a playbook that cannot be had.
func (r *reader) refused(list diag.List) error {
	before := r.left
	r.left = nil
	for _, d := range list {
		r.name(diag.Error, r.m.Way(d.Path), d, "no playbook can be made of this: %s", d.Message)
	}
	list, r.left = r.left, before
	return list.Sort()
}
