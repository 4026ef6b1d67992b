package pcs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"testing"
)

// wraps are what texts come in, and what is said of it.
var wraps = []struct {
	name, undone string
	wrap         func(string) string
}{
	{"ansible debug, stdout_lines", "JSON", func(s string) string {
		b, _ := json.MarshalIndent(map[string]any{"st.stdout_lines": strings.Split(strings.TrimSuffix(s, "\n"), "\n")}, "", "    ")
		return "TASK [show] *****\nok: [n1] => " + string(b) + "\n\nPLAY RECAP *****\nn1   : ok=2    changed=0    unreachable=0    failed=0\n"
	}},
	{"ansible -v", "JSON", func(s string) string {
		b, _ := json.Marshal(map[string]any{"changed": true, "cmd": []string{"pcs", "status"}, "rc": 0, "stderr": "", "stdout": s, "stdout_lines": strings.Split(s, "\n")})
		return "changed: [n1] => " + string(b) + "\n"
	}},
	{"a JSON string", "JSON", func(s string) string { b, _ := json.Marshal(s); return string(b) + "\n" }},
	{"lines of a JSON list without its head", "a list of quoted lines", func(s string) string {
		var b strings.Builder
		for l := range strings.Lines(strings.TrimSuffix(s, "\n")) {
			q, _ := json.Marshal(strings.TrimSuffix(l, "\n"))
			fmt.Fprintf(&b, "        %s,\n", q)
		}
		return b.String() + "    ]\n}\n"
	}},
	{"a list in YAML", "a list of quoted lines", func(s string) string {
		var b strings.Builder
		b.WriteString("ok: [n1] => \n  st.stdout_lines:\n")
		for l := range strings.Lines(strings.TrimSuffix(s, "\n")) {
			fmt.Fprintf(&b, "  - '%s'\n", strings.ReplaceAll(strings.TrimSuffix(l, "\n"), "'", "''"))
		}
		return b.String()
	}},
	{"ansible -o", `\n in place of line breaks`, func(s string) string {
		return "n1 | CHANGED | rc=0 | (stdout) " + strings.NewReplacer("\\", `\\`, "\n", `\n`, "\t", `\t`).Replace(strings.TrimSuffix(s, "\n")) + "\n"
	}},
	{"pdsh", "a prefix of each line", prefixed("n1: ")},
	{"a comment", "a prefix of each line", prefixed("# ")},
	{"a comment in C", "a prefix of each line", prefixed("    // ")},
	{"a wiki table", "a prefix of each line", prefixed("| ")},
	{"a patch", "a prefix of each line", func(s string) string {
		return "diff --git a/x b/x\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,30 @@\n" + prefixed("+")(s)
	}},
	{"a log", "a prefix of each line", prefixed("Nov 27 09:%02d:%02d n1 status[4711]: ")},
	{"cat -n", "a prefix of each line", prefixed("%6d\t")},
	{"HTML", "HTML", func(s string) string {
		return "<html><body>\n<p>It fails:</p>\n<pre><code>" + html.EscapeString(s) + "</code></pre>\n</body></html>\n"
	}},
	{"HTML without line breaks", "HTML", func(s string) string {
		return "<div>" + strings.ReplaceAll(strings.ReplaceAll(html.EscapeString(s), " ", "&nbsp;"), "\n", "<br/>") + "</div>"
	}},
	{"quoted-printable", "quoted-printable", func(s string) string {
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
		return strings.ReplaceAll(b.String(), "\r\n", "\n")
	}},
	{"Markdown", "Markdown", func(s string) string {
		return strings.NewReplacer("*", `\*`, "[", `\[`, "]", `\]`, "_", `\_`, "#", `\#`).Replace(s)
	}},
	{"bold Markdown", "Markdown", func(s string) string {
		var b strings.Builder
		for l := range strings.Lines(s) {
			if l = strings.TrimSuffix(l, "\n"); l != "" {
				l = "**" + l + "**"
			}
			b.WriteString(l + "\n")
		}
		return b.String()
	}},
	{"bold titles", "Markdown", func(s string) string {
		return regexp.MustCompile(`(?m)^([A-Z][A-Za-z ]*:)`).ReplaceAllString(s, "**$1**")
	}},
	{"backticks", "Markdown", func(s string) string {
		return "`" + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "`\n`") + "`\n"
	}},
	{"typographic signs", "typographic signs", func(s string) string {
		return strings.NewReplacer(" - ", " – ", "* ", "* \u200b", " (", "\u2009(", "'", "’").Replace(s)
	}},
	{"bullets of a web page", "other bullets", func(s string) string {
		return strings.NewReplacer("    * ", "    ◦ ", "  * ", "  • ").Replace(s)
	}},
}

