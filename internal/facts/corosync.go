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
	// CorosyncRecord is what hadeploy itself wrote into corosync.conf, and
	// CorosyncReloaded is touched when Corosync has taken a reload: nothing else
	// on a node tells since when it knows its key.
	CorosyncRecord   = "/var/lib/hadeploy/corosync.json"
	CorosyncReloaded = "/run/hadeploy.corosync-reloaded"
	PcsdCertificate  = "/var/lib/pcsd/pcsd.crt"
	PcsdKey          = "/var/lib/pcsd/pcsd.key"
)

// Corosync is corosync.conf and the keys.
type Corosync struct {
	Config   *corosync.Config // nil: no corosync.conf
	Err      error            // it is there and cannot be understood
	Text     []byte
	Pristine bool // byte for byte the distribution's packaged default
	// Key and PacemakerKey are SHA-256 sums, empty where there is no key.
	Key, PacemakerKey string
	// Runtime is what the running Corosync has read; nil: it does not run.
	Runtime *corosync.Runtime
	// Record is what hadeploy wrote into the file; RecordErr: it is there and
	// cannot be understood.
	Record    corosync.Written
	RecordErr error

	modified map[string]time.Time
	active   map[string]time.Time // since when a daemon is
	now      time.Time
}

// Older reports whether a running daemon became active, or took a reload that we
// know of, before a file that it reads was last changed. The times are the
// node's own, each of its moment, in whole seconds; one that its clock has not
// reached yet proves nothing.
func (c Corosync) Older(unit, path string) bool {
	since, runs := c.active[unit]
	changed, exists := c.modified[path]
	if reloaded, ok := c.modified[CorosyncReloaded]; ok && unit == Corosyncd && reloaded.After(since) {
		since = reloaded
	}
	return runs && exists && changed.After(since) && !changed.After(c.now)
}

// KeyNotRead reports whether the running Corosync uses a key that was changed
// since.
func (c Corosync) KeyNotRead() bool {
	return c.Runtime != nil && c.Runtime.UsesAuthkey() && c.Older(Corosyncd, CorosyncKey)
}

// CertificateNotRead reports whether pcsd runs with another certificate or key
// than its files hold.
func (c Corosync) CertificateNotRead() bool {
	return c.Older(Pcsd, PcsdCertificate) || c.Older(Pcsd, PcsdKey)
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
	if file, ok := a.file("corosync-record", CorosyncRecord); ok && file.exists {
		c.Record, c.RecordErr = corosync.ParseWritten(file.data)
	}
	c.now = a.ages(c.modified)
	c.active = a.daemons()
	if _, runs := c.active[Corosyncd]; runs {
		c.Runtime = a.runtime()
	}
	f.Corosync = c
}

// runtime is the map of a running Corosync.
func (a *answers) runtime() *corosync.Runtime {
	const command = "corosync-cmapctl"
	ans, ok := a.got("cmap", command)
	if !ok {
		return nil
	}
	r, err := corosync.ParseRuntime(ans.Out)
	if err != nil {
		a.fail(command, ans, "%v", err)
	}
	return r
}

// ages reads "SECONDS now", then "SECONDS PATH" or "absent PATH" of each file.
func (a *answers) ages(modified map[string]time.Time) (now time.Time) {
	const command = "stat"
	ans, ok := a.got("ages", command)
	if !ok {
		return now
	}
	of := []string{"now", PcsdCertificate, PcsdKey, CorosyncReloaded}
	lines := strings.SplitAfter(string(ans.Out), "\n")
	if len(lines) != len(of)+1 || lines[len(of)] != "" {
		a.fail(command, ans, "told of %d files, and was asked for %d", len(lines)-1, len(of))
		return now
	}
	for i, name := range of {
		at, path, _ := strings.Cut(strings.TrimSuffix(lines[i], "\n"), " ")
		seconds, err := strconv.ParseInt(at, 10, 64)
		switch {
		case path == name && at == "absent":
		case path != name || err != nil:
			a.fail(command, ans, "%s", garbled(lines[i]))
		case name == "now":
			now = time.Unix(seconds, 0)
		default:
			modified[path] = time.Unix(seconds, 0)
		}
	}
	return now
}

// daemons reads since when each daemon is active; one that is not is not there.
func (a *answers) daemons() map[string]time.Time {
	const command = "systemctl show -p ActiveEnterTimestamp"
	ans, ok := a.got("daemons", command)
	if !ok {
		return nil
	}
	of := []string{Corosyncd, Pacemakerd, Pcsd}
	blocks := strings.Split(string(ans.Out), "\n\n")
	if len(blocks) != len(of) {
		a.fail(command, ans, "told of %d units, and was asked for %d", len(blocks), len(of))
		return nil
	}
	active := map[string]time.Time{}
	for i, name := range of {
		told := map[string]string{}
		for line := range strings.Lines(blocks[i]) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			told[key] = value
		}
		if told["Id"] != name || told["ActiveState"] == "" || len(told) != 3 {
			a.fail(command, ans, "did not tell the state of %s", name)
			continue
		}
		if !(Unit{Active: told["ActiveState"]}).Running() {
			continue
		}
		at, err := time.Parse("Mon 2006-01-02 15:04:05 MST", told["ActiveEnterTimestamp"])
		if err != nil {
			a.fail(command, ans, "did not tell since when %s is active", name)
			continue
		}
		active[name] = at
	}
	return active
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
