package plan

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
)

// sealKey lives and dies with the process: a seal says nothing to anybody else.
var sealKey = sync.OnceValue(func() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails, by its documentation
	return key
})

// Sealed makes a difference of secret values tell whether they are still the
// same, within this process only: a plan that is written down says no more
// than that they differ.
func (d Diff) Sealed(before, after []byte) Diff {
	mac := hmac.New(sha256.New, sealKey())
	sum := sha256.Sum256(before)
	mac.Write(sum[:])
	mac.Write(after)
	d.Seal = string(mac.Sum(nil))
	return d
}
