package packages

import (
	_ "embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// OwnersScript asks a node which packages have brought files and units; what it
// reads on standard input makes OwnersAsk. It changes nothing.
//
//go:embed owners.sh
var OwnersScript string

// OwnersLimit is how much it may answer, in bytes.
const OwnersLimit = 4 << 20

// OwnersAsk is its question: whose the files and units are, and what packages need.
func OwnersAsk(paths, units, names []string) string {
	var b strings.Builder
	for _, p := range paths {
		b.WriteString("file " + p + "\n")
	}
	for _, u := range units {
		b.WriteString("unit " + u + "\n")
	}
	for _, n := range names {
		b.WriteString("package " + n + "\n")
	}
	return b.String()
}

// Owners is the answer.
type Owners struct {
	owner map[string]string   // path -> package
	needs map[string][]string // package -> those that it names as needed
	units map[string][2]string
	// Beside are, by unit, the files of its configuration as their places tell, in
	// their order.
	Beside map[string][]string
}

// ReadOwners reads the answer. One that is not whole, or in which something could
// not be asked, is an error.
func ReadOwners(answer string, units []string) (*Owners, error) {
	o := &Owners{owner: map[string]string{}, needs: map[string][]string{}, units: map[string][2]string{}, Beside: map[string][]string{}}
	done := false
	for line := range strings.Lines(answer) {
		w := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case w[0] == "done" && len(w) == 1:
			done = true
		case w[0] == "fault" && len(w) == 2:
			return nil, fmt.Errorf("%.100q failed", w[1])
		case w[0] == "unit" && len(w) == 4 && slices.Contains(units, w[1]):
			o.units[w[1]] = [2]string{w[2], w[3]}
		case w[0] == "beside" && len(w) == 3 && path.IsAbs(w[2]) && slices.Contains(units, w[1]):
			o.Beside[w[1]] = append(o.Beside[w[1]], w[2])
		case w[0] == "owner" && len(w) == 2:
			names, file, ok := strings.Cut(w[1], ": /")
			first, _, _ := strings.Cut(names, ", ")
			first, _, _ = strings.Cut(first, ":") // of an architecture
			if !ok || !validPackage.MatchString(first) {
				return nil, fmt.Errorf("the package of a file is told as %.100q", w[1])
			}
			o.owner[oneName("/"+file)] = first
		case w[0] == "needs" && len(w) == 3:
			for _, name := range strings.FieldsFunc(w[2], func(r rune) bool { return r == ',' || r == '|' }) {
				if words := strings.Fields(name); len(words) > 0 {
					needed, _, _ := strings.Cut(words[0], ":")
					o.needs[w[1]] = append(o.needs[w[1]], needed)
				}
			}
		case line != "\n":
			return nil, fmt.Errorf("the packages of files were asked, and the answer was something else: %.100q", w[0])
		}
	}
	if !done {
		return nil, errors.New("the answer about the packages of files is not whole")
	}
	for _, u := range units {
		if _, told := o.units[u]; !told {
			return nil, fmt.Errorf("nothing is told of the unit %s", u)
		}
	}
	return o, nil
}

// Of is the package that has brought a file, "" for none.
func (o *Owners) Of(file string) string { return o.owner[oneName(file)] }

// OfUnit is the package that a unit needs: the one of its program where that
// needs the one that has the unit's file, as nginx needs nginx-common; else the
// one of the file. "" where no package has the file.
func (o *Owners) OfUnit(unit string) string {
	files := o.units[unit]
	own, program := o.Of(files[0]), o.Of(files[1])
	if own != "" && program != "" && slices.Contains(o.needs[program], own) {
		return program
	}
	return own
}

// Needed reports whether one of some packages needs another, so that it comes with
// them.
func (o *Owners) Needed(name string, by []string) bool {
	return slices.ContainsFunc(by, func(other string) bool { return other != name && slices.Contains(o.needs[other], name) })
}

// oneName is the one name of a file where /bin is /usr/bin.
func oneName(file string) string {
	for _, dir := range []string{"/bin/", "/sbin/", "/lib"} {
		if strings.HasPrefix(file, dir) {
			return "/usr" + file
		}
	}
	return file
}
