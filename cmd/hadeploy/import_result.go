package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/importer"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// importFlags are those of the command.
type importFlags struct {
	cib, from, out, secrets string
	corosync                string
	live                    liveFlags
}

// found is what an import has read.
type found struct {
	importer.Source
	name string    // what it was read from
	lost diag.List // what was not understood, or cannot be said
	told diag.List // what is to be known of what is said
	// files are written beside the playbook, and notes told.
	files []importFile
	notes []string
}

// secretPath gives the path of a secret as a playbook names it: from its own
// folder, where it is known.
func secretPath(f importFlags) func(name string) string {
	return func(name string) string {
		path := filepath.Join(f.secrets, secretFile(name))
		if f.out == "" {
			return path
		}
		dir, err1 := filepath.Abs(f.out)
		to, err2 := filepath.Abs(path)
		if rel, err := filepath.Rel(dir, to); err1 == nil && err2 == nil && err == nil && filepath.IsLocal(rel) {
			return rel
		}
		return to
	}
}

func secretFile(name string) string { return strings.ToLower(name) }

// writeImport writes all that came of an import, and tells what did not.
func (a *app) writeImport(read *found, r *importer.Result, f importFlags) error {
	files := read.files
	add := func(path string, text []byte, mode os.FileMode) { files = append(files, importFile{path, text, mode}) }
	if f.out != "" {
		add(filepath.Join(f.out, "cluster.yaml"), r.Playbook, 0o644)
		if r.Inventory != nil {
			add(filepath.Join(f.out, "inventory.yaml"), r.Inventory, 0o644)
		}
	}
	if f.secrets != "" {
		for _, s := range r.Secrets {
			if !s.Hidden {
				add(filepath.Join(f.secrets, secretFile(s.Env)), []byte(s.Value.Reveal()+"\n"), 0o600)
			}
		}
	}
	for _, file := range files {
		if _, err := os.Lstat(file.path); err == nil {
			return hinted{fmt.Errorf("%s exists already; nothing was written", file.path), "name another folder, or move it away"}
		}
	}
	if f.secrets != "" {
		if err := os.MkdirAll(f.secrets, 0o700); err != nil {
			return err
		}
	}
	for _, file := range files {
		if err := os.MkdirAll(filepath.Dir(file.path), 0o755); err != nil {
			return err
		}
		if err := writeNew(file.path, file.text, file.mode); err != nil {
			return err
		}
		fmt.Fprintln(a.err, "wrote", file.path)
	}
	if f.out == "" {
		if _, err := a.out.Write(r.Playbook); err != nil {
			return err
		}
	}
	return a.tellImport(read, r, f)
}

// errNotWhole ends an import of which the playbook is not the whole.
var errNotWhole = errors.New("the playbook is not the whole of the cluster")

// tellImport lists what the playbook does not hold.
func (a *app) tellImport(read *found, r *importer.Result, f importFlags) error {
	whole := true
	for _, line := range read.notes {
		fmt.Fprintln(a.err, "note:", line)
	}
	_ = diag.Render(a.err, read.told, diag.RenderOptions{Color: a.errStyle.Color})
	if len(read.lost) > 0 {
		whole = false
		_ = diag.Render(a.err, read.lost, diag.RenderOptions{Color: a.errStyle.Color})
	}
	if len(r.Losses) > 0 {
		whole = false
		fmt.Fprintf(a.err, "\nNot in the playbook; plan shows what apply would do about it (%s):\n", plural.Of(len(r.Losses), "part"))
		for _, l := range r.Losses {
			fmt.Fprintf(a.err, "  %s\n", term.Clean(l.Path))
			if l.XML != "" {
				fmt.Fprintf(a.err, "      %s\n", term.Clean(l.XML))
			}
			fmt.Fprintf(a.err, "      %s\n", term.Clean(l.Why))
		}
	}
	var unset []string
	for _, s := range r.Secrets {
		if s.Hidden || f.secrets == "" {
			line := fmt.Sprintf("  %s   %s", s.Env, s.Option)
			if s.Hidden {
				line += " (its value is not in " + read.name + ")"
			}
			unset = append(unset, term.Clean(line))
		}
	}
	if len(unset) > 0 {
		whole = false
		fmt.Fprintf(a.err, "\nThe playbook takes these from the environment, set them before plan and apply (--secrets DIR writes those that are known):\n%s\n", strings.Join(unset, "\n"))
	}
	if !whole {
		return told{errNotWhole}
	}
	return nil
}
