package corosync

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Runtime is the configuration that a running Corosync has in its map: what it
// read of corosync.conf at its start, and at each reload that it took.
type Runtime struct{ keys map[string]cmapValue }

// cmapValue is a value with its type as corosync-cmapctl names it: u32, str.
type cmapValue struct{ kind, text string }

// RuntimeQuestion are the arguments with which corosync-cmapctl prints all that
// ParseRuntime needs. The last one asks a second time for a key that every
// Corosync has, so that an answer that was cut can be told from a whole one.
var RuntimeQuestion = []string{"config.", "logging.", "nodelist.", "quorum.", "system.", "totem.", runtimeEnd}

const runtimeEnd = "totem.version"

// ParseRuntime reads what corosync-cmapctl answers to RuntimeQuestion. A line
// that is not understood and an answer that ends early are errors: what is not
// known differs from nothing.
func ParseRuntime(text []byte) (*Runtime, error) {
	if len(text) > maxRuntime {
		return nil, fmt.Errorf("corosync-cmapctl: the answer has more than %d bytes", maxRuntime)
	}
	r := &Runtime{keys: map[string]cmapValue{}}
	number, ended := 0, 0 // lines, and the one that the answer ends with
	for line := range bytes.Lines(text) {
		number++
		key, v, ok := cmapLine(string(line))
		if !ok {
			return nil, fmt.Errorf("corosync-cmapctl: line %d is not understood, or was cut", number)
		}
		if was, again := r.keys[key]; again && (key != runtimeEnd || was != v) {
			return nil, fmt.Errorf("corosync-cmapctl: line %d: the key %s stands there twice", number, key)
		} else if again {
			ended = number
		}
		r.keys[key] = v
	}
	if ended == 0 || ended != number {
		return nil, fmt.Errorf("corosync-cmapctl: the answer ends early, after %d lines", number)
	}
	return r, nil
}

// maxRuntime is far beyond the map of any real cluster, which has some KiB.
const maxRuntime = 256 << 10

// cmapLine reads "totem.token (u32) = 3000" with its newline.
func cmapLine(line string) (key string, v cmapValue, ok bool) {
	line, whole := strings.CutSuffix(line, "\n")
	key, rest, found := strings.Cut(line, " (")
	kind, text, typed := strings.Cut(rest, ") = ")
	if !whole || !found || !typed || key == "" || strings.ContainsAny(key, " \t") || !cmapKinds[kind] {
		return "", cmapValue{}, false
	}
	v = cmapValue{kind, text}
	if v.integer() {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil && kind != "u64" {
			return "", cmapValue{}, false
		}
	}
	return key, v, true
}

var cmapKinds = set("i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "flt", "dbl", "str", "bin")

func (v cmapValue) integer() bool { return v.kind[0] == 'i' || v.kind[0] == 'u' }

// Reloaded says how the last reload ended on this node, as far as Corosync
// tells: nil where there was none, or it went well. A file that it could not
// even parse leaves no word there (exec/cfg.c, reload_fini_nofree), and before
// 3.1.8 the message of an earlier reload stays: only the values themselves,
// NotRead, prove a reload.
func (r *Runtime) Reloaded() error {
	const good = "1" // CS_OK
	status, any := r.keys["config.reload_status"]
	message := r.keys["config.reload_error_message"].text
	switch {
	case !any || status.text == good:
		return nil
	case message != "":
		return fmt.Errorf("%s (reload_status %s)", message, status.text)
	}
	return fmt.Errorf("reload_status %s", status.text)
}

// ReloadMessage is what Corosync could not carry out in a reload that it took,
// "" where it says nothing. It may be of an earlier reload.
func (r *Runtime) ReloadMessage() string { return r.keys["config.reload_error_message"].text }

// UsesAuthkey reports whether the running Corosync has read /etc/corosync/authkey.
func (r *Runtime) UsesAuthkey() bool {
	keys := map[string]string{}
	for key, v := range r.keys {
		keys[key] = v.text
	}
	return fromKeys(keys).UsesAuthkey()
}

// NotRead tells in what a running Corosync differs from the file that it should
// have read: Before is what runs, After what the file says, Needs what brings
// it about. Not compared are uidgid, whose names only the node resolves, and
// sections that Corosync does not know.
//
// It cannot tell everything: a reload takes the port of a link and the flags of
// votequorum into the map, and they are used at the next start only (needs).
func (r *Runtime) NotRead(file *Config) []Difference {
	read := file.keys()
	running := map[string]string{}
	for key, v := range r.keys {
		if _, inFile := read[key]; configured(key) && (inFile || !r.ownKey(key)) {
			running[key] = v.text
		}
		if n, err := strconv.ParseInt(read[key], 10, 64); err == nil && v.integer() {
			read[key] = strconv.FormatInt(n, 10) // 05 is 5
		}
	}
	maps.DeleteFunc(read, func(key, _ string) bool { return !configured(key) })
	out, _ := Compare(fromKeys(running), fromKeys(read)) // nothing is merged, so nothing fails
	return out
}

// Unread is what a running Corosync has not read of its file, by what brings it.
type Unread struct {
	Reload []Difference
	Stop   []Difference // it has to stop and start
}

// Unread sorts what NotRead finds. A Corosync that does not run, and a file that
// is not there, have nothing left to read.
func (r *Runtime) Unread(file *Config) (u Unread) {
	if r == nil || file == nil {
		return u
	}
	all := r.NotRead(file)
	for _, d := range all {
		if d.Needs == Reload && !RefusesReload(all) {
			u.Reload = append(u.Reload, d)
		} else {
			u.Stop = append(u.Stop, d)
		}
	}
	return u
}

// InWords says what runs, and what is in the file, or declared, instead.
func InWords(ds []Difference, instead string) string {
	const most = 6
	var words []string
	for i, d := range ds {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(ds)-most))
			break
		}
		side := func(has bool, text string) string {
			if !has {
				return "nothing"
			}
			return text
		}
		words = append(words, fmt.Sprintf("%s is %s, %s %s", d.Path, side(d.HasBefore, d.Before), instead, side(d.HasAfter, d.After)))
	}
	return strings.Join(words, "; ")
}

