package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/crmsh"
	"github.com/hadeploy/hadeploy/internal/importer"
	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/inventory"
)

const importHelp = `Make a playbook of a cluster that exists, for which plan finds nothing to change.
It changes nothing on any node. What is read is one of

  --cib FILE            a CIB: of cibadmin --query, of a backup, of crm_report, or
                        the configuration alone
  --from crmsh FILE     the text of crm configure show
  --from linux-system-roles FILE
                        variables of the Ansible role ha_cluster, for the hosts of
                        the inventory -i; what they say that a playbook cannot is
                        named with its place
  NODE...               a running cluster, by one or more of its members as ssh
                        takes them: [user@]host[:port]. The others are found in its
                        corosync.conf, and all are asked.
  -i INVENTORY          that of the hosts of an inventory, with --hosts some of them

A running cluster gives the packages, the units, Corosync's settings and the hosts
as well. With --dir, resource agents that no package has brought are written to
agents there; files that resources refer to are listed, and with --with-files
written to files there and declared. A CIB in a file has only itself to tell;
--corosync-conf FILE adds the corosync.conf of a member.

The playbook goes to standard output, with its inventory in it, or with --dir DIR to
cluster.yaml and inventory.yaml there. No file is overwritten.

Nothing is left out in silence: the playbook is read and rendered again, and what
of the CIB did not come back is listed on standard error, with its path, its XML
and the reason; then the exit status is 1. Ids that pcs would not make, and what
means the same and is written otherwise, stand at the end of the playbook, under
ids and written: they count only where an object is made anew.

A password becomes {env: NAME}; which variables are to be set is listed, and the
exit status is 1, as the playbook alone is not the whole of it. With --secrets DIR
each is written to a file there that only you can read, and the playbook names it.
`

func newImport(a *app) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import [NODE...]",
		Short: "Make a playbook of a cluster that exists",
		Long:  importHelp,
		Example: `  hadeploy import root@n1 --dir mycluster
  hadeploy import --cib cib.xml > cluster.yaml
  hadeploy import --cib cib.xml --dir mycluster --secrets mycluster/secrets
  crm configure show | hadeploy import --from crmsh -`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return a.runImport(c.Context(), args, f) },
	}
	a.connectFlags(c)
	c.Flags().StringArrayVarP(&a.inventories, "inventory", "i", nil, "inventory of the running cluster: a file, a folder or a list of hosts, as in Ansible; may be repeated")
	c.Flags().StringVar(&f.live.hosts, "hosts", "", "the hosts of the inventory that are members: names, groups, patterns (default: all)")
	c.Flags().BoolVar(&f.live.withFiles, "with-files", false, "write the files that resources refer to into the folder, too")
	c.Flags().StringVar(&f.corosync, "corosync-conf", "", "the corosync.conf of the cluster, beside --cib or --from")
	c.Flags().StringVar(&f.cib, "cib", "", "a CIB, instead of a running cluster; - is standard input")
	c.Flags().StringVar(&f.from, "from", "", "what FILE is: crmsh, or "+roleSource)
	c.Flags().StringVar(&f.out, "dir", "", "folder for cluster.yaml and inventory.yaml")
	c.Flags().StringVar(&f.secrets, "secrets", "", "folder for the passwords, each in a file of its own")
	return c
}

// beside adds what a corosync.conf says.
func (read *found) beside(path string) error {
	f, err := importCorosync(read.CIB, path)
	if err != nil {
		return err
	}
	read.Name, read.Inventory = f.conf.Name, f.inventory
	read.Sections = append(append(read.Sections, cib.Section{Key: "hacluster", Value: haclusterPassword().Node()}), f.sections...)
	read.lost, read.notes = append(read.lost, f.lost...), append(read.notes, f.notes...)
	return nil
}

func (a *app) runImport(ctx context.Context, args []string, f importFlags) error {
	if f.from == roleSource && f.cib == "" && len(args) == 1 {
		return a.runImportRole(args[0], f)
	}
	read, err := a.importSource(ctx, args, f)
	if err != nil {
		return err
	}
	if f.corosync != "" {
		if err := read.beside(f.corosync); err != nil {
			return err
		}
	}
	if f.secrets != "" {
		read.SecretFile = secretPath(f)
	}
	read.Beside = f.out != ""
	if read.Sections == nil {
		read.Sections = []cib.Section{{Key: "hacluster", Value: haclusterPassword().Node()}}
	}
	r, err := importer.Playbook(read.Source)
	if err != nil {
		return err
	}
	return a.writeImport(read, r, f)
}

