package term

import (
	"fmt"
	"slices"
	"strings"
)

// Listed puts a comma behind each word but the last.
func Listed(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		}
		out[i] = w
	}
	return out
}

// Cleaned is Clean for each word.
func Cleaned(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = Clean(w)
	}
	return out
}

// Some names the first few of a list and counts the rest.
func Some(names []string, most int) ([]string, string) {
	if len(names) > most {
		return names[:most], fmt.Sprintf(" and %d more", len(names)-most)
	}
	return names, ""
}

// SortNodes sorts by the order of the inventory; unknown names go last.
func SortNodes(nodes, order []string) {
	slices.SortFunc(nodes, func(a, b string) int {
		return CompareNodes(order, []string{a}, []string{b})
	})
}

// CompareNodes orders lists of nodes by where their names stand in an order.
func CompareNodes(order, a, b []string) int {
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
