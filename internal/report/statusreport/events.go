package statusreport

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// stamp reads a time as Pacemaker prints it; zoned tells whether it says of
// which time zone. Newer releases add "on NODE" to some.
func stamp(text string) (t time.Time, zoned, ok bool) {
	text, _, _ = strings.Cut(text, " on ")
	text = strings.TrimSpace(text)
	for _, layout := range []string{"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 -0700", "Mon Jan _2 15:04:05 2006 Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true, true
		}
	}
	for _, layout := range []string{"Mon Jan _2 15:04:05 2006", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, false, true
		}
	}
	return time.Time{}, false, false
}

// since is "3m12s ago (05:27:46)", by the node's own clock, else the time as the node
// prints it: two times can be compared when both say their zone, or neither.
func (p *textPage) since(text string) string {
	raw := "at " + term.Clean(term.Clip(text, term.MaxValue))
	t, zoned, ok := stamp(text)
	if !ok {
		return raw
	}
	now, nowZoned, ok := stamp(p.st.LastUpdated)
	if zoned && !p.view.Now.IsZero() {
		now, nowZoned, ok = p.view.Now, true, true
	}
	if !ok || zoned != nowZoned {
		return raw
	}
	d := now.Sub(t).Truncate(time.Second)
	switch {
	case d < -2*time.Second: // clocks differ, or the hour was changed
		return raw
	case d < time.Second:
		return "just now"
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days ago (%s)", int(d.Hours())/24, t.Format("2006-01-02 15:04:05"+zone(zoned)))
	}
	return term.Seconds(d) + " ago (" + t.Format("15:04:05"+zone(zoned)) + ")"
}

func zone(zoned bool) string {
	if zoned {
		return "Z07:00"
	}
	return ""
}

// every is an operation as people call it: "monitor every 10s", "probe".
func every(a *pcs.FailedAction) string {
	op := term.Clean(a.Operation)
	if a.IntervalMS > 0 {
		return op + " every " + strconv.FormatFloat(float64(a.IntervalMS)/1000, 'f', -1, 64) + "s"
	}
	return op
}

// failedActions shows each failure once, with all nodes where it came about.
func (p *textPage) failedActions() {
	if len(p.st.FailedActions) == 0 {
		return
	}
	p.title("Failed actions")
	type failure struct{ what, why string }
	var order []failure
	where := map[failure][]string{}
	for i := range p.st.FailedActions {
		a := &p.st.FailedActions[i]
		f := failure{what: p.paint(term.Bold, term.Clean(a.Resource)) + ": " + every(a), why: p.reason(a)}
		if where[f] == nil {
			order = append(order, f)
		}
		at := "on " + term.Clean(a.Node)
		if a.LastChange != "" {
			at += " " + p.since(a.LastChange)
		}
		where[f] = append(where[f], at)
	}
	for _, f := range order {
		p.item(true, f.what+" failed "+strings.Join(where[f], ", "))
		p.below(f.why)
	}
	p.item(false, "once mended: pcs resource cleanup RESOURCE")
}

// reason is what the agent and the cluster say of a failure.
func (p *textPage) reason(a *pcs.FailedAction) string {
	var words []string
	switch rc := term.Clean(a.RCText); {
	case a.RC >= 0 && rc != "":
		words = append(words, fmt.Sprintf("%s (%d)", rc, a.RC))
	case a.RC >= 0:
		words = append(words, fmt.Sprintf("exit status %d", a.RC))
	case rc != "":
		words = append(words, rc)
	}
	switch s := strings.ToLower(a.Status); s {
	case "", "complete", "done", strings.ToLower(a.RCText):
	default:
		words = append(words, term.Clean(a.Status))
	}
	why := strings.Join(words, ", ")
	switch reason := term.Clean(term.Clip(a.ExitReason, 2*term.MaxValue)); {
	case reason == "":
		return why
	case why == "":
		return reason
	default:
		return why + ": " + reason
	}
}

// below is the rest of an item.
func (p *textPage) below(text string) {
	if text == "" {
		return
	}
	for _, l := range term.Flow(strings.Fields(text), p.Columns()-4, p.Columns()-4) {
		p.Line("    ", l)
	}
}

