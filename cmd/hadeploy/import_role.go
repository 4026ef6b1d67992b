package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/importer"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/rolevars"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/inventory"
)

// roleSource is the word of --from for variables of the role.
const roleSource = "linux-system-roles"

// runImportRole is the import of a file of variables.
func (a *app) runImportRole(file string, f importFlags) error {
	o := rolevars.Options{Hosts: f.live.hosts, Beside: f.out != ""}
	if f.secrets != "" {
		o.SecretFile = secretPath(f)
	}
	a.dropEmptyInventories()
	made, err := importRole(file, a.inventories, f.out, o)
	if err != nil {
		return err
	}
	r := &importer.Result{}
	if r.Playbook, err = made.Document(); err != nil {
		return err
	}
	if r.Inventory, err = made.Inventory(); err != nil {
		return err
	}
	for _, s := range made.Secrets {
		r.Secrets = append(r.Secrets, cib.ExportedSecret{Env: s.Env, Option: s.Of, Value: s.Value, Hidden: !s.Value.IsSet()})
	}
	read := &found{name: file}
	for _, l := range made.Left {
		if l.Severity == diag.Error {
			read.lost = append(read.lost, l)
		} else {
			read.told = append(read.told, l)
		}
	}
	return a.writeImport(read, r, f)
}

// importRole makes a playbook of the variables of linux-system-roles.ha_cluster
// in a file, for the hosts of an inventory, if one is given. The playbook names it
// from the folder dir, in which it will stand; empty: here.
func importRole(file string, inventories []string, dir string, o rolevars.Options) (*rolevars.Result, error) {
	text, _, err := localfile.Read(file, yamldoc.MaxSize)
	if err != nil {
		d := diag.Diagnostic{Pos: diag.Pos{File: file}, Message: err.Error()}
		if errors.Is(err, fs.ErrNotExist) {
			d.Hint = "name the file with the variables of the role, such as group_vars/cluster.yml"
		}
		return nil, diag.List{d}
	}
	if len(inventories) > 0 {
		inv, list := inventory.Load(inventories, filepath.Dir(file))
		if inv == nil {
			return nil, list
		}
		o.Inventory = inv
		if len(inventories) == 1 && !strings.Contains(inventories[0], ",") {
			o.Path = fromFolder(dir, inventories[0])
		}
	}
	return rolevars.Playbook(file, text, o)
}

// fromFolder is a path as it is written in a file that stands in a folder.
func fromFolder(dir, path string) string {
	if dir == "" {
		return path
	}
	from, err1 := filepath.Abs(dir)
	to, err2 := filepath.Abs(path)
	if rel, err := filepath.Rel(from, to); err1 == nil && err2 == nil && err == nil {
		return rel
	}
	return path
}
