package report

import (
	"fmt"
	"slices"
	"strings"
)

// listed puts a comma behind each word but the last.
func listed(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		}
		out[i] = w
	}
	return out
}

// cleaned is Clean for each word.
func cleaned(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = Clean(w)
	}
	return out
}

// some names the first few of a list and counts the rest.
func some(names []string, most int) ([]string, string) {
	if len(names) > most {
		return names[:most], fmt.Sprintf(" and %d more", len(names)-most)
	}
	return names, ""
}

// sortNodes sorts by the order of the inventory; unknown names go last.
func sortNodes(nodes, order []string) {
	slices.SortFunc(nodes, func(a, b string) int {
		return compareNodes(order, []string{a}, []string{b})
	})
}

func compareNodes(order, a, b []string) int {
	rank := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	return slices.CompareFunc(a, b, func(x, y string) int {
		if rx, ry := rank(x), rank(y); rx != ry {
			return rx - ry
		}
		return strings.Compare(x, y)
	})
}
