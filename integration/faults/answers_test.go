package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
)

// brokenAnswers breaks every command that an observation runs on a node, in
// every way: it fails, it says nothing, it says something else, it is cut after
// each line. Nothing may follow from such an answer: no "No changes", no change,
// no "as declared". Which commands there are is read from the observation itself.
// HADEPLOY_FAULTS=all tries all ways; else a part that the seed chooses.
func (c *cluster) brokenAnswers(budget time.Duration) {
	t := c.t
	programs := c.wrapPrograms("n1")
	defer c.try("n1", "xargs -r rm -f </run/answers/wrapped; rm -rf /run/answers")
	began, tried := time.Now(), 0
	var ways []way
	for _, command := range []string{"plan", "verify"} {
		for program, lines := range c.lengths(command, programs) {
			for _, how := range waysOf(lines, c.all, random(c.seed)) {
				ways = append(ways, way{command, program, how})
			}
		}
	}
	slices.SortFunc(ways, func(a, b way) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	if len(ways) < 60 {
		t.Errorf("only %d ways to break an answer were found: %v", len(ways), ways)
	}
	random(c.seed).Shuffle(len(ways), func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
	for _, w := range ways {
		if budget > 0 && time.Since(began) > budget {
			break
		}
		if w.noMatter() != "" {
			continue
		}
		tried++
		c.breakAnswer("n1", w.program+" "+w.how)
		if w.command == "plan" {
			c.planOfBroken(w)
		} else {
			c.verifyOfBroken(w)
		}
	}
	c.breakAnswer("n1", "none fail")
	t.Logf("%d of %d ways to break an answer were tried", tried, len(ways))
}

// way is one of them: fail, empty, garbage, or cut N.
type way struct{ command, program, how string }

// noMatter says why a broken answer may be followed by the same verdict.
func (w way) noMatter() string {
	switch {
	case w.command == "plan" && w.program == "dpkg" && w.how == "empty":
		return "dpkg --audit has nothing to tell of a node that is well"
	case w.command == "verify" && w.program == "uname":
		return "pcs asks it, and what pcs prints is whole"
	case w.command == "verify" && w.program == "crm_mon":
		return "pcs has the XML too"
	case w.command == "verify" && w.program == "crm_simulate" && strings.HasPrefix(w.how, "cut"):
		return "where all runs as declared, no verdict rests on the scores"
	}
	return ""
}

func (c *cluster) planOfBroken(w way) {
	r := c.hadeploy(2*time.Minute, "plan", "--detailed-exitcode", "-o", "json")
	var p struct {
		Changes  []any
		Findings []struct{ Code, Node string }
	}
	if r.Code == 0 && json.Unmarshal([]byte(r.Out), &p) == nil && len(p.Changes) == 0 && len(p.Findings) > 0 && p.Findings[0].Code == "FACT_UNKNOWN" {
		return // what a plan can do without, and says that it did
	}
	if (r.Code != 3 && r.Code != 4) || !strings.Contains(r.Err, "n1") {
		c.t.Errorf("%v: it is believed, or blamed on something else: %s", w, r)
	}
}

func (c *cluster) verifyOfBroken(w way) {
	r := c.hadeploy(2*time.Minute, "verify")
	if r.Code != 5 && r.Code != 3 && r.Code != 4 || !strings.Contains(r.Out+r.Err, "n1") || strings.Contains(r.Out, " is as declared") || strings.Contains(r.Out, "runs as declared") || strings.Contains(r.Out, "ADDRESS_ABSENT") {
		c.t.Errorf("%v: it is believed, or blamed on something else: %s", w, r)
	}
}

// wrapPrograms puts a wrapper before every program that the observation names
// and the node has; it does nothing until breakAnswer says so. Daemons and agents
// get the program itself.
func (c *cluster) wrapPrograms(node string) []string {
	words := map[string]bool{}
	for _, w := range regexp.MustCompile(`[a-z][a-z0-9_-]+`).FindAllString(facts.Script(), -1) {
		words[w] = true
	}
	var list []string
	for w := range words {
		list = append(list, w)
	}
	slices.Sort(list)
	out := c.on(node, `mkdir -p /run/answers; echo none fail >/run/answers/way; : >/run/answers/wrapped
cat >/run/answers/wrapper <<'WRAPPER'
#!/bin/sh
name=${0##*/}
real=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin; command -v "$name")
case "${INVOCATION_ID-}${OCF_ROOT-}" in ?*) exec "$real" "$@" ;; esac
read -r target how lines </run/answers/way
[ "$target" = "$name" ] || [ "$target" = count ] || exec "$real" "$@"
case $target:$name in
count:timeout) # it passes on what is waited for, line by line
	echo "$name 0" >>/run/answers/lengths
	exec "$real" "$@" ;;
count:*)
	"$real" "$@" >/run/answers/out.$$; code=$?
	echo "$name $(/usr/bin/wc -l </run/answers/out.$$)" >>/run/answers/lengths
	/bin/cat /run/answers/out.$$; /bin/rm /run/answers/out.$$
	exit $code ;;
esac
case $how in
fail) exit 1 ;;
empty) exit 0 ;;
garbage) echo 'Lorem ipsum {<' ;;
cut) "$real" "$@" | /usr/bin/head -n "$lines" ;;
esac
exit 0
WRAPPER
chmod 755 /run/answers/wrapper
for w in `+strings.Join(list, " ")+`; do
	p=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin; command -v $w) || continue
	case $p in /*) ;; *) continue ;; esac
	[ ! -e /usr/local/sbin/$w ] || continue
	cp /run/answers/wrapper /usr/local/sbin/$w
	echo /usr/local/sbin/$w >>/run/answers/wrapped
	echo $w
done`)
	return strings.Fields(out)
}

func (c *cluster) breakAnswer(node, how string) { c.on(node, "echo "+how+" >/run/answers/way") }

// lengths are the programs that a command has run on the node, with the most
// lines that each has written.
func (c *cluster) lengths(command string, programs []string) map[string]int {
	c.on("n1", ": >/run/answers/lengths; echo count >/run/answers/way")
	r := c.hadeploy(2*time.Minute, command)
	c.breakAnswer("n1", "none fail")
	if r.Code != 0 {
		c.t.Errorf("while nothing is broken: %s", r)
	}
	most := map[string]int{}
	for line := range strings.Lines(c.on("n1", "cat /run/answers/lengths")) {
		w := strings.Fields(line)
		if n, err := strconv.Atoi(w[len(w)-1]); err == nil && slices.Contains(programs, w[0]) {
			most[w[0]] = max(most[w[0]], n)
		}
	}
	return most
}

// waysOf are the ways to break an answer of so many lines.
func waysOf(lines int, all bool, r *rand.Rand) []string {
	ways := []string{"fail", "empty", "garbage"}
	few := 4
	if all {
		few = 12
	}
	var cuts []int
	for i := 1; i < lines; i++ {
		cuts = append(cuts, i)
	}
	if len(cuts) > few {
		last := cuts[len(cuts)-1]
		r.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
		cuts = append(cuts[:few-1], last)
	}
	for _, i := range cuts {
		ways = append(ways, "cut "+strconv.Itoa(i))
	}
	return ways
}

// answersTime is how long the part for CI breaks answers.
const answersTime = time.Minute