// configured reports whether a key of the map comes from corosync.conf. An
// address to bind to does not: Corosync puts what the nodelist says in its place.
func configured(key string) bool {
	return !strings.HasSuffix(key, ".bindnetaddr") && slices.ContainsFunc(RuntimeQuestion, func(p string) bool { return p != "config." && strings.HasPrefix(key, p) })
}

// ownKey reports whether Corosync puts a key into the map by itself: where it
// stands in the nodelist, and what it makes up for udp and for members without a
// nodeid.
func (r *Runtime) ownKey(key string) bool {
	section, name := split(key)
	switch name {
	case "local_node_pos", "cancel_wait_for_all":
		return true
	case "mcastaddr", "mcastport":
		return r.keys["totem.transport"].text == "udp"
	case "nodeid":
		return strings.HasPrefix(section, "nodelist.node.")
	}
	return strings.HasSuffix(section, ".member") // deprecated, and numbered by corosync
}

// keys are the settings of a file by the keys that Corosync gives them in its
// map (exec/coroparse.c): links by their number, members by their place, and
// what a section says last.
func (c *Config) keys() map[string]string {
	out := map[string]string{}
	node := 0
	var walk func(s *section, path string)
	walk = func(s *section, path string) {
		for _, e := range s.entries {
			switch {
			case e.kind == setting && path == "totem.interface.":
				if e.name != "linknumber" {
					out[linkKey(s, e.name)] = e.value
				}
			case e.kind == setting:
				out[path+e.name] = e.value
			case e.kind == group && path+e.sub.name == "nodelist.node":
				walk(e.sub, fmt.Sprintf("nodelist.node.%d.", node))
				node++
			case e.kind == group && (path+e.sub.name == "logging.logger_subsys" || path+e.sub.name == "logging.logging_daemon"):
				maps.Copy(out, e.sub.logger())
			case e.kind == group:
				walk(e.sub, path+e.sub.name+".")
			}
		}
	}
	walk(&c.root, "")
	return out
}

// linkKey is the key of a setting of an interface section. Corosync numbers
// those that it knows.
func linkKey(s *section, name string) string {
	if !slices.Contains([]string{"bindnetaddr", "mcastaddr", "broadcast", "mcastport", "ttl", "knet_link_priority", "knet_ping_interval",
		"knet_ping_timeout", "knet_ping_precision", "knet_pong_count", "knet_transport"}, name) {
		return "totem.interface." + name
	}
	number, _ := s.get("linknumber")
	n, _ := strconv.Atoi(number) // none: 0, as in corosync
	return fmt.Sprintf("totem.interface.%d.%s", n, name)
}

// logger are the keys of a logger_subsys or logging_daemon section. Of repeated
// settings the first one counts there. What is said of the daemon corosync is
// said of logging, or of a subsystem, itself.
func (s *section) logger() map[string]string {
	subsys, hasSubsys := s.get("subsys")
	name, _ := s.get("name")
	own := s.name == "logging_daemon" && name == "corosync"
	path := "logging.logger_subsys." + subsys
	switch {
	case s.name == "logger_subsys", own && hasSubsys:
	case own:
		path = "logging"
	case hasSubsys:
		path = "logging.logging_daemon." + name + "." + subsys
	default:
		path = "logging.logging_daemon." + name
	}
	out := map[string]string{}
	for _, e := range slices.Backward(s.entries) {
		if e.kind == setting && !(own && e.name == "name") {
			out[path+"."+e.name] = e.value
		}
	}
	return out
}

// fromKeys makes the file that a map of keys would come from.
func fromKeys(keys map[string]string) *Config {
	c := &Config{}
	made := map[string]*section{"": &c.root}
	var open func(path string) *section
	open = func(path string) *section {
		if s, ok := made[path]; ok {
			return s
		}
		parent, name := split(path)
		for _, list := range []string{"totem.interface", "nodelist.node", "logging.logger_subsys", "logging.logging_daemon"} {
			if strings.HasPrefix(path, list+".") {
				parent, name = split(list)
			}
		}
		s := open(parent).addSection(name)
		if number, ok := strings.CutPrefix(path, "totem.interface."); ok {
			s.add("linknumber", number)
		}
		made[path] = s
		return s
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		section, name := split(key)
		open(section).add(name, keys[key])
	}
	return c
}
