package pcs

import (
	"net"
	"strconv"
	"strings"
)

// User is the account with which the pcs daemons know each other.
const User = "hacluster"

// HostAddr is a node as pcs is told of it.
type HostAddr struct {
	Name string // in the cluster
	Addr string // where its pcsd listens; "" means Name
	Port int    // of its pcsd; 0 means pcs's own default, 2224
}

// HostAuth authenticates the nodes to the one that runs it. The password of
// User is read from standard input, on a line; there must be no terminal, or
// old releases wait for somebody to type.
//
// Before 0.10 a node has no address beside its name, and what is stored is
// kept under the name used.
func (d Dialect) HostAuth(nodes []HostAddr) []string {
	if !d.Has("pcs.auth.client") {
		argv := []string{"pcs", "cluster", "auth"}
		for _, n := range nodes {
			argv = append(argv, n.Name+colonPort(n.Port))
		}
		return append(argv, "-u", User)
	}
	argv := []string{"pcs", "host", "auth"}
	for _, n := range nodes {
		argv = append(argv, n.Name)
		switch {
		case n.Addr != "" && n.Port != 0:
			argv = append(argv, "addr="+net.JoinHostPort(n.Addr, strconv.Itoa(n.Port)))
		case n.Port != 0:
			argv = append(argv, "addr="+n.Name+colonPort(n.Port))
		case n.Addr != "":
			argv = append(argv, "addr="+bracket(n.Addr))
		}
	}
	return append(argv, "-u", User)
}

func colonPort(port int) string {
	if port == 0 {
		return ""
	}
	return ":" + strconv.Itoa(port)
}

// bracket: pcs takes what follows the last colon of an IPv6 address for a
// port, unless the address stands in brackets.
func bracket(addr string) string {
	if strings.Contains(addr, ":") {
		return "[" + addr + "]"
	}
	return addr
}

// ClusterDestroy removes the cluster from the node that runs it. Without a
// terminal no release asks back; from 0.12 on the answer is given all the same.
func (d Dialect) ClusterDestroy() []string {
	argv := []string{"pcs", "cluster", "destroy"}
	if d.Has("pcs.yes-to-confirm-commands") {
		argv = append(argv, "--yes")
	}
	return argv
}

// AuthStatus asks which nodes' pcsd can be spoken to: exit code 0 means all,
// 2 some not. Read its lines with ParsePCSD.
func (d Dialect) AuthStatus(nodes []HostAddr) []string {
	argv := []string{"pcs", "status", "pcsd"}
	for _, n := range nodes {
		argv = append(argv, n.Name)
	}
	return argv
}

// StatusArgv prints what ParseStatus reads.
func (d Dialect) StatusArgv() []string { return []string{"pcs", "status"} }

// StatusXMLArgv prints what ParseStatusXML reads.
func (d Dialect) StatusXMLArgv() []string { return []string{"pcs", "status", "xml"} }

// VersionArgv prints what ParseDialect reads.
func VersionArgv() []string { return []string{"pcs", "--version", "--full"} }

// ParsePCSD reads the lines of `pcs status pcsd`, node: state. What is no such
// line is left out.
func ParsePCSD(text []byte) map[string]string {
	r := newReader(string(text[:min(len(text), maxInput)]))
	for {
		ln, ok := r.lines.next()
		if !ok {
			break
		}
		if ln.s != "" {
			r.pcsdLine(ln)
		}
	}
	r.st.tidy()
	return r.st.PCSD
}
