package report_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/finding"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/recap"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

// TestGallery prints what the renderers make, to be looked at:
//
//	HADEPLOY_GALLERY=80 go test ./internal/report -run Gallery -v
func TestGallery(t *testing.T) {
	width, err := strconv.Atoi(os.Getenv("HADEPLOY_GALLERY"))
	if err != nil {
		t.Skip("HADEPLOY_GALLERY is not set to a width")
	}
	s := term.Style{Color: os.Getenv("NO_COLOR") == "", Width: width}
	w := os.Stdout
	show := func(name string, f func() error) {
		_, _ = w.WriteString("\n=================== " + name + "\n")
		if err := f(); err != nil {
			t.Error(err)
		}
	}
	for name, p := range map[string]*plan.Plan{"bare nodes": reporttest.BarePlan(), "drift": reporttest.DriftPlan(), "nothing": reporttest.NothingPlan(), "hostile": reporttest.HostilePlan()} {
		for _, f := range planreport.Formats {
			show(name+", "+f.Name, func() error { return f.Write(w, s, planreport.Report{Plan: p}) })
		}
	}
	for _, r := range []verifyreport.Report{goodReport(), warnedReport(), badReport(), unreadReport()} {
		for _, f := range verifyreport.Formats {
			show("verify, "+f.Name, func() error { return f.Write(w, s, r) })
		}
		show("verify, brief", func() error { return verifyreport.Brief(w, s, r) })
	}
	for _, sum := range []steps.Summary{goodSummary(), failedSummary(), clusterFailure(), cutOff(), notAsDeclared()} {
		show("recap", func() error { return recap.Text(w, s, sum) })
	}
	for _, e := range someErrors() {
		show("error", func() error { return failure.Text(w, s, e) })
		show("error, brief", func() error {
			return verifyreport.Brief(w, term.Style{}, verifyreport.Report{Cluster: "web_ha", Err: e})
		})
	}
	for _, e := range finding.All() {
		show("explain", func() error { return verifyreport.Explain(w, s, e) })
	}
}

func someErrors() []error {
	dial := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 22}, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	return []error{
		errors.New("no nodes: the playbook's hosts select nothing from the inventory"),
		fmt.Errorf("n2: packages: %w", hinted{errors.New("exit status 100\nE: no space")}),
		fmt.Errorf("apply: %w", fmt.Errorf("n2: %w", fmt.Errorf("observe: %w", dial))),
		fmt.Errorf("connecting: %w", errors.Join(fmt.Errorf("n1: %w", dial), fmt.Errorf("n2: %w", hinted{errors.New("permission denied (publickey)")}))),
		&steps.RefusedError{Findings: badReport().Findings[1:]},
		fmt.Errorf("applying the whole of a long playbook: %w", fmt.Errorf("node web-with-a-long-name-1.example.com: %w", fmt.Errorf("observe: %w", dial))),
		&steps.UnreachableError{Nodes: steps.NodeErrors{{Node: "n2", Err: dial}}},
		&steps.UnreachableError{Nodes: steps.NodeErrors{{Node: "n2", Err: dial}, {Node: "n3", Err: dial}}},
		diag.List{
			{Pos: diag.Pos{File: "cluster.yaml", Line: 17, Column: 15}, Path: "resources[0].options.ipp", Message: "unknown option of ocf:heartbeat:IPaddr2", Hint: `did you mean "ip"?`, Source: "    options: {ipp: 10.0.0.1}"},
			{Pos: diag.Pos{File: "cluster.yaml", Line: 20, Column: 1}, Severity: diag.Warning, Message: "plain text password", Source: "password: x"},
		},
	}
}

// TestGalleryProgress plays a run in real time, to be looked at in a terminal:
//
//	HADEPLOY_GALLERY_PROGRESS=tty go test -c ./internal/report && ./report.test -test.run GalleryProgress
func TestGalleryProgress(t *testing.T) {
	mode := os.Getenv("HADEPLOY_GALLERY_PROGRESS")
	if mode == "" {
		t.Skip("HADEPLOY_GALLERY_PROGRESS is not set to a mode")
	}
	for _, run := range [][]timed{aRun(time.Now().Add(time.Second)), aStart()} {
		p, err := progress.New(mode, progress.Options{W: os.Stderr, Style: term.StyleFor(os.Stderr, os.Getenv)})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range run {
			time.Sleep(e.after)
			if w, ok := e.event.(steps.Waiting); ok && w.Step == "start" {
				w.Since = time.Now().Add(w.Since.Sub(testStart) - e.after)
				e.event = w
			}
			p.Event(e.event)
			if done, ok := e.event.(steps.RunDone); ok {
				p.Close()
				_ = recap.Text(os.Stderr, term.StyleFor(os.Stderr, os.Getenv), done.Summary)
			}
		}
	}
}
