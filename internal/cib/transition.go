package cib

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// ParseTransition reads the "Transition Summary" of crm_simulate: what
// Pacemaker expects to happen. The forms of Pacemaker 1.1 to 3.0 are read:
//
//   - Start      web-ip     (             n1 )
//   - Move       web-ip     (       n1 -> n2 )  due to node availability
//   - Promote    db:0       ( Unpromoted -> Promoted n1 )
//   - Fence (reboot) n2 'peer is no longer part of the cluster'
//
// What it prints as XML is read, too. The status that follows the summary shows that it is whole: without it, or
// with a line that is not understood, the answer is an error. An answer that is
// cut would say that nothing is stopped.
func ParseTransition(text []byte) ([]plan.Impact, error) {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
		return parseTransitionXML(text)
	}
	var list []plan.Impact
	in, summary, revised := false, false, false
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		switch {
		case strings.HasPrefix(line, "Transition Summary:"):
			in, summary = true, true
		case strings.EqualFold(line, "Revised cluster status:"):
			in, revised = false, summary
		case !in:
		case line == "" && len(list) == 0:
		case !strings.HasPrefix(line, "*"):
			if line != "" || len(list) > 0 {
				in = false
			}
		default:
			i, ok := impact(strings.TrimSpace(strings.TrimPrefix(line, "*")))
			if !ok {
				return nil, fmt.Errorf("the simulator's answer holds a line that is not understood: %q", line)
			}
			list = append(list, i)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("the simulator's answer: %w", err)
	}
	if !revised {
		return nil, errors.New("the simulator's answer is not whole: after the transition there is no status")
	}
	return list, nil
}
