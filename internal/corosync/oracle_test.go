package corosync

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/oracle"
)

// TestOracle lets the real pcs and the real corosync judge what this package
// reads and writes. They work on files in a temporary folder.
func TestOracle(t *testing.T) {
	for _, node := range oracle.Nodes(t) {
		j := judge{node}
		t.Run("pcs-"+node.Version, func(t *testing.T) {
			t.Run("build", j.builds)
			t.Run("parse", j.parses)
			t.Run("merge", j.merges)
		})
	}
}

type judge struct{ *oracle.Node }

// prologue makes a key and two judges. Corosync looks for itself in the
// nodelist, so its copy has the first node on the loopback.
const prologue = `head -c 256 /dev/zero >"$d/key"
judge_pcs() { rm -f "$d/pcs.conf"; pcs cluster setup --corosync_conf "$d/pcs.conf" "$@" >"$d/out" 2>&1 </dev/null; }
judge_corosync() {
	sed -e "s|^totem {|&\n    keyfile: $d/key|" -e 's/ring0_addr:\( *\)10\.0\.0\.1$/ring0_addr:\1127.0.0.1/' \
		-e 's/ring0_addr:\( *\)fd00::1$/ring0_addr:\1::1/' "$1" >"$d/own.conf"
	corosync -t -c "$d/own.conf" >"$d/out" 2>&1
}
`

// verdict is what a judge said of a case: its exit status and its words.
type verdict struct {
	status int
	text   string
}

// ask runs a script for each case and splits the answers: each script's
// stdout goes to the case's text.
func (o judge) ask(t *testing.T, scripts []string) []verdict {
	t.Helper()
	const mark = "=-=-=-= "
	var b strings.Builder
	b.WriteString(oracle.PCS + prologue)
	for _, s := range scripts {
		fmt.Fprintf(&b, "( %s\n)\nprintf '\\n%s%%d\\n' $?\n", s, mark)
	}
	out := o.Run(t, b.String())
	verdicts := make([]verdict, 0, len(scripts))
	for out != "" {
		text, rest, ok := strings.Cut(out, "\n"+mark)
		status, after, ok2 := strings.Cut(rest, "\n")
		n, err := strconv.Atoi(status)
		if !ok || !ok2 || err != nil {
			break
		}
		verdicts = append(verdicts, verdict{n, text})
		out = after
	}
	if len(verdicts) != len(scripts) {
		t.Fatalf("%d answers to %d questions", len(verdicts), len(scripts))
	}
	return verdicts
}

var uuidLine = regexp.MustCompile(`(?m)^ *cluster_uuid: .*\n`)

// builds: what we build is what pcs writes for the same words, and corosync
// takes it; what we refuse is refused by the judge that the case names.
func (o judge) builds(t *testing.T) {
	names, cases := archives(t, "build")
	scripts := make([]string, len(cases))
	for i, a := range cases {
		var args []string
		for _, w := range words(bytes.TrimSpace(a.get("setup"))) {
			args = append(args, quote(w.text))
		}
		scripts[i] = "judge_pcs " + strings.Join(args, " ") +
			` || { cat "$d/out"; exit 1; }; cat "$d/pcs.conf"; judge_corosync "$d/pcs.conf" || { cat "$d/out"; exit 2; }`
	}
	const agree, pcsRefuses, corosyncRefuses = 0, 1, 2
	for i, v := range o.ask(t, scripts) {
		t.Run(names[i], func(t *testing.T) {
			a := cases[i]
			if strings.Contains(string(a.comment), "oracle: none") {
				t.Skip("no judge for this one")
			}
			if strings.Contains(string(a.comment), "oracle: from 0.11") && strings.HasPrefix(o.Version, "0.10.") {
				t.Skip("this pcs does not know it yet")
			}
			want := agree
			switch comment := string(a.comment); {
			case strings.Contains(comment, "oracle: pcs refuses"):
				want = pcsRefuses
			case strings.Contains(comment, "oracle: corosync refuses"):
				want = corosyncRefuses
			}
			if v.status != want {
				t.Fatalf("the verdict is %d, want %d (0: both accept, 1: pcs refuses, 2: corosync refuses)\n%s", v.status, want, v.text)
			}
			conf := a.get("corosync.conf")
			if want != agree || conf == nil {
				return
			}
			if d := cmp.Diff(uuidLine.ReplaceAllString(v.text, ""), string(conf)); d != "" {
				t.Errorf("pcs writes another file (-pcs +ours):\n%s", d)
			}
		})
	}
}

// lineOf finds the line that corosync's parser complains about.
var lineOf = regexp.MustCompile(`parser error: \S+:(\d+): `)

// parses: we refuse what corosync's own parser refuses, at the same line.
// (Corosync names the end of the file where we name the section that is not
// closed.)
func (o judge) parses(t *testing.T) {
	names, cases := archives(t, "parse")
	scripts := make([]string, len(cases))
	for i, a := range cases {
		scripts[i] = "printf %s " + quote(string(a.get("corosync.conf"))) + ` >"$d/c"; corosync -t -c "$d/c" 2>&1`
	}
	for i, v := range o.ask(t, scripts) {
		t.Run(names[i], func(t *testing.T) {
			var line int
			if m := lineOf.FindStringSubmatch(v.text); m != nil {
				line, _ = strconv.Atoi(m[1])
			}
			_, err := Parse(cases[i].get("corosync.conf"))
			pe, _ := errors.AsType[*ParseError](err)
			switch {
			case strings.Contains(v.text, "Missing closing brace"):
				if pe == nil || !strings.Contains(pe.Message, "not closed") {
					t.Errorf("corosync misses a closing brace, we say %v", err)
				}
			case line == 0 && pe != nil:
				t.Errorf("we refuse (%v), corosync does not:\n%s", err, v.text)
			case line > 0 && (pe == nil || pe.Line != line):
				t.Errorf("corosync refuses line %d, we say %v:\n%s", line, err, v.text)
			}
		})
	}
}

// merges: corosync takes every file that a merge makes.
func (o judge) merges(t *testing.T) {
	var names, scripts []string
	all, cases := archives(t, "merge")
	for i, a := range cases {
		if merged := a.get("merged"); merged != nil {
			names = append(names, all[i])
			scripts = append(scripts, "printf %s "+quote(string(merged))+` >"$d/c"; judge_corosync "$d/c" || { cat "$d/out"; exit 2; }`)
		}
	}
	for i, v := range o.ask(t, scripts) {
		t.Run(names[i], func(t *testing.T) {
			if v.status != 0 {
				t.Errorf("corosync refuses the merged file:\n%s", v.text)
			}
		})
	}
}

func archives(t *testing.T, dir string) (names []string, out []*archive) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables in testdata/%s: %v", dir, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".txtar"))
		out = append(out, parseArchive(text))
	}
	return names, out
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
