package corosync

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Quorum is what a running member says of its partition's votes.
type Quorum struct {
	Quorate  bool
	Nodes    int // members of this partition
	Expected int // votes of the whole cluster
	Total    int // votes that are here
	Needed   int // votes that make quorum
	Flags    []string
}

// ParseQuorum reads the output of corosync-quorumtool -s. Text that lacks one
// of the values is an error, never a guess.
func ParseQuorum(text []byte) (Quorum, error) {
	fields := map[string]string{}
	for line := range bytes.Lines(text[:min(len(text), maxFile)]) {
		name, value, ok := strings.Cut(strings.TrimSpace(string(line)), ":")
		if _, seen := fields[name]; ok && !seen {
			fields[name] = strings.TrimSpace(value)
		}
	}
	var q Quorum
	switch v, ok := fields["Quorate"]; {
	case v == "Yes":
		q.Quorate = true
	case v != "No" && ok:
		return Quorum{}, fmt.Errorf("corosync-quorumtool: quorate is %q, neither Yes nor No", v)
	case !ok:
		return Quorum{}, fmt.Errorf("corosync-quorumtool: the output does not say whether the partition is quorate")
	}
	for _, f := range []struct {
		name string
		to   *int
	}{{"Nodes", &q.Nodes}, {"Expected votes", &q.Expected}, {"Total votes", &q.Total}, {"Quorum", &q.Needed}} {
		// "Quorum:           2 Activity blocked"
		number, _, _ := strings.Cut(fields[f.name], " ")
		v, err := strconv.ParseUint(number, 10, 31)
		if err != nil {
			return Quorum{}, fmt.Errorf("corosync-quorumtool: %s is %q, not a number", strings.ToLower(f.name), fields[f.name])
		}
		*f.to = int(v)
	}
	q.Flags = strings.Fields(fields["Flags"])
	return q, nil
}
