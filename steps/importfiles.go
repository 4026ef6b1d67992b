package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/playbook"
)

// What is read of files at most: how many, how many at once, and of the larger ones
// how long each may be, in bytes.
const (
	maxImported     = 400
	importedAtOnce  = 100
	maxImportedFile = 8 << 20
)

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// packages finds which packages brought what the resources use, and the files and
// agents that none has brought.
func (r *ImportReader) packages(ctx context.Context, out *Imported, uses cib.Uses, units []string, contents bool) error {
	agents := map[string]string{} // path -> name
	var ocf, named []string
	for _, name := range uses.Agents {
		if file := agentPath(name); file != "" {
			agents[file] = name
			ocf = append(ocf, file)
		}
	}
	for _, p := range uses.Paths {
		if importable(p) {
			named = append(named, p)
		}
	}
	set, err := clusterSets(r.Nodes, uses)
	if err != nil {
		return err
	}
	owners := map[*Node]*pkgs.Owners{}
	asked := slices.DeleteFunc(slices.Concat(ocf, named), func(p string) bool { return strings.ContainsAny(p, "*?[]\\\n\t") })
	if err := r.eachErr(r.Nodes, func(n *Node) error {
		res, err := n.Conn.Run(ctx, remote.Cmd{Script: pkgs.OwnersScript, Stdin: strings.NewReader(pkgs.OwnersAsk(asked, units, set[n])), Reads: true,
			Timeout: 3 * time.Minute, Limit: pkgs.OwnersLimit, Label: "packages of files"})
		if err == nil {
			err = res.Err("packages of files")
		}
		if err != nil {
			return err
		}
		o, err := pkgs.ReadOwners(string(res.Stdout), units)
		r.mu.Lock()
		owners[n] = o
		r.mu.Unlock()
		return err
	}); err != nil {
		return err
	}
	if err := r.installed(ctx, out, set, owners[r.Nodes[0]], ocf, units); err != nil {
		return err
	}

	// Files: what no package has brought, and, where options name it, what it
	// brought as a configuration.
	first := owners[r.Nodes[0]]
	of, beside := map[string]string{}, map[string]bool{}
	for _, p := range named {
		if first.Of(p) == "" || strings.HasPrefix(p, "/etc/") {
			of[p] = "an option of a resource"
		}
	}
	for _, u := range units {
		for _, p := range first.Beside[u] {
			if _, known := of[p]; !known && first.Of(p) == "" && importable(p) {
				of[p], beside[p] = u, true
			}
		}
	}
	files := slices.Sorted(keysOf(of))
	for _, p := range ocf {
		if first.Of(p) == "" {
			files = append(files, p)
		}
	}
	if len(files) > maxImported {
		out.lose("%d files of resources are more than the %d that are read: those from %s on are left out", len(files), maxImported, files[maxImported])
		files = files[:maxImported]
	}
	for some := range slices.Chunk(files, importedAtOnce) {
		if err := r.eachErr(r.Nodes, func(n *Node) error {
			return n.observe(ctx, facts.Ask{Sections: []facts.Section{facts.SectionFiles}, Files: some})
		}); err != nil {
			return err
		}
		for _, p := range some {
			r.file(ctx, out, ImportedFile{Path: p, Agent: agents[p], Of: of[p], Beside: beside[p]}, contents || agents[p] != "")
		}
	}
	return nil
}

// agentPath is the file of an agent of OCF, "" of others.
func agentPath(name string) string {
	ref := playbook.ParseAgent(name)
	if ref.Standard != "ocf" || ref.Provider == "" || ref.Type == "" || strings.Contains(ref.Provider+ref.Type, "/") {
		return ""
	}
	return playbook.Agent{Name: name}.Path()
}

// notImported are folders whose files are the system's, or are made as it runs.
var notImported = []string{"/dev/", "/proc/", "/sys/", "/run/", "/var/run/", "/tmp/", "/var/lib/pacemaker/", "/var/lib/corosync/", "/var/lib/pcsd/", "/var/lib/hadeploy/", "/etc/corosync/", "/etc/pacemaker/"}

func importable(p string) bool {
	return path.Clean(p) == p && !slices.ContainsFunc(notImported, func(dir string) bool { return strings.HasPrefix(p+"/", dir) })
}

