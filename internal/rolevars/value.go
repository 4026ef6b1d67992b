package rolevars

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// value is a part of a variable with its place; n is nil where there is none.
type value struct {
	r    *reader
	n    *yamldoc.Node
	path yamldoc.Path
	in   *yamldoc.Node // what it stands in
}

// variable is the value of a variable of the role.
func (r *reader) variable(name string) value {
	v := r.vars[name]
	if v == nil {
		return value{r: r, path: yamldoc.Path(name)}
	}
	v.used = true
	return value{r: r, n: v.Value, path: yamldoc.Path(name)}.follow()
}

func (v value) given() bool { return !v.n.IsNull() }

var (
	// alone is a template that is a variable and nothing else.
	alone = regexp.MustCompile(`^\s*\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}\s*$`)
	// withDefault is one that has a default where the variable is not set.
	withDefault = regexp.MustCompile(`^\s*\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)\s*\|\s*(?:default|d)\((?:\[\]|\{\}|''|""|omit|none|None|'[^'{}\\]*'|[0-9]+|true|false|True|False)?(?:,\s*(?:true|True))?\)\s*-?\}\}\s*$`)
	// sum is lists one after the other.
	sum = regexp.MustCompile(`^\s*\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*(?:\s*\+\s*[A-Za-z_][A-Za-z0-9_]*)+)\s*-?\}\}\s*$`)
	// joined is a list of the file that becomes one text.
	joined = regexp.MustCompile(`\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)\s*\|\s*join\(\s*(?:'([^'{}\\]*)'|"([^"{}\\]*)")?\s*\)\s*-?\}\}`)
	// plainVariable is such a variable anywhere.
	plainVariable = regexp.MustCompile(`\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}`)
)

// template reports whether Ansible would run a text.
func template(n *yamldoc.Node) bool {
	return n != nil && n.Kind == yamldoc.Scalar && n.Tag == "" && (strings.Contains(n.Text, "{{") || strings.Contains(n.Text, "{%") || strings.Contains(n.Text, "{#"))
}

func vaulted(n *yamldoc.Node) bool {
	return n != nil && n.Kind == yamldoc.Scalar && (n.Tag == "!vault" || n.Tag == "!vault-encrypted" || strings.HasPrefix(n.Text, "$ANSIBLE_VAULT"))
}

// follow leads from a template that is another variable of the file, a list or a
// mapping, or the sum of such lists, to its value.
func (v value) follow() value {
	for range 16 {
		if !template(v.n) {
			return v
		}
		if m := sum.FindStringSubmatch(v.n.Text); m != nil {
			return v.added(strings.Split(m[1], "+"))
		}
		m := alone.FindStringSubmatch(v.n.Text)
		if m == nil {
			m = withDefault.FindStringSubmatch(v.n.Text)
		}
		if m == nil || v.r.vars[m[1]] == nil {
			return v
		}
		of := v.r.vars[m[1]]
		if of.Value.IsNull() || alone.MatchString(v.n.Text) && of.Value.Kind == yamldoc.Scalar && !vaulted(of.Value) && (!template(of.Value) || !leads(of.Value)) {
			return v // a text: see expand
		}
		of.used = true
		v.n = of.Value
	}
	return v
}

// leads reports whether a template is a variable as a whole.
func leads(n *yamldoc.Node) bool {
	return alone.MatchString(n.Text) || withDefault.MatchString(n.Text) || sum.MatchString(n.Text)
}

// added is a list of what stands in several ones of the file.
func (v value) added(names []string) value {
	all := &yamldoc.Node{Kind: yamldoc.Seq, Line: v.n.Line, Column: v.n.Column}
	for _, name := range names {
		of := v.r.vars[strings.TrimSpace(name)]
		if of == nil || of.Value.Kind != yamldoc.Seq {
			return v
		}
		all.Items = append(all.Items, of.Value.Items...)
	}
	for _, name := range names {
		v.r.vars[strings.TrimSpace(name)].used = true
	}
	v.n = all
	return v
}

