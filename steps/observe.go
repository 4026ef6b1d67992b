package steps

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

//go:embed observe.sh
var observeScript string

// questions says what one observation asks of a node.
type questions struct {
	sections []Section
	packages []string
	units    []string
	files    []string
	names    []string // node names to resolve
	agents   []string // are they installed?
	metadata []string // what do they say of themselves?
}

func (q questions) stdin() string {
	var b strings.Builder
	line := func(key string, values []string) {
		for _, v := range values {
			b.WriteString(key + " " + v + "\n")
		}
	}
	for _, s := range q.sections {
		b.WriteString("section " + string(s) + "\n")
	}
	line("package", q.packages)
	line("unit", q.units)
	line("file", q.files)
	line("name", q.names)
	line("agent", q.agents)
	line("metadata", q.metadata)
	return b.String()
}

// observe reads the sections on the node and stores them in its facts; facts
// of other sections stay.
func (n *Node) observe(ctx context.Context, q questions) error {
	mark := rand.Text()
	began := time.Now()
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script:    observeScript,
		Reads:     true,
		Args:      []string{mark},
		Stdin:     strings.NewReader(q.stdin()),
		Timeout:   90 * time.Second,
		Limit:     64 << 20,
		Label:     "observe",
		Sensitive: true, // hashes and tokens pass here
	})
	if err != nil {
		return err
	}
	if err := res.Err("observe"); err != nil {
		return err
	}
	frames, err := splitFrames(res.Stdout, mark)
	if err != nil {
		return fmt.Errorf("reading the node's state: %w", err)
	}
	if n.Facts == nil {
		n.Facts = &Facts{}
	}
	return n.Facts.take(frames, q, began, res.Took)
}

// splitFrames takes the framed sections apart. A frame that is not closed, or
// output without its last line, is an error: half an answer is no answer.
func splitFrames(out []byte, mark string) (map[string][]byte, error) {
	frames := map[string][]byte{}
	open, start := "", 0
	prefix := []byte("\n@" + mark + " ")
	for at := 0; ; {
		i := bytes.Index(out[at:], prefix)
		if i < 0 {
			return nil, fmt.Errorf("the answer ends early (%d bytes)", len(out))
		}
		lineStart := at + i
		rest := out[lineStart+len(prefix):]
		eol := bytes.IndexByte(rest, '\n')
		if eol < 0 {
			return nil, fmt.Errorf("the answer ends early (%d bytes)", len(out))
		}
		verb, name, _ := strings.Cut(string(rest[:eol]), " ")
		at = lineStart + len(prefix) + eol // keep the newline: it may open the next mark
		switch {
		case verb == "done" && open == "":
			return frames, nil
		case verb == "begin" && open == "":
			open, start = name, at+1
		case verb == "end" && name == open:
			if lineStart < start { // empty: "begin\n" and "\n@end" share a newline
				lineStart = start
			}
			frames[name] = out[start:lineStart]
			open = ""
		default:
			return nil, fmt.Errorf("unexpected mark %q inside %q", verb+" "+name, open)
		}
	}
}

// take stores what the frames say.
func (f *Facts) take(frames map[string][]byte, q questions, began time.Time, took time.Duration) error {
	for _, s := range q.sections {
		var err error
		switch s {
		case SectionHost:
			err = f.takeHost(frames, began, took)
		case SectionPackages:
			f.takePackages(frames)
		case SectionFiles:
			f.takeFiles(frames, q.files)
			f.takeModified(frames["files-modified"])
		case SectionUnits:
			f.takeUnits(frames["units"])
		case SectionAccount:
			f.HasAccount = len(bytes.TrimSpace(frames["passwd"])) > 0
			f.Shadow = secret.Value{}
			if parts := strings.Split(strings.TrimSpace(string(frames["shadow"])), ":"); len(parts) > 1 {
				f.Shadow = secret.New(parts[1])
			}
		case SectionTokens:
			f.KnownHosts = secret.New(string(frames["known-hosts"]))
			f.Users = secret.New(string(frames["pcs-users"]))
		case SectionCorosync:
			f.takeCorosync(frames)
			f.takeModified(frames["corosync-modified"])
		case SectionCIB:
			err = f.takeCIB(frames)
		case SectionAgents:
			f.takeAgents(frames, q)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *Facts) takeHost(frames map[string][]byte, began time.Time, took time.Duration) error {
	f.OS, f.Disks, f.Resolves, f.Addresses = map[string]string{}, map[string]int64{}, map[string][]netip.Addr{}, nil
	f.Watchdog = false
	for line := range strings.Lines(string(frames["host"])) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch {
		case key == "uname":
			f.Hostname = value
		case key == "uid":
			f.UID = value
		case key == "machine_id":
			f.MachineID = value
		case key == "boot_id":
			f.BootID = value
		case key == "watchdog":
			f.Watchdog = true
		case key == "clock":
			sec, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return fmt.Errorf("the node's clock reads %q", value)
			}
			f.ClockError = took / 2
			f.ClockSkew = time.UnixMicro(int64(sec * 1e6)).Sub(began.Add(took / 2))
		case strings.HasPrefix(key, "os_"):
			f.OS[strings.TrimPrefix(key, "os_")] = strings.Trim(value, `"'`)
		}
	}
	for line := range strings.Lines(string(frames["disk"])) {
		// device blocks used available capacity mount
		if w := strings.Fields(line); len(w) >= 6 {
			if free, err := strconv.ParseInt(w[3], 10, 64); err == nil {
				f.Disks[w[5]] = free
			}
		}
	}
	f.Addresses = parseAddresses(string(frames["addresses"]))
	for line := range strings.Lines(string(frames["names"])) {
		if w := strings.Fields(line); len(w) == 2 {
			if a, err := netip.ParseAddr(w[1]); err == nil && !slices.Contains(f.Resolves[w[0]], a) {
				f.Resolves[w[0]] = append(f.Resolves[w[0]], a)
			}
		}
	}
	return nil
}

