package pcs

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Each title opens its part wherever a status has it, as the sources write it or
// as a person types it, and is known where it stands in no status. What reads
// below it is in testdata/forms.
func TestTitles(t *testing.T) {
	const head = "Stack: corosync\nCurrent DC: alpha (version 1.1.23-1) - partition with quorum\n2 nodes configured\n1 resource configured\n"
	seen := map[string]bool{}
	for _, title := range titles {
		what := title.tool + " prints " + strconv.Quote(title.text)
		if len(title.text) > maxTitle || seen[title.text] {
			t.Errorf("%s: it is longer than maxTitle, or stands twice in the table", what)
		}
		seen[title.text] = true
		if since, until := release(t, title.since), release(t, title.until); title.until != "" && slices.Compare(since, until) > 0 {
			t.Errorf("%s: from %s to %s", what, title.since, title.until)
		}
		if !likeStatus(oneLine(title.text)) {
			t.Errorf("%s: not known for a line of a status", what)
		}
		below := []string{"", head, head + "\nOnline: [ alpha beta ]\n\n"}
		if title.opens == inHead { // else it is of another status
			below = below[:1]
		}
		typed := []string{title.text, "  " + title.text, strings.ToLower(title.text)}
		if !strings.HasSuffix(title.text, ":") { // in lower case anybody may write it
			typed = typed[:2]
		}
		for _, before := range below {
			for _, line := range typed {
				r := newReader(before + line + "\n")
				for {
					ln, ok := r.lines.next()
					if !ok {
						break
					}
					r.line(ln)
				}
				got := r.section
				if r.away == inSimulation {
					got = inSimulated
				}
				if got != title.opens || len(r.st.Unparsed)+len(r.preamble) > 0 {
					t.Errorf("%s: below %q, as %q, it opens %d, want %d; left over: %v %v", what, before, line, got, title.opens, r.st.Unparsed, r.preamble)
				}
				if named := len(r.st.Beside) == 1 && r.st.Beside[0].Text == strings.TrimSpace(line); named != (got == inSimulated) {
					t.Errorf("%s: named as no part of the status: %v", what, r.st.Beside)
				}
			}
		}
	}
}

// release takes a version apart.
func release(t *testing.T, version string) (numbers []int) {
	t.Helper()
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil && version != "" {
			t.Errorf("%q is no release", version)
		}
		numbers = append(numbers, n)
	}
	return numbers
}
