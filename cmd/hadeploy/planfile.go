package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/steps"
)

// isPlanFile reports whether a file that was named is a saved plan.
func isPlanFile(path string) bool {
	head, _, err := localfile.Read(path, 4096)
	return err == nil && plan.IsPlan(head) // whoever reads it tells the error
}

func readPlan(path string) (*plan.Plan, error) {
	doc, err := localfile.ReadPipe(path, plan.MaxSaved)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	p, err := plan.Decode(bytes.NewReader(doc))
	if err != nil {
		hint := "make the plan again: hadeploy plan --out " + path
		if errors.Is(err, plan.ErrNoPlan) {
			hint = "a plan is saved by: hadeploy plan --out FILE"
		}
		return nil, usageError{hinted{fmt.Errorf("the plan %s is not used: %w", path, err), hint}}
	}
	return p, nil
}

// savePlan writes a plan, in the place of an older one, so that there is all of it or none, for its owner
// alone: files that the plan shows may be nobody else's business.
func savePlan(path string, p *plan.Plan) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("saving the plan: %w", err)
		}
	}()
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s exists and is no regular file; it was not touched", path)
	} else if err == nil && info.Size() > 0 && !isPlanFile(path) {
		return fmt.Errorf("%s exists and is no plan; it was not touched", path)
	}
	doc, err := p.Document()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".hadeploy-plan-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone when it was renamed
	if _, err := io.Copy(f, bytes.NewReader(doc)); err != nil {
		_ = f.Close()
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// staleError says that a saved plan was made from something else than what is
// there.
type staleError struct {
	path  string
	moved []string
}

func (e *staleError) Error() string {
	return "the plan " + e.path + " is not applied, for what it was made from has changed:\n  " + strings.Join(e.moved, "\n  ")
}

func (e *staleError) Hint() string {
	return "nothing was changed; look at what is different, then plan again: hadeploy plan --out " + e.path
}

// recall sets what a saved plan was made with: its playbook, inventory and
// variables, unless others are given.
func (a *app) recall(path string, p *plan.Plan) (args []string, err error) {
	find := func(given, what, flag string) (string, error) {
		for _, try := range []string{given, filepath.Join(filepath.Dir(path), given)} {
			if _, err := os.Stat(try); err == nil {
				return try, nil
			}
		}
		return "", usageError{hinted{fmt.Errorf("the plan %s was made from the %s %s, which is not here", path, what, given),
			"run it in the folder that the plan was made in, or name the file with " + flag}}
	}
	book := a.file
	if book == "" {
		if book, err = find(p.Playbook, "playbook", "-f"); err != nil {
			return nil, err
		}
	}
	a.dropEmptyInventories()
	if a.inventories == nil {
		for _, given := range p.Basis.Inventories {
			if !inventory.IsList(given) {
				if given, err = find(given, "inventory", "-i"); err != nil {
					return nil, err
				}
			}
			a.inventories = append(a.inventories, given)
		}
	}
	if a.prune == nil {
		a.prune = p.Basis.Prune
	}
	given := map[string]bool{}
	for _, v := range a.vars {
		name, _, _ := strings.Cut(v, "=")
		given[name] = true
	}
	for name, value := range p.Basis.Vars {
		if !given[name] {
			a.vars = append(a.vars, name+"="+value)
		}
	}
	for _, name := range p.Basis.SecretVars {
		if !given[name] {
			return nil, usageError{hinted{fmt.Errorf("the plan %s was made with -e %s=..., which is a secret and not in the plan", path, name), "give it again"}}
		}
	}
	return []string{book}, nil
}

// fits reports what has changed of what a saved plan was made from.
func (d *declared) fits(path string, p *plan.Plan) error {
	var moved []string
	if now := hadeployVersion(); p.Made.Hadeploy != now {
		moved = append(moved, fmt.Sprintf("it was made by hadeploy %s, and this is %s", term.Clean(p.Made.Hadeploy), now))
	}
	if p.Cluster != d.playbook.Name {
		moved = append(moved, fmt.Sprintf("it is a plan of cluster %q, and the playbook is of %q", p.Cluster, d.playbook.Name))
	}
	moved = append(moved, p.Basis.Moved(steps.BasisOf(d.playbook, d.nodes, d.remotes, d.vars))...)
	if moved != nil {
		return &staleError{path, moved}
	}
	return nil
}
