package secret

import (
	"strconv"
	"strings"
)

// Named tells names of options and keys whose values are not to be shown, even
// where they stand as plain text in a file or in the CIB.
func Named(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"passw", "passphrase", "secret", "token", "private_key", "api_key", "apikey", "community"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return strings.HasSuffix(name, "pass")
}

// Mode reports whether a file's mode keeps it from others than its owner and
// group: then its content may be a secret. A mode that cannot be read counts as
// one that does; an empty one is 0644.
func Mode(mode string) bool {
	if mode == "" {
		return false
	}
	m, err := strconv.ParseUint(mode, 8, 32)
	return err != nil || m&0o004 == 0
}
