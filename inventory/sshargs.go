package inventory

import (
	"errors"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// knownHosts takes the files of -o UserKnownHostsFile from a variable with
// arguments of ssh. Other arguments are ignored; those that people count on
// are said to be.
func (l *loader) knownHosts(s setting) []string {
	words, err := shellWords(s.Value.Text)
	pos := l.doc.Pos(s.Value)
	if err != nil {
		l.errorAt(pos, s.path, "", "%v", err)
		return nil
	}
	var files []string
	for i := 0; i < len(words); i++ {
		option := ""
		switch w := words[i]; {
		case w == "-o" && i+1 < len(words):
			i++
			option = words[i]
		case strings.HasPrefix(w, "-o"):
			option = w[2:]
		case w == "-J" || strings.HasPrefix(w, "-J"):
			l.ignored(pos, s, "-J", "put ProxyJump for these hosts into ~/.ssh/config, which is read")
		}
		name, value := cutOption(option)
		switch strings.ToLower(name) {
		case "userknownhostsfile":
			for _, f := range strings.Fields(value) {
				if f == "/dev/null" || f == "none" {
					l.ignored(pos, s, "UserKnownHostsFile="+f, "host keys are always checked; ssh-keyscan HOST >> known_hosts, after comparing the fingerprints")
					continue
				}
				files = append(files, l.under(f))
			}
		case "stricthostkeychecking":
			if v := strings.ToLower(value); v == "no" || v == "off" {
				l.ignored(pos, s, "StrictHostKeyChecking="+value, "host keys are always checked; pin them in known_hosts")
			}
		case "proxyjump", "proxycommand":
			l.ignored(pos, s, name, "put ProxyJump for these hosts into ~/.ssh/config, which is read")
		}
	}
	return files
}

func (l *loader) ignored(pos diag.Pos, s setting, what, hint string) {
	l.warnAt(pos, s.path, hint, "%s is ignored here", what)
}

// cutOption takes Name=value or "Name value" apart.
func cutOption(option string) (name, value string) {
	option = strings.TrimSpace(option)
	i := strings.IndexAny(option, "= \t")
	if i < 0 {
		return option, ""
	}
	return option[:i], strings.Trim(strings.TrimLeft(option[i:], "= \t"), `"`)
}

// shellWords splits a line as a shell would, without expanding anything.
func shellWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inside, quote := false, byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == '\'' && c != '\'':
			word.WriteByte(c)
		case c == '\\' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			inside = true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, inside = c, true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if inside {
				words = append(words, word.String())
				word.Reset()
				inside = false
			}
		default:
			word.WriteByte(c)
			inside = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote in it is not closed")
	}
	if inside {
		words = append(words, word.String())
	}
	return words, nil
}
