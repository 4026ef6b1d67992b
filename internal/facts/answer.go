package facts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Error says that a node did not answer a question, or not whole.
type Error struct {
	Command string // as a person would type it; "": it is the answer as a whole
	Status  int    // its exit status; 0 where it ended well and its answer is no answer
	Said    string // its last words on standard error, "" for none
	Why     string // what is wrong with the answer; "" where the exit status says it
	// Changed says that a file changed while it was read: asking again helps.
	Changed bool
}

// How the shell and timeout tell what happened to a command.
const (
	statusTimedOut = 124
	statusNotFound = 127
	statusKilled   = 137 // by timeout, when it did not end when it was told to
)

func (e *Error) Error() string {
	text := ""
	if e.Command != "" {
		text = e.Command + ": "
	}
	switch {
	case e.Why != "":
		text += e.Why
	case e.Status == statusTimedOut:
		text += "did not answer in time and was stopped"
	case e.Status == statusKilled:
		text += "was killed: it did not answer in time, or the node is out of memory"
	default:
		text += fmt.Sprintf("exit status %d", e.Status)
	}
	if e.Why != "" && e.Status != 0 && e.Status != statusTimedOut {
		text += fmt.Sprintf(" (exit status %d)", e.Status)
	}
	if e.Said != "" {
		text += ": " + e.Said
	}
	return text
}

// Errors are all questions of an observation that were not answered.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, x := range e {
		errs[i] = x
	}
	return errs
}

// Changed reports whether all that is wrong is that files changed while they
// were read.
func (e Errors) Changed() bool {
	return !slices.ContainsFunc(e, func(x *Error) bool { return !x.Changed })
}

// Answer is what one command wrote.
type Answer struct {
	Out    []byte
	Status int    // -1: it is not known
	Said   string // standard error, whole
	cut    bool   // there was more than the cap
}

// answers are those of one observation.
type answers struct {
	ask    Ask
	when   Asked
	frames map[string]Answer
	errs   Errors
}

func (a *answers) wants(s Section) bool { return slices.Contains(a.ask.Sections, s) }

func (a *answers) err() error {
	if len(a.errs) == 0 {
		return nil
	}
	return a.errs
}

// fail notes what is wrong with an answer.
func (a *answers) fail(command string, ans Answer, format string, args ...any) {
	a.errs = append(a.errs, ans.wrong(command, fmt.Sprintf(format, args...)))
}

// wrong is the error of an answer. why is empty where the exit status says it.
func (ans Answer) wrong(command, why string) *Error {
	return &Error{Command: command, Status: ans.Status, Said: lastWords(ans.Said), Why: why}
}

// got is the answer in a frame, and whether there is a whole one of a command
// that ended with one of the exit statuses, 0 if none is named. Else it is noted
// as an error.
func (a *answers) got(frame, command string, ok ...int) (Answer, bool) {
	ans, e := a.look(frame, command, ok...)
	if e != nil {
		a.errs = append(a.errs, e)
	}
	return ans, e == nil
}

// look is got for those who decide themselves what an error means.
func (a *answers) look(frame, command string, ok ...int) (Answer, *Error) {
	if len(ok) == 0 {
		ok = []int{0}
	}
	ans, asked := a.frames[frame]
	switch {
	case !asked:
		return ans, &Error{Command: command, Why: "was not asked"}
	case ans.cut:
		return ans, ans.wrong(command, fmt.Sprintf("wrote more than the %d KiB that a real answer needs", len(ans.Out)>>10))
	case ans.Status < 0:
		return ans, ans.wrong(command, "ended without an exit status")
	case ans.Status == statusNotFound && !slices.Contains(ok, statusNotFound):
		return ans, ans.wrong(command, "is not installed there")
	case !slices.Contains(ok, ans.Status):
		return ans, ans.wrong(command, "")
	}
	return ans, nil
}

// line is an answer of exactly one line that is not empty.
func (a *answers) line(frame, command string) (string, bool) {
	ans, ok := a.got(frame, command)
	if !ok {
		return "", false
	}
	text, whole := strings.CutSuffix(string(ans.Out), "\n")
	if !whole || text == "" || strings.ContainsAny(text, "\n\x00") {
		a.fail(command, ans, "answered with something else than one line")
		return "", false
	}
	return text, true
}

// either is whether the answer is yes. Anything but yes and no is an error.
func (a *answers) either(frame, command, yes, no string) bool {
	line, ok := a.line(frame, command)
	if ok && line != yes && line != no {
		a.fail(command, a.frames[frame], "%s", garbled(line))
	}
	return line == yes
}

// content is a file as one_file in frame.sh gives it.
type content struct {
	exists   bool
	data     []byte
	modified time.Time
	sum      string // SHA-256
}

// file is the answer of one_file; ok says that the file is known, though it may
// be absent.
func (a *answers) file(frame, path string) (c content, ok bool) {
	command := "reading " + path
	ans, ok := a.got(frame, command)
	if !ok {
		return c, false
	}
	c, e := fileOf(ans.Out, command)
	if e != nil {
		a.errs = append(a.errs, e)
		return content{}, false
	}
	return c, true
}

// fileOf reads "absent", or "SIZE MODIFIED SHA256" and the content, which has to
// be just that.
func fileOf(out []byte, command string) (content, *Error) {
	head, data, whole := bytes.Cut(out, []byte("\n"))
	if whole && string(head) == "absent" && len(data) == 0 {
		return content{}, nil
	}
	w := strings.Fields(string(head))
	if !whole || len(w) != 3 {
		return content{}, &Error{Command: command, Why: "the node's stat or sha256sum said nothing of it"}
	}
	size, err1 := strconv.Atoi(w[0])
	seconds, err2 := strconv.ParseInt(w[1], 10, 64)
	if errors.Join(err1, err2) != nil || !isSum(w[2]) {
		return content{}, &Error{Command: command, Why: "the node's stat or sha256sum answered with something else"}
	}
	sum := sha256.Sum256(data)
	if size != len(data) || w[2] != hex.EncodeToString(sum[:]) {
		return content{}, &Error{Command: command, Changed: true,
			Why: fmt.Sprintf("what was read (%d bytes) is not what its size (%d) and SHA-256 say", len(data), size)}
	}
	return content{exists: true, data: bytes.Clone(data), modified: time.Unix(seconds, 0), sum: w[2]}, nil
}

// isSum reports whether s is a SHA-256 as sha256sum writes it.
func isSum(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}

// lastWords are the last lines of standard error, on one line, bounded, and with
// what could steer a terminal made visible. A line with a tag may be a piece of a
// CIB, which holds passwords, and is left out.
func lastWords(said string) string {
	const lines, most = 3, 300
	var last []string
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(line, "<") {
			last = append(last, line)
		}
	}
	text := strings.Join(last[max(0, len(last)-lines):], "; ")
	var b strings.Builder
	for _, r := range text {
		if b.Len() > most {
			b.WriteString("...")
			break
		}
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	return b.String()
}

// garbled shows an answer that was not understood, of those that hold no secret.
func garbled(line string) string {
	const most = 80
	q := strconv.QuoteToASCII(line[:min(len(line), most)])
	if len(line) > most {
		q += "..."
	}
	return "answered with something else: " + q
}
