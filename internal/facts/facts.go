// Package facts is what is known of a node, and how it came to be known.
//
// A fact is one thing in one place: a fragment of shell that asks for it
// (host.sh), and beside it the Go that takes the answer (host.go). The fragments
// of all sections are one script, so that an observation is one round trip. It
// changes nothing, and it discards no error: each answer comes in a frame with
// the command's exit status and its last words.
//
// What cannot be told apart from a failure is not asked for: absent is what a
// node said is absent, never what it did not speak of. A file comes with its size
// and SHA-256, a list with what shows that it is whole. A command that failed,
// was cut off, took too long or answered with something else is an *Error; a
// caller gets all of them or a whole observation.
//
// To add a fact: a frame in the section's .sh, a field in its struct, and the
// lines in its take that read one into the other. The package is pure: it makes
// the question and reads the answer, and knows nothing of ssh.
package facts

import (
	_ "embed"
	"strings"
	"time"
)

// Section is a part of what is observed on a node; a run that changed only
// files has only files to read again.
type Section string

// Each is a fragment of shell and the Go that takes its answer.
const (
	SectionHost     Section = "host"     // distribution, names, addresses, clock, disks
	SectionPackages Section = "packages" // installed packages of those that matter
	SectionFiles    Section = "files"    // the declared files and agents
	SectionUnits    Section = "units"    // systemd units
	SectionAccount  Section = "account"  // the hacluster account
	SectionTokens   Section = "tokens"   // which node may command which
	SectionCorosync Section = "corosync" // corosync.conf and the keys
	SectionCIB      Section = "cib"      // the CIB, live and on disk
	SectionAgents   Section = "agents"   // resource agents and their metadata
	SectionStatus   Section = "status"   // what the running cluster says of itself
)

// All are the sections of a whole observation, in the order they are read. The
// status is a question of its own.
var All = []Section{SectionHost, SectionPackages, SectionFiles, SectionUnits, SectionAccount,
	SectionTokens, SectionCorosync, SectionCIB, SectionAgents}

// Facts is what was observed on one node.
type Facts struct {
	Host     Host
	Packages Packages
	Files    map[string]File // the declared paths that exist
	// Leftovers are what writes of hadeploy that were cut off have left.
	Leftovers []Leftover
	Units     map[string]Unit // by the name that was asked for
	Account   Account
	Tokens    Tokens
	Corosync  Corosync
	CIB       CIB
	Agents    Agents
	// Default is set where the node has only the cluster that Debian's corosync
	// package brings: its corosync.conf, daemons and CIB are then nowhere else in
	// the facts that steps see.
	Default *DefaultCluster
	// Unread are the facts that a run can do without and that could not be
	// read: each is told as a finding, and none is taken for fine.
	Unread []*Error
}

// DefaultCluster is Debian's, of which nobody has made anything.
type DefaultCluster struct {
	Running bool
	Text    []byte // corosync.conf
}

// Ask says what one observation asks of a node.
type Ask struct {
	Sections []Section
	Packages []string
	Units    []string
	Files    []string
	Folders  []string // where hadeploy writes: what has it left there?
	Names    []string // node names to resolve
	Agents   []string // are they installed?
	Metadata []string // what do they say of themselves?
	Status   string   // text, xml or brief, for SectionStatus
}

// Stdin is the question as the script reads it.
func (q Ask) Stdin() string {
	var b strings.Builder
	line := func(key string, values ...string) {
		for _, v := range values {
			b.WriteString(key + " " + v + "\n")
		}
	}
	for _, s := range q.Sections {
		line("section", string(s))
	}
	line("package", q.Packages...)
	line("unit", q.Units...)
	line("file", q.Files...)
	line("folder", q.Folders...)
	line("name", q.Names...)
	line("agent", q.Agents...)
	line("metadata", q.Metadata...)
	if q.Status != "" {
		line("status", q.Status)
	}
	return b.String()
}

// fact is how one section is asked for, and how the answer is taken.
type fact struct {
	section Section
	script  string
	take    func(*Facts, *answers)
}

var (
	//go:embed frame.sh
	frameScript string
	//go:embed host.sh
	hostScript string
	//go:embed packages.sh
	packagesScript string
	//go:embed files.sh
	filesScript string
	//go:embed units.sh
	unitsScript string
	//go:embed account.sh
	accountScript string
	//go:embed tokens.sh
	tokensScript string
	//go:embed corosync.sh
	corosyncScript string
	//go:embed cib.sh
	cibScript string
	//go:embed agents.sh
	agentsScript string
	//go:embed status.sh
	statusScript string
)

// sections are all facts, in the order they are asked for.
func sections() []fact {
	return []fact{
		{SectionHost, hostScript, takeHost},
		{SectionPackages, packagesScript, takePackages},
		{SectionFiles, filesScript, takeFiles},
		{SectionUnits, unitsScript, takeUnits},
		{SectionAccount, accountScript, takeAccount},
		{SectionTokens, tokensScript, takeTokens},
		{SectionCorosync, corosyncScript, takeCorosync},
		{SectionCIB, cibScript, takeCIB},
		{SectionAgents, agentsScript, takeAgents},
		{SectionStatus, statusScript, nil}, // see TakeStatus
	}
}

// Script is the whole observation, as POSIX sh. Its one argument is a random
// word that nothing on the node can know: it frames the answers.
func Script() string {
	parts := []string{frameScript}
	for _, f := range sections() {
		parts = append(parts, f.script)
	}
	return strings.Join(append(parts, "printf '\\n@%s done\\n' \"$mark\"\n"), "\n")
}

// Asked is when the node was asked, by this machine's clock, and how long it
// took to answer.
type Asked struct {
	Began time.Time
	Took  time.Duration
}

// Take stores what the sections asked for say; facts of others stay. stdout and
// stderr are what the script wrote. The error is Errors, or says that the answer
// as a whole is not there.
func (f *Facts) Take(q Ask, mark string, stdout, stderr []byte, when Asked) error {
	a, err := readAnswers(q, mark, stdout, stderr)
	if err != nil {
		return err
	}
	a.when = when
	for _, s := range sections() {
		if s.take != nil && a.wants(s.section) {
			s.take(f, a)
		}
	}
	return a.err()
}
