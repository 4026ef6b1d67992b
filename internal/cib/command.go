package cib

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// shellWord quotes s for a POSIX shell where it needs it.
func shellWord(s string) string {
	plain := s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.,:/=+@%", r))
	})
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// pcsPair is name=value as an argument; a secret is masked.
func pcsPair(p pair) string {
	if p.secret {
		return shellWord(p.name) + "=" + secret.Mask
	}
	return shellWord(p.name + "=" + p.value)
}

func pcsLine(words string, pairs ...pair) string {
	for _, p := range pairs {
		words += " " + pcsPair(p)
	}
	return words
}

// commands joins what a person would type one after the other.
func commands(list []string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " && ")
}

// pcsDiffs gives the words that set what is wanted and unset what goes.
func pcsDiffs(diffs []plan.Diff, prefix string) string {
	var b strings.Builder
	for _, d := range diffs {
		b.WriteString(" " + pcsPair(pair{name: strings.TrimPrefix(d.Name, prefix), value: d.After, secret: d.Secret && d.HasAfter}))
	}
	return b.String()
}

var pcsTimeForm = regexp.MustCompile(`^[0-9]+(s|sec|m|min|h|hr)?$`)

// pcsTime reports whether pcs of every release takes a text for a time. Pacemaker
// takes more: milliseconds, and blanks before the unit.
func pcsTime(text string) bool { return pcsTimeForm.MatchString(text) }
