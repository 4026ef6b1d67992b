package playbook

import (
	"time"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Playbook is the desired state of one cluster, as cluster.yaml declares it,
// with the position of every value that an error may have to point at.
type Playbook struct {
	File string // as given on the command line
	Dir  string // paths inside the playbook are relative to it

	Name      string // cluster name
	Inventory string // path of the inventory, made relative to Dir; empty: not given
	Hosts     string // inventory group or pattern; empty: all

	Packages   Packages
	Files      []File
	Agents     []Agent
	Hacluster  Hacluster
	Cluster    Cluster
	Nodes      []NodeConfig
	Properties Options
	// Defaults of resources and operations, one entry per set.
	ResourceDefaults, OperationDefaults []Defaults
	Stonith                             Stonith
	Resources                           []Resource
	Tags                                []Tag
	Constraints                         Constraints
	Verify                              Verify

	Pos map[string]diag.Pos // top-level key -> where it stands

	doc *yamldoc.Document // for the text of lines in later diagnostics
}

// Packages says what is installed on every node.
type Packages struct {
	// Set replaces the distribution's cluster set when not nil (the list
	// form); Install comes on top of it.
	Set, Install []string
	Pos          diag.Pos
}

// File is a file that the resources need on every node.
type File struct {
	Path    string // absolute, on the node
	Source  string // on the controller; empty: Content is given inline
	Content []byte // read when the playbook is loaded
	Mode    string // "0644"
	Owner   string // user[:group]; empty: root:root
	Pos     diag.Pos
}

// Agent is a resource agent of the user's own, installed under
// /usr/lib/ocf/resource.d/PROVIDER/NAME.
type Agent struct {
	Name    string // ocf:PROVIDER:TYPE
	Source  string
	Content []byte
	Pos     diag.Pos
}

// Path is where the agent lives on a node.
func (a Agent) Path() string {
	ref := ParseAgent(a.Name)
	return "/usr/lib/ocf/resource.d/" + ref.Provider + "/" + ref.Type
}

// Hacluster is the account that pcs uses between nodes.
type Hacluster struct {
	Password SecretRef
	Pos      diag.Pos
}

// SecretRef says where a secret comes from; it is resolved when it is needed.
type SecretRef struct {
	Env     string       // name of an environment variable of the controller
	File    string       // path on the controller, relative to the playbook; one trailing newline is dropped
	Command []string     // argv run on the controller; its stdout less one trailing newline
	Plain   secret.Value // written in the playbook as it is (a warning is given)
	Pos     diag.Pos
}

// IsZero reports whether no source is given.
func (r SecretRef) IsZero() bool {
	return r.Env == "" && r.File == "" && r.Command == nil && !r.Plain.IsSet()
}

// Cluster is what lies below Pacemaker's configuration.
type Cluster struct {
	Start, Enable bool // both default to true
	Transport     Transport
	Totem         Options
	Quorum        Options
	Pos           diag.Pos
}

// Transport is how Corosync's nodes talk.
type Transport struct {
	Type    string // knet (default), udp, udpu
	Options Options
	Links   []Options // each may hold linknumber; else its index
	Crypto  Options
	Pos     diag.Pos
}

// NodeConfig is Pacemaker's view of one node.
type NodeConfig struct {
	Name                    string
	Attributes, Utilization Options
	Pos                     diag.Pos
}

// Options are named values in the order they were written.
type Options []Option

// Option is one of them.
type Option struct {
	Name  string
	Value Value
	Pos   diag.Pos // of the name
}

// Value is a scalar's text exactly as it was written (010, 1_000, yes), or a
// secret.
type Value struct {
	Text   string
	Secret *SecretRef
	Pos    diag.Pos
}

// Get returns the value of the named option.
func (o Options) Get(name string) (Value, bool) {
	for _, x := range o {
		if x.Name == name {
			return x.Value, true
		}
	}
	return Value{}, false
}

// Defaults is one set of resource or operation defaults.
type Defaults struct {
	ID   string // empty: pcs's own name for the set
	Meta Options
	Pos  diag.Pos
}

// Stonith holds the fencing devices.
type Stonith struct {
	Devices []Primitive // Agent is stonith:NAME
	Pos     diag.Pos
}

// Resource is one top-level resource; exactly one of its four kinds is set.
type Resource struct {
	ID         string
	Primitive  *Primitive
	Group      []Primitive // members, started in this order on one node
	Clone      *Cloned
	Promotable *Cloned
	// Meta and Ignored are of the group, clone or promotable clone; a primitive
	// has its own.
	Meta    Options
	Ignored []Ignored
	Pos     diag.Pos
}

// Cloned is what a clone runs: a primitive or a group.
type Cloned struct {
	Primitive *Primitive
	GroupID   string
	Group     []Primitive
	Ignored   []Ignored // of the group
	Pos       diag.Pos
}

// Primitive is one resource that an agent runs.
type Primitive struct {
	ID         string
	Agent      string // ocf:heartbeat:IPaddr2, systemd:nginx, stonith:fence_xvm
	Options    Options
	Meta       Options
	Operations []Operation
	Ignored    []Ignored
	Pos        diag.Pos
	AgentPos   diag.Pos
}

// Ignored is one entry of ignore_changes: what it names is used when the object
// is created, and left as it is from then on.
type Ignored struct {
	Part string // options, meta or op
	Name string // empty: all of that part
	Pos  diag.Pos
}

// Operation is one declared operation: op.monitor and so on.
type Operation struct {
	Name    string
	Options Options // interval, timeout, role, on-fail, ...
	Pos     diag.Pos
}

// AgentRef is the name of an agent, taken apart.
type AgentRef struct{ Standard, Provider, Type string }

// Constraints bind resources to nodes and to each other.
type Constraints struct {
	Location   []Location
	Colocation []Colocation
	Order      []Order
}

// Location is a preference of a resource for, or against, a node.
type Location struct {
	ID       string // empty: made from the resource and the node as pcs does
	Resource string
	Node     string
	Score    string // INFINITY when not given
	Options  Options
	Pos      diag.Pos
	NodePos  diag.Pos // of the node's name
}

// Colocation keeps a resource with, or apart from, another.
type Colocation struct {
	ID             string
	Resource, With string
	Role, WithRole string // Started, Promoted, Unpromoted; empty: not given
	Score          string
	Options        Options
	Pos            diag.Pos
}

// Order makes one action wait for another.
type Order struct {
	ID                      string
	First, Then             string
	FirstAction, ThenAction string
	Options                 Options // kind, symmetrical, require-all
	Pos                     diag.Pos
}

// Verify says how long to wait for the declared state, and how to see it.
type Verify struct {
	Within time.Duration // default 2 minutes
	Probes []Probe
	Pos    diag.Pos
}

// Probe asks a service from the controller.
type Probe struct {
	HTTP         string // URL
	ExpectStatus int    // default 200
	ExpectBody   string // text that the answer must contain
	TCP          string // host:port that must accept a connection
	Pos          diag.Pos
}

// Line is the text of a line of the playbook, with passwords masked, for
// diagnostics that are made later; "" when there is no such line.
func (p *Playbook) Line(line int) string {
	if p.doc == nil || line < 1 {
		return ""
	}
	return p.doc.Text(line)
}
