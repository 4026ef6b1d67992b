package corosync

import (
	"fmt"
	"io"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// KeySize is the size in bytes of corosync's and of pacemaker's authkey, as
// pcs makes them (pcs/settings.py: corosync_authkey_bytes,
// pacemaker_authkey_bytes).
const KeySize = 256

// Keygen makes a key for /etc/corosync/authkey or /etc/pacemaker/authkey from
// random, which is crypto/rand.Reader outside tests.
func Keygen(random io.Reader) (secret.Value, error) {
	key := make([]byte, KeySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return secret.Value{}, fmt.Errorf("cannot make a cluster key: reading random bytes: %w", err)
	}
	return secret.New(string(key)), nil
}
