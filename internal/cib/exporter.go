package cib

import (
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/playbook"
)

// Exported is what a CIB says in the words of a playbook. What those cannot say
// is left out: whoever needs all of it renders the playbook and looks for Losses.
type Exported struct {
	// Sections are those of the playbook that tell of the CIB, in the order of the
	// documentation.
	Sections []Section
	Secrets  []ExportedSecret
	Name     string // of the cluster, empty where the CIB does not say it
	Members  []Node
}

// Section is one top-level key of a playbook with what stands under it.
type Section struct {
	Key   string
	Value *yamlout.Node
}

// ExportedSecret is a value that the playbook refers to and does not hold.
type ExportedSecret struct {
	Env    string // the variable that the playbook names, or the name of its file
	Option string // web-fence options.passwd
	Value  secret.Value
	// Hidden says that the value is not known.
	Hidden bool
}

// Format keeps every printer from what may be secret.
func (x *Exported) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "a configuration in %d sections", len(x.Sections))
}

// exporter gathers what a CIB says.
type exporter struct {
	*editor
	agents map[string]*agent.Agent
	file   func(name string) string
	out    *Exported
	envs   map[string]bool // names of variables that are in use
	kept   *yamlout.Map
}

func (x *exporter) add(key string, value *yamlout.Node) {
	if value != nil {
		x.out.Sections = append(x.out.Sections, Section{key, value})
	}
}

// text is a value as a playbook writes it: ${ would begin a variable.
func text(value string) *yamlout.Node { return yamlout.Text(strings.ReplaceAll(value, "${", "$${")) }

// options are the pairs of the sets of one sort that hold at all times; what
// leads to them begins the names of secrets. skip passes names over.
func (x *exporter) options(of *etree.Element, tag, lead string, skip func(name string) bool) *yamlout.Map {
	m := yamlout.NewMap()
	for _, set := range plainSets(of, tag) {
		x.pairs(m, set, lead, skip)
	}
	return m
}

// pairs adds those of one set. Of a name that stands there twice the first
// counts. What is secret, and stands where a playbook takes no reference, is left
// out: it is a loss.
func (x *exporter) pairs(m *yamlout.Map, set *etree.Element, lead string, skip func(name string) bool) {
	seen := map[string]bool{}
	for _, key := range m.Keys() {
		seen[key] = true
	}
	for _, nv := range children(set, "nvpair") {
		name := x.nvName(nv)
		if seen[name] || name == "" || skip != nil && skip(name) {
			continue
		}
		seen[name] = true
		if lead == "" && sealed(name, x.nvValue(nv)) {
			continue
		}
		m.Set(name, x.value(name, x.nvValue(nv), lead))
		if playbook.Hides(name, x.nvValue(nv)) {
			m.Comment(name, "Hidden where this was written: give the password, as {env: NAME}.")
		}
	}
}

// sealed reports whether a value is a secret that a playbook may not hold.
func sealed(name, value string) bool {
	return value != "" && secret.Named(name) && !playbook.Hides(name, value) && !strings.HasSuffix(name, "_script")
}

// value is the value of an option, a reference where it is secret.
func (x *exporter) value(name, value, lead string) *yamlout.Node {
	if !sealed(name, value) {
		return text(value)
	}
	id, part, _ := strings.Cut(lead, " ")
	env := x.env(id + "_" + name)
	x.out.Secrets = append(x.out.Secrets, ExportedSecret{Env: env, Option: id + " " + part + "." + name, Value: secret.New(value)})
	if x.file != nil {
		return yamlout.NewMap().SetText("file", x.file(env)).Node()
	}
	return yamlout.NewMap().SetText("env", env).Node()
}

// env is a name for a variable that is not in use: FENCE_WEB1_PASSWD.
func (x *exporter) env(of string) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, of), "_")
	if name = strings.ToUpper(name); name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "SECRET_" + name
	}
	for n, base := 2, name; x.envs[name]; n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	x.envs[name] = true
	return name
}
