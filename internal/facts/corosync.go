package facts

import (
	"crypto/md5" //nolint:gosec // dpkg's sum of a packaged file, no protection
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/corosync"
)

// Where Corosync and Pacemaker have their files.
const (
	CorosyncConf = "/etc/corosync/corosync.conf"
	CorosyncKey  = "/etc/corosync/authkey"
	PacemakerKey = "/etc/pacemaker/authkey"
)

// Corosync is corosync.conf and the keys.
type Corosync struct {
	Config   *corosync.Config // nil: no corosync.conf
	Err      error            // it is there and cannot be understood
	Text     []byte
	Pristine bool // byte for byte the distribution's packaged default
	// Key and PacemakerKey are SHA-256 sums, empty where there is no key.
	Key, PacemakerKey string

	modified map[string]time.Time
}

func takeCorosync(f *Facts, a *answers) {
	c := Corosync{modified: map[string]time.Time{}}
	if file, ok := a.file("corosync.conf", CorosyncConf); ok && file.exists {
		c.Text, c.modified[CorosyncConf] = file.data, file.modified
		if len(c.Text) > 0 {
			c.Config, c.Err = corosync.Parse(c.Text)
		}
		c.Pristine = a.packaged(c.Text)
	}
	c.Key = a.keySum("corosync-key", CorosyncKey, c.modified)
	c.PacemakerKey = a.keySum("pacemaker-key", PacemakerKey, c.modified)
	f.Corosync = c
}

// packaged reports whether dpkg vouches for corosync.conf by its sum.
func (a *answers) packaged(text []byte) bool {
	if _, asked := a.frames["conffiles"]; !asked {
		return false
	}
	const command = "dpkg-query -W -f '${Conffiles}' corosync"
	ans, ok := a.got("conffiles", command, 0, 1, statusNotFound) // 1: no such package
	if !ok || ans.Status != 0 {
		return false
	}
	sum := md5.Sum(text) //nolint:gosec // see above
	for line := range strings.Lines(string(ans.Out)) {
		if w := strings.Fields(line); len(w) >= 2 && w[0] == CorosyncConf {
			return w[1] == hex.EncodeToString(sum[:])
		}
	}
	a.fail(command, ans, "said nothing of %s", CorosyncConf)
	return false
}

// keySum reads "absent" or "SIZE MODIFIED SHA256".
func (a *answers) keySum(frame, path string, modified map[string]time.Time) string {
	command := "sha256sum " + path
	line, ok := a.line(frame, command)
	if !ok || line == "absent" {
		return ""
	}
	w := strings.Fields(line)
	if len(w) == 3 && isSum(w[2]) {
		if seconds, err := strconv.ParseInt(w[1], 10, 64); err == nil {
			modified[path] = time.Unix(seconds, 0)
			return w[2]
		}
	}
	a.fail(command, a.frames[frame], "answered with something else")
	return ""
}
