package steps

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/inventory"
)

// ImportReader reads of a running cluster all that a playbook can declare. It
// begins with some of its members and finds the others in their corosync.conf;
// each of them has to answer. It changes nothing.
type ImportReader struct {
	*ConfigReader
	find func(member, known Found) []inventory.Node
}

// Found is a member, and how it was reached; that is empty of one that is sought.
type Found struct {
	Member corosync.Node
	inventory.Node
}

// Imported is what was read of a running cluster.
type Imported struct {
	Members  []ImportedMember // in the order of corosync.conf
	Corosync *corosync.Config
	CIB      *cib.CIB
	Metadata map[string]*agent.Agent // of the agents that resources use
	Enable   bool                    // the cluster starts at boot

	// Set and Install are the playbook's packages; a nil Set is the distribution's.
	Set, Install []string
	Agents       []ImportedFile // of nobody's package
	Files        []ImportedFile // that resources name, or that stand beside their units

	// Lost is what plan would change on the nodes, whatever the playbook says, and
	// what of the nodes cannot be said in one.
	Lost []string
	// Notes are what else a person has to know.
	Notes []string
}

// ImportedMember is a member as it was reached.
type ImportedMember struct {
	inventory.Node
	Pacemaker string // Pacemaker's name for it
}

// ImportedFile is a file that is the same on all members.
type ImportedFile struct {
	Path        string
	Agent       string // ocf:PROVIDER:TYPE, of an agent
	Of          string // what names it, or the unit that it stands beside
	Beside      bool
	Mode, Owner string
	Content     []byte // nil: not read
	SHA256      string
}

func (out *Imported) lose(format string, args ...any) {
	out.Lost = append(out.Lost, fmt.Sprintf(format, args...))
}
