package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hadeploy/hadeploy/internal/editor"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

func newInit(*app) *cobra.Command {
	return &cobra.Command{
		Use:   "init [folder]",
		Short: "Write a commented cluster.yaml and inventory.yaml to start from, and the schema for editors",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			// The schema is what the first line of the playbook names: an editor
			// completes and checks from the start.
			text, err := editor.Schema(nil, false)
			if err != nil {
				return err
			}
			cluster, hosts, schema := filepath.Join(dir, "cluster.yaml"), filepath.Join(dir, "inventory.yaml"), filepath.Join(dir, "playbook.schema.json")
			for _, path := range []string{cluster, hosts, schema} {
				if _, err := os.Lstat(path); err == nil {
					return existsAlready(path) // before another is written
				}
			}
			for _, f := range []struct{ path, text string }{{cluster, playbook.Template()}, {hosts, inventory.Template()}, {schema, string(text)}} {
				if err := writeNew(f.path, []byte(f.text), 0o644); err != nil {
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
	return hinted{fmt.Errorf("%s exists already; it was not touched", path), "name another folder, or move it away"}
}

// writeNew never overwrites a file, and leaves no half of one.
func writeNew(path string, text []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if errors.Is(err, fs.ErrExist) {
		return existsAlready(path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}
