package yamldoc

import (
	"regexp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/secret"
)

var (
	// secretKey finds a key whose name ends as those of passwords do, and what
	// follows it on the line.
	secretKey = regexp.MustCompile(`(?i)((?:password|passwd|passphrase|pass|secret)["']?[ \t]*:)(?:[ \t]+(.*))?$`)
	// accountText finds what stands in the place of the account's mapping, and is
	// likely its password.
	accountText = regexp.MustCompile(`^([ \t]*["']?hacluster["']?[ \t]*:)[ \t]+[^ \t{#&*].*$`)
	// mappingLine starts an entry of a mapping or a list: {env: NAME} in
	// block style.
	mappingLine = regexp.MustCompile(`^[ \t]*([A-Za-z_]+[ \t]*:([ \t]|$)|-([ \t]|$)|#)`)
)

// mask returns the lines of a file as diagnostics may show them. It works on
// the text alone, so that it also holds for files that cannot be parsed. What
// follows a password on its line is lost with it.
func mask(lines []string) []string {
	out := make([]string, len(lines))
	below := -1    // indentation of the key whose value may go on below
	block := false // that value is a text of several lines for sure
	for i, line := range lines {
		out[i] = line
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if below >= 0 && strings.TrimSpace(line) != "" {
			switch {
			case indent <= below:
				below = -1
			case block || !mappingLine.MatchString(line):
				out[i] = line[:indent] + secret.Mask
				continue
			}
		}
		if m := accountText.FindStringSubmatch(line); m != nil {
			out[i] = m[1] + " " + secret.Mask
			continue
		}
		m := secretKey.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		value := ""
		if m[4] >= 0 {
			value = strings.TrimSpace(line[m[4]:m[5]])
		}
		switch {
		case value == "" || value[0] == '#':
			below, block = indent, false
		case value[0] != '{':
			out[i] = line[:m[3]] + " " + secret.Mask
			below, block = indent, true
		}
	}
	return out
}
