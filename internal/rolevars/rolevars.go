// Package rolevars makes a playbook of the variables of the Ansible role
// linux-system-roles.ha_cluster. What a playbook has no words for is named with
// its place in the file, and nothing of it is lost in silence.
//
// The source of what each variable means is the role's README and its tasks, of
// the releases 1.0 to 1.32.
package rolevars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/inventory"
)

// Options say what is known besides the variables.
type Options struct {
	// Inventory has the members, nil where none was given; Path is what the playbook
	// calls it.
	Inventory *inventory.Inventory
	Path      string
	// Hosts is the pattern of the members, empty: that of the play, else all.
	Hosts string
	// Beside says that hosts go to a file of their own, inventory.yaml beside the
	// playbook; else they stand in the playbook.
	Beside bool
	// SecretFile is the path that the playbook has for a secret of that name whose
	// value is known; nil: it has the name of an environment variable.
	SecretFile func(name string) string
}

// Secret is a value that the playbook refers to and does not hold.
type Secret struct {
	Env   string       // the environment variable that the playbook names
	Of    string       // what it is: hacluster.password, fence-a options.password
	Value secret.Value // unset where the file has none that can be read

	at *yamlout.Node // where the playbook refers to it
}

// Result is a playbook, and what it does not hold.
type Result struct {
	Head    string // what is to be known of it, as the comment at its head
	Map     *yamlout.Map
	Hosts   *yamlout.Map // the inventory with Options.Beside, nil where one was given or none is known
	Secrets []Secret
	// Left are the variables without a counterpart, and what is otherwise here: an
	// error where the cluster of the role has something that the playbook lacks.
	Left diag.List
}

// Document is the playbook as a file.
func (r *Result) Document() ([]byte, error) { return yamlout.Document(r.Head, r.Map) }

// Inventory is the inventory as a file of its own, nil where there is none.
func (r *Result) Inventory() ([]byte, error) {
	if r.Hosts == nil {
		return nil, nil
	}
	return yamlout.Document(inventoryHead, r.Hosts)
}

// Playbook makes a playbook of a file of variables, of a play with such, or of
// what the role exports. The error is a diag.List: the file cannot be read, has
// none of the role's variables, or is not of a cluster that is to be there.
func Playbook(file string, text []byte, o Options) (*Result, error) {
	r, err := read(file, text)
	if err != nil {
		return nil, err
	}
	r.o = o
	r.hosts = cmp.Or(o.Hosts, r.hosts)
	if o.Inventory != nil {
		if r.nodes, err = o.Inventory.Match(cmp.Or(r.hosts, "all")); err != nil {
			return nil, err
		}
	}
	r.unknown()
	if err := r.absent(); err != nil {
		return nil, err
	}
	r.build()
	r.others()
	if err := r.settle(); err != nil {
		return nil, err
	}
	r.secrets = slices.DeleteFunc(r.secrets, func(s Secret) bool { return !r.m.Contains(s.at) })
	return &Result{Head: r.head(), Map: r.m, Hosts: r.members, Secrets: r.secrets, Left: r.left.Sort()}, nil
}

// reader is one conversion.
type reader struct {
	o     Options
	doc   *yamldoc.Document
	vars  map[string]*variable
	list  []*variable      // in the order of the file
	hosts string           // pattern of the members, empty: all
	nodes []inventory.Node // the members, nil: not known

	m       *yamlout.Map
	members *yamlout.Map
	hidden  map[int]bool            // lines that hold a secret
	ownVars *yamlout.Map            // vars of the playbook
	from    map[*yamlout.Node]value // where values of the playbook come from
	envs    map[string]bool         // names that are in use
	missing []string                // options of the resource at hand that could not be had
	secrets []Secret
	left    diag.List
}

// variable is a top-level variable of the file.
type variable struct {
	*yamldoc.Field
	used bool // by the role, or in a template
}

const prefix = "ha_cluster_"

// read finds the variables in a file.
func read(file string, text []byte) (*reader, error) {
	if strings.HasPrefix(string(text), "$ANSIBLE_VAULT") {
		return nil, diag.List{{Pos: diag.Pos{File: file, Line: 1, Column: 1}, Message: "the file is encrypted by ansible-vault",
			Hint: "ansible-vault view " + file + " > FILE, and import that; passwords do not get into the playbook"}}
	}
	doc, list := yamldoc.Parse(file, text, "!vault", "!vault-encrypted", "!unsafe")
	if err := list.Err(); err != nil {
		for i := range list {
			list[i].Source = "" // where a password stands cannot be told
		}
		return nil, list
	}
	r := &reader{doc: doc, vars: map[string]*variable{}, m: yamlout.NewMap(), ownVars: yamlout.NewMap(), hidden: map[int]bool{}, from: map[*yamlout.Node]value{},
		envs: map[string]bool{}}
	r.hide(text)
	if err := r.find(); err != nil {
		return nil, err
	}
	return r, nil
}

// find takes the variables of a file of them, of a play, or of an export.
func (r *reader) find() error {
	root := r.doc.Root
	fail := func(n *yamldoc.Node, message, hint string) error {
		return diag.List{r.at(r.doc.Pos(n), diag.Error, "", message, hint)}
	}
	if root.Kind == yamldoc.Seq {
		if err := r.findPlay(root); err != nil {
			return err
		}
	} else {
		if facts := root.Get("ha_cluster_facts"); facts != nil && facts.Kind == yamldoc.Map {
			root = facts
		}
		r.take(root)
	}
	if !slices.ContainsFunc(r.list, func(v *variable) bool { return strings.HasPrefix(v.Key, prefix) }) {
		return fail(root, "there is no variable of the role ha_cluster here", "name the file that has them, such as group_vars/cluster.yml, or the playbook with vars: its names begin with "+prefix)
	}
	return nil
}