// prefixed puts a prefix before each line; its numbers grow.
func prefixed(p string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		n := 0
		for l := range strings.Lines(s) {
			n++
			switch strings.Count(p, "%") {
			case 0:
				b.WriteString(strings.TrimRight(p+strings.TrimSuffix(l, "\n"), " ") + "\n")
			case 1:
				fmt.Fprintf(&b, p+"%s", n, l)
			default:
				fmt.Fprintf(&b, p+"%s", n/60, n%60, l)
			}
		}
		return b.String()
	}
}

const saved = `Cluster name: lab_1
Cluster Summary:
  * Stack: corosync (Pacemaker is running)
  * Current DC: n1.example.com (version 2.1.10-1.el9-5693eaeee) - partition with quorum
  * Last updated: Wed Mar 25 22:36:22 2026 on n1.example.com
  * Last change:  Wed Mar 25 22:34:18 2026 by hacluster via hacluster on n1.example.com
  * 2 nodes configured
  * 5 resource instances configured

              *** Resource management is DISABLED ***
  The cluster will not attempt to start, stop or recover services

Node List:
  * Online: [ n1.example.com n2.example.com ]

Full List of Resources:
  * vip	(ocf:heartbeat:IPaddr2):	 Started n1.example.com
  * Resource Group: web_group:
    * fs	(ocf:heartbeat:Filesystem):	 Started n1.example.com
    * httpd	(systemd:httpd):	 Started n1.example.com
  * Clone Set: gfs2_fs-clone [gfs2_fs]:
    * Started: [ n1.example.com n2.example.com ]

Failed Resource Actions:
  * httpd 30s-interval monitor on n1.example.com returned 'not running' (it & <all> "ended") at Wed Mar 25 22:30:00 2026 after 20ms

Failed Fencing Actions:
  * reboot of n2.example.com for pacemaker-controld.880745@n1.example.com last failed at 2026-03-25 22:33:59.765237 +03:00

Daemon Status:
  corosync: active/enabled
  pacemaker: active/enabled
  pcsd: active/enabled
`

// Each wrapping is undone, and inside is the same status.
func TestSavedIsUnwrapped(t *testing.T) {
	plain, err := ParseSaved([]byte(saved))
	if err != nil || plain.Unknown() || len(plain.Undone) > 0 {
		t.Fatal(err, plain.Problem(), plain.Undone)
	}
	for _, w := range wraps {
		t.Run(w.name, func(t *testing.T) {
			text := w.wrap(saved)
			st, err := ParseSaved([]byte(text))
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if got := strings.Join(st.Undone, ", "); got != w.undone {
				t.Errorf("undone is %q, want %q", got, w.undone)
			}
			st.Undone, st.Beside = nil, nil
			if got, want := describe(st), describe(plain); got != want {
				t.Errorf("it reads as\n%s\nof\n%s", got, text)
			}
		})
	}
}

// What reads in full is not touched, whatever it is about.
func TestSavedIsLeftAlone(t *testing.T) {
	for _, name := range globAll(t, "testdata/text/*.txtar", "testdata/states/*/running.txtar") {
		for _, p := range readArchive(t, name).parts {
			if p.name == "model" || p.name == "quoted" {
				continue
			}
			want, wantErr := parsePart(p)
			got, err := ParseSaved([]byte(p.data))
			if wantErr == nil && !want.Unknown() && (err != nil || describe(got) != describe(want)) {
				t.Errorf("%s %s: saved, it reads as another (%v)", name, p.name, err)
			}
		}
	}
}

