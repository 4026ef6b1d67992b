package facts

import "github.com/hadeploy/hadeploy/internal/secret"

// Tokens are pcsd's files; a file that is not there is empty.
type Tokens struct {
	KnownHosts secret.Value // the tokens that this node holds
	Users      secret.Value // those that it accepts
}

func takeTokens(f *Facts, a *answers) {
	f.Tokens = Tokens{}
	if c, ok := a.file("known-hosts", "/var/lib/pcsd/known-hosts"); ok {
		f.Tokens.KnownHosts = secret.New(string(c.data))
	}
	if c, ok := a.file("pcs-users", "/var/lib/pcsd/pcs_users.conf"); ok {
		f.Tokens.Users = secret.New(string(c.data))
	}
}
