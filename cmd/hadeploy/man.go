package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan writes the manual pages; it is for packagers, and not in the help.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write a manual page for each command into a folder",
		Args:   usage(cobra.ExactArgs(1)),
		Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("making the folder of the pages: %w", err)
			}
			root := c.Root()
			root.DisableAutoGenTag = true // it would have the date of today
			return doc.GenManTree(root, &doc.GenManHeader{Title: "HADEPLOY", Section: "1", Source: "hadeploy " + version, Manual: "hadeploy"}, args[0])
		},
	}
}