// get is a key of a mapping.
func (v value) get(key string) value {
	out := value{r: v.r, path: v.path.Key(key), in: v.n}
	if v.n != nil && v.n.Kind == yamldoc.Map {
		out.n = v.n.Get(key)
	}
	return out.follow()
}

// items are those of a list. What is no list is named.
func (v value) items() (out []value) {
	switch {
	case !v.given() || v.n.Kind == yamldoc.Scalar && v.n.Text == "" && v.n.Quoted:
		return nil
	case template(v.n):
		v.templated()
		return nil
	case v.n.Kind != yamldoc.Seq:
		v.r.leave(diag.Error, v, "", "this has to be a list, as the role reads it, and is %s", v.n.Kind)
		return nil
	}
	for i, n := range v.n.Items {
		if item := (value{r: v.r, n: n, path: v.path.Index(i)}).follow(); item.given() {
			out = append(out, item)
		}
	}
	return out
}

// objects are the mappings of a list, each with no other keys than these.
func (v value) objects(keys ...string) (out []value) {
	for _, item := range v.items() {
		if item.object(keys...) {
			out = append(out, item)
		}
	}
	return out
}

// object reports whether there is a mapping. What is something else is named, and
// so are the keys that the role does not read.
func (v value) object(keys ...string) bool {
	switch {
	case !v.given():
		return false
	case template(v.n):
		v.templated()
		return false
	case v.n.Kind != yamldoc.Map:
		v.r.leave(diag.Error, v, "", "this has to be a mapping, as the role reads it, and is %s", v.n.Kind)
		return false
	}
	for i := range v.n.Fields {
		f := &v.n.Fields[i]
		if !slices.Contains(keys, f.Key) {
			v.r.leaveAt(diag.Warning, v.r.doc.KeyPos(f), v.path.Key(f.Key), diag.DidYouMean(f.Key, keys), "the role does not know %q, and leaves it aside; so does the playbook", f.Key)
		}
	}
	return true
}

// templated names what only Ansible can work out.
func (v value) templated() {
	v.r.leave(diag.Error, v, "write the value itself into the playbook", "this is a Jinja template, which only Ansible can work out: it is not in the playbook")
}

// text is a scalar as the role gets it, empty where there is none. What cannot
// be had as a text is named, and empty.
func (v value) text() string {
	text, ok := v.scalar()
	if !ok {
		return ""
	}
	return text
}

// scalar is the text of a scalar; not ok where there is none.
func (v value) scalar() (string, bool) {
	switch {
	case !v.given():
		return "", false
	case v.n.Kind != yamldoc.Scalar:
		v.r.leave(diag.Error, v, "", "this has to be a single value, and is %s", v.n.Kind)
		return "", false
	case vaulted(v.n):
		v.r.leave(diag.Error, v, "write it into the playbook; an option of a resource can be {command: [ansible-vault, view, FILE]}", "this is encrypted by ansible-vault: it is not in the playbook")
		return "", false
	case !template(v.n):
		return ansibleText(v.n), true
	}
	out, ok := v.r.expand(v.n.Text, 0)
	if !ok {
		v.templated()
	}
	return out.text, ok
}

// expanded is a template with its variables replaced.
type expanded struct {
	text    string // by what they are
	written string // by ${name}, for the playbook
	used    []*variable
}

