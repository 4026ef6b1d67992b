package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/facts"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/remote/remotetest"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

var debian12 = map[string]string{"ID": "debian", "VERSION_ID": "12", "VERSION_CODENAME": "bookworm"}

func with(set, install []string) *playbook.Playbook {
	return &playbook.Playbook{Name: "web", Packages: playbook.Packages{Set: set, Install: install}}
}

const auditUnpacked = `The following packages have been unpacked but not yet configured.
They must be configured using dpkg --configure or the configure
menu option in dselect for them to work:
 corosync             cluster engine daemon and utilities
 libknet1:amd64       kronosnet core switching implementation
`

const auditHalf = `The following packages are only half installed, due to problems during
installation.  The installation can probably be completed by retrying it;
the packages can be removed using dselect or dpkg --remove:
 gawk                 GNU awk, a pattern scanning and processing language
`

const auditHarmless = `The following packages are missing the md5sums control file in the
database, they need to be reinstalled:
 vendor-agent         A package made by hand
 corosync             cluster engine daemon and utilities
`

// nodeWith is a target with one node that has these packages.
func nodeWith(p *playbook.Playbook, f *facts.Facts, conn remote.Conn, events func(Event)) *Target {
	n := &Node{Node: inventory.Node{Name: "n1", NodeName: "n1"}, Facts: withoutDefault(f), Conn: conn}
	return &Target{Node: n, Cluster: &Cluster{Playbook: p, Nodes: []*Node{n}, forks: 1, emit: serialised(events)}}
}

func TestPackagesCheck(t *testing.T) {
	const all = "pacemaker pacemaker-cli-utils corosync pcs resource-agents"
	for _, c := range []struct {
		name      string
		p         *playbook.Playbook
		installed string // a name that ends in "?" is not whole
		audit     string
		want      []string
		finding   string
	}{
		{name: "nothing is there", p: with([]string{"pcs", "corosync"}, nil), want: []string{"create package pcs", "create package corosync"}},
		{name: "all is there", p: with(nil, nil), installed: all},
		{name: "one is missing", p: with(nil, []string{"nginx"}), installed: all, want: []string{"create package nginx"}},
		{name: "one is not whole", p: with(nil, nil), installed: strings.Replace(all, "corosync", "corosync?", 1),
			want: []string{"update package corosync (state: not fully installed -> installed)"}},
		{name: "dpkg was interrupted before what is to be installed", p: with([]string{"pcs"}, nil), audit: auditHalf,
			want: []string{"update dpkg interrupted (state: interrupted: gawk -> complete)", "create package pcs"}},
		{name: "dpkg was interrupted at what is wanted", p: with([]string{"corosync"}, nil), installed: "corosync?", audit: auditUnpacked,
			want: []string{"update dpkg interrupted (state: interrupted: corosync, libknet1 -> complete)", "update package corosync (state: not fully installed -> installed)"}},
		{name: "dpkg was interrupted at something else and nothing is to be done", p: with(nil, nil), installed: all, audit: auditHalf,
			finding: "dpkg was interrupted on n1: gawk not fully installed; the next installation of any package has to complete that first"},
		{name: "an audit that is harmless", p: with(nil, nil), installed: all, audit: auditHarmless},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &facts.Facts{Host: facts.Host{OS: debian12}, Packages: facts.Packages{Known: map[string]facts.Package{}, Interfered: c.audit}}
			for _, name := range strings.Fields(c.installed) {
				whole := strings.TrimSuffix(name, "?")
				f.Packages.Known[whole] = facts.Package{Version: "1", Installed: whole == name}
			}
			target := nodeWith(c.p, f, nil, nil)
			changes, err := packages{}.Check(context.Background(), target)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, change := range changes {
				text := fmt.Sprintf("%s %s %s", change.Action, change.Kind, change.ID)
				for _, d := range change.Diffs {
					text += fmt.Sprintf(" (%s: %s -> %s)", d.Name, d.Before, d.After)
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			var findings []string
			for _, f := range target.findings {
				findings = append(findings, f.Message)
			}
			if got := strings.Join(findings, "\n"); got != c.finding {
				t.Errorf("findings: %q, want %q", got, c.finding)
			}
		})
	}
}

// applyTo runs Apply for pcs and corosync against a scripted node, in a time of
// its own.
func applyTo(t *testing.T, script remotetest.Script) (shown string, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &eventLog{}
		target := nodeWith(with(nil, nil), &facts.Facts{Host: facts.Host{OS: debian12}}, remotetest.New(t, script), log.add)
		in := &installation{t: target, manager: aptManager, names: []string{"pcs", "corosync"}, lockLimit: time.Second, lockEvery: 10 * time.Millisecond, quiet: time.Second}
		err = in.run(t.Context())
		shown = log.text()
	})
	return shown, err
}

var aptManager, _ = pkgs.On(facts.Host{OS: debian12})

