package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand visits all commands below one.
func everyCommand(c *cobra.Command, visit func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		visit(sub)
		everyCommand(sub, visit)
	}
}

// TestLettersMeanTheSame: a letter is the same flag in every command that has
// it, and a flag has the same letter.
func TestLettersMeanTheSame(t *testing.T) {
	names, letters := map[string]string{}, map[string]string{}
	everyCommand(newRoot(&app{}), func(c *cobra.Command) {
		c.InheritedFlags() // adds those of the root
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if was, known := letters[f.Name]; known && was != f.Shorthand {
				t.Errorf("%s: --%s is -%s, and elsewhere -%s", c.CommandPath(), f.Name, f.Shorthand, was)
			}
			letters[f.Name] = f.Shorthand
			if f.Shorthand == "" {
				return
			}
			if was, known := names[f.Shorthand]; known && was != f.Name {
				t.Errorf("%s: -%s is --%s, and elsewhere --%s", c.CommandPath(), f.Shorthand, f.Name, was)
			}
			names[f.Shorthand] = f.Name
		})
	})
	if names["f"] != "file" || names["i"] != "inventory" || len(names) < 6 {
		t.Errorf("the letters are %v", names)
	}
}

// TestPlaybookByFlag: each command whose argument is a playbook takes it from -f
// too.
func TestPlaybookByFlag(t *testing.T) {
	seen := 0
	everyCommand(newRoot(&app{}), func(c *cobra.Command) {
		if !strings.Contains(c.Use, "[cluster.yaml") {
			return
		}
		seen++
		if c.Flags().Lookup("file") == nil {
			t.Errorf("%s has no -f", c.CommandPath())
		}
	})
	if seen < 7 {
		t.Errorf("only %d commands take a playbook", seen)
	}
}

// TestHabits: no flag of another tool for which there is a hint is one of ours,
// where the hint would never be shown.
func TestHabits(t *testing.T) {
	everyCommand(newRoot(&app{}), func(c *cobra.Command) {
		if c.Parent().Name() == "lab" || c.Name() == "lab" {
			return
		}
		for _, h := range habits {
			for _, name := range strings.Fields(h.flags) {
				if len(name) == 1 && c.Flags().ShorthandLookup(name) != nil || len(name) > 1 && c.Flags().Lookup(name) != nil {
					t.Errorf("%s has --%s", c.CommandPath(), name)
				}
			}
		}
		err := flagUsage(c, errors.New("another error"))
		if h, ok := errors.AsType[hinted](err); !ok || h.Hint() != "see "+c.CommandPath()+" --help" {
			t.Errorf("%s: %v", c.CommandPath(), err)
		}
	})
}
