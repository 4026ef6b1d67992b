package verifyreport

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// The JUnit XML that Jenkins, GitLab and the actions for GitHub read; there is
// no standard. Elements and attributes are those that the schemas of Surefire
// and of Jenkins' xUnit plugin both know, in their order.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Cases []junitCase `xml:"testcase"`
	}
	junitCounts struct {
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"` // seconds
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *junitSkipped `xml:"skipped"`
		Error   *junitTrouble `xml:"error"`
		Failure *junitTrouble `xml:"failure"`
		Out     *junitText    `xml:"system-out"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitTrouble struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// JUnit writes a report as JUnit XML: one suite for the cluster, one case
// for each check. All checks rest on one reading, whose time the first has.
func JUnit(w io.Writer, _ term.Style, r Report) error {
	suite := junitSuite{Name: junitName(r.Cluster)}
	if r.Err != nil {
		suite.add(junitError(r, suite.Name))
	}
	for i, c := range r.Checks {
		took := time.Duration(0)
		if i == 0 {
			took = r.Took
		}
		suite.add(junitOf(c, suite.Name, took))
	}
	return writeJUnit(w, suite, r.Took)
}

// junitError is the one case of a run that could not say anything of the
// cluster.
func junitError(r Report, class string) junitCase {
	kind := "ERROR"
	var unreachable *steps.UnreachableError
	var invalid diag.List
	switch {
	case errors.Is(r.Err, steps.ErrInterrupted):
		kind = "INTERRUPTED"
	case errors.As(r.Err, &unreachable):
		kind = "NODE_UNREACHABLE"
	case errors.As(r.Err, &invalid):
		kind = "INVALID_FILE"
	}
	out := &term.Page{Style: term.Style{Width: term.NoTermWidth}}
	failure.Write(out, r.Err)
	lines, _ := failure.Lines(r.Err, term.NoTermWidth)
	return junitCase{Name: readable, Class: class, Time: junitSeconds(r.Took),
		Error: &junitTrouble{Message: junitMessage(strings.Join(lines, "; ")), Type: kind, Text: junitBody(out.Text())}}
}

// junitOf is one check as a case: its errors in one failure, for readers that
// know no second one, the rest beside it.
func junitOf(c plan.Check, class string, took time.Duration) junitCase {
	out := junitCase{Name: junitMessage(c.Name), Class: class, Time: junitSeconds(took)}
	if c.Skipped != "" {
		out.Skipped = &junitSkipped{junitMessage(c.Skipped)}
		return out
	}
	var wrong, rest []plan.Finding
	for _, f := range c.Findings {
		if f.Severity == plan.Error {
			wrong = append(wrong, f)
		} else {
			rest = append(rest, f)
		}
	}
	if len(wrong) > 0 || !c.Passed {
		out.Failure = &junitTrouble{Message: "not as declared", Type: "FAILED"}
		if all := findings.Fold(wrong); len(all) > 0 {
			message := all[0].Where() + all[0].Message
			if len(all) > 1 {
				message = fmt.Sprintf("%s, and %d more", message, len(all)-1)
			}
			out.Failure = &junitTrouble{Message: junitMessage(message), Type: junitMessage(all[0].Code), Text: junitBody(junitFindings(wrong))}
		}
	}
	if c.Seen != "" || len(rest) > 0 {
		body := &term.Page{}
		if c.Seen != "" {
			body.Line(term.Clean(term.Clip(c.Seen, term.MaxValue)))
		}
		out.Out = &junitText{junitBody(body.Text() + junitFindings(rest))}
	}
	return out
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Failures++
	case c.Skipped != nil:
		s.Skipped++
	}
}

func junitFindings(list []plan.Finding) string {
	body := &term.Page{Style: term.Style{Width: term.NoTermWidth}}
	findings.Write(body, list)
	return body.Text()
}

// junitBody begins on a line of its own.
func junitBody(lines string) string { return "\n" + lines }

// junitName is "hadeploy.CLUSTER": Jenkins shows what stands before the last
// dot as a package.
func junitName(cluster string) string {
	if cluster == "" {
		return "hadeploy"
	}
	return "hadeploy." + term.Guard(term.Clean(term.Clip(cluster, term.MaxValue)))
}

func junitMessage(text string) string {
	return term.Guard(term.Clean(term.Clip(strings.Join(strings.Fields(text), " "), term.MaxValue)))
}

func junitSeconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

func writeJUnit(w io.Writer, suite junitSuite, took time.Duration) error {
	suite.Time = junitSeconds(took)
	doc, err := xml.MarshalIndent(junitSuites{Name: "hadeploy verify", junitCounts: suite.junitCounts, Suites: []junitSuite{suite}}, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(doc)+"\n")
	return err
}