var (
	free    = remotetest.Call{Label: "apt look", Args: []string{"look"}}
	started = remotetest.Call{Label: "apt start", Args: []string{"start", "careful", "pcs", "corosync"}, Stdin: pkgs.Script(aptManager), Stdout: "started\n"}
	done    = remotetest.Call{Label: "apt follow", Args: []string{"follow"}, Stdout: "end ok\nlog Setting up pcs\n"}
)

func answers(label, stdout string) remotetest.Call {
	return remotetest.Call{Label: label, Stdout: stdout}
}

func TestInstallation(t *testing.T) {
	for _, c := range []struct {
		name   string
		script remotetest.Script
		shown  string
		err    string
	}{
		{name: "plainly", script: remotetest.Script{free, started, done}},
		{name: "with progress", script: remotetest.Script{free, started, answers("apt follow",
			"step reading the package lists anew\ndlstatus:2:50.0000:Retrieving file 2 of 4\ncount 63\nstep installing\n"+
				"pmstatus:corosync:41.2500:Unpacking corosync (amd64)\npmstatus:corosync:41.4000:Unpacking corosync (amd64)\nend ok\n")},
			shown: `working: reading the package lists anew
working: retrieving file 2 of 4
working: 63 packages, installing
working: 63 packages, 41 %, unpacking corosync
`},
		{name: "somebody holds the lock for a while",
			script: remotetest.Script{
				answers("apt look", "holder 4750 /usr/bin/python3 /usr/bin/unattended-upgrade\n"),
				answers("apt look", "holder 4750 /usr/bin/python3 /usr/bin/unattended-upgrade\n"),
				answers("apt look", "holder 4801 /usr/bin/dpkg --configure -a\nholder 4750 apt-get\x1b[2J\n"),
				free, started, done},
			shown: `waiting for the package lock: held by /usr/bin/python3 /usr/bin/unattended-upgrade (pid 4750) (done false)
waiting for the package lock: held by /usr/bin/dpkg --configure -a (pid 4801), apt-get\x1b[2J (pid 4750) (done false)
waiting for the package lock: held by /usr/bin/dpkg --configure -a (pid 4801), apt-get\x1b[2J (pid 4750) (done true)
`},
		{name: "somebody holds the lock for ever",
			script: remotetest.Script{{Label: "apt look", Stdout: "holder 4750 apt-get dist-upgrade\n", Times: remotetest.Any}},
			shown: `waiting for the package lock: held by apt-get dist-upgrade (pid 4750) (done false)
waiting for the package lock: held by apt-get dist-upgrade (pid 4750) (done true)
`,
			err: "waited 1s for the package lock: held by apt-get dist-upgrade (pid 4750)"},
		{name: "an earlier run's job is still at work", script: remotetest.Script{
			answers("apt look", "job\n"),
			answers("apt follow", "count 63\npmstatus:pcs:99.0000:Configuring pcs (all)\nend failed\n"),
			free, started, done},
			shown: "working: an earlier run's installation still goes on: 63 packages, 99 %, configuring pcs\n"},
		{name: "an earlier run's job shows up late", script: remotetest.Script{
			free, answers("apt start", "running\n"), answers("apt follow", "end ok\n"),
			free, started, done}},
		{name: "somebody is quicker", script: remotetest.Script{
			free, started, answers("apt follow", "end locked\n"),
			free, answers("apt start", "started\n"), answers("apt follow", "end ok\n")}},
		{name: "a name that does not exist", script: remotetest.Script{free, started,
			answers("apt follow", "end unknown\nwhat pcz\nwhat corosink\nnear corosync\nnear pcs\nnear pcre\nlog E: noise\n")},
			err: `there is no package "pcz", did you mean "pcs"?; there is no package "corosink", did you mean "corosync"?`},
		{name: "a name that does not exist in lists that are old", script: remotetest.Script{free, started,
			answers("apt follow", "end unknown\nstale yes\nwhat pcz\nlog Hit: something\nlog E: Failed to fetch Packages\n")},
			err: "there is no package \"pcz\":\nE: Failed to fetch Packages"},
		{name: "no network", script: remotetest.Script{free, started, answers("apt follow", "end network\nlog Get:1\nlog E: Failed to fetch x  404  Not Found\n")},
			err: "packages could not be downloaded:\nE: Failed to fetch x  404  Not Found"},
		{name: "disk full", script: remotetest.Script{free, started, answers("apt follow", "end disk\nlog E: no space\n")},
			err: "there is not enough free disk space for the packages:\nE: no space"},
		{name: "on hold", script: remotetest.Script{free, started, answers("apt follow", "end held\nwhat corosync\n")},
			err: "packages that are on hold are in the way: corosync"},
		{name: "something would be removed", script: remotetest.Script{free, started, answers("apt follow", "end remove\nwhat crmsh heartbeat\n")},
			err: "installing would remove other packages: crmsh, heartbeat"},
		{name: "a running daemon would be restarted", script: remotetest.Script{free, started, answers("apt follow", "end restart\nwhat corosync\n")},
			err: "the package manager would replace and restart corosync, which runs on this node"},
		{name: "dpkg cannot be repaired", script: remotetest.Script{free, started,
			answers("apt follow", "end broken\nwhat vendor-agent\nlog dpkg: error processing package vendor-agent (--configure):\nlog  installed vendor-agent package post-installation script subprocess returned error exit status 1\n")},
			err: "an earlier apt run was interrupted, and that cannot be completed; not fully installed: vendor-agent:\n" +
				"dpkg: error processing package vendor-agent (--configure):\ninstalled vendor-agent package post-installation script subprocess returned error exit status 1"},
		{name: "something else", script: remotetest.Script{free, started, answers("apt follow", "end failed\nwhat pcs\nlog some line\n")},
			err: "apt could not install the packages; not fully installed: pcs:\nsome line"},
		{name: "a class that nobody knows", script: remotetest.Script{free, started, answers("apt follow", "end of the world\n")},
			err: "apt could not install the packages"},
		{name: "the job was killed", script: remotetest.Script{free, started, answers("apt follow", "end vanished\n")},
			err: "the installation was killed on the node before its end"},
		{name: "the connection is lost", script: remotetest.Script{free, started,
			{Label: "apt follow", Err: &remote.LostError{Node: "n1", Label: "apt follow", Unknown: true, Err: errors.New("no answer")}}},
			err: "n1: apt follow: connection lost: no answer; whether it took effect is unknown, run again to find out"},
		{name: "the job cannot be started", script: remotetest.Script{free, {Label: "apt start", Status: 1, Stderr: "Failed to connect to bus\n"}},
			err: "n1: apt start: exit status 1: Failed to connect to bus"},
		{name: "an answer that nobody knows", script: remotetest.Script{free, answers("apt start", "perhaps\x07\n")},
			err: `apt start: unexpected answer "perhaps\\a"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			shown, err := applyTo(t, c.script)
			if diff := cmp.Diff(c.shown, shown); diff != "" {
				t.Error(diff)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := cmp.Diff(c.err, text); diff != "" {
				t.Error(diff)
			}
			var failed *pkgs.Error
			if errors.As(err, &failed) && failed.Hint() == "" {
				t.Error("the error says not what to do")
			}
		})
	}
}

// slowConn answers follow only when it is cancelled.
type slowConn struct{ *remotetest.Conn }

func (c slowConn) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	if cmd.Label != "apt follow" {
		return c.Conn.Run(ctx, cmd)
	}
	cmd.OnLine("pmstatus:linux-image:12.0000:Configuring linux-image")
	<-ctx.Done()
	return remote.Result{}, &remote.InterruptedError{Node: "n1", Label: cmd.Label, Err: context.Cause(ctx)}
}

func TestInstallationThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := nodeWith(with(nil, nil), &facts.Facts{Host: facts.Host{OS: debian12}}, slowConn{remotetest.New(t, remotetest.Script{free, started})}, nil)
		in := &installation{t: target, manager: aptManager, names: []string{"pcs", "corosync"}, lockLimit: time.Second, lockEvery: time.Second, quiet: packageQuiet}
		err := in.run(t.Context())
		want := "the installation has shown no progress for 15m0s; it was last at: 12 %, configuring linux-image"
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

// TestPackagesApply: only packages are handed on, the repair is the job's own;
// and the default cluster may be restarted.
func TestPackagesApply(t *testing.T) {
	conn := remotetest.New(t, remotetest.Script{free, {Label: "apt start", Args: []string{"start", "careful", "pcs"}, Stdout: "started\n"}, done})
	target := nodeWith(with(nil, nil), &facts.Facts{Host: facts.Host{OS: debian12}}, conn, nil)
	err := packages{}.Apply(context.Background(), target, []plan.Change{{Kind: "dpkg", ID: interruptedID}, {Kind: "package", ID: "pcs"}})
	if err != nil {
		t.Fatal(err)
	}
	conn2 := remotetest.New(t, remotetest.Script{free, {Label: "apt start", Args: []string{"start", "free", "pcs"}, Stdout: "started\n"}, done})
	target = nodeWith(with(nil, nil), &facts.Facts{Host: facts.Host{OS: debian12}, Corosync: facts.Corosync{Pristine: true, Text: []byte(packagedConf)}}, conn2, nil)
	if err := (packages{}).Apply(context.Background(), target, []plan.Change{{Kind: "package", ID: "pcs"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range append(conn.Commands(), conn2.Commands()...) {
		if c.Reads != (c.Label == "apt look") {
			t.Errorf("%s: reads is %t", c.Label, c.Reads)
		}
	}
}
