package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/rolevars"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/inventory"
)

// importRole makes a playbook of the variables of linux-system-roles.ha_cluster
// in a file, for the hosts of an inventory, if one is given.
func importRole(file string, inventories []string, hosts string) (*rolevars.Result, error) {
	text, _, err := localfile.Read(file, yamldoc.MaxSize)
	if err != nil {
		d := diag.Diagnostic{Pos: diag.Pos{File: file}, Message: err.Error()}
		if errors.Is(err, fs.ErrNotExist) {
			d.Hint = "name the file with the variables of the role, such as group_vars/cluster.yml"
		}
		return nil, diag.List{d}
	}
	o := rolevars.Options{Hosts: hosts}
	if len(inventories) > 0 {
		inv, list := inventory.Load(inventories, filepath.Dir(file))
		if inv == nil {
			return nil, list
		}
		o.Inventory = inv
		if len(inventories) == 1 && !strings.Contains(inventories[0], ",") {
			o.Path = inventories[0]
		}
	}
	return rolevars.Playbook(file, text, o)
}