// A wrapping that hides nothing but the first line is undone as well, though the
// rest reads in full without it.
func TestSavedHidesFirstLine(t *testing.T) {
	plain, err := ParseSaved([]byte(saved))
	if err != nil || plain.Unknown() {
		t.Fatal(err, plain.Problem())
	}
	first, rest, _ := strings.Cut(saved, "\n")
	rest = "\n" + rest
	last := strings.TrimSuffix(rest, "\n")
	for undone, texts := range map[string][]string{
		"HTML": {
			"<pre>" + first + rest + "</pre>\n",
			"<p>It fails:</p>\n<pre><code>" + first + html.EscapeString(rest) + "</code></pre>\n",
		},
		"quotes": {
			`"` + first + last + "\"\n", `"` + first + last + `"`, `"` + first + "\"" + rest, `"` + first + rest,
			"It fails:\n\n\u201c" + first + last + "\u201d\n", "'" + first + last + "'\n", "'" + first + "\r" + rest,
		},
		"Markdown": {"**" + first + "**" + rest, "__" + first + "__" + rest, "`" + first + "`" + rest},
	} {
		for _, text := range texts {
			st, err := ParseSaved([]byte(text))
			if err != nil {
				t.Errorf("%v in\n%s", err, text)
				continue
			}
			if got := strings.Join(st.Undone, ", "); got != undone || st.Cluster != "lab_1" {
				t.Errorf("undone is %q, want %q; the cluster is %q in\n%s", got, undone, st.Cluster, text)
			}
			st.Undone, st.Beside = nil, nil
			if got, want := describe(st), describe(plain); got != want {
				t.Errorf("it reads as\n%s\nof\n%s", got, text)
			}
		}
	}
	// What only the first line tells: that pcs printed it, and that its end is missing.
	above, _, _ := strings.Cut(saved, "Daemon Status:")
	st, err := ParseSaved([]byte("<pre>" + above))
	if err != nil || !strings.Contains(fmt.Sprint(st.Problem()), "before the Daemon Status") {
		t.Errorf("cut, it is %v, %v", err, st.Problem())
	}
	// A name is none of the wrapping.
	named := strings.ReplaceAll(saved, "web_group", "web__group")
	st, err = ParseSaved([]byte(strings.Replace(named, first, "**"+first+"**", 1)))
	if err != nil || len(st.Find("web__group")) != 2 {
		t.Errorf("%v, %v: %s", err, st.Problem(), describe(st))
	}
	// Words beside that hide nothing change nothing.
	st, err = ParseSaved([]byte("What I see below Node List: is wrong, <b>Online: [ n1 ]</b>\n" + saved))
	if err != nil || st.Unknown() || len(st.Undone) > 0 || len(st.Beside) != 1 || st.Cluster != "lab_1" {
		t.Errorf("%v, %v, %v, %+v", err, st.Problem(), st.Undone, st.Beside)
	}
}

// A wrapping that leaves every line readable is undone too: it would change names
// and reasons.
func TestSavedChangesNoWord(t *testing.T) {
	const text = `Cluster Summary:
  * Stack: corosync
  * Current DC: n1 (version 2.1.5) - partition with quorum
  * 1 node configured
  * 1 resource instance configured

Node List:
  * Node n1: online

Full List of Resources:
  * web_ip	(ocf:heartbeat:IPaddr2):	 FAILED n1

Failed Resource Actions:
  * web_ip 10s-interval monitor on n1 returned 'error' (the address is gone)
`
	plain, err := ParseSaved([]byte(text))
	if err != nil || plain.Unknown() || len(plain.Undone) > 0 {
		t.Fatal(err, plain.Problem(), plain.Undone)
	}
	for undone, changed := range map[string]string{
		"Markdown":         strings.NewReplacer("*", `\*`, "_", `\_`).Replace(text),
		"quoted-printable": strings.Replace(text, "the address", "the add=\nress", 1),
	} {
		st, err := ParseSaved([]byte(changed))
		if err != nil || st.Unknown() {
			t.Errorf("%v, %v in\n%s", err, st.Problem(), changed)
			continue
		}
		if got := strings.Join(st.Undone, ", "); got != undone {
			t.Errorf("undone is %q, want %q", got, undone)
		}
		st.Undone = nil
		if got, want := describe(st), describe(plain); got != want {
			t.Errorf("it reads as\n%s\nof\n%s", got, changed)
		}
	}
	// What cannot be undone is unknown.
	st, err := ParseStatus([]byte(strings.Replace(text, "web_ip\t", "web\\_ip\t", 1)))
	if err != nil || !strings.Contains(fmt.Sprint(st.Problem()), "holds a backslash") {
		t.Errorf("%v, %v", err, st.Problem())
	}
}

