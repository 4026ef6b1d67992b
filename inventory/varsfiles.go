package inventory

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// maxVarsFiles bounds how many files of variables are read.
const maxVarsFiles = 20_000

var (
	errTooDeep  = errors.New("cannot be read: its folders are too many levels deep")
	errTooMany  = errors.New("is not read: there are too many files of variables")
	errNoFolder = errors.New("is not read: it is a file, and group_vars and host_vars are folders")
)

// varsDir is a folder group_vars or host_vars.
type varsDir struct {
	names map[string]bool // what is in it; folders end with a slash
	list  diag.List
	read  map[string]varsText // group or host -> its variables
}

// varsText is what the files of one group or host in one folder say.
type varsText struct {
	vars []setting // of the same name the later counts
	list diag.List
}

// variables are those that the folder sub (group_vars or host_vars) in dir has
// for a group or host.
func (l *loader) variables(dir, sub, name string) varsText {
	path := filepath.Join(dir, sub)
	d := l.varsOf[path]
	if d == nil {
		d = &varsDir{read: map[string]varsText{}}
		l.varsOf[path] = d
		names, err := localfile.Entries(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			severity := diag.Error
			if errors.Is(err, syscall.ENOTDIR) { // Ansible passes over it
				severity, err = diag.Warning, errNoFolder
			}
			d.list = diag.List{{Pos: diag.Pos{File: path}, Severity: severity, Message: err.Error()}}
		}
		d.names = map[string]bool{}
		for _, name := range names {
			d.names[name] = true
		}
	}
	if d.list != nil {
		return varsText{list: d.list}
	}
	text, known := d.read[name]
	if !known {
		text = l.readVars(dir, path, name, d.names)
		d.read[name] = text
	}
	return text
}

// readVars reads the variables of one group or host: of the first of NAME (a
// file or a folder), NAME.yml, NAME.yaml and NAME.json that is there.
// Source: ansible/parsing/dataloader.py, find_vars_files.
func (l *loader) readVars(dir, path, name string, names map[string]bool) (text varsText) {
	var files []string
	found := ""
	for _, ending := range append([]string{""}, yamlEndings...) {
		this := name + ending
		folder := names[this+"/"]
		if !folder && !names[this] {
			continue
		}
		if found != "" {
			text.list = append(text.list, diag.Diagnostic{Pos: diag.Pos{File: filepath.Join(path, this)}, Severity: diag.Warning,
				Message: "is not read: beside it is " + filepath.Join(path, found) + ", and Ansible reads only the first of them",
				Hint:    "keep one of them; a folder may have several files in it"})
			continue
		}
		if found = this; folder {
			found += "/"
			text.list = append(text.list, l.varsFolder(filepath.Join(path, this), &files, 0)...)
			continue
		}
		files = append(files, filepath.Join(path, this))
	}
	var encrypted []string
	for _, file := range files {
		if l.varsRead++; l.varsRead > maxVarsFiles {
			text.list = append(text.list, diag.Diagnostic{Pos: diag.Pos{File: file}, Message: errTooMany.Error()})
			return text
		}
		src, mode, err := localfile.Read(file, yamldoc.MaxSize)
		if err != nil {
			text.list = append(text.list, diag.Diagnostic{Pos: diag.Pos{File: file}, Message: err.Error()})
			continue
		}
		if bytes.HasPrefix(src, []byte(vaultHeader)) {
			encrypted = append(encrypted, file)
			continue
		}
		if nothing(src) {
			continue
		}
		doc, list := yamldoc.Parse(file, src, ForeignTags...)
		text.list = append(text.list, list...)
		if doc == nil {
			continue
		}
		from := &source{file: file, dir: dir, shared: mode.Perm()&0o044 != 0, doc: doc}
		if !doc.Root.IsNull() && doc.Root.Kind != yamldoc.Map {
			text.list = append(text.list, doc.At(doc.Pos(doc.Root), diag.Error, "", "variables are NAME: VALUE, not "+doc.Root.Kind.String(), ""))
		}
		text.vars = append(text.vars, settings(from, doc.Root, "")...)
	}
	for _, file := range encrypted {
		// One beside others is where passwords are kept, and theirs are
		// templates, which are refused; one alone may hold anything.
		d := diag.Diagnostic{Pos: diag.Pos{File: file}, Message: "is encrypted by ansible-vault and not read: hadeploy does not decrypt it",
			Hint: "keep what hadeploy uses in a file beside it, and a password as {command: [...]}, {env: NAME} or {file: PATH}"}
		if len(encrypted) < len(files) {
			d.Severity = diag.Warning
		}
		text.list = append(text.list, d)
	}
	return text
}

