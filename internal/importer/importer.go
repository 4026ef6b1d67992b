// Package importer makes a playbook of a cluster that exists: of its CIB, its
// corosync.conf and what else is known of it. Nothing is lost in silence: the
// playbook is read and rendered again, and held against what it was made of.
package importer

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/playbook"
)

// Source is a cluster as it was found.
type Source struct {
	Head   string // comment at the head of the playbook, in lines
	Name   string // of the cluster, where another source than the CIB has it
	CIB    *cib.CIB
	Agents map[string]*agent.Agent // metadata, by the names of agent.Names
	Exact  bool                    // what is another element for the same is a loss
	Kept   bool                    // write what Pacemaker and operators keep as well
	// Sections stand beside those of the CIB: packages, hacluster, cluster.
	Sections []cib.Section
	// Files are sections beside them whose files are not on this machine yet: they
	// are not read again with the rest.
	Files []cib.Section
	// Inventory is the text of the hosts, in the form of Ansible. Without one the
	// members that the CIB names are its hosts.
	Inventory *yamlout.Map
	// Beside says that the inventory is to be a file of its own.
	Beside bool
	// SecretFile gives the path that the playbook has for a secret that is written
	// to a file; nil: it names variables of the environment.
	SecretFile func(name string) string
}

// Result is a playbook, and what it does not hold.
type Result struct {
	Playbook  []byte
	Inventory []byte // nil where it stands in the playbook
	Secrets   []cib.ExportedSecret
	Losses    []cib.Loss
}

// order is that of the sections, as the documentation has it.
var order = []string{
	"name", "as_found", "vars", "inventory", "hosts", "packages", "files", "agents", "hacluster", "cluster", "nodes", "own_names", "properties", "property_sets",
	"resource_defaults", "operation_defaults", "stonith", "templates", "resources", "remote_nodes", "tags", "alerts", "constraints", "acls", "verify",
	"prune", "ids", "written", "kept",
}

// Playbook makes the playbook of a cluster.
func Playbook(src Source) (*Result, error) {
	exported := src.CIB.Export(cib.ExportOptions{Agents: src.Agents, Kept: src.Kept, SecretFile: src.SecretFile})
	r := &Result{Secrets: exported.Secrets}
	name := cmp.Or(clusterName(src.Name), clusterName(exported.Name), "imported")
	d := &draft{head: src.Head}
	d.put("name", yamlout.Text(name))
	for _, s := range append(src.Sections, exported.Sections...) {
		d.put(s.Key, s.Value)
	}
	hosts := src.Inventory
	if hosts == nil {
		hosts = members(exported.Members)
	}
	if !src.Beside {
		d.put("inventory", hosts.Node())
	}
	for _, s := range exported.Sections {
		d.ofCIB = append(d.ofCIB, s.Key)
	}
	p, err := d.settle(func(p *playbook.Playbook) diag.List { return checks(p, src, hosts) })
	if err != nil {
		return nil, err
	}
	rendered, err := render(p, src, hosts)
	if err != nil {
		return nil, err
	}
	masked := func(id, option string) bool {
		return slices.ContainsFunc(exported.Secrets, func(s cib.ExportedSecret) bool { return s.Option == id+" options."+option })
	}
	compared := src.CIB.Losses(rendered, src.Exact, masked)
	r.Losses = append(d.beside(), compared.Losses...)
	for i, l := range r.Losses {
		if l.Why == "" {
			r.Losses[i].Why = cmp.Or(d.why(l.Path), "a playbook has no words for it")
		}
	}
	for _, s := range src.Files {
		d.put(s.Key, s.Value)
	}
	d.put("ids", idsOf(compared))
	d.put("written", writtenOf(compared))
	if r.Playbook, err = d.text(); err != nil {
		return nil, err
	}
	if src.Beside {
		r.Inventory, err = yamlout.Document("", hosts)
	}
	return r, err
}

// members are the hosts of a cluster of which the names alone are known, in the
// order of their ids: so a new cluster numbers them, and many an old one has.
func members(list []cib.Node) *yamlout.Map {
	hosts := yamlout.NewMap()
	slices.SortStableFunc(list, func(a, b cib.Node) int {
		x, err1 := strconv.ParseUint(a.ID, 10, 64)
		y, err2 := strconv.ParseUint(b.ID, 10, 64)
		if err1 != nil || err2 != nil {
			return strings.Compare(a.ID, b.ID)
		}
		return cmp.Compare(x, y)
	})
	for _, n := range list {
		hosts.Set(n.Name, yamlout.Empty())
	}
	return yamlout.NewMap().Set("all", yamlout.NewMap().Set("hosts", hosts.Node()).Node())
}

func idsOf(c *cib.Compared) *yamlout.Node {
	m := yamlout.NewMap()
	for _, id := range slices.Sorted(maps.Keys(c.IDs)) {
		m.SetText(id, c.IDs[id])
	}
	return m.Node()
}

func writtenOf(c *cib.Compared) *yamlout.Node {
	m := yamlout.NewMap()
	for _, id := range slices.Sorted(maps.Keys(c.Spelled)) {
		one := yamlout.NewMap()
		for _, s := range c.Spelled[id] {
			if s.Value == nil {
				one.Set(s.Name, yamlout.Null())
			} else {
				one.Set(s.Name, yamlout.Text(*s.Value))
			}
		}
		m.Set(id, one.Node())
	}
	return m.Node()
}

// clusterName is a name as a playbook takes it, "" for one that cannot be had.
func clusterName(s string) string {
	if len(s) > 32 || strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}) {
		return ""
	}
	return s
}