// expand replaces the variables of a template that are texts of the file, and the
// lists that it joins; not ok where it holds anything else.
func (r *reader) expand(text string, depth int) (out expanded, ok bool) {
	ok = depth < 16
	text = r.join(text)
	rest, last := "", 0
	for _, at := range plainVariable.FindAllStringSubmatchIndex(text, -1) {
		of := r.vars[text[at[2]:at[3]]]
		if !ok || of == nil || of.Value.Kind != yamldoc.Scalar || vaulted(of.Value) || secret.Named(of.Key) {
			return out, false
		}
		value := ansibleText(of.Value)
		if template(of.Value) {
			inner, whole := r.expand(of.Value.Text, depth+1)
			if !whole {
				return out, false
			}
			value = inner.text
			out.used = append(out.used, inner.used...)
		}
		before := text[last:at[0]]
		out.text += before + value
		out.written += escaped(before) + "${" + of.Key + "}"
		out.used = append(out.used, of)
		rest, last = rest+before, at[1]
	}
	out.text += text[last:]
	out.written += escaped(text[last:])
	rest += text[last:]
	if !ok || template(&yamldoc.Node{Kind: yamldoc.Scalar, Text: rest}) {
		return out, false
	}
	for _, of := range out.used {
		of.used = true
	}
	return out, true
}

// join replaces lists of the file that a template joins to a text. Those that hold
// anything but texts stay.
func (r *reader) join(text string) string {
	return joined.ReplaceAllStringFunc(text, func(found string) string {
		m := joined.FindStringSubmatch(found)
		of := r.vars[m[1]]
		if of == nil || of.Value.Kind != yamldoc.Seq {
			return found
		}
		var parts []string
		for _, item := range of.Value.Items {
			if item.Kind != yamldoc.Scalar || template(item) || vaulted(item) {
				return found
			}
			parts = append(parts, ansibleText(item))
		}
		of.used = true
		return strings.Join(parts, m[2]+m[3])
	})
}

// escaped is a text that the playbook takes as it stands.
func escaped(text string) string { return strings.ReplaceAll(text, "${", "$${") }

// node is a scalar for the playbook: a variable of the file stays one. nil where
// there is none; what cannot be had is named.
func (v value) node() *yamlout.Node {
	if v.given() && template(v.n) && !vaulted(v.n) {
		if out, ok := v.r.expand(v.n.Text, 0); ok {
			v.r.declare(out.used)
			return v.mark(yamlout.Text(out.written))
		}
	}
	text, ok := v.scalar()
	if !ok {
		return nil
	}
	return v.mark(yamlout.Text(escaped(text)))
}

// declare makes variables of the file those of the playbook.
func (r *reader) declare(list []*variable) {
	for _, of := range list {
		if slices.Contains(r.ownVars.Keys(), of.Key) {
			continue
		}
		written := escaped(ansibleText(of.Value))
		if template(of.Value) {
			out, _ := r.expand(of.Value.Text, 0)
			written = out.written
		}
		r.ownVars.Set(of.Key, yamlout.Text(written))
	}
}

// mark remembers where a value of the playbook comes from.
func (v value) mark(n *yamlout.Node) *yamlout.Node {
	if n != nil {
		v.r.from[n] = v
	}
	return n
}

// on is a boolean as the role's modules read it; def where there is none.
func (v value) on(def bool) bool {
	switch strings.ToLower(v.text()) {
	case "":
		return def
	case "true", "yes", "on", "1", "y", "t", "1.0":
		return true
	}
	return false
}

// truthy is a boolean as Jinja's if has it: any text but an empty one is true,
// "false" too, of which is told.
func (v value) truthy(def bool) bool {
	text, ok := v.scalar()
	if !ok {
		return def
	}
	if !v.n.Quoted || template(v.n) {
		return text != "False" && text != "0" && text != ""
	}
	switch strings.ToLower(text) {
	case "false", "no", "off", "0":
		v.r.leave(diag.Warning, v, "write it without quotes, if it was meant to be false", "the role takes the text %q for true; so does the playbook", text)
	}
	return text != ""
}

// pair is an entry of a list of names and values.
type pair struct {
	name string
	value
}

// pairs are the entries of a list of names and values.
func (v value) pairs() (out []pair) {
	for _, item := range v.objects("name", "value") {
		name := item.get("name").text()
		switch {
		case name == "":
			v.r.leave(diag.Error, item, "", "an entry without a name")
		case slices.ContainsFunc(out, func(p pair) bool { return p.name == name }):
			v.r.leave(diag.Error, item, "keep one of them", "%s stands here twice, which pcs refuses: the first one is taken", name)
		default:
			out = append(out, pair{name, item.get("value")})
		}
	}
	return out
}