// strays warns of files of variables that are of no group or host, where one
// that has none is called nearly so: host_vars/n1.yml and the host
// n1.example.com, group_vars/my-group.yml and the group my_group. Others may
// be of other inventories.
func (l *loader) strays() {
	plain := func(name string) string { return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name)) }
	for _, dir := range slices.Compact(slices.Clone(l.varsDirs)) {
		for _, sub := range []string{"group_vars", "host_vars"} {
			folder := l.varsOf[filepath.Join(dir, sub)]
			if folder == nil {
				continue
			}
			known, alike := map[string]bool{}, map[string]string{}
			add := func(name string) {
				known[name], alike[plain(name)] = true, name
				if short, _, long := strings.Cut(name, "."); long && sub == "host_vars" && !isAddress(name) {
					alike[plain(short)] = name
				}
			}
			if sub == "group_vars" {
				for _, g := range l.named {
					add(g.name)
				}
			} else {
				for _, h := range l.order {
					add(h.name)
				}
			}
			has := map[string]bool{}
			for name := range folder.names {
				has[entity(name)], has[name] = true, true
			}
			for _, name := range slices.Sorted(maps.Keys(folder.names)) {
				of := entity(name)
				if known[of] || known[name] {
					continue
				}
				meant := alike[plain(of)]
				if short, _, long := strings.Cut(of, "."); meant == "" && long && sub == "host_vars" && known[short] {
					meant = short
				}
				if meant != "" && !has[meant] {
					l.list = append(l.list, diag.Diagnostic{Pos: diag.Pos{File: filepath.Join(dir, sub, name)}, Severity: diag.Warning,
						Message: "is not read: the inventory has no " + strings.TrimSuffix(sub, "_vars") + " " + of, Hint: "is it of " + meant + "? then give it that name"})
				}
			}
		}
	}
}

// entity is the group or host that a file of variables is of.
func entity(name string) string {
	name = strings.TrimSuffix(name, "/")
	for _, ending := range yamlEndings {
		if rest, ok := strings.CutSuffix(name, ending); ok {
			return rest
		}
	}
	return name
}

// varsFolder collects the files of a folder, as Ansible finds them.
// Source: ansible/parsing/dataloader.py, _get_dir_vars_files.
func (l *loader) varsFolder(dir string, files *[]string, level int) diag.List {
	names, err := localfile.Entries(dir)
	if err == nil && level > maxFolders {
		err = errTooDeep
	}
	if err != nil {
		return diag.List{{Pos: diag.Pos{File: dir}, Message: err.Error()}}
	}
	var list diag.List
	for _, name := range names {
		plain := strings.TrimSuffix(name, "/")
		ending := pythonExt(plain)
		switch {
		case plain[0] == '.' || strings.HasSuffix(plain, "~"):
		case plain != name && ending == "":
			list = append(list, l.varsFolder(filepath.Join(dir, plain), files, level+1)...)
		case plain == name && (ending == "" || slices.Contains(yamlEndings, ending)):
			*files = append(*files, filepath.Join(dir, plain))
		}
	}
	return list
}

// pythonExt is the ending of a name as os.path.splitext finds it: dots at the
// start are of no ending.
func pythonExt(name string) string {
	if strings.Trim(name, ".") == "" {
		return ""
	}
	return filepath.Ext(strings.TrimLeft(name, "."))
}

// nothing reports whether a file of YAML says nothing at all.
func nothing(src []byte) bool {
	for line := range bytes.Lines(src) {
		text := bytes.TrimSpace(line)
		if len(text) > 0 && text[0] != '#' && string(text) != "---" && string(text) != "..." {
			return false
		}
	}
	return true
}