// render makes a CIB of a playbook, as the command of that name does: it numbers
// the nodes in the order of the inventory.
func render(p *playbook.Playbook, src Source, hosts *yamlout.Map) (*cib.CIB, error) {
	release := releaseOf(p)
	var nodes []cib.Node
	for i, name := range hosts.Hosts() {
		nodes = append(nodes, cib.Node{Name: name, ID: strconv.Itoa(i + 1)})
	}
	want, err := cib.Build(p, src.Agents, noSecret, cib.Options{Nodes: nodes, Dialect: pcs.DialectFor(release), MaskSecrets: true})
	if err != nil {
		return nil, err
	}
	out, err := cib.Render(want, release)
	if err != nil {
		return nil, err
	}
	return cib.ParseConfiguration(out.Configuration)
}

func noSecret(playbook.SecretRef) (secret.Value, bool) { return secret.Value{}, false }

// releaseOf is the release of Pacemaker that a playbook is rendered for.
func releaseOf(p *playbook.Playbook) pacemaker.Release { return pacemaker.ForSchema(p.Kept.Schema) }

// checks are what plan and render judge besides the reading of the file.
func checks(p *playbook.Playbook, src Source, hosts *yamlout.Map) diag.List {
	r := releaseOf(p)
	var nodes []playbook.Member
	for _, name := range hosts.Hosts() {
		nodes = append(nodes, playbook.Member{Name: name})
	}
	return slices.Concat(agent.CheckOptions(p, src.Agents), cib.CheckRelease(p, r), cib.CheckKnown(p, r), playbook.CheckNodes(p, nodes))
}

// draft is a playbook in the making.
type draft struct {
	head     string
	sections []cib.Section
	ofCIB    []string // keys of the sections that tell of the CIB
	asFound  bool     // what should not be declared is declared
	refused  []refusal
}

// refusal is something that the reader of playbooks does not take.
type refusal struct{ path, id, why string }

// beside are the refusals that no comparison of CIBs can find: those of hosts,
// packages, Corosync.
func (d *draft) beside() (list []cib.Loss) {
	for _, r := range d.refused {
		key, _, _ := strings.Cut(r.path, ".")
		if key, _, _ = strings.Cut(key, "["); !slices.Contains(d.ofCIB, key) {
			list = append(list, cib.Loss{Path: r.path, Why: r.why})
		}
	}
	return list
}

func (d *draft) why(path string) string {
	for _, r := range d.refused {
		if strings.Contains(path, `"`+r.id+`"`) {
			return r.why
		}
	}
	return ""
}

func (d *draft) put(key string, value *yamlout.Node) {
	if value != nil {
		d.sections = append(d.sections, cib.Section{Key: key, Value: value})
	}
}

func (d *draft) document() *yamlout.Map {
	slices.SortStableFunc(d.sections, func(a, b cib.Section) int { return slices.Index(order, a.Key) - slices.Index(order, b.Key) })
	m := yamlout.NewMap()
	for _, s := range d.sections {
		m.Set(s.Key, s.Value)
	}
	return m
}

func (d *draft) text() ([]byte, error) { return yamlout.Document(d.head, d.document()) }

// settle reads the playbook, and takes out of it what cannot be read: an object
// as a whole, and what names it.
func (d *draft) settle(checks func(*playbook.Playbook) diag.List) (*playbook.Playbook, error) {
	for {
		text, err := d.text()
		if err != nil {
			return nil, err
		}
		p, list := playbook.Load("-", playbook.LoadOptions{Stdin: bytes.NewReader(text)})
		if p != nil {
			if list = checks(p); list.Err() == nil {
				return d.strictly(p, checks)
			}
		}
		if !d.asFound {
			d.asFound = true
			d.put("as_found", yamlout.Text("true"))
			continue
		}
		if !d.leaveOut(list) {
			return nil, fmt.Errorf("the playbook that was made cannot be read: %w", list.Err())
		}
	}
}

// strictly leaves as_found out where what it was for is no longer there.
func (d *draft) strictly(p *playbook.Playbook, checks func(*playbook.Playbook) diag.List) (*playbook.Playbook, error) {
	if !d.asFound || d.refused == nil {
		return p, nil
	}
	without := &draft{head: d.head, sections: slices.DeleteFunc(slices.Clone(d.sections), func(s cib.Section) bool { return s.Key == "as_found" })}
	text, err := without.text()
	if err != nil {
		return nil, err
	}
	strict, _ := playbook.Load("-", playbook.LoadOptions{Stdin: bytes.NewReader(text)})
	if strict != nil && checks(strict).Err() == nil {
		d.sections, d.asFound = without.sections, false
		return strict, nil
	}
	return p, nil
}

// leaveOut takes what is refused out of the draft; false where nothing of it
// can go.
func (d *draft) leaveOut(list diag.List) bool {
	m := d.document()
	gone := map[*yamlout.Node]bool{}
	for _, x := range list {
		if x.Severity != diag.Error {
			continue
		}
		n, object := m.At(x.Path)
		if n == nil || gone[n] {
			continue
		}
		gone[n] = true
		d.refused = append(d.refused, refusal{x.Path, object, x.Message})
	}
	for _, s := range d.sections {
		yamlout.Without(s.Value, gone)
	}
	d.sections = slices.DeleteFunc(d.sections, func(s cib.Section) bool { return gone[s.Value] || yamlout.IsEmpty(s.Value) })
	return len(gone) > 0
}
