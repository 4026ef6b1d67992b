package inventory

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Node is one host of the inventory with its variables resolved.
type Node struct {
	Name     string   // the inventory's name for it
	NodeName string   // Corosync's and Pacemaker's name: node_name, else Name
	Links    []string // link addresses, link 0 first; empty: Host
	Groups   []string // every group it is in, parents first

	Host           string // ansible_host, else Name
	Port           int    // ansible_port; 0: what ssh would take
	User           string // ansible_user; empty: what ssh would take
	KeyFile        string // ansible_ssh_private_key_file, relative to the inventory's folder
	KnownHosts     []string
	Password       secret.Value // set when it is written in the inventory, or by Resolve
	Become         bool
	BecomePassword secret.Value

	// Where the two passwords come from; Resolve fetches them.
	PasswordRef, BecomePasswordRef secret.Ref

	Pos diag.Pos // where the host is first named
}
