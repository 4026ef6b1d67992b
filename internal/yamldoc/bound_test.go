package yamldoc

import (
	"strings"
	"testing"
	"time"
)

// TestBounded: a file of the largest size that is made to be slow is read, or
// refused, in little time. The bound is loose, for busy machines.
func TestBounded(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, (MaxSize-64)/len(s)) }
	for name, src := range map[string]string{
		"brackets":            fill("["),
		"braces":              fill("{"),
		"dashes":              fill("- "),
		"question marks":      fill("? "),
		"colons":              fill(": "),
		"comments":            fill("#\n"),
		"comments and values": fill("#\na:\n"),
		"quotes":              "a: '" + fill("''"),
		"open quote":          "a: \"" + fill("x\n"),
		"many lines":          "a:\n" + fill(" - b\n"),
		"many keys":           "a:\n" + fill(" b: c\n"),
		"error at the end":    fill("- a\n") + "\n b: c\n",
		"error in the middle": fill("- a\n")[:MaxSize/2] + "\n b: [\n" + fill("- a\n")[:MaxSize/2-128],
		"anchors":             fill("- &a x\n"),
		"aliases":             "- &a x\n" + fill("- *a\n"),
		"long lines":          "a: " + fill("[x, "),
		"long key":            fill("k") + ": 1",
		"tags":                fill("- !!x y\n"),
		"spaces":              fill(" "),
		"tabs":                fill("\t\n"),
		"returns":             fill("\r"),
		"documents":           fill("---\n"),
		"directives":          fill("%TAG ! x\n"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, _ = Parse("f", []byte(src)) // whatever it says of it
			took := time.Since(start)
			if took > 30*time.Second {
				t.Errorf("took %s", took)
			}
			if testing.Verbose() {
				t.Log(took)
			}
		})
	}
}
