package facts

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// captured is what a node of a running cluster answered, and what it was asked
// (testdata/capture.sh).
func captured(t *testing.T) (q Ask, stdout, stderr []byte) {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for line := range strings.Lines(string(read("ask"))) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		to := map[string]*[]string{"package": &q.Packages, "unit": &q.Units, "file": &q.Files, "folder": &q.Folders, "name": &q.Names,
			"agent": &q.Agents, "metadata": &q.Metadata}[key]
		switch key {
		case "section":
			q.Sections = append(q.Sections, Section(value))
		case "status":
			q.Status = value
		default:
			*to = append(*to, value)
		}
	}
	return q, read("running.out"), read("running.err")
}

// known are all facts of an answer.
type known struct {
	Facts  *Facts
	Status *Status
}

func take(q Ask, stdout, stderr []byte) (known, error) {
	k := known{Facts: &Facts{}}
	err := k.Facts.Take(q, "MARK", stdout, stderr, Asked{Began: time.Unix(1e9, 0), Took: time.Second})
	if err != nil {
		return k, err
	}
	if k.Facts.Unread != nil {
		return k, k.Facts.Unread[0]
	}
	if k.Status, err = TakeStatus(q, "MARK", stdout, stderr); err != nil {
		return k, err
	}
	switch {
	case k.Status.TextErr != nil:
		return k, k.Status.TextErr
	case k.Status.XMLErr != nil:
		return k, k.Status.XMLErr
	case k.Status.Problems != nil:
		return k, k.Status.Problems[0]
	}
	return k, nil
}

