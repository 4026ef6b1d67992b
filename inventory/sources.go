package inventory

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Names in a folder of inventories that Ansible passes over.
// Source: ansible/inventory/manager.py, IGNORED; ansible/constants.py and
// config/base.yml, INVENTORY_IGNORE_EXTS.
var (
	notInventories = []string{"host_vars", "group_vars", "vars_plugins"}
	ignoredEndings = []string{".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".ini", ".cfg", ".retry"}
	// yamlEndings are those of files with YAML or JSON in them; so may be one
	// without any.
	yamlEndings = []string{".yml", ".yaml", ".json"}
	// fileEndings are those that no host's name has.
	fileEndings = append([]string{".ini"}, yamlEndings...)
)

// maxFolders bounds how deep folders are followed.
const maxFolders = 16

// vaultHeader starts a text that ansible-vault encrypted.
const vaultHeader = "$ANSIBLE_VAULT;"

// read reads what one -i names.
func (l *loader) read(path string) {
	info, err := os.Stat(path)
	switch {
	case IsList(path):
		l.readList(path)
	case err == nil && info.IsDir():
		l.beside(path)
		l.readFolder(path, 0)
	default:
		l.beside(filepath.Dir(path))
		l.readFile(path)
	}
}

// beside notes a folder in which group_vars and host_vars may be. One that is
// named again counts there too, over those between.
func (l *loader) beside(dir string) {
	if dir = filepath.Clean(dir); len(l.varsDirs) == 0 || l.varsDirs[len(l.varsDirs)-1] != dir {
		l.varsDirs = append(l.varsDirs, dir)
	}
}

// IsList reports whether what -i names is no file but a list of hosts: n1,n2.
func IsList(source string) bool {
	_, err := os.Stat(source)
	return err != nil && strings.Contains(source, ",")
}

// readList reads n1,n2, the hosts being of no group.
func (l *loader) readList(list string) {
	file := hide(list) // as messages name it
	from := &source{file: file, dir: ".", doc: yamldoc.Text(file, nil)}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
		case strings.Contains(name, "/") || hasEnding(name, fileEndings):
			l.errorAt(from, diag.Pos{File: file}, "", "is a path mistyped? give each file an -i of its own",
				"there is no such file, and with a comma in it, it is taken for a list of hosts; %q is the name of a file, not of a host", name)
			return
		default:
			l.addHosts(from, l.group("ungrouped"), name, diag.Pos{File: file}, "", nil)
		}
	}
}

// readFolder reads the inventories in a folder, in the order of their names.
func (l *loader) readFolder(dir string, level int) {
	names, err := localfile.Entries(dir)
	if err != nil || level > maxFolders {
		if err == nil {
			err = errTooDeep
		}
		l.cannotRead(dir, err)
		return
	}
	read := 0
	for _, name := range names {
		plain := strings.TrimSuffix(name, "/")
		if plain[0] == '.' || slices.Contains(notInventories, plain) || hasEnding(plain, ignoredEndings) {
			continue
		}
		read++
		if plain != name {
			l.readFolder(filepath.Join(dir, plain), level+1)
			continue
		}
		l.readFile(filepath.Join(dir, plain))
	}
	if read == 0 && level == 0 {
		l.errorAt(&source{}, diag.Pos{File: dir}, "", "Ansible passes over "+strings.Join(ignoredEndings, ", ")+" in a folder; name the file itself",
			"the folder has no inventory in it")
	}
}

func hasEnding(name string, endings []string) bool {
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(name, e) })
}

// readFile reads one inventory, in YAML, JSON or INI.
func (l *loader) readFile(path string) {
	src, mode, err := localfile.Read(path, yamldoc.MaxSize)
	if err != nil {
		l.cannotRead(path, err)
		return
	}
	from := &source{file: path, dir: filepath.Dir(path), shared: mode.Perm()&0o044 != 0}
	l.readText(from, src)
}

// readText finds out what a text is, as Ansible does by the name and by
// trying, and reads it.
func (l *loader) readText(from *source, src []byte) {
	convert := "write down what it says: ansible-inventory -i " + from.file + " --list --yaml > inventory.yaml"
	refuse := func(hint, message string) { l.errorAt(from, diag.Pos{File: from.file}, "", hint, "%s", message) }
	ending := pythonExt(filepath.Base(from.file))
	maybeYAML := ending == "" || slices.Contains(yamlEndings, ending)
	switch {
	case len(src) > yamldoc.MaxSize:
		_, list := yamldoc.Parse(from.file, src)
		l.list = append(l.list, list...)
		return
	case bytes.HasPrefix(src, []byte("#!")):
		refuse(convert, "is a script that prints an inventory; hadeploy runs none")
		return
	case bytes.HasPrefix(src, []byte(vaultHeader)):
		refuse("keep the inventory in plain text, and only passwords secret: {command: [ansible-vault, view, FILE]}", "is encrypted by ansible-vault; hadeploy does not decrypt it")
		return
	case ending == ".toml":
		refuse(convert, "is TOML; hadeploy reads YAML and INI")
		return
	case !maybeYAML && looksINI(src):
		l.readINI(from, src)
		return
	}
	doc, list := yamldoc.Parse(from.file, src, ForeignTags...)
	if (doc == nil || doc.Root.Kind != yamldoc.Map) && looksINI(src) {
		l.readINI(from, src)
		return
	}
	l.list = append(l.list, list...)
	if doc != nil {
		l.readYAML(from, doc)
	}
}

// Like reports whether a file looks like an inventory, for whoever was given
// it as something else.
func Like(path string) bool {
	src, _, err := localfile.Read(path, yamldoc.MaxSize)
	if err != nil {
		return false
	}
	doc, list := yamldoc.Parse(path, src, ForeignTags...)
	if doc == nil || doc.Root.Kind != yamldoc.Map {
		return looksINI(src) && bytes.Contains(src, []byte("[")) && filepath.Ext(path) != ".json"
	}
	if list.Err() != nil || len(doc.Root.Fields) == 0 {
		return false
	}
	for _, f := range doc.Root.Fields {
		if f.Value.Kind != yamldoc.Map {
			return false
		}
		for _, part := range f.Value.Fields {
			if part.Key != "hosts" && part.Key != "children" && part.Key != "vars" {
				return false
			}
		}
	}
	return true
}
