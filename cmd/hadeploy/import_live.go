package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
	"github.com/hadeploy/hadeploy/steps"
)

// liveFlags are those of import that lead to a running cluster.
type liveFlags struct {
	hosts     string // of the inventory
	withFiles bool
}

// liveCluster is a running cluster as an import has read it.
type liveCluster struct {
	*steps.Imported
	conf    *corosync.Exported
	group   string // of the inventory
	members []inventory.Node
	remotes []inventory.Node
	dir     string // where agents and files go; "": nowhere
}

// readCluster asks the named nodes, else those of the inventory, and the other
// members of their cluster.
func (a *app) readCluster(ctx context.Context, named []string, f liveFlags, dir string) (*liveCluster, error) {
	d, err := a.importNodes(named, f.hosts)
	if err != nil {
		return nil, err
	}
	s := &session{op: steps.Import, mask: a.mask}
	defer s.close()
	if err := a.begin(s, d); err != nil {
		return nil, err
	}
	s.endsAtOnce(ctx, a.timeout)
	cfg, err := a.config(s)
	if err != nil {
		return nil, s.logHint(err)
	}
	reader, err := steps.NewImportReader(d.playbook.Name, cfg, func(member, known steps.Found) []inventory.Node {
		return whereIs(d.inventory, member.Member, known)
	})
	if err != nil {
		return nil, s.logHint(err)
	}
	s.closers = append(s.closers, reader.Close)
	read, err := reader.Read(s.ctx, f.withFiles && dir != "")
	if err != nil {
		return nil, s.logHint(err)
	}
	s.progress.Close()
	l := &liveCluster{Imported: read, dir: dir}
	return l, l.export(f.hosts)
}

// losses are what of the nodes the playbook does not say.
func (l *liveCluster) losses() (list diag.List) {
	for _, text := range l.Lost {
		list = append(list, diag.Diagnostic{Severity: diag.Warning, Message: text})
	}
	return list
}

// importNodes are the nodes to begin with: hosts of an inventory, or what ssh
// takes.
func (a *app) importNodes(named []string, hosts string) (*declared, error) {
	a.dropEmptyInventories()
	if a.inventories != nil {
		if len(named) > 0 && hosts != "" {
			return nil, usageError{errors.New("hosts of the inventory are named twice: as arguments, and with --hosts")}
		}
		pattern := cmp.Or(hosts, strings.Join(named, ","))
		d, err := a.inventoryAlone(a.inventories, func(inv *inventory.Inventory) ([]inventory.Node, error) { return take(pattern, inv.Match) })
		if err == nil {
			_ = diag.Render(a.err, d.read, diag.RenderOptions{Color: a.errStyle.Color})
		}
		return d, err
	}
	if hosts != "" {
		return nil, usageError{errors.New("--hosts names hosts of an inventory: give it with -i")}
	}
	if len(named) == 0 {
		return nil, usageError{errors.New("no node is named")}
	}
	d := &declared{playbook: &playbook.Playbook{Name: named[0]}, inventory: &inventory.Inventory{}}
	for _, text := range named {
		n, err := sshNode(text)
		if err != nil {
			return nil, err
		}
		d.nodes = append(d.nodes, n)
	}
	return d, nil
}

// sshTarget is [user@]host[:port], an IPv6 address with a port in brackets.
var sshTarget = regexp.MustCompile(`^(?:([^@\s]+)@)?([^@\s]+)$`)

