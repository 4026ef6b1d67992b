package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// flagUsage is a wrong flag, with what to do about it.
func flagUsage(c *cobra.Command, err error) error {
	hint := "see " + c.CommandPath() + " --help"
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := unknown.GetSpecifiedName()
		if meant := meantFlag(c, name); meant != "" {
			hint = meant
		}
	}
	return usageError{hinted{flagError(err), hint}}
}

// habits are the flags of other tools, ansible-playbook and terraform above
// all, with what does the same here.
var habits = []struct {
	flags, hint string
}{
	{"check C dry-run dryrun n noop diff D preview", "that is hadeploy plan: it shows what apply would change, and changes nothing"},
	{"syntax-check", "that is hadeploy validate"},
	{"list-hosts list", "that is hadeploy inventory"},
	{"limit l", "a cluster is brought up as a whole; which hosts are its nodes says hosts: in the playbook"},
	{"tags t skip-tags start-at-task", "there are no tags: what is as declared already is left alone, so all of the playbook is applied each time"},
	{"auto-approve assume-yes", "that is --yes"},
	{"force", "nothing is forced; what may be interrupted is named with --allow-disruption"},
	{"u user remote-user", "that is ansible_user in the inventory"},
	{"private-key key-file", "that is ansible_ssh_private_key_file in the inventory"},
	{"b become become-user become-method", "that is ansible_become in the inventory"},
	{"k K ask-pass ask-become-pass", "nothing is asked for; ansible_password and ansible_become_password in the inventory say where a password is: {env: NAME}, {file: PATH}"},
	{"J ask-vault-pass vault-password-file vault-id", "hadeploy decrypts nothing; a secret is {command: [ansible-vault, view, FILE]}, {env: NAME} or {file: PATH}"},
	{"ssh-common-args ssh-extra-args", "that is ansible_ssh_common_args in the inventory, or ~/.ssh/config"},
	{"c connection", "nodes are reached by ssh alone"},
	{"target", "a plan is of the whole playbook"},
	{"json yaml", "that is -o json, where a command has it"},
	{"debug", "that is -v, or -vv with what the commands print"},
	{"V", "that is hadeploy --version"},
	{"version", "that is hadeploy --version"},
}

// meantFlag says what does here what an unknown flag was meant to do, or which
// flag it is a slip of; "" when neither is known.
func meantFlag(c *cobra.Command, name string) string {
	for _, h := range habits {
		for _, f := range strings.Fields(h.flags) {
			if f != name {
				continue
			}
			if strings.HasPrefix(h.hint, "that is hadeploy plan") && c.Name() == "plan" {
				return "plan changes nothing anyway: leave it out"
			}
			return h.hint
		}
	}
	var all []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			all = append(all, f.Name)
		}
	})
	if near := diag.Closest(name, all); near != "" && len(name) > 1 {
		return "did you mean --" + near + "?"
	}
	return ""
}

// otherNames are names that flags have elsewhere.
func otherNames(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "playbook":
		name = "file"
	case "inventory-file":
		name = "inventory"
	}
	return pflag.NormalizedName(name)
}

// flagError says in plain words what is wrong with a flag's value.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	var expected string
	switch invalid.GetFlag().Value.Type() {
	case "int", "count":
		expected = "a whole number, as in 10"
	case "duration":
		expected = "a time with its unit, as in 30s, 5m or 1h30m"
	case "bool":
		expected = "true or false"
	default:
		return err
	}
	return fmt.Errorf("--%s %s: expected %s", invalid.GetFlag().Name, invalid.GetValue(), expected)
}
