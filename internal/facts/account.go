package facts

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// Account is hacluster's.
type Account struct {
	Exists bool
	Shadow secret.Value // its password hash; not set where it has none
}

// getent ends with 2 where there is no such key.
func takeAccount(f *Facts, a *answers) {
	f.Account = Account{}
	_, f.Account.Exists = a.entry("passwd", 7)
	if fields, ok := a.entry("shadow", 9); ok {
		f.Account.Shadow = secret.New(fields[1])
	}
}

// entry is hacluster's line of a database, with so many fields.
func (a *answers) entry(database string, fields int) ([]string, bool) {
	command := "getent " + database + " hacluster"
	ans, ok := a.got(database, command, 0, 2)
	if !ok || ans.Status == 2 && len(ans.Out) == 0 {
		return nil, false
	}
	line, whole := strings.CutSuffix(string(ans.Out), "\n")
	w := strings.Split(line, ":")
	if !whole || ans.Status != 0 || len(w) != fields || w[0] != "hacluster" {
		a.fail(command, ans, "answered with something else than an entry of %d fields", fields) // not quoted: it may be a hash
		return nil, false
	}
	return w, true
}