// sshNode is a host as it is given to ssh.
func sshNode(text string) (n inventory.Node, err error) {
	bad := func(why string) (inventory.Node, error) {
		return n, usageError{hinted{fmt.Errorf("%q is no host: %s", text, why), "write a name or an address as ssh takes it, such as n1, root@192.0.2.1 or admin@n1:2222"}}
	}
	m := sshTarget.FindStringSubmatch(text)
	if m == nil || strings.HasPrefix(text, "-") {
		return bad("expected [user@]host[:port]")
	}
	n.User, n.Host = m[1], m[2]
	if _, err := netip.ParseAddr(n.Host); err != nil {
		switch host, port, err := net.SplitHostPort(n.Host); {
		case err == nil:
			if n.Port, err = strconv.Atoi(port); err != nil || n.Port < 1 || n.Port > 65535 {
				return bad("a port is a number from 1 to 65535")
			}
			n.Host = host
		case strings.HasPrefix(n.Host, "[") && strings.HasSuffix(n.Host, "]"):
			n.Host = n.Host[1 : len(n.Host)-1]
		}
	}
	if _, err := netip.ParseAddr(n.Host); err != nil && !hostName.MatchString(n.Host) {
		return bad("neither an address nor a host name")
	}
	n.Name, n.NodeName = n.Host, n.Host
	return n, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$`)

// whereIs tells where a member may be reached that nobody named: where the
// inventory says, else by its name and addresses, in the way in which the known
// member was reached.
func whereIs(inv *inventory.Inventory, m corosync.Node, known steps.Found) (out []inventory.Node) {
	addrs := slices.DeleteFunc(slices.Clone(m.Addrs[:]), func(a string) bool { return a == "" })
	for _, n := range inv.Nodes {
		if m.Name != "" && n.NodeName == m.Name || slices.Contains(addrs, n.Host) || len(n.Links) > 0 && slices.Contains(addrs, n.Links[0]) {
			out = append(out, n)
		}
	}
	if out != nil {
		return out
	}
	hosts := append([]string{m.Name}, addrs...)
	if _, err := netip.ParseAddr(known.Host); err == nil {
		// By the same link first, and by names last: they need not resolve here.
		hosts = append(slices.Clone(addrs), m.Name)
		if link := slices.Index(known.Member.Addrs[:], known.Host); link >= 0 {
			hosts = append([]string{m.Addrs[link]}, hosts...)
		}
	}
	var tried []string
	for _, h := range hosts {
		if h == "" || slices.Contains(tried, h) {
			continue
		}
		tried = append(tried, h)
		n := known.Node
		n.Name, n.NodeName, n.Host, n.Links, n.Groups, n.Pos = cmp.Or(m.Name, h), cmp.Or(m.Name, h), h, nil, nil, diag.Pos{}
		out = append(out, n)
	}
	return out
}

// groupName is what may be the name of a group, and is no pattern.
var groupName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// export says corosync.conf in the playbook's words, and makes the nodes of the
// inventory.
func (l *liveCluster) export(hosts string) (err error) {
	var known []corosync.Member
	for _, m := range l.Members {
		known = append(known, corosync.Member{Name: m.Pacemaker, Host: m.Host})
	}
	if l.conf, err = corosync.Export(l.Corosync, known); err != nil {
		return err
	}
	for i, m := range l.conf.Members {
		n := l.reached(l.Members[i].Node)
		n.Name, n.NodeName, n.Host, n.Links = m.NodeName, m.NodeName, m.Host, m.Links
		l.members = append(l.members, n)
	}
	for _, r := range l.CIB.RemoteHosts() {
		n := remoteHost(r, l.reached(l.Members[0].Node)) // as the members are
		if !slices.ContainsFunc(l.remotes, func(o inventory.Node) bool { return o.Name == n.Name }) {
			l.remotes = append(l.remotes, n)
		}
	}
	l.group = inventory.GroupName(l.conf.Name, slices.Concat(l.members, l.remotes))
	if hosts != "all" && groupName.MatchString(hosts) && inventory.GroupName(hosts, slices.Concat(l.members, l.remotes)) == hosts {
		l.group = hosts
	}
	return nil
}

// reached is how a node was reached, with its files named from anywhere.
func (l *liveCluster) reached(n inventory.Node) inventory.Node {
	absolute := func(file string) string {
		if abs, err := filepath.Abs(file); err == nil && file != "" && !strings.HasPrefix(file, "~") {
			return abs
		}
		return file
	}
	out := inventory.Node{User: n.User, Port: n.Port, KeyFile: absolute(n.KeyFile), ProxyJump: n.ProxyJump, Become: n.Become,
		Password: n.Password, PasswordRef: n.PasswordRef, BecomePassword: n.BecomePassword, BecomePasswordRef: n.BecomePasswordRef}
	for _, file := range n.KnownHosts {
		out.KnownHosts = append(out.KnownHosts, absolute(file))
	}
	return out
}

// sections are those of the playbook that tell of the nodes, in the order of the
// documentation.
func (l *liveCluster) sections() []cib.Section {
	var out []cib.Section
	put := func(key string, value *yamlout.Node) {
		if value != nil {
			out = append(out, cib.Section{Key: key, Value: value})
		}
	}
	if l.remotes != nil { // whose hosts stand in the inventory too, and are no members
		out = append(out, hostsSection(l.group))
	}
	if l.Set != nil {
		put("packages", yamlout.Texts(l.Set...))
	} else if l.Install != nil {
		put("packages", yamlout.NewMap().Set("install", yamlout.Texts(l.Install...)).Node())
	}
	put("hacluster", haclusterPassword().Node())
	put("cluster", l.conf.Cluster(true, l.Enable).Node())
	return out
}

// fileSections are those of the files and agents, which are written with the
// playbook.
func (l *liveCluster) fileSections() (out []cib.Section) {
	if l.dir == "" {
		return nil
	}
	var files, agents *yamlout.Node
	for _, f := range l.Files {
		if f.Content == nil {
			continue
		}
		m := yamlout.NewMap().SetText("path", f.Path).SetText("source", sourceOf(f))
		if f.Mode != "0644" {
			m.SetText("mode", f.Mode)
		}
		if f.Owner != "root:root" {
			m.SetText("owner", f.Owner)
		}
		files = yamlout.Append(files, m.Node())
	}
	for _, f := range l.Agents {
		agents = yamlout.Append(agents, yamlout.NewMap().SetText("name", f.Agent).SetText("source", sourceOf(f)).Node())
	}
	if files != nil {
		out = append(out, cib.Section{Key: "files", Value: files})
	}
	if agents != nil {
		out = append(out, cib.Section{Key: "agents", Value: agents})
	}
	return out
}

// sourceOf is where a file lies, relative to the playbook.
func sourceOf(f steps.ImportedFile) string {
	if f.Agent != "" {
		ref := playbook.ParseAgent(f.Agent)
		return path.Join("agents", ref.Provider, ref.Type)
	}
	return path.Join("files", f.Path)
}

// importFile is a file that an import writes on this machine.
type importFile struct {
	path string
	text []byte
	mode fs.FileMode
}

// files are the files and agents for the folder of the import.
func (l *liveCluster) files() (files []importFile) {
	if l.dir == "" {
		return nil
	}
	for _, f := range slices.Concat(l.Files, l.Agents) {
		if f.Content == nil {
			continue
		}
		mode := fs.FileMode(0o644)
		switch {
		case keptSecret(f):
			mode = 0o600
		case f.Agent != "":
			mode = 0o755
		}
		files = append(files, importFile{filepath.Join(l.dir, filepath.FromSlash(sourceOf(f))), f.Content, mode})
	}
	return files
}

// keptSecret tells whether a file is for its owner alone, here too.
func keptSecret(f steps.ImportedFile) bool {
	return f.Agent == "" && (secret.Mode(f.Mode) || strings.Contains(string(f.Content), "PRIVATE KEY-----"))
}

// notes are what a person has to know of the import, one a line.
func (l *liveCluster) notes() (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	lines = append(append(lines, corosyncKept(l.conf)...), l.Notes...)
	var secrets, unread []string
	for _, f := range l.Files {
		switch {
		case f.Content == nil:
			unread = append(unread, f.Path+" ("+f.Of+")")
		case keptSecret(f):
			secrets = append(secrets, sourceOf(f))
		}
	}
	if unread != nil {
		how := "--with-files fetches them"
		if l.dir == "" {
			how = "--dir DIR --with-files fetches them"
		}
		add("files that resources refer to, not declared (%s): %s", how, strings.Join(unread, ", "))
	}
	if secrets != nil {
		slices.Sort(secrets)
		add("for their owner alone, 0600 here too; keep them out of what others read: %s", strings.Join(secrets, ", "))
	}
	if l.dir == "" && len(l.Agents) > 0 {
		var names []string
		for _, f := range l.Agents {
			names = append(names, f.Agent)
		}
		add("agents that no package has, not declared (--dir DIR fetches them): %s", strings.Join(names, ", "))
	}
	if names := inventory.WithPassword(l.members); names != nil {
		add("the passwords of the inventory are not copied: set ansible_password or ansible_become_password for %s", excerpt.List(names))
	}
	if l.remotes != nil {
		var names []string
		for _, n := range l.remotes {
			names = append(names, n.Name)
		}
		add("hosts of remote and guest nodes, which were not asked: see that ssh finds them as the inventory says: %s", excerpt.List(names))
	}
	for i := range lines {
		lines[i] = term.Clean(lines[i])
	}
	return lines
}
