package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// TestHistoryText: a node that did not tell is not one without backups, and what
// a node wrote cannot steer a terminal.
func TestHistoryText(t *testing.T) {
	all := []steps.NodeHistory{
		{Node: "n1", Backups: []steps.Backup{{ID: "20261127-171340-cpuw", Command: "apply", Playbook: "a\x1b[31m.yaml", CIB: "0.46", By: "alice"}}},
		{Node: "n2"},
		{Node: "n3", Err: errors.New("no route\nto host")},
	}
	var b bytes.Buffer
	if err := historyText(&b, term.Style{}, all); err != nil {
		t.Fatal(err)
	}
	want := "NODE  ID                    BEFORE  PLAYBOOK        CIB   BY\n" +
		"n1    20261127-171340-cpuw  apply   a\\x1b[31m.yaml  0.46  alice\n" +
		"! n3: not known: no route\\nto host\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
	b.Reset()
	if err := historyText(&b, term.Style{}, all[1:]); err != nil || b.String() != "There are no backups.\n! n3: not known: no route\\nto host\n" {
		t.Errorf("%v, %q", err, b.String())
	}
}
