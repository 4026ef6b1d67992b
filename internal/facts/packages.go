package facts

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// Packages are those that were asked for.
type Packages struct {
	// Known are those that the node's package manager knows, though some may be
	// half installed. One that was asked for and is not in it is not installed.
	Known      map[string]Package
	Interfered string // dpkg --audit, empty when all is well
	Pcs        pcs.Dialect
}

// Package is an installed (or half-installed) package.
type Package struct {
	Version   string
	Installed bool // fully: dpkg's "ii"
}

// Each package that was asked for is either listed or named as one that the
// package manager does not know: one of which nothing is said is an error.
func takePackages(f *Facts, a *answers) {
	f.Packages = Packages{Known: map[string]Package{}}
	if _, dpkg := a.frames["dpkg"]; dpkg {
		a.dpkg(&f.Packages)
		if audit, ok := a.got("dpkg-audit", "dpkg --audit", 0, 1); ok { // 1: it has found something
			f.Packages.Interfered = strings.TrimSpace(string(audit.Out))
			// While another dpkg is at work, that comes first.
			if strings.HasPrefix(f.Packages.Interfered, "Another process has locked the database") {
				_, f.Packages.Interfered, _ = strings.Cut(f.Packages.Interfered, "\n\n")
				f.Packages.Interfered = strings.TrimSpace(f.Packages.Interfered)
			}
			found := strings.HasPrefix(f.Packages.Interfered, "The following packages ")
			if !found && f.Packages.Interfered != "" || audit.Status != 0 && len(audit.Out) == 0 {
				a.fail("dpkg --audit", audit, "%s", garbled(f.Packages.Interfered))
			}
		}
	} else if _, rpm := a.frames["rpm"]; rpm {
		a.rpm(&f.Packages)
	} // else the distribution is none that hadeploy knows, which preflight tells
	f.Packages.Pcs = pcs.DialectOf(f.Packages.Known["pcs"].Version)
}

func (a *answers) dpkg(p *Packages) {
	const command = "dpkg-query -W"
	ans, ok := a.got("dpkg", command, 0, 1) // 1: it does not know some
	if !ok {
		return
	}
	told := map[string]bool{}
	for line := range strings.Lines(string(ans.Out)) {
		w := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(w) != 3 || len(w[1]) < 2 || !strings.HasSuffix(line, "\n") {
			a.fail(command, ans, "%s", garbled(line))
			return
		}
		told[w[0]] = true
		if w[2] != "" { // else known, but never installed
			p.Known[w[0]] = Package{Version: w[2], Installed: strings.HasPrefix(w[1], "ii") || strings.HasPrefix(w[1], "hi")}
		}
	}
	const none = "no packages found matching "
	for line := range strings.Lines(ans.Said) {
		if _, name, ok := strings.Cut(strings.TrimSpace(line), none); ok {
			told[name] = true
		}
	}
	a.allTold(command, ans, told)
}

func (a *answers) rpm(p *Packages) {
	const command = "rpm -q"
	unknown := make([]int, statusTimedOut) // on some releases the exit status says how many it does not know
	for i := range unknown {
		unknown[i] = i
	}
	ans, ok := a.got("rpm", command, unknown...)
	if !ok {
		return
	}
	told := map[string]bool{}
	for line := range strings.Lines(string(ans.Out)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutSuffix(line, " is not installed"); ok {
			told[strings.TrimPrefix(name, "package ")] = true
			continue
		}
		w := strings.Split(line, "\t")
		if len(w) != 3 || w[2] == "" {
			a.fail(command, ans, "%s", garbled(line))
			return
		}
		told[w[0]], p.Known[w[0]] = true, Package{Version: w[2], Installed: true}
	}
	a.allTold(command, ans, told)
}

func (a *answers) allTold(command string, ans Answer, told map[string]bool) {
	var not []string
	for _, name := range a.ask.Packages {
		if !told[name] {
			not = append(not, name)
		}
	}
	if not != nil {
		a.fail(command, ans, "said nothing of %s", few(not))
	}
}

// few is a list for a sentence, cut when it is long.
func few(names []string) string {
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}