func TestTake(t *testing.T) {
	q, stdout, stderr := captured(t)
	if got := (Ask{Sections: []Section{SectionHost}, Names: []string{"n1"}, Status: "xml"}).Stdin(); got != "section host\nname n1\nstatus xml\n" {
		t.Errorf("asks %q", got)
	}
	k, err := take(q, stdout, stderr)
	if err != nil {
		t.Fatal(err)
	}
	f := k.Facts
	units := maps.Collect(maps.All(f.Units))
	for name, ok := range map[string]bool{
		"host":      f.Host.OS["ID"] == "debian" && f.Host.UID == "0" && f.Host.Name == "n1" && len(f.Host.MachineID) == 32 && len(f.Host.BootID) == 36,
		"is":        f.Host.Is("debian") && !f.Host.Is("suse"),
		"disks":     f.Host.Disks["/"] > 0 && f.Host.Disks["/run"] > 0,
		"addresses": len(f.Host.Addresses) > 3,
		"names":     len(f.Host.Resolves["n1"]) == 1 && len(f.Host.Resolves["no-such-name"]) == 0 && len(f.Host.Resolves) == 3,
		"packages":  f.Packages.Known["pcs"].Installed && !f.Packages.Known["no-such-package"].Installed && len(f.Packages.Known) == 3,
		"files":     len(f.Files) == 2 && f.Files[q.Files[0]].Mode == "0644" && len(f.Files[q.Files[2]].Content) > 100,
		"leftovers": len(f.Leftovers) == 2 && f.Leftovers[0].Path() == "/etc/pacemaker/.hadeploy-Ab12Cd" && f.Leftovers[1].Name == ".hadeploy-zzZZ99",
		"units":     f.Running() && units["no-such-unit.service"].Load == "not-found" && len(units) == 4,
		"account":   f.Account.Exists && strings.HasPrefix(f.Account.Shadow.Reveal(), "$"),
		"tokens":    f.Tokens.KnownHosts.IsSet() && strings.Contains(f.Tokens.Users.Reveal(), "hacluster"),
		"corosync":  f.Corosync.Config.ClusterName() == "quickstart" && !f.Corosync.Pristine && len(f.Corosync.Key) == 64 && len(f.Corosync.PacemakerKey) == 64,
		"runtime":   f.Corosync.Runtime != nil && len(f.Corosync.Runtime.NotRead(f.Corosync.Config)) == 0 && f.Corosync.Record != nil,
		"ages":      len(f.Corosync.active) == 3 && !f.Corosync.Older(Corosyncd, CorosyncKey) && !f.Corosync.Older(Pcsd, PcsdKey),
		"asked":     strings.Contains(Script(), "corosync-cmapctl "+strings.Join(corosync.RuntimeQuestion, " ")+"\n"),
		"cib":       f.CIB.Live != nil && f.CIB.Disk == nil && f.CIB.OnDisk,
		"agents":    f.Agents.Installed["ocf:heartbeat:IPaddr2"] && !f.Agents.Installed["ocf:no:such"] && len(f.Agents.Installed) == 4,
		"metadata":  f.Agents.Metadata["ocf:heartbeat:IPaddr2"] != nil && f.Agents.Metadata["systemd:nginx"] != nil,
		"status":    strings.Contains(k.Status.Text, "partition with quorum") && len(k.Status.XML) > 0 && len(k.Status.CIB) > 0,
		"links":     len(k.Status.Links) == 2 && slices.ContainsFunc(k.Status.Links[1].Peers, func(p LinkPeer) bool { return p.Node == "n3" && p.Connected }),
		"scores":    strings.Contains(string(k.Status.Scores), "allocation score"),
		"time":      k.Status.Now.Year() >= 2026,
	} {
		if !ok {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if at, ok := f.Modified(CorosyncConf); !ok || at.Year() < 2026 {
		t.Errorf("corosync.conf was modified %v", at)
	}
	if at, ok := f.Modified(q.Files[0]); !ok || at.Year() < 2026 {
		t.Errorf("%s was modified %v", q.Files[0], at)
	}
}

// A daemon has read a file that was there when it became active, and Corosync
// its key at a reload.
func TestOlder(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	for _, c := range []struct {
		name                           string
		unit                           string
		active, changed, reloaded, now int64
		want                           bool
	}{
		{"changed before", Corosyncd, 100, 90, 0, 200, false},
		{"in the same second", Corosyncd, 100, 100, 0, 200, false},
		{"changed after", Corosyncd, 100, 101, 0, 200, true},
		{"and read at a reload", Corosyncd, 100, 101, 101, 200, false},
		{"a reload before", Corosyncd, 100, 150, 120, 200, true},
		{"a reload of another start", Corosyncd, 100, 101, 50, 200, true},
		{"pcsd knows no reload", Pcsd, 100, 101, 150, 200, true},
		{"in the future", Corosyncd, 100, 201, 0, 200, false},
		{"it does not run", Corosyncd, 0, 101, 0, 200, false},
		{"no file", Corosyncd, 100, 0, 0, 200, false},
	} {
		f := Corosync{active: map[string]time.Time{}, modified: map[string]time.Time{}, now: at(c.now)}
		if c.active != 0 {
			f.active[c.unit] = at(c.active)
		}
		if c.changed != 0 {
			f.modified[CorosyncKey] = at(c.changed)
		}
		if c.reloaded != 0 {
			f.modified[CorosyncReloaded] = at(c.reloaded)
		}
		if got := f.Older(c.unit, CorosyncKey); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// sameFacts compares all that was read. The clock is told by one number alone.
var sameFacts = cmp.Options{
	cmp.AllowUnexported(Corosync{}),
	cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}),
	cmp.Comparer(func(a, b secret.Value) bool { return a.Reveal() == b.Reveal() }),
	cmp.Comparer(func(a, b *cib.CIB) bool { return textOf(a) == textOf(b) }),
	cmp.Comparer(func(a, b *corosync.Config) bool {
		return (a == nil) == (b == nil) && (a == nil || bytes.Equal(a.Bytes(), b.Bytes()))
	}),
	cmp.Comparer(func(a, b *corosync.Runtime) bool { return reflect.DeepEqual(a, b) }),
	cmp.Comparer(func(a, b *agent.Agent) bool { return reflect.DeepEqual(a, b) }),
}

func textOf(c *cib.CIB) string {
	if c == nil {
		return ""
	}
	text, err := c.Text()
	if err != nil {
		return err.Error()
	}
	return text.Reveal()
}

// TestBroken breaks every answer in every way: the command fails, says nothing,
// is cut after each line, says something else, is killed, takes too long, writes
// without end. Each is an error, or changes nothing of what is known.
func TestBroken(t *testing.T) {
	q, stdout, stderr := captured(t)
	whole, err := take(q, stdout, stderr)
	if err != nil {
		t.Fatal(err)
	}
	frames, err := Frames(stdout, "MARK")
	if err != nil {
		t.Fatal(err)
	}
	if len(frames) < 30 {
		t.Fatalf("only %d answers", len(frames))
	}
	// Answers that are not proved by what stands in them: the reader of the
	// status holds text, XML and CIB against each other, and the metadata's error
	// is for the step that needs it.
	byOthers := map[string]bool{"text": true, "xml": true, "status-cib": true, "scores": true, "metadata:1": true, "metadata:2": true}
	for _, name := range slices.Sorted(maps.Keys(frames)) {
		was := frames[name]
		ways := map[string]Answer{
			"fails":      {Status: 1},
			"fails late": {Out: was.Out, Status: 3},
			"killed":     {Out: was.Out, Status: 137},
			"late":       {Out: was.Out, Status: statusTimedOut},
			"no status":  {Out: was.Out, Status: -1},
			"no end":     {Out: append(bytes.Repeat([]byte("y\n"), 200), was.Out...), cut: true},
		}
		if !byOthers[name] {
			ways["says nothing"] = Answer{Said: was.Said}
			ways["garbage"] = Answer{Out: []byte("Lorem ipsum {<\n")}
			ways["more garbage"] = Answer{Out: append([]byte("\x1b[2J\tx\n"), was.Out...), Status: was.Status}
			lines := bytes.SplitAfter(was.Out, []byte("\n"))
			step := max(1, len(lines)/25) // of a long answer, not after each
			for i := 0; i < len(lines); i += step {
				ways[fmt.Sprintf("cut after line %d", i)] = Answer{Out: bytes.Join(lines[:i], nil), Status: was.Status}
			}
			for _, i := range []int{len(was.Out) / 2, len(was.Out) - 1} {
				ways[fmt.Sprintf("cut after %d bytes", max(i, 0))] = Answer{Out: was.Out[:max(i, 0)], Status: was.Status}
			}
		}
		for way, answer := range ways {
			broken := maps.Clone(frames)
			broken[name] = answer
			got, err := take(q, framed(broken), stderr)
			switch {
			case strings.HasPrefix(name, "metadata:"):
				if len(got.Facts.Agents.Err) != 1 {
					t.Errorf("%s %s: no error", name, way)
				}
			case err != nil, name == "text" && answer.Status > 0: // the status is what tells that there is none
			case name == "links" && way == "more garbage": // lines of no known form are left out
			case !cmp.Equal(whole, got, sameFacts):
				t.Errorf("%s %s: it is believed:\n%s", name, way, cmp.Diff(whole, got, sameFacts))
			case way != "cut after "+fmt.Sprint(len(was.Out)-1)+" bytes" && !strings.HasPrefix(way, "cut after line") && !bytes.Equal(answer.Out, was.Out) && len(was.Out) > 0:
				t.Errorf("%s %s: no error", name, way)
			}
		}
	}
}

// framed writes answers as a node does.
func framed(frames map[string]Answer) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(frames)) {
		a := frames[name]
		limit := 1 << 24
		if a.cut {
			limit = len(a.Out) - 1
		}
		fmt.Fprintf(&b, "\n@MARK begin %s %d\n%s\n@MARK end %s", name, limit, a.Out, name)
		if a.Status >= 0 {
			fmt.Fprintf(&b, " %d", a.Status)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n@MARK done\n")
	return b.Bytes()
}

func TestFrames(t *testing.T) {
	whole := "noise\n@M begin a 4\nline\n\n@M end a 0\n\n@M begin empty 9\n\n@M end empty 2\n\n@M begin more 3\n1234\n@M end more\n\n@M done\n"
	frames, err := Frames([]byte(whole), "M")
	if err != nil || string(frames["a"].Out) != "line\n" || !frames["a"].cut || string(frames["empty"].Out) != "" || len(frames) != 3 {
		t.Errorf("got %+v, %v", frames, err)
	}
	if frames["a"].Status != 0 || frames["empty"].Status != 2 || frames["more"].Status != -1 || frames["empty"].cut || !frames["more"].cut {
		t.Errorf("got %+v", frames)
	}
	for i := range len(whole) - 1 {
		if _, err := Frames([]byte(whole[:i]), "M"); err == nil {
			t.Errorf("an answer cut after %d bytes was taken for whole", i)
		}
	}
	// A file that holds what looks like another run's mark is data.
	frames, err = Frames([]byte("\n@M begin a\n@X end a\n\n@M end a\n\n@M done\n"), "M")
	if err != nil || string(frames["a"].Out) != "@X end a\n" {
		t.Errorf("got %+v, %v", frames, err)
	}
	if _, err := Frames([]byte("\n@M begin a\n\n@M begin b\n\n@M end b\n\n@M done\n"), "M"); err == nil {
		t.Error("a section that is not closed was accepted")
	}
}

func TestErrorWords(t *testing.T) {
	for want, e := range map[string]*Error{
		"cibadmin --query: exit status 102: Transport endpoint is not connected": {Command: "cibadmin --query", Status: 102, Said: "Transport endpoint is not connected"},
		"df: did not answer in time and was stopped":                             {Command: "df", Status: statusTimedOut},
		"stat: told of 1, and was asked for 2":                                   {Command: "stat", Why: "told of 1, and was asked for 2"},
		"rpm: told nothing (exit status 3): db is locked":                        {Command: "rpm", Why: "told nothing", Status: 3, Said: "db is locked"},
	} {
		if e.Error() != want {
			t.Errorf("got %q, want %q", e.Error(), want)
		}
	}
	said := "first\n\x1b[31msecond\n<nvpair name=\"password\" value=\"sekrit\"/>\nthird\nfourth\n" + strings.Repeat("y", 1000) + "\n"
	got := lastWords(said)
	if strings.Contains(got, "sekrit") || strings.Contains(got, "\x1b") || strings.Contains(got, "second") || len(got) > 320 {
		t.Errorf("got %q", got)
	}
}

// TestFilesHere runs the observation on this machine: whatever a file is called,
// what is said is said of it.
func TestFilesHere(t *testing.T) {
	dir := t.TempDir()
	q := Ask{Sections: []Section{SectionFiles}}
	for i, name := range []string{"plain", "blank at the end ", " in front", "-dash", "q'uo\"te", `back\slash`, "ümlaut", "$(id)", "*"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, fmt.Appendf(nil, "%d\n", i), 0o640); err != nil {
			t.Fatal(err)
		}
		q.Files = append(q.Files, path)
	}
	q.Files = append(q.Files, filepath.Join(dir, "blank at the end"), filepath.Join(dir, "plain", "below"))
	// Of what looks like a write's own folder, only what nobody writes any more.
	q.Folders = []string{dir, filepath.Join(dir, "none"), filepath.Join(dir, "plain")}
	for name, age := range map[string]time.Duration{".hadeploy-Ab12Cd": time.Hour, ".hadeploy-Ab12Ce": 0, ".hadeploy-plan-1": time.Hour, ".hadeploy-x": time.Hour} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chtimes(path, time.Now().Add(-age), time.Now().Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("/bin/sh", "-c", Script(), "sh", "MARK")
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdin = strings.NewReader(q.Stdin())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	f := &Facts{}
	if err := f.Take(q, "MARK", stdout.Bytes(), stderr.Bytes(), Asked{}); err != nil {
		t.Fatal(err)
	}
	if want := []Leftover{{dir, ".hadeploy-Ab12Cd"}}; !slices.Equal(f.Leftovers, want) {
		t.Errorf("left are %v, not %v", f.Leftovers, want)
	}
	for i, path := range q.Files {
		file, exists := f.Files[path]
		if want := fmt.Sprintf("%d\n", i); i < 9 && (string(file.Content) != want || file.Mode != "0640") {
			t.Errorf("%q: got %+v", path, file)
		}
		if i >= 9 && exists {
			t.Errorf("%q is taken for there", path)
		}
	}
}

// TestLeftoversUnknown: whatever of its tools a node lacks, or has broken, is no
// folder in which nothing was left.
func TestLeftoversUnknown(t *testing.T) {
	dir, tools := t.TempDir(), t.TempDir()
	q := Ask{Sections: []Section{SectionFiles}, Folders: []string{dir}}
	for _, tool := range []string{"none", "find", "getconf", "id", "stat"} {
		for _, how := range []string{"exit 1", "exit 0", "echo 'Lorem ipsum {<'", "echo 0"} {
			path := filepath.Join(tools, tool)
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+how+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("/bin/sh", "-c", Script(), "sh", "MARK")
			cmd.Env = append(os.Environ(), "LC_ALL=C", "PATH="+tools+":"+os.Getenv("PATH"))
			cmd.Stdin = strings.NewReader(q.Stdin())
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			err := (&Facts{}).Take(q, "MARK", stdout.Bytes(), stderr.Bytes(), Asked{})
			if (err == nil) != (tool == "none" || tool == "id" && how == "echo 0" && os.Getuid() == 0) {
				t.Errorf("%s: %s: %v\n%s", tool, how, err, stdout.Bytes())
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestPackageManagers: what they say while all is well, and what is no answer.
func TestPackageManagers(t *testing.T) {
	const busy = "Another process has locked the database for writing, and might currently be\nmodifying it, some of the following problems might just be due to that.\n\n"
	const half = "The following packages are only half configured:\n nginx  web server\n"
	for name, c := range map[string]struct {
		frames     map[string]Answer
		said       string
		interfered string
		bad        bool
	}{
		"all is well":         {frames: map[string]Answer{"dpkg": {Out: []byte("pcs\tii \t1\n")}, "dpkg-audit": {}}},
		"half configured":     {frames: map[string]Answer{"dpkg": {Out: []byte("pcs\tii \t1\n")}, "dpkg-audit": {Out: []byte(half), Status: 1}}, interfered: strings.TrimSpace(half)},
		"another one at work": {frames: map[string]Answer{"dpkg": {Out: []byte("pcs\tii \t1\n")}, "dpkg-audit": {Out: []byte(busy + half), Status: 1}}, interfered: strings.TrimSpace(half)},
		"and all is well":     {frames: map[string]Answer{"dpkg": {Out: []byte("pcs\tii \t1\n")}, "dpkg-audit": {Out: []byte(busy)}}},
		"an audit in vain":    {frames: map[string]Answer{"dpkg": {Out: []byte("pcs\tii \t1\n")}, "dpkg-audit": {Status: 1}}, bad: true},
		"not told of":         {frames: map[string]Answer{"dpkg": {Status: 1}, "dpkg-audit": {}}, bad: true},
		"rpm":                 {frames: map[string]Answer{"rpm": {Out: []byte("pcs\tii \t1-2\n")}}},
		"rpm, many unknown":   {frames: map[string]Answer{"rpm": {Out: []byte("package pcs is not installed\n"), Status: 11}}},
		"rpm, killed":         {frames: map[string]Answer{"rpm": {Out: []byte("package pcs is not installed\n"), Status: statusKilled}}, bad: true},
	} {
		f := &Facts{}
		err := f.Take(Ask{Sections: []Section{SectionPackages}, Packages: []string{"pcs"}}, "MARK", framed(c.frames), []byte(c.said), Asked{})
		if (err != nil) != c.bad || f.Packages.Interfered != c.interfered {
			t.Errorf("%s: %v, %q", name, err, f.Packages.Interfered)
		}
	}
}
