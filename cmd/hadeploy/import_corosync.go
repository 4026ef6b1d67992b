package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/inventory"
)

// maxCorosyncFile bounds a corosync.conf, in bytes.
const maxCorosyncFile = 1 << 20

// fileCluster is what a corosync.conf in a file says: the section cluster, and the
// nodes with their links.
type fileCluster struct {
	conf      *corosync.Exported
	sections  []cib.Section
	inventory *yamlout.Map
	lost      diag.List
	notes     []string
}

// importCorosync reads a corosync.conf that stands beside a CIB.
func importCorosync(doc *cib.CIB, path string) (*fileCluster, error) {
	text, err := localfile.ReadPipe(path, maxCorosyncFile)
	if err != nil {
		return nil, usageError{hinted{fmt.Errorf("%s %w", path, err), "it is /etc/corosync/corosync.conf of a member"}}
	}
	conf, err := corosync.Parse(text)
	if parse, ok := errors.AsType[*corosync.ParseError](err); ok {
		return nil, diag.List{{Pos: diag.Pos{File: path, Line: parse.Line}, Message: parse.Message, Hint: "give corosync.conf as a member has it"}}
	}
	if err != nil {
		return nil, err
	}
	if len(conf.Nodes()) == 0 {
		return nil, diag.List{{Pos: diag.Pos{File: path}, Message: "there is no nodelist, so the members and their links are not known", Hint: "leave --corosync-conf out"}}
	}
	names := doc.NodeIDs()
	var members []corosync.Member
	for _, n := range conf.Nodes() {
		members = append(members, corosync.Member{Name: names[fmt.Sprint(n.ID)]})
	}
	e, err := corosync.Export(conf, members)
	if err != nil {
		return nil, err
	}
	out := &fileCluster{conf: e, lost: corosyncLosses(e, path), notes: corosyncKept(e)}
	if cluster := e.Cluster(true, true).Node(); cluster != nil {
		out.sections = append(out.sections, cib.Section{Key: "cluster", Value: cluster})
	}
	var remotes []inventory.Node
	for _, r := range doc.RemoteHosts() {
		if !slices.ContainsFunc(remotes, func(o inventory.Node) bool { return o.Name == r.Name }) {
			remotes = append(remotes, remoteHost(r, inventory.Node{}))
		}
	}
	group := inventory.GroupName(e.Name, slices.Concat(e.Members, remotes))
	if remotes != nil {
		out.sections = append(out.sections, hostsSection(group))
	}
	out.inventory = inventory.Export(group, e.Members, remotes)
	return out, nil
}

// haclusterPassword is the one secret that no file of a cluster has.
func haclusterPassword() *yamlout.Map {
	return yamlout.NewMap().Set("password", yamlout.NewMap().SetText("env", "HACLUSTER_PASSWORD").Node())
}

// remoteHost is the host of a remote or guest node, reached as another one is.
func remoteHost(r cib.RemoteHost, as inventory.Node) inventory.Node {
	as.Name, as.NodeName, as.Host, as.Links = r.Name, r.Name, cmp.Or(r.Address, r.Name), nil
	return as
}

// hostsSection says which hosts of the inventory are the members.
func hostsSection(group string) cib.Section {
	return cib.Section{Key: "hosts", Value: yamlout.Text(group)}
}

// corosyncLosses are the losses of a corosync.conf, each at its line.
func corosyncLosses(e *corosync.Exported, file string) (list diag.List) {
	for _, l := range e.Lost {
		message := l.Path
		if l.Value != "" {
			message += ": " + l.Value
		}
		list = append(list, diag.Diagnostic{Pos: diag.Pos{File: file, Line: l.Line}, Severity: diag.Warning, Message: message + ": " + l.Why})
	}
	return list
}

// corosyncKept says what a cluster keeps as its own, in a line.
func corosyncKept(e *corosync.Exported) []string {
	if e.Kept == nil {
		return nil
	}
	var own []string
	for _, l := range e.Kept {
		own = append(own, l.Path+": "+l.Value)
	}
	return []string{term.Clean("corosync.conf keeps what is this cluster's own, and a new one has its own: " + strings.Join(own, ", "))}
}
