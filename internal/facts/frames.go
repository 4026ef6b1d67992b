package facts

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// readAnswers takes both streams of the script apart.
func readAnswers(q Ask, mark string, stdout, stderr []byte) (*answers, error) {
	out, err := Frames(stdout, mark)
	if err != nil {
		return nil, err
	}
	a := &answers{ask: q, frames: out}
	said := spoken(stderr, mark)
	for name, ans := range out {
		ans.Said = said[name]
		a.frames[name] = ans
	}
	return a, nil
}

// Frames takes framed output apart: each frame begins with "@MARK begin NAME CAP"
// and ends with "@MARK end NAME STATUS", and the last line is "@MARK done". A
// frame that is not closed, or output without its last line, is an error: half
// an answer is no answer. Without CAP there is no bound that was not to be
// exceeded; without STATUS it is -1.
func Frames(out []byte, mark string) (map[string]Answer, error) {
	early := &Error{Why: fmt.Sprintf("the answer ends early (%d bytes)", len(out))}
	frames := map[string]Answer{}
	open, start, limit := "", 0, 0
	prefix := []byte("\n@" + mark + " ")
	for at := 0; ; {
		i := bytes.Index(out[at:], prefix)
		if i < 0 {
			return nil, early
		}
		lineStart := at + i
		rest := out[lineStart+len(prefix):]
		eol := bytes.IndexByte(rest, '\n')
		if eol < 0 {
			return nil, early
		}
		words := strings.Split(string(rest[:eol]), " ")
		at = lineStart + len(prefix) + eol // keep the newline: it may open the next mark
		switch {
		case words[0] == "done" && open == "":
			return frames, nil
		case words[0] == "begin" && open == "" && len(words) >= 2:
			open, start, limit = words[1], at+1, number(words[2:], len(out))
		case words[0] == "end" && len(words) >= 2 && words[1] == open:
			lineStart = max(lineStart, start) // empty: "begin\n" and "\n@end" share a newline
			text := out[start:lineStart:lineStart]
			frames[open] = Answer{Out: text, Status: number(words[2:], -1), cut: len(text) > limit}
			open = ""
		default:
			return nil, &Error{Why: "the answer is not framed as it should be"}
		}
	}
}

// number is the first word as a number, fallback when it is none.
func number(words []string, fallback int) int {
	if len(words) == 0 {
		return fallback
	}
	if n, err := strconv.Atoi(words[0]); err == nil {
		return n
	}
	return fallback
}

// spoken is what the commands wrote on standard error, by frame. It is for
// people: what is not framed well is left out.
func spoken(stderr []byte, mark string) map[string]string {
	said := map[string]string{}
	for _, part := range strings.Split(string(stderr), "\n@"+mark+" begin ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		text, _, _ = strings.Cut("\n"+text, "\n@"+mark+" end ")
		said[name] = strings.TrimPrefix(text, "\n")
	}
	return said
}

// Begun is the name of the frame that a line begins: what the node is asked from
// now on.
func Begun(line, mark string) (frame string, ok bool) {
	rest, ok := strings.CutPrefix(line, "@"+mark+" begin ")
	frame, _, _ = strings.Cut(rest, " ")
	return frame, ok
}
