package lab

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// aptSource is one repository of binary packages as apt's own files name it.
type aptSource struct {
	URI        string
	Suite      string
	Components []string
	SignedBy   string // path of a keyring, "" for apt's default
}

// line is the source in the one-line format.
func (a aptSource) line() string {
	option := ""
	if a.SignedBy != "" {
		option = "[signed-by=" + a.SignedBy + "] "
	}
	return fmt.Sprintf("deb %s%s %s %s", option, a.URI, a.Suite, strings.Join(a.Components, " "))
}

// hostSources reads /etc/apt/sources.list and sources.list.d under etc.
// Files that do not exist are no error; lines that cannot be read are left out.
func hostSources(etc string) ([]aptSource, error) {
	files := []string{filepath.Join(etc, "sources.list")}
	for _, pattern := range []string{"*.list", "*.sources"} {
		found, err := filepath.Glob(filepath.Join(etc, "sources.list.d", pattern))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	slices.Sort(files[1:])
	var out []aptSource
	for _, f := range files {
		data, err := os.ReadFile(f)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(f, ".sources") {
			out = append(out, parseDeb822(string(data))...)
		} else {
			out = append(out, parseOneLine(string(data))...)
		}
	}
	return out, nil
}

// parseOneLine reads the one-line format of sources.list(5).
func parseOneLine(text string) []aptSource {
	var out []aptSource
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		rest, ok := strings.CutPrefix(strings.ReplaceAll(strings.TrimSpace(line), "\t", " "), "deb ")
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		var s aptSource
		if strings.HasPrefix(rest, "[") {
			options, after, ok := strings.Cut(rest[1:], "]")
			if !ok {
				continue
			}
			rest = after
			for _, o := range strings.Fields(options) {
				if v, ok := strings.CutPrefix(o, "signed-by="); ok && strings.HasPrefix(v, "/") {
					s.SignedBy = v
				}
			}
		}
		fields := strings.Fields(rest)
		if len(fields) < 3 {
			continue
		}
		s.URI, s.Suite, s.Components = strings.TrimRight(fields[0], "/"), fields[1], fields[2:]
		out = append(out, s)
	}
	return out
}

// parseDeb822 reads the deb822 format of sources.list(5): stanzas of fields,
// values continued on lines that begin with a blank.
func parseDeb822(text string) []aptSource {
	var out []aptSource
	for _, st := range stanzas(text) {
		if !slices.Contains(strings.Fields(st["types"]), "deb") {
			continue
		}
		if e := strings.ToLower(strings.TrimSpace(st["enabled"])); e == "no" || e == "false" || e == "0" {
			continue
		}
		// A key written into the file itself begins with a line break and PGP's
		// header; only a path can be passed on.
		signed := strings.TrimSpace(st["signed-by"])
		if !strings.HasPrefix(signed, "/") || strings.ContainsAny(signed, " \n") {
			signed = ""
		}
		for _, uri := range strings.Fields(st["uris"]) {
			for _, suite := range strings.Fields(st["suites"]) {
				if c := strings.Fields(st["components"]); len(c) > 0 {
					out = append(out, aptSource{strings.TrimRight(uri, "/"), suite, c, signed})
				}
			}
		}
	}
	return out
}

// stanzas splits deb822 text into its stanzas, field names in lower case.
func stanzas(text string) []map[string]string {
	var out []map[string]string
	var cur map[string]string
	last := ""
	sc := bufio.NewScanner(strings.NewReader(text))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		line := sc.Text()
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			cur, last = nil, ""
		case line[0] == ' ' || line[0] == '\t':
			if last != "" {
				cur[last] += "\n" + strings.TrimSpace(line)
			}
		default:
			name, value, ok := strings.Cut(line, ":")
			if !ok {
				continue
			}
			if cur == nil {
				cur = map[string]string{}
				out = append(out, cur)
			}
			last = strings.ToLower(name)
			cur[last] = strings.TrimSpace(value)
		}
	}
	return out
}

// stanza822 is the value of one field in text of one stanza, as Release files
// and package control files are.
func stanza822(text, field string) string {
	for _, st := range stanzas(text) {
		if v, ok := st[strings.ToLower(field)]; ok {
			return v
		}
	}
	return ""
}
