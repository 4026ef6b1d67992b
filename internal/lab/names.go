package lab

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	// MaxNodes is corosync's own practical limit for one membership.
	MaxNodes = 32
	// MaxLinks is knet's limit (KNET_MAX_LINK).
	MaxLinks = 8
	// slotCount is how many labs fit on one machine: /20 networks in 10.192.0.0/12.
	slotCount = 256
	// firstHost is the last octet of the first node's address.
	firstHost = 11
	// firstFree is the last octet of the first address on link 0 that no node has.
	firstFree = 200
	lastFree  = 250
)

// validName bounds a lab's name: it becomes part of a machine name (64
// characters with prefix and node) and of file names. No dot, because the dot
// separates the parts of namespace and cgroup names.
var validName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

func checkName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("lab name %q: must be 1 to 40 of a-z, 0-9 and '-', with a letter or digit at both ends", name)
	}
	return nil
}

// NameFor is the name that a lab in dir gets when none is given: the folder's
// own name and a short hash of its whole path, so that two folders never
// share a lab by accident.
func NameFor(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	base := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(filepath.Base(abs)), "-")
	base = strings.Trim(base, "-")
	if len(base) > 30 {
		base = strings.Trim(base[:30], "-")
	}
	if base == "" {
		base = "lab"
	}
	return fmt.Sprintf("%s-%x", base, sha256.Sum256([]byte(abs)))[:len(base)+5]
}

func nodeName(i int) string { return fmt.Sprintf("n%d", i+1) }

// Names of kernel objects. The dot cannot occur in a lab's or node's name, so
// no two labs can build the same one.
func netnsName(lab, node string) string   { return "hadlab." + lab + "." + node }
func switchNetns(lab string) string       { return netnsName(lab, "switch") }
func cgroupName(lab string) string        { return "hadlab." + lab }
func machineName(lab, node string) string { return "hadlab-" + lab + "-" + node }

// Interfaces. In the host's namespace there is one end per network, named by
// the lab's slot; inside the lab's own namespaces names need not be unique.
func hostMgmtIf(slot int) string           { return fmt.Sprintf("hadlab%dm", slot) }
func hostLinkIf(slot, link int) string     { return fmt.Sprintf("hadlab%dl%d", slot, link) }
func portMgmtIf(node string) string        { return node + "m" }
func portLinkIf(node string, l int) string { return fmt.Sprintf("%sl%d", node, l) }
func linkIf(link int) string               { return fmt.Sprintf("link%d", link) }

// slotPrefix is the /20 of a slot.
func slotPrefix(slot int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(192 + slot/16), byte(slot % 16 * 16), 0}), 20) //nolint:gosec // a slot is below 256, see slots.go
}

// slotAddr is host number last in network net of the slot: network 0 carries
// ssh, network 1+l is cluster link l. Every one is a /24.
func slotAddr(slot, network, last int) string {
	a := slotPrefix(slot).Addr().As4()
	a[2] += byte(network) //nolint:gosec // links are at most 8
	a[3] = byte(last)     //nolint:gosec // nodes are fewer than addresses
	return netip.AddrFrom4(a).String()
}

func mgmtAddr(slot, node int) string       { return slotAddr(slot, 0, firstHost+node) }
func linkAddr(slot, link, node int) string { return slotAddr(slot, 1+link, firstHost+node) }
func hostAddr(slot, network int) string    { return slotAddr(slot, network, 1) }

// macAddr is a node's hardware address in a network (0 is management), locally
// administered. It must not change over a power cycle, or its neighbours send
// to the old one until their ARP entries age.
func macAddr(slot, network, node int) string {
	return fmt.Sprintf("02:4c:%02x:%02x:%02x:01", slot, network, node)
}
