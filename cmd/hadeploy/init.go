package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

func newInit(*app) *cobra.Command {
	return &cobra.Command{
		Use:   "init [folder]",
		Short: "Write a commented cluster.yaml and inventory.yaml to start from",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			cluster, hosts := filepath.Join(dir, "cluster.yaml"), filepath.Join(dir, "inventory.yaml")
			if _, err := os.Lstat(hosts); err == nil {
				return existsAlready(hosts) // before the other is written
			}
			for _, f := range []struct{ path, text string }{{cluster, playbook.Template()}, {hosts, inventory.Template()}} {
				if err := writeNew(f.path, f.text); err != nil {
					return err
				}
				fmt.Fprintln(c.OutOrStdout(), "wrote", f.path)
			}
			fmt.Fprintf(c.OutOrStdout(), "Next: put your hosts into %s, then run: hadeploy plan %s\n", hosts, cluster)
			return nil
		},
	}
}

func existsAlready(path string) error {
	return hinted{fmt.Errorf("%s exists already; it was not touched", path), "name another folder: hadeploy init FOLDER"}
}

// writeNew never overwrites a file.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return existsAlready(path)
	}
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