// importSource reads what is to be imported.
func (a *app) importSource(ctx context.Context, args []string, f importFlags) (*found, error) {
	running := f.cib == "" && f.from == ""
	switch {
	case running && f.corosync != "":
		return nil, usageError{hinted{errors.New("--corosync-conf goes with --cib or --from"), "a running cluster is asked for its own"}}
	case !running && f.from != roleSource && (f.live.hosts != "" || f.live.withFiles):
		return nil, usageError{errors.New("--hosts and --with-files are for a running cluster")}
	case f.live.withFiles && f.out == "":
		return nil, usageError{errors.New("--with-files needs a folder to write them to: --dir DIR")}
	case running && (len(args) > 0 || a.inventories != nil):
		return a.importRunning(ctx, args, f)
	case len(args) > 1:
		return nil, usageError{fmt.Errorf("%s: one file is read", args[1])}
	case f.from != "" && f.from != "crmsh" && f.from != roleSource:
		return nil, usageError{hinted{fmt.Errorf("--from %s: this cannot be read", f.from), "it is crmsh or " + roleSource}}
	case f.from != "" && f.cib != "":
		return nil, usageError{errors.New("--from and --cib exclude each other")}
	case f.from != "" && len(args) == 0:
		return nil, usageError{hinted{fmt.Errorf("--from %s names no file", f.from), "hadeploy import --from " + f.from + " FILE"}}
	case f.from != "":
		return a.importCrmsh(args[0])
	case f.cib != "" && len(args) == 0:
		return a.importCIB(f.cib)
	case f.cib != "":
		return nil, usageError{fmt.Errorf("%s: --cib names what is read already", args[0])}
	}
	return nil, usageError{hinted{errors.New("nothing says what to import"), "name a member of a running cluster: hadeploy import NODE; or a CIB: hadeploy import --cib FILE"}}
}

// importRunning reads a running cluster.
func (a *app) importRunning(ctx context.Context, named []string, f importFlags) (*found, error) {
	l, err := a.readCluster(ctx, named, f.live, f.out)
	if err != nil {
		return nil, err
	}
	where := make([]string, len(l.members))
	for i, n := range l.members {
		where[i] = n.Name
	}
	name := "the cluster " + l.conf.Name
	return &found{name: name, files: l.files(), notes: l.notes(), Source: importer.Source{
		Head: fmt.Sprintf("Made by hadeploy import of %s: %s.", term.Clean(name), term.Clean(strings.Join(where, ", "))),
		Name: l.conf.Name, CIB: l.CIB, Agents: l.Metadata, Kept: true,
		Sections: l.sections(), Files: l.fileSections(), Inventory: inventory.Export(l.group, l.members, l.remotes)}, lost: append(corosyncLosses(l.conf, "corosync.conf"), l.losses()...)}, nil
}

// importText reads a file, or standard input.
func (a *app) importText(path string) (text []byte, name string, err error) {
	if path == "-" {
		text, err = readAll(a.in, maxCIBFile)
		return text, "standard input", err
	}
	text, err = localfile.ReadPipe(path, maxCIBFile)
	return text, path, err
}

func (a *app) importCIB(path string) (*found, error) {
	const hint = "a CIB is written by: cibadmin --query > FILE"
	text, name, err := a.importText(path)
	if err != nil {
		return nil, usageError{hinted{fmt.Errorf("%s %w", name, err), hint}}
	}
	doc, err := cib.ParseConfiguration(bytes.TrimSpace(text))
	if err != nil {
		return nil, usageError{hinted{fmt.Errorf("%s: %w", name, err), hint}}
	}
	return &found{name: name, Source: importer.Source{CIB: doc, Kept: true, Exact: true,
		Head: fmt.Sprintf("Made by hadeploy import of %s (%s).", term.Clean(filepath.Base(name)), cibIs(doc))}}, nil
}

func (a *app) importCrmsh(path string) (*found, error) {
	const hint = "it is written by: crm configure show > FILE"
	text, name, err := a.importText(path)
	if err != nil {
		return nil, usageError{hinted{fmt.Errorf("%s %w", name, err), hint}}
	}
	made, lost, err := crmsh.CIB(name, text)
	if err != nil {
		return nil, usageError{hinted{err, hint}}
	}
	doc, err := cib.ParseConfiguration(made)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &found{name: name, lost: lost, Source: importer.Source{CIB: doc,
		Head: fmt.Sprintf("Made by hadeploy import of %s, the text of crm configure show.", term.Clean(filepath.Base(name)))}}, nil
}
