package inventory

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

var (
	// A group's name and what the section holds of it.
	// Source: ansible/plugins/inventory/ini.py, _compile_patterns.
	iniSection = regexp.MustCompile(`^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$`)
	iniOpen    = regexp.MustCompile(`^\[[^:\]\s]+(?::(?:hosts|children|vars))?$`)
	iniChild   = regexp.MustCompile(`^([^:\]\s]+)\s*(?:#.*)?$`)
)

// looksINI reports whether a text is an INI inventory rather than YAML: a
// section, or lines of hosts with variables.
func looksINI(src []byte) bool {
	for line := range bytes.Lines(src) {
		text := strings.TrimSpace(string(line))
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
			continue
		case iniSection.MatchString(text):
			return true
		}
		// A host: one word, perhaps with variables after it. YAML would have
		// a colon at the end, a dash, or a bracket.
		first, rest, _ := strings.Cut(text, " ")
		return !strings.HasSuffix(first, ":") && !strings.ContainsAny(first[:1], "-{\"'!&*%@`") &&
			(rest == "" || strings.Contains(rest, "=") || strings.HasPrefix(strings.TrimSpace(rest), "#"))
	}
	return false
}

// iniReader reads one INI inventory.
type iniReader struct {
	*loader
	from    *source
	line    int
	raw     string                   // the line, as it stands
	counted struct{ at, column int } // a place in the line, and its column from 0

	declared map[string]bool     // groups that a section makes
	wanted   []*iniReference     // groups that are named before they are known
	known    map[string]struct{} // groups of earlier files
}

// iniReference is a group that is named and may be missing.
type iniReference struct {
	name, why string
	pos       diag.Pos
}

// readINI reads an INI inventory as Ansible does: sections of hosts, of
// children and of variables, the lines before the first being hosts of no
// group.
func (l *loader) readINI(from *source, src []byte) {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(string(src), "\r\n", "\n"), "\r", "\n"), "\n")
	shown, inside := hideLines(lines)
	from.inside = inside
	from.doc = yamldoc.Text(from.file, shown)
	if list := from.doc.CheckText(src); list != nil {
		l.list = append(l.list, list...)
		return
	}
	r := &iniReader{loader: l, from: from, declared: map[string]bool{}, known: map[string]struct{}{}}
	for name := range l.groups {
		r.known[name] = struct{}{}
	}
	group, state := l.group("ungrouped"), "hosts"
	for i, raw := range lines {
		r.line, r.raw, r.counted.at, r.counted.column = i+1, raw, 0, 0
		text := strings.TrimSpace(raw)
		if text == "" || text[0] == ';' || text[0] == '#' {
			continue
		}
		if m := iniSection.FindStringSubmatch(text); m != nil {
			group, state = r.section(m[1], m[2])
			continue
		}
		if text[0] == '[' && text[len(text)-1] == ']' {
			r.fail(0, "a section is [GROUP], [GROUP:children] or [GROUP:vars], without spaces", "%s is no section", text)
			continue
		}
		if iniOpen.MatchString(text) {
			r.fail(0, "close it: "+text+"]", "%s is no section", text)
			state = "unknown"
			continue
		}
		switch state {
		case "hosts":
			r.host(group)
		case "children":
			r.child(group, text)
		case "vars":
			r.variable(group)
		}
	}
	for _, w := range r.wanted {
		if _, known := r.known[w.name]; !known && !r.declared[w.name] {
			l.errorAt(from, w.pos, "", "add the section ["+from.shown(w.pos.Line, w.name)+"]", w.why, w.name)
		}
	}
}

// pos is a place in the line, at a byte of it. It counts on from the last one,
// for a line may be long.
func (r *iniReader) pos(at int) diag.Pos {
	c := &r.counted
	if at < c.at {
		c.at, c.column = 0, 0
	}
	c.column += utf8.RuneCountInString(r.raw[c.at:at])
	c.at = at
	return diag.Pos{File: r.from.file, Line: r.line, Column: c.column + 1}
}

// start is where the text of the line starts.
func (r *iniReader) start() int { return len(r.raw) - len(strings.TrimLeft(r.raw, " \t\f\v")) }

func (r *iniReader) fail(at int, hint, format string, args ...any) {
	r.errorAt(r.from, r.pos(max(at, r.start())), "", hint, format, args...)
}

func (r *iniReader) section(name, state string) (*group, string) {
	switch state {
	case "", "hosts":
		state = "hosts"
		r.declared[name] = true
	case "children":
		r.declared[name] = true
	case "vars":
		r.wanted = append(r.wanted, &iniReference{name, "[%s:vars] is of a group that is not there", r.pos(r.start())})
	default:
		hint := diag.DidYouMean(state, []string{"hosts", "children", "vars"})
		r.fail(0, hint, "%s is no section", "["+name+":"+state+"]")
		state = "unknown"
	}
	return r.groupAt(r.from, r.pos(r.start()), "", name), state
}

// host reads a line with a host, or with a range of them.
func (r *iniReader) host(g *group) {
	words, err := shellWords(r.raw, true)
	if err != nil {
		r.fail(0, "", "%v", err)
		return
	}
	if len(words) == 0 {
		return
	}
	first := words[0]
	if pattern := first.text; pattern == "---" || strings.HasSuffix(pattern, ":") {
		r.fail(first.at, "YAML inventories are read too, in files named .yaml or .yml", "%q cannot be a host of an INI inventory", pattern)
		return
	}
	var fields []setting
	for _, w := range words[1:] {
		key, value, ok := strings.Cut(w.text, "=")
		if !ok {
			// The word may be of a password: it is not shown.
			r.fail(w.at, "without blanks around =; quote a value with blanks", "after the host only variables may stand, NAME=VALUE each")
			return
		}
		fields = append(fields, r.setting(key, value, w.at, min(len(r.raw), w.at+len(key)+1)))
	}
	r.addHosts(r.from, g, first.text, r.pos(first.at), "", fields)
}

func (r *iniReader) child(g *group, text string) {
	m := iniChild.FindStringSubmatch(text)
	if m == nil {
		r.fail(0, "one group in each line, without variables", "%q is no group's name", text)
		return
	}
	pos := r.pos(r.start())
	r.wanted = append(r.wanted, &iniReference{m[1], "the group %s is nowhere in the inventory", pos})
	r.addChild(r.from, g, r.groupAt(r.from, pos, "", m[1]), pos, "")
}

func (r *iniReader) variable(g *group) {
	key, value, ok := strings.Cut(r.raw, "=")
	if !ok {
		r.fail(0, "write NAME = VALUE", "a section :vars holds variables")
		return
	}
	at := len(key) + 1 + len(value) - len(strings.TrimLeft(value, " \t"))
	r.setGroupVar(g, r.setting(strings.TrimSpace(key), strings.TrimSpace(value), r.start(), at))
}

func (r *iniReader) setting(key, value string, at, valueAt int) setting {
	k, v := r.pos(at), r.pos(valueAt)
	node := literal(value, v.Line, v.Column)
	return setting{&yamldoc.Field{Key: key, Value: node, Line: k.Line, Column: k.Column}, yamldoc.Path("").Key(key), r.from}
}