// Two nodes in one text are two statuses, however their lines are mixed.
func TestSavedOfTwoNodes(t *testing.T) {
	one, two := prefixed("n1: ")(saved), prefixed("n2: ")(strings.ReplaceAll(saved, "Started n1", "Started n2"))
	var mixed strings.Builder
	b := strings.SplitAfter(two, "\n")
	for i, l := range strings.SplitAfter(one, "\n") {
		mixed.WriteString(l + b[i])
	}
	header := "n1 | CHANGED | rc=0 >>\n" + saved + "n2 | CHANGED | rc=0 >>\n" + strings.ReplaceAll(saved, "Started n1", "Started n2")
	for name, text := range map[string]string{"one after the other": one + two, "mixed": mixed.String(), "below headers": header} {
		st, err := ParseSaved([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p := fmt.Sprint(st.Problem()); !strings.Contains(p, "a second status begins here") || strings.Contains(p, "not understood") {
			t.Errorf("%s: %s", name, p)
		}
		if vip := st.Find("vip"); len(vip) != 1 || vip[0].Nodes[0] != "n1.example.com" {
			t.Errorf("%s: vip is %+v", name, vip)
		}
	}
}

// Whatever was pasted is read in bounded time, and what reads in full is not
// touched.
func FuzzParseSaved(f *testing.F) {
	for _, w := range wraps {
		f.Add([]byte(w.wrap(saved)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		st := fuzzed(t, ParseSaved, b)
		plain, err := ParseStatus(b)
		if st == nil || err != nil || plain.Unknown() || plain.Source != "text" {
			return
		}
		if len(st.Undone) > 0 && !(reading{st: plain}).hides() {
			t.Errorf("%v was undone in what reads in full", st.Undone)
		}
	})
}

// What Ansible says of a command that failed is told, whatever it printed.
func TestSavedTellsFailure(t *testing.T) {
	const status = "Stack: corosync\nCurrent DC: n1 (version 1.1.23-1.el7-9acf116022) - partition with quorum\n2 nodes configured\n1 resource configured\n\n" +
		"Online: [ n1 n2 ]\n\nFull list of resources:\n\n vip\t(ocf::heartbeat:IPaddr2):\tStarted n1\n"
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	list := func() string {
		b, _ := json.Marshal(strings.Split(status, "\n"))
		return string(b)
	}()
	for name, c := range map[string]struct{ text, said string }{
		"a header":                       {"n1 | FAILED | rc=1 >>\n" + status, "line 1: Ansible says that the command failed (n1 | FAILED | rc=1)"},
		"a header with a return code":    {"n1 | CHANGED | rc=2 >>\n" + status, "(n1 | CHANGED | rc=2)"},
		"a header and other words":       {"n1 | FAILED | rc=1 >>\nWarning: Permanently added 'n1'\n" + status, "line 1: Ansible says"},
		"ansible -o":                     {"n1 | FAILED | rc=1 | (stdout) " + strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(status) + "\n", "(n1 | FAILED | rc=1"},
		"JSON with a return code":        {`{"changed": true, "rc": 1, "stdout": ` + quoted(status) + "}", "(ansible | FAILED | rc=1)"},
		"JSON with lines":                {`{"results": [{"rc": 1, "stdout_lines": ` + list + `}]}`, "(ansible | FAILED | rc=1)"},
		"JSON that says failed":          {`{"failed": true, "rc": 0, "stdout": ` + quoted(status) + "}", "(ansible | FAILED)"},
		"JSON behind fatal":              {`fatal: [n1]: FAILED! => {"changed": true, "stdout": ` + quoted(status) + "}", "(fatal: [n1]: FAILED!)"},
		"the YAML of a callback":         {"fatal: [n1]: FAILED! => changed=true\n  msg: non-zero return code\n  rc: 1\n  stdout: |-\n" + prefixed("    ")(status), "rc: 1"},
		"a return code on its line":      {"  rc: 3\n  stdout: |-\n" + prefixed("    ")(status), "(rc: 3)"},
		"above a document":               {"n1 | FAILED | rc=1 >>\n" + string(bigXML(2000)), "line 1: Ansible says"},
		"it succeeded":                   {"n1 | CHANGED | rc=0 >>\n" + status, ""},
		"JSON of one that succeeded":     {`{"rc": 0, "failed": false, "stdout": ` + quoted(status) + "}", ""},
		"a return code of success":       {"  rc: 0\n  stdout: |-\n" + prefixed("    ")(status), ""},
		"another failed before":          {"n2 | FAILED | rc=1 >>\nn1 | CHANGED | rc=0 >>\n" + status, ""},
		"another node is not there":      {"n2 | UNREACHABLE! => {\n    \"changed\": false\n}\nn1 | CHANGED | rc=0 >>\n" + status, ""},
		"another result behind a status": {"n1 | CHANGED | rc=0 >>\n" + status + "n2 | FAILED | rc=1 >>\nError: something\n", ""},
	} {
		st, err := ParseSaved([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		told := strings.Join(st.Incomplete, "\n")
		if !strings.Contains(told, c.said) || c.said == "" && strings.Contains(told, "Ansible") {
			t.Errorf("%s: it tells %q, want %q", name, told, c.said)
		}
		if len(st.Resources) == 0 {
			t.Errorf("%s: nothing is read", name)
		}
	}
}

// A blank line behind each line ends what goes over several.
func TestSavedWithBlankLines(t *testing.T) {
	const text = "Cluster name: lab\n\nWARNINGS:\nNo stonith devices and stonith-enabled is not false\n\n" +
		"Stack: corosync\nCurrent DC: n1 (version 1.1.23-1.el7-9acf116022) - partition with quorum\n2 nodes configured\n1 resource instance configured\n\n" +
		"Online: [ n1 n2 ]\n\nFull list of resources:\n\n vip\t(ocf::heartbeat:IPaddr2):\tStarted n1\n\n" +
		"Failed Resource Actions:\n* vip_monitor_10000 on n1 'not running' (7): call=9, status=complete, exitreason='',\n    last-rc-change='Mon Nov 23 03:20:31 2026', queued=0ms, exec=0ms\n\n" +
		"Daemon Status:\n  corosync: active/enabled\n  pacemaker: active/enabled\n  pcsd: active/enabled\n"
	want, err := ParseSaved([]byte(text))
	if err != nil || want.Unknown() {
		t.Fatal(err, want.Problem())
	}
	for _, between := range []string{"\n\n", "\n  \n", "\r\n\r\n"} {
		got, err := ParseSaved([]byte(strings.ReplaceAll(text, "\n", between)))
		if err != nil {
			t.Errorf("%q: %v", between, err)
			continue
		}
		undone := strings.Join(got.Undone, ", ")
		got.Undone = nil
		if undone != "a blank line behind each line" || describe(got) != describe(want) {
			t.Errorf("%q: undone is %q, and it reads as\n%s", between, undone, describe(got))
		}
	}
	if got, _ := ParseSaved([]byte(strings.ReplaceAll(text, "\n\n", "\n"))); describe(got) != describe(want) {
		t.Errorf("without blank lines it reads as\n%s", describe(got))
	}
}
