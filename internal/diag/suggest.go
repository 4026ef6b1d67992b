package diag

import (
	"fmt"
	"slices"
	"strings"
)

// Distance is the number of single edits (insert, delete, replace, swap of
// neighbours) between a and b: the optimal string alignment distance, counted
// in runes.
func Distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before := make([]int, len(t)+1) // row i-2
	last := make([]int, len(t)+1)   // row i-1
	row := make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}

// maxCompared bounds the length of what is compared: a name longer than this
// is no slip of the pen.
const maxCompared = 64

// Closest returns the candidate nearest to name, or "" when none is near
// enough to be what was meant. Case and the sort of separator (-, _) do not
// count. Of equally near candidates the first one wins; where none is near, the one
// that has all the words of the name and more.
func Closest(name string, candidates []string) string {
	fold := strings.NewReplacer("_", "-").Replace
	n := fold(strings.ToLower(name))
	if n == "" || len(n) > maxCompared {
		return ""
	}
	best, limit := "", max(1, (len(n)+1)/3)+1
	for _, c := range candidates {
		if c == name || len(c) > maxCompared {
			continue
		}
		if d := Distance(n, fold(strings.ToLower(c))); d < limit {
			best, limit = c, d
		}
	}
	if best == "" {
		best = longer(n, candidates)
	}
	return best
}

// longer is the one candidate that has all the words of a name and others beside:
// cidr_netmask for netmask. Of several none is meant.
func longer(name string, candidates []string) (found string) {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	}
	given := words(name)
	for _, c := range candidates {
		if have := words(c); len(have) > len(given) && len(c) <= maxCompared && !slices.ContainsFunc(given, func(w string) bool { return len(w) < 3 || !slices.Contains(have, w) }) {
			if found != "" {
				return ""
			}
			found = c
		}
	}
	return found
}

// DidYouMean is the hint for a name that is not one of the candidates: the
// nearest of them, else all of them when they are few, else nothing.
func DidYouMean(name string, candidates []string) string {
	if c := Closest(name, candidates); c != "" {
		return fmt.Sprintf("did you mean %q?", c)
	}
	if len(candidates) == 0 || len(candidates) > 12 {
		return ""
	}
	return "known here: " + strings.Join(candidates, ", ")
}