// maxFenced is how many successful fencing actions of the past are shown.
const maxFenced = 3

// fencing shows what failed or is under way, equal failures once, and the
// last that succeeded.
func (p *textPage) fencing() {
	if len(p.st.Fencing) == 0 {
		return
	}
	p.title("Fencing")
	type event struct{ what, why string }
	var order []event
	times := map[event][]string{} // the newest first, as Pacemaker prints them
	bad := map[event]bool{}
	done, hidden := 0, 0
	for i := range p.st.Fencing {
		e := &p.st.Fencing[i]
		if e.Status == "success" {
			if done++; done > maxFenced {
				hidden++
				continue
			}
		}
		what := term.Clean(e.Action) + " of " + p.paint(term.Bold, term.Clean(e.Target))
		if e.Delegate != "" {
			what += " by " + term.Clean(e.Delegate)
		}
		switch e.Status {
		case "success":
			what += " succeeded"
		case "pending":
			what += " " + p.paint(term.Yellow, "under way")
		default:
			what += " " + p.paint(term.Red, term.Clean(e.Status))
		}
		if e.LaterSucceeded {
			what += ", later succeeded"
		}
		ev := event{what, term.Clean(term.Clip(e.ExitReason, 2*term.MaxValue))}
		if e.Status == "success" { // each on its own line
			ev.why = ""
			order = append(order, event{what, "\x00" + strconv.Itoa(i)})
			ev = order[len(order)-1]
		} else if times[ev] == nil {
			order = append(order, ev)
		}
		bad[ev] = e.Status != "success" && !e.LaterSucceeded
		times[ev] = append(times[ev], e.Completed)
	}
	for _, ev := range order {
		text := ev.what
		if n := len(times[ev]); n > 1 {
			text += fmt.Sprintf(" %d times, last", n)
		}
		if last := times[ev][0]; last != "" {
			text += " " + p.since(last)
		}
		p.item(bad[ev], text)
		if !strings.HasPrefix(ev.why, "\x00") {
			p.below(ev.why)
		}
	}
	if hidden > 0 {
		p.item(false, fmt.Sprintf("and %s before that succeeded", plural.Of(hidden, "fencing action")))
	}
}

func (p *textPage) failCounts() {
	if len(p.st.FailCounts) == 0 {
		return
	}
	p.title("Fail counts")
	for _, f := range p.st.FailCounts {
		text := term.Clean(f.Resource) + " on " + term.Clean(f.Node) + ": " + term.Clean(f.Count)
		if f.Threshold != "" {
			text += " of " + term.Clean(f.Threshold)
		}
		if f.LastFailure != "" {
			text += ", last " + p.since(f.LastFailure)
		}
		p.item(false, text)
	}
}

// bans shows what keeps resources off nodes; those that a person's move left
// behind are easily forgotten.
func (p *textPage) bans() {
	if len(p.st.Bans) == 0 {
		return
	}
	p.title("Kept off nodes by constraints")
	for _, b := range p.st.Bans {
		text := term.Clean(b.Resource) + " off " + term.Clean(b.Node)
		if b.PromotedOnly {
			text += " (only as Promoted)"
		}
		left := strings.HasPrefix(b.ID, "cli-")
		text += ", by " + term.Clean(b.ID)
		if left {
			text += ": left by a move or ban; to end it: pcs resource clear " + term.Clean(b.Resource)
		}
		p.item(left, text)
	}
}

func (p *textPage) tickets() {
	if len(p.st.Tickets) == 0 {
		return
	}
	p.title("Tickets")
	for _, t := range p.st.Tickets {
		text := term.Clean(t.ID) + ": " + p.paint(term.Yellow, "revoked")
		if t.Granted {
			text = term.Clean(t.ID) + ": granted"
		}
		if t.Standby {
			text += ", " + p.paint(term.Yellow, "standby")
		}
		if t.LastGranted != "" {
			text += ", last granted " + p.since(t.LastGranted)
		}
		p.item(!t.Granted || t.Standby, text)
	}
}
