package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// version is set by the Makefile.
var version = "devel"

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.out, versionLine())
			return err
		},
	}
}

// versionLine is what version and --version print.
func versionLine() string {
	return fmt.Sprintf("hadeploy %s %s %s/%s\n", hadeployVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// hadeployVersion is the version with the commit that it was built from, as
// far as the build says.
func hadeployVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return version + " (" + s.Value[:12] + ")"
			}
		}
	}
	return version
}

// commitOf is the commit of the playbook's repository: what the CI system says,
// else git; "" where there is neither. It is for a reader of the plan alone.
func commitOf(ctx context.Context, dir string) string {
	for _, name := range []string{"GITHUB_SHA", "CI_COMMIT_SHA"} {
		if sha := os.Getenv(name); commitName.MatchString(sha) {
			return sha
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", "-C", dir, "rev-parse", "HEAD")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if sha := strings.TrimSpace(string(out)); err == nil && commitName.MatchString(sha) {
		return sha
	}
	return ""
}

var commitName = regexp.MustCompile(`^[0-9a-f]{40,64}$`)
