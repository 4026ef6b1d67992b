package packages

import (
	"regexp"
	"slices"
	"strings"
)

// auditName is a package in dpkg --audit's lists: indented by one blank.
var auditName = regexp.MustCompile(`(?m)^ ([a-z0-9][a-z0-9+.-]*)`)

// Interrupted reads dpkg --audit: the packages that an interrupted
// dpkg left behind, nil for none. The audit also complains of packages without
// lists of checksums or of another architecture, which is harmless and common.
func Interrupted(audit string) []string {
	var names []string
	// Each complaint is a paragraph of words, then the packages.
	for _, part := range strings.Split("\n"+audit, "\nThe following ") {
		if strings.Contains(part, "missing the ") || strings.Contains(part, "architecture") {
			continue
		}
		for _, match := range auditName.FindAllStringSubmatch(part, -1) {
			if !slices.Contains(names, match[1]) {
				names = append(names, match[1])
			}
		}
	}
	slices.Sort(names)
	return names
}
