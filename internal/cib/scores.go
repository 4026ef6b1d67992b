package cib

import (
	"bufio"
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// Scores are Pacemaker's own: where its scheduler would have each resource.
type Scores struct {
	last     map[string]map[string]float64 // resource or instance -> node -> score
	promoted map[string]map[string]float64
	// Leaving are the active resources that the cluster is about to stop,
	// move or demote.
	Leaving []plan.Impact
}

var (
	allocationLine = regexp.MustCompile(`^(?:\* )?(?:\S+: )?(\S+) allocation score on (\S+): (\S+)$`)
	leavingLine    = regexp.MustCompile(`^(?:\* )?((?:Stop|Move|Migrate|Demote)\s+[^\s(]\S*\s+\(.*)$`)
	promotionLine  = regexp.MustCompile(`^(?:\* )?(?:\S+: )?(\S+) promotion score on (\S+): (\S+)$`)
)

// ParseScores reads what crm_simulate -sL printed, of Pacemaker 1.1 to 3.0:
//
//	native_color: vip allocation score on n1: 0              (1.1, 2.0)
//	pcmk__primitive_assign: vip allocation score on n1: 100  (2.1, 3.0)
//	db:0 promotion score on n1: 10
//	Move       vip     (             n1 -> n2 )
//
// With -s, 2.1.5 leaves out all headings, so lines are known by their shape.
// A resource is told of several times while others are placed; the last line
// is the one that counted.
func ParseScores(text []byte) *Scores {
	s := &Scores{last: map[string]map[string]float64{}, promoted: map[string]map[string]float64{}}
	run, longest, of := 0, 0, "" // lines of the same resource, told by the same function
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		if m := leavingLine.FindStringSubmatch(line); m != nil {
			if i, ok := impact(m[1]); ok {
				s.Leaving = append(s.Leaving, i)
			}
			continue
		}
		to, m := s.last, allocationLine.FindStringSubmatch(line)
		if m == nil {
			to, m = s.promoted, promotionLine.FindStringSubmatch(line)
		}
		if m == nil {
			continue
		}
		if who, _, _ := strings.Cut(line, " allocation score on"); who == of {
			run++
		} else {
			run, of = 1, who
		}
		longest = max(longest, run)
		score, ok := pacemaker.Score(m[3])
		if !ok {
			continue
		}
		if to[m[1]] == nil {
			to[m[1]] = map[string]float64{}
		}
		to[m[1]][m[2]] = score
	}
	// Where the answer was cut, the last resource lacks nodes: what is not told of
	// it must not say that it is allowed nowhere.
	if _, last, _ := strings.Cut(of, ": "); run < longest {
		delete(s.last, cmp.Or(last, of))
	}
	return s
}

// Any reports whether a score was told at all.
func (s *Scores) Any() bool { return len(s.last) > 0 }

// On is the score of a resource that is no clone, and whether Pacemaker told
// one.
func (s *Scores) On(id, node string) (float64, bool) {
	score, ok := s.last[id][node]
	return score, ok
}

// Known reports whether Pacemaker told where the resource, or an instance of
// it, may be.
func (s *Scores) Known(id string) bool { return len(s.instances(id)) > 0 }

// Allows reports whether the scheduler could have the resource, or one instance
// of it, on the node: below 0 it never does, however far below.
func (s *Scores) Allows(id, node string) bool {
	for _, key := range s.instances(id) {
		if score, ok := s.last[key][node]; ok && score >= 0 {
			return true
		}
	}
	return false
}

// Places is on how many nodes the scheduler would have the resource: at most
// one of a primitive, one for each instance of a clone.
func (s *Scores) Places(id string) (n int) {
	for _, key := range s.instances(id) {
		for _, score := range s.last[key] {
			if score >= 0 {
				n++
				break
			}
		}
	}
	return n
}

// Promotable is how many instances the scheduler could promote.
func (s *Scores) Promotable(id string) (n int) {
	for key, on := range s.promoted {
		if instanceOf(key, id) {
			for _, score := range on {
				if score >= 0 {
					n++
					break
				}
			}
		}
	}
	return n
}

// instances are the keys of a resource: its id, or id:0, id:1.
func (s *Scores) instances(id string) (keys []string) {
	for key := range s.last {
		if instanceOf(key, id) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func instanceOf(key, id string) bool {
	rest, ok := strings.CutPrefix(key, id)
	return ok && (rest == "" || rest[0] == ':' && strings.Trim(rest[1:], "0123456789") == "")
}
