package remote

import (
	"log/slog"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// Settings are what is known about one host. Empty fields take what
// ~/.ssh/config says, and then ssh's own defaults.
type Settings struct {
	Name string // inventory name, for messages
	Host string // address, or a Host of ~/.ssh/config
	Port int
	User string // empty: User of ~/.ssh/config, else the local user

	IdentityFiles []string
	Password      secret.Value
	// Passphrase is asked for an encrypted key, once per key and run, and
	// only when a host accepts that key.
	Passphrase func(path string) (secret.Value, error)

	// Become is understood for any User; a User other than root always
	// becomes root by sudo, and root never needs to.
	Become         bool
	BecomePassword secret.Value

	// KnownHosts are the files with pinned host keys. Empty: UserKnownHostsFile
	// of ~/.ssh/config, else ~/.ssh/known_hosts, and /etc/ssh/ssh_known_hosts.
	KnownHosts []string

	// ProxyJump overrides that of ~/.ssh/config: "user@host:port,host2";
	// "none" goes straight.
	ProxyJump string

	ConnectTimeout time.Duration // 0: 15 s; from TCP to logged in, for each hop, and then for sudo
	KeepAlive      time.Duration // 0: 10 s; a dead peer is noticed within three
}

const (
	defaultConnectTimeout = 15 * time.Second
	defaultKeepAlive      = 10 * time.Second
)

// Dialer makes connections and keeps what they share for one run: the agent's
// socket, ~/.ssh/config, pinned host keys, opened keys and jump hosts. The
// zero Dialer is ready; Close it after its connections.
type Dialer struct {
	ConfigFile  string       // "": ~/.ssh/config; "none": no file
	AgentSocket string       // "": $SSH_AUTH_SOCK; "none": no agent
	Log         *slog.Logger // nil: no log
	// Mask takes known secrets out of what commands printed before it is cut,
	// for the log and for errors; nil: nothing is taken out.
	Mask *secret.Masker

	mu     sync.Mutex
	config *sshConfig
	agent  *agentConn
	keys   map[string]*keyFile // by path
	pins   map[string]*pinned  // by file names
	jumps  map[string]*jumpHost
	closed bool
}

// Close ends the jump hosts and the agent's connection.
func (d *Dialer) Close() error {
	d.mu.Lock()
	d.closed = true
	jumps, agent := d.jumps, d.agent
	d.jumps, d.agent = nil, nil
	d.mu.Unlock()
	for _, j := range jumps {
		j.close()
	}
	if agent != nil {
		agent.close()
	}
	return nil
}

// target is one host with everything settled.
type target struct {
	node           string // inventory name of the node this is dialled for
	host           string // as given, for messages
	addr           string // host:port to connect to
	pinName        string // host:port to look up among the pinned keys
	user           string
	identities     []string // key files, in order
	explicit       bool     // somebody named them
	named          bool     // the inventory did: no other is offered
	onlyThese      bool     // named, or IdentitiesOnly: of the agent's keys take only these
	password       secret.Value
	becomePassword secret.Value
	passphrase     func(string) (secret.Value, error)
	knownHosts     []string
	mustExist      bool // knownHosts were named by somebody
	timeout        time.Duration
	keepAlive      time.Duration
	hops           []hop // to go through, nearest to us first
}

// hop is one jump host, as ProxyJump writes it.
type hop struct {
	user, host string
	port       int
}