// set is the list of names and values in the first set of a list of sets.
func (v value) set() []pair {
	sets := v.objects("attrs")
	for i, s := range sets {
		if i > 0 {
			v.r.leave(diag.Warning, s, "", "the role takes the first set only; so does the playbook")
		}
	}
	if len(sets) == 0 {
		return nil
	}
	return sets[0].get("attrs").pairs()
}

// settings are names with values, in which nothing is secret. An empty value sets
// nothing.
func (r *reader) settings(list []pair) *yamlout.Map {
	m := yamlout.NewMap()
	for _, p := range list {
		if p.empty() {
			continue
		}
		m.Set(p.name, r.option(p))
	}
	return m
}

// option is the value of an entry; one that cannot be had is remembered.
func (r *reader) option(p pair) *yamlout.Node {
	n := p.node()
	if n == nil {
		r.missing = append(r.missing, fmt.Sprintf("%s (line %d)", p.name, p.place().Line))
	}
	return n
}

// empty reports, and names, a value that is nothing.
func (p pair) empty() bool {
	if p.given() && (p.n.Kind != yamldoc.Scalar || p.n.Text != "") {
		return false
	}
	p.r.leave(diag.Warning, p.value, "", "%s has no value: it is left out", p.name)
	return true
}

func (v value) place() diag.Pos {
	if v.n != nil {
		return v.r.doc.Pos(v.n)
	}
	return v.r.doc.Pos(v.in)
}

// options are those of an agent, of which some are secrets.
func (r *reader) options(list []pair, owner string) *yamlout.Map {
	m := yamlout.NewMap()
	for _, p := range list {
		switch {
		case !p.given():
			p.empty()
		case vaulted(p.n) || secret.Named(p.name) && !strings.HasSuffix(p.name, "_script") && (p.n.Kind != yamldoc.Scalar || p.n.Text != ""):
			m.Set(p.name, p.mark(r.secret(owner+"_"+p.name, owner+" options."+p.name, p.value)))
		case r.secretVariable(p.value):
			m.Set(p.name, p.mark(r.secret(owner+"_"+p.name, owner+" options."+p.name, p.value)))
		default:
			m.Set(p.name, r.option(p))
		}
	}
	return m
}

// secretVariable reports whether a value is a variable that holds a secret by its
// name.
func (r *reader) secretVariable(v value) bool {
	if !template(v.n) {
		return false
	}
	m := alone.FindStringSubmatch(v.n.Text)
	return m != nil && secret.Named(m[1])
}

// secret is the reference to a secret, named after what it is of.
func (r *reader) secret(name, of string, v value) *yamlout.Node {
	env := r.env(name)
	s := Secret{Env: env, Of: of}
	n := v.n
	for range 16 {
		if !template(n) {
			break
		}
		m := alone.FindStringSubmatch(n.Text)
		if m == nil || r.vars[m[1]] == nil {
			break
		}
		r.vars[m[1]].used = true
		n = r.vars[m[1]].Value
	}
	if n != nil && n.Kind == yamldoc.Scalar && !template(n) && !vaulted(n) && n.Text != "" {
		s.Value = secret.New(ansibleText(n))
	}
	s.at = yamlout.NewMap().SetText("env", env).Node()
	if r.o.SecretFile != nil && s.Value.IsSet() {
		s.at = yamlout.NewMap().SetText("file", r.o.SecretFile(env)).Node()
	}
	r.secrets = append(r.secrets, s)
	return s.at
}

// env is a name for an environment variable that is not in use: FENCE_A_PASSWORD.
func (r *reader) env(of string) string {
	name := strings.ToUpper(strings.Trim(strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, of), "_"))
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "SECRET_" + name
	}
	for n, base := 2, name; r.envs[name]; n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	r.envs[name] = true
	return name
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
