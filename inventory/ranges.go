package inventory

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// hostText is a host's name; it becomes an argument, a file name and a name in
// corosync.conf.
var hostText = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$`)

// isAddress reports whether s is an IP address, without a zone.
func isAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}

// cutPort takes name:port apart; an IPv6 address with a port stands in
// brackets.
func cutPort(key string) (name, port string) {
	if isAddress(key) {
		return key, ""
	}
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(key, "["), "]"); ok && strings.HasPrefix(key, "[") && isAddress(inner) {
		return inner, strings.TrimPrefix(rest, ":")
	}
	i := strings.LastIndexByte(key, ':')
	if i < 0 || i < strings.LastIndexByte(key, ']') || strings.LastIndexByte(key, '[') > strings.LastIndexByte(key, ']') {
		return key, ""
	}
	if _, err := strconv.Atoi(key[i+1:]); err != nil {
		return key, ""
	}
	return key[:i], key[i+1:]
}

// expandRange expands the ranges of a host pattern as Ansible does:
// web[01:03], db-[a:c], n[1:9:2]; both ends belong to it. More than limit
// names are an error.
func expandRange(pattern string, limit int) ([]string, error) {
	head, rest, opened := strings.Cut(pattern, "[")
	if !opened {
		return []string{pattern}, nil
	}
	inner, tail, closed := strings.Cut(rest, "]")
	if !closed {
		return nil, fmt.Errorf("the range in %q is not closed", pattern)
	}
	values, err := rangeValues(inner, limit)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", pattern, err)
	}
	var out []string
	for _, v := range values {
		rest, err := expandRange(tail, limit-len(out))
		if err != nil {
			return nil, err
		}
		for _, r := range rest {
			out = append(out, head+v+r)
		}
		if len(out) > limit {
			return nil, fmt.Errorf("%q makes more than %d hosts", pattern, maxHosts)
		}
	}
	return out, nil
}

func rangeValues(text string, limit int) ([]string, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 || parts[1] == "" {
		return nil, fmt.Errorf("a range is [FIRST:LAST] or [FIRST:LAST:STEP]")
	}
	step := 1
	if len(parts) == 3 {
		n, err := strconv.Atoi(parts[2])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("the step of a range is a whole number from 1, not %q", parts[2])
		}
		step = n
	}
	first, last := parts[0], parts[1]
	if first == "" {
		first = "0"
	}
	if letter(first) && letter(last) {
		return letterRange(first[0], last[0], step)
	}
	from, err1 := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	width := 0
	if len(first) > 1 && first[0] == '0' {
		width = len(first)
	}
	switch {
	case err1 != nil || err2 != nil || from < 0 || to < 0:
		return nil, fmt.Errorf("a range has two numbers or two letters, not %q and %q", first, last)
	case from > to:
		return nil, fmt.Errorf("the range ends at %s before it starts at %s", last, first)
	case width > 0 && len(last) != width:
		return nil, fmt.Errorf("both ends of a range with leading zeros have as many digits: %s and %s", first, last)
	case (to-from)/step >= limit:
		return nil, fmt.Errorf("the range makes more than %d hosts", maxHosts)
	}
	// Counted, for what comes after the last may be beyond an int.
	out := make([]string, (to-from)/step+1)
	for i := range out {
		out[i] = fmt.Sprintf("%0*d", width, from+i*step)
	}
	return out, nil
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func letter(s string) bool { return len(s) == 1 && strings.Contains(letters, s) }

// letterRange counts in Ansible's order: a to z, then A to Z.
func letterRange(first, last byte, step int) ([]string, error) {
	from, to := strings.IndexByte(letters, first), strings.IndexByte(letters, last)
	if from > to {
		return nil, fmt.Errorf("the range ends at %c before it starts at %c", last, first)
	}
	out := make([]string, (to-from)/step+1)
	for i := range out {
		at := from + i*step
		out[i] = letters[at : at+1]
	}
	return out, nil
}