// file adds a file that the members have, and have alike.
func (r *ImportReader) file(ctx context.Context, out *Imported, f ImportedFile, content bool) {
	what := "the file " + f.Path
	if f.Agent != "" {
		what = "the agent " + f.Agent
	}
	tell := out.lose
	if f.Beside { // that the unit reads it is likely, no more
		tell = func(format string, args ...any) { out.Notes = append(out.Notes, fmt.Sprintf(format, args...)) }
	}
	var here, missing, other []string
	var have facts.File
	var from *Node
	for _, n := range r.Nodes {
		found, exists := n.Facts.Files[f.Path]
		switch {
		case !exists:
			missing = append(missing, n.NodeName)
		case found.SHA256 == "": // a folder, a device, a link
			return
		case from == nil:
			have, from, here = found, n, []string{n.NodeName}
		case found.SHA256 != have.SHA256 || found.Mode != have.Mode || found.Owner != have.Owner:
			other = append(other, n.NodeName)
		default:
			here = append(here, n.NodeName)
		}
	}
	switch {
	case from == nil:
		return
	case other != nil:
		tell("%s is not the same on %s as on %s: it is not declared", what, strings.Join(other, ", "), strings.Join(here, ", "))
		return
	case missing != nil:
		tell("%s is on %s and not on %s: it is not declared", what, strings.Join(here, ", "), strings.Join(missing, ", "))
		return
	}
	f.Mode, f.Owner, f.SHA256 = have.Mode, have.Owner, have.SHA256
	if f.Agent != "" && (f.Mode != "0755" || f.Owner != "root:root") {
		out.lose("%s has the mode %s and the owner %s, and plan would make them 0755 and root:root", what, f.Mode, f.Owner)
	}
	if content {
		f.Content = have.Content
		if f.Content == nil { // larger than what an observation reads
			var err error
			if f.Content, err = fetch(ctx, from, f); err != nil {
				tell("%s was not read: %v", what, err)
				return
			}
		}
	}
	if f.Agent != "" {
		if !bytes.HasPrefix(f.Content, []byte("#!")) && !bytes.HasPrefix(f.Content, []byte("\x7fELF")) {
			out.lose("%s is no program, and cannot be declared", what)
			return
		}
		out.Agents = append(out.Agents, f)
	} else {
		out.Files = append(out.Files, f)
	}
}

// fetch reads a file of which the sum is known.
func fetch(ctx context.Context, n *Node, f ImportedFile) ([]byte, error) {
	res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"head", "-c", fmt.Sprint(maxImportedFile + 1), "--", f.Path}, Reads: true, Sensitive: true,
		Timeout: 2 * time.Minute, Limit: maxImportedFile + 1, Label: "read " + f.Path})
	if err == nil {
		err = res.Err("read " + f.Path)
	}
	if err != nil {
		return nil, err
	}
	if len(res.Stdout) > maxImportedFile {
		return nil, fmt.Errorf("it is larger than %d MiB", maxImportedFile>>20)
	}
	if sum := sha256.Sum256(res.Stdout); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, fmt.Errorf("it changed while it was read")
	}
	return append([]byte{}, res.Stdout...), nil // which is there, even if it is empty
}

// clusterSets are the packages that a cluster with these resources needs, by node.
func clusterSets(nodes []*Node, uses cib.Uses) (map[*Node][]string, error) {
	p := &playbook.Playbook{}
	for _, name := range uses.Agents {
		if strings.HasPrefix(name, "stonith:") {
			p.Stonith.Devices = append(p.Stonith.Devices, playbook.Primitive{Agent: name})
		}
	}
	for _, engine := range uses.Containers {
		p.Resources = append(p.Resources, playbook.Resource{Bundle: &playbook.Bundle{Container: engine}})
	}
	sets := map[*Node][]string{}
	for _, n := range nodes {
		m, err := pkgs.On(n.Facts.Host)
		if err == nil {
			sets[n], err = pkgs.Declared(m, p)
		}
		if err != nil {
			return nil, NodeErrors{{Node: n.Name, Err: err}}
		}
	}
	return sets, nil
}

// installed finds the packages that the playbook has to name: none where the
// distribution's set is all there, and those that brought what resources use.
func (r *ImportReader) installed(ctx context.Context, out *Imported, sets map[*Node][]string, owners *pkgs.Owners, ocf, units []string) error {
	var more, set []string
	for _, unit := range units {
		more = append(more, owners.OfUnit(unit))
	}
	for _, file := range ocf {
		more = append(more, owners.Of(file))
	}
	slices.Sort(more)
	more = slices.DeleteFunc(slices.Compact(more), func(name string) bool { return name == "" })
	for _, n := range r.Nodes { // they may be of several distributions
		for _, name := range sets[n] {
			if !slices.Contains(set, name) {
				set = append(set, name)
			}
		}
	}
	if err := r.eachErr(r.Nodes, func(n *Node) error {
		return n.observe(ctx, facts.Ask{Sections: []facts.Section{facts.SectionPackages}, Packages: slices.Concat(set, more)})
	}); err != nil {
		return err
	}
	everywhere := func(name string) bool {
		return !slices.ContainsFunc(r.Nodes, func(n *Node) bool { return !n.Facts.Packages.Known[name].Installed })
	}
	for _, name := range more {
		switch {
		case slices.Contains(set, name) || owners.Needed(name, slices.Concat(set, more)):
		case everywhere(name):
			out.Install = append(out.Install, name)
		default:
			out.lose("the package %s, which resources use, is not installed on all members: it is not declared", name)
		}
	}
	whole := !slices.ContainsFunc(r.Nodes, func(n *Node) bool {
		return slices.ContainsFunc(sets[n], func(name string) bool { return !n.Facts.Packages.Known[name].Installed })
	})
	if !whole { // the distribution's set would install it
		out.Set = append(slices.DeleteFunc(set, func(name string) bool { return !everywhere(name) }), out.Install...)
		out.Install = nil
	}
	return nil
}
