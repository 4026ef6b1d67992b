package cases

import (
	"fmt"
	"strings"
)

// Example is a block of YAML in a page of Markdown.
type Example struct {
	Name string // the heading that it stands below, and which it is there: "resources 2"
	Text string
}

// Examples are all of them, in the page's order.
func Examples(page string) (list []Example) {
	heading, count, block, fence := "", map[string]int{}, "", ""
	for line := range strings.Lines(page) {
		mark, isFence := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch {
		case isFence && fence == "":
			fence, block = "```"+mark, ""
		case isFence:
			if fence == "```yaml" {
				count[heading]++
				list = append(list, Example{fmt.Sprintf("%s %d", heading, count[heading]), block})
			}
			fence = ""
		case fence != "":
			block += line
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
	}
	return list
}
