package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestOutputs: every -o is made by its command's table of formats, so that help,
// completion and refusal name the same ones.
func TestOutputs(t *testing.T) {
	want := map[string]struct{ help, formats string }{
		"hadeploy render":          {"xml, or pcs: the commands that make it, in the words of that release's pcs", "xml pcs"},
		"hadeploy plan":            {"text, json or markdown", "text json markdown"},
		"hadeploy diff":            {"text, json or markdown", "text json markdown"},
		"hadeploy show":            {"text, json or markdown", "text json markdown"},
		"hadeploy apply":           {"text, or json: one JSON object a line, the last one a summary", "text json"},
		"hadeploy verify":          {"text, json, junit or markdown", "text json junit markdown"},
		"hadeploy status":          {"text or json (with --watch: one document a line)", "text json"},
		"hadeploy restore":         {"text, or json: one JSON object a line, the last one a summary", "text json"},
		"hadeploy history":         {"text or json", "text json"},
		"hadeploy inventory":       {"text or json", "text json"},
		"hadeploy agents":          {"text or json", "text json"},
		"hadeploy agents describe": {"text or json", "text json"},
		"hadeploy lab status":      {"text or json", "text json"},
	}
	seen := 0
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			visit(sub)
		}
		f := c.Flags().Lookup("output")
		if f == nil {
			return
		}
		seen++
		w, known := want[c.CommandPath()]
		if !known || f.Usage != w.help || f.DefValue != strings.Fields(w.formats)[0] || f.Shorthand != "o" {
			t.Errorf("%s: -o %q, default %q", c.CommandPath(), f.Usage, f.DefValue)
		}
		path := strings.Fields(c.CommandPath())[1:]
		var out, err bytes.Buffer
		run(append(append([]string{"__complete"}, path...), "-o", ""), strings.NewReader(""), &out, &err)
		offered, _, _ := strings.Cut(out.String(), "\n:")
		if got := strings.Join(strings.Fields(offered), " "); got != w.formats {
			t.Errorf("%s -o is completed by %q, want %q", c.CommandPath(), got, w.formats)
		}
		args := append(path, "-o", "yaml")
		if c.Name() == "diff" {
			args = append(args, "x", "y")
		}
		if c.Name() == "show" || c.Name() == "restore" || c.Name() == "describe" {
			args = append(args, "x")
		}
		err.Reset()
		if code := run(args, strings.NewReader(""), &out, &err); code != 64 || !strings.Contains(err.String(), "-o yaml: expected one of ["+w.formats+"]") {
			t.Errorf("%s -o yaml ends with %d: %s", c.CommandPath(), code, &err)
		}
	}
	visit(newRoot(&app{}))
	if seen != len(want) {
		t.Errorf("%d commands have -o, want %d", seen, len(want))
	}
}