func (f *Facts) takePackages(frames map[string][]byte) {
	f.Packages = map[string]Package{}
	for line := range strings.Lines(string(frames["packages"])) {
		w := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(w) != 3 || w[2] == "" {
			continue // known to dpkg, but never installed
		}
		f.Packages[w[0]] = Package{Version: w[2], Installed: strings.HasPrefix(w[1], "ii") || strings.HasPrefix(w[1], "hi")}
	}
	f.Interfered = strings.TrimSpace(string(frames["dpkg-audit"]))
}

func (f *Facts) takeFiles(frames map[string][]byte, paths []string) {
	f.Files = map[string]FileState{}
	for line := range strings.Lines(string(frames["files"])) {
		w := strings.SplitN(strings.TrimRight(line, "\n"), "\t", 5)
		if len(w) != 5 {
			continue
		}
		mode := w[1]
		for len(mode) < 4 {
			mode = "0" + mode
		}
		f.Files[w[4]] = FileState{Type: w[0], Mode: mode, Owner: w[2], SHA256: strings.Trim(w[3], "-")}
	}
	for i, path := range paths {
		if content, ok := frames["file:"+strconv.Itoa(i+1)]; ok {
			if state, ok := f.Files[path]; ok {
				state.Content = slices.Clone(content)
				f.Files[path] = state
			}
		}
	}
}

// takeModified reads "SECONDS PATH" lines and keeps the times of other files.
func (f *Facts) takeModified(b []byte) {
	times := maps.Clone(f.Modified)
	if times == nil {
		times = map[string]time.Time{}
	}
	for line := range strings.Lines(string(b)) {
		sec, path, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		if n, err := strconv.ParseInt(sec, 10, 64); err == nil {
			times[path] = time.Unix(n, 0)
		}
	}
	f.Modified = times
}

func (f *Facts) takeUnits(b []byte) {
	f.Units = map[string]Unit{}
	for block := range strings.SplitSeq(string(b), "\n\n") {
		var id string
		var u Unit
		for line := range strings.Lines(block) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			switch key {
			case "Id":
				id = value
			case "LoadState":
				u.Load = value
			case "ActiveState":
				u.Active = value
			case "SubState":
				u.Sub = value
			case "UnitFileState":
				u.Enabled = value
			}
		}
		if id != "" {
			f.Units[id] = u
		}
	}
}

func (f *Facts) takeCorosync(frames map[string][]byte) {
	f.Corosync, f.CorosyncErr, f.CorosyncText = nil, nil, slices.Clone(frames["corosync.conf"])
	f.CorosyncPristine, f.HasCIB, f.CorosyncKey, f.PacemakerKey = false, false, "", ""
	if len(f.CorosyncText) > 0 {
		f.Corosync, f.CorosyncErr = corosync.Parse(f.CorosyncText)
	}
	for line := range strings.Lines(string(frames["sums"])) {
		w := strings.Fields(line)
		if len(w) != 2 {
			continue
		}
		switch w[1] {
		case "/etc/corosync/authkey":
			f.CorosyncKey = w[0]
		case "/etc/pacemaker/authkey":
			f.PacemakerKey = w[0]
		case "cib.xml":
			f.HasCIB = true
		case "corosync.conf":
			f.CorosyncPristine = true
		}
	}
}

func (f *Facts) takeCIB(frames map[string][]byte) error {
	f.CIB, f.CIBDisk = nil, nil
	if b := bytes.TrimSpace(frames["cib"]); len(b) > 0 {
		live, err := cib.Parse(b)
		if err != nil {
			return fmt.Errorf("reading the CIB: %w", err)
		}
		f.CIB = live
	}
	if b := bytes.TrimSpace(frames["cib-disk"]); len(b) > 0 {
		// Pacemaker replaces the file while it runs; only the live CIB counts then.
		disk, err := cib.Parse(b)
		if err != nil && f.CIB == nil {
			return fmt.Errorf("reading /var/lib/pacemaker/cib/cib.xml: %w", err)
		}
		f.CIBDisk = disk
	}
	return nil
}

func (f *Facts) takeAgents(frames map[string][]byte, q questions) {
	f.Agents, f.Metadata, f.MetaErr = map[string]bool{}, map[string]*cib.Agent{}, map[string]error{}
	for line := range strings.Lines(string(frames["agents"])) {
		yes, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		f.Agents[name] = yes == "yes"
	}
	for i, name := range q.metadata {
		b, ok := frames["metadata:"+strconv.Itoa(i+1)]
		if !ok {
			continue // not installed
		}
		agent, err := cib.ParseMetadata(name, b)
		if err != nil {
			f.MetaErr[name] = err
			continue
		}
		f.Metadata[name] = agent
	}
}

// parseAddresses reads ip -o addr show.
func parseAddresses(text string) (out []netip.Prefix) {
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		for i := 2; i+1 < len(w); i++ {
			if w[i] == "inet" || w[i] == "inet6" {
				if p, err := netip.ParsePrefix(w[i+1]); err == nil {
					out = append(out, p)
				}
			}
		}
	}
	return out
}