func (r *reader) take(n *yamldoc.Node) {
	if n == nil || n.Kind != yamldoc.Map {
		return
	}
	for i := range n.Fields {
		f := &n.Fields[i]
		v := &variable{Field: f}
		if r.vars[f.Key] == nil { // what stands nearer to the role has been taken
			r.list = append(r.list, v)
			r.vars[f.Key] = v
		}
	}
}

// findPlay takes the variables of the play that has such of the role: beside the
// role, in a task that includes it, or of the whole play.
func (r *reader) findPlay(plays *yamldoc.Node) error {
	var found []*yamldoc.Node
	for _, play := range plays.Items {
		if play.Kind != yamldoc.Map {
			continue
		}
		ours := false
		for _, vars := range varsOf(play) {
			for _, f := range vars.Fields {
				ours = ours || strings.HasPrefix(f.Key, prefix)
			}
		}
		if ours {
			found = append(found, play)
		}
	}
	if len(found) == 0 {
		return nil
	}
	if len(found) > 1 {
		var places []string
		for _, play := range found {
			places = append(places, fmt.Sprint(play.Line))
		}
		return diag.List{r.at(r.doc.Pos(found[1]), diag.Error, "",
			fmt.Sprintf("%d plays have variables of the role, on lines %s; each would be a playbook of its own", len(found), strings.Join(places, ", ")),
			"put one of them into a file of its own, and import that")}
	}
	play := found[0]
	for _, vars := range varsOf(play) {
		r.take(vars)
	}
	if hosts := play.Get("hosts"); hosts != nil {
		var names []string
		switch hosts.Kind {
		case yamldoc.Scalar:
			// Ansible parts a pattern at blanks, too.
			names = strings.FieldsFunc(hosts.Text, func(c rune) bool { return c == ' ' || c == ',' || c == '\n' })
		case yamldoc.Seq:
			for _, item := range hosts.Items {
				names = append(names, item.Text)
			}
		case yamldoc.Null, yamldoc.Map:
		}
		r.hosts = strings.Join(names, ",")
	}
	if files := play.Field("vars_files"); files != nil {
		r.leave(diag.Error, value{r: r, n: files.Value, path: "vars_files"}, "import them, too: write their variables into one file", "the files of vars_files are not read: what they say is missing here")
	}
	return nil
}

// varsOf are the mappings of a play that hold variables for the role, those that
// win first.
func varsOf(play *yamldoc.Node) (all []*yamldoc.Node) {
	add := func(n *yamldoc.Node) {
		if n != nil && n.Kind == yamldoc.Map {
			all = append(all, n)
		}
	}
	for _, part := range []string{"roles", "pre_tasks", "tasks", "post_tasks"} {
		if list := play.Get(part); list != nil {
			for _, item := range list.Items {
				if item.Kind != yamldoc.Map {
					continue
				}
				add(item.Get("vars"))
				if part == "roles" {
					add(item) // parameters beside role:
				}
			}
		}
	}
	add(play.Get("vars"))
	return all
}

// unknown names variables that look like the role's and are none of it.
func (r *reader) unknown() {
	names := append(slices.Collect(mapKeys(byHand)), sectionVariables...)
	slices.Sort(names)
	for _, v := range r.list {
		if !strings.HasPrefix(v.Key, prefix) || slices.Contains(names, v.Key) {
			continue
		}
		v.used = true
		hint := ""
		if near := diag.Closest(v.Key, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		r.leaveAt(diag.Error, r.doc.KeyPos(v.Field), yamldoc.Path(v.Key), hint, "the role has no variable of this name that is known here")
	}
}

// others names the variables that are not the role's, once.
func (r *reader) others() {
	var names []string
	var first *variable
	for _, v := range r.list {
		if strings.HasPrefix(v.Key, prefix) || v.used || v.Key == "ha_cluster" || v.Key == "role" || v.Key == "vars" || v.Key == "name" || v.Key == "tags" || v.Key == "when" {
			continue
		}
		if first == nil {
			first = v
		}
		names = append(names, v.Key)
	}
	if first == nil {
		return
	}
	shown := names
	if len(names) > 8 {
		shown = append(slices.Clone(names[:8]), fmt.Sprintf("%d others", len(names)-8))
	}
	verb := "is"
	if len(names) > 1 {
		verb = "are"
	}
	r.leaveAt(diag.Warning, r.doc.KeyPos(first.Field), "", "", "%s %s not of the role: nothing is made of them", strings.Join(shown, ", "), verb)
}

// leave names what a value says and the playbook does not.
func (r *reader) leave(severity diag.Severity, v value, hint, format string, args ...any) {
	r.leaveAt(severity, v.place(), v.path, hint, format, args...)
}

func (r *reader) leaveAt(severity diag.Severity, pos diag.Pos, path yamldoc.Path, hint, format string, args ...any) {
	r.left = append(r.left, r.at(pos, severity, path, fmt.Sprintf(format, args...), hint))
}
