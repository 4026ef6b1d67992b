package steps

import (
	"net/netip"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Section is a part of what is observed on a node; a run that changed only
// files has only files to read again.
type Section string

const (
	SectionHost     Section = "host"     // distribution, names, addresses, clock, disks
	SectionPackages Section = "packages" // installed packages of those that matter
	SectionFiles    Section = "files"    // the declared files and agents
	SectionUnits    Section = "units"    // systemd units
	SectionAccount  Section = "account"  // the hacluster account
	SectionTokens   Section = "tokens"   // which node may command which
	SectionCorosync Section = "corosync" // corosync.conf and the keys
	SectionCIB      Section = "cib"      // the CIB, live and on disk
	SectionAgents   Section = "agents"   // resource agents and their metadata
)

// AllSections in the order they are read.
var AllSections = []Section{SectionHost, SectionPackages, SectionFiles, SectionUnits, SectionAccount,
	SectionTokens, SectionCorosync, SectionCIB, SectionAgents}

// Facts is what was observed on one node.
type Facts struct {
	// OS is /etc/os-release: ID, VERSION_ID, PRETTY_NAME, ...
	OS        map[string]string
	Hostname  string // uname -n
	MachineID string
	BootID    string
	UID       string
	Watchdog  bool
	// ClockSkew is the node's clock less the controller's, and ClockError how
	// far that may be off (half of the round trip).
	ClockSkew, ClockError time.Duration
	Disks                 map[string]int64 // mount point -> free KiB
	Addresses             []netip.Prefix   // on its interfaces
	Resolves              map[string][]netip.Addr

	Packages   map[string]Package
	Interfered string // dpkg --audit, empty when all is well

	Files map[string]FileState
	Units map[string]Unit
	// Modified is when a file was last written: the declared ones, corosync.conf
	// and the keys. The clock is the node's.
	Modified map[string]time.Time

	HasAccount bool         // hacluster exists
	Shadow     secret.Value // its password hash

	KnownHosts, Users secret.Value // pcsd's files: tokens we hold, tokens we accept

	Corosync         *corosync.Config // nil: no corosync.conf
	CorosyncErr      error            // it is there and cannot be read
	CorosyncText     []byte
	CorosyncPristine bool   // byte for byte the distribution's packaged default
	CorosyncKey      string // sha256 of the authkey, empty: none
	PacemakerKey     string

	CIB     *cib.CIB // live; nil when Pacemaker does not run
	CIBDisk *cib.CIB // what a start would read; nil: none
	HasCIB  bool     // cib.xml exists

	Agents   map[string]bool       // asked for -> installed
	Metadata map[string]*cib.Agent // only from the node that was asked for it
	MetaErr  map[string]error
}

// Package is an installed (or half-installed) package.
type Package struct {
	Version   string
	Installed bool // fully: dpkg's "ii"
}

// FileState is a path on a node. A path that does not exist has no FileState.
type FileState struct {
	Type    string // stat's words: regular file, directory, symbolic link
	Mode    string // "0644"
	Owner   string // user:group
	SHA256  string
	Content []byte // regular files up to 64 KiB
}

// Unit is a systemd unit.
type Unit struct {
	Load, Active, Sub, Enabled string // loaded, active, running, enabled
}

// Running reports whether the unit is up.
func (u Unit) Running() bool { return u.Active == "active" || u.Active == "reloading" }

// Is reports whether the node's distribution is, or is derived from, id.
func (f *Facts) Is(id string) bool {
	if f.OS["ID"] == id {
		return true
	}
	for _, like := range strings.Fields(f.OS["ID_LIKE"]) {
		if like == id {
			return true
		}
	}
	return false
}

// Running reports whether the cluster runs on the node.
func (f *Facts) Running() bool {
	return f.Units[unitCorosync].Running() && f.Units[unitPacemaker].Running()
}

const (
	unitCorosync  = "corosync.service"
	unitPacemaker = "pacemaker.service"
	unitPcsd      = "pcsd.service"
	unitSBD       = "sbd.service"
)
