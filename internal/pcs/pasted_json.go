package pcs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// undoJSON puts in place of each JSON value in a text the status that a string
// or a list of lines in it holds: what Ansible prints of a result ("stdout",
// "stdout_lines", "msg"), with or without its "ok: [n1] => " before.
func undoJSON(text string) (string, bool) {
	var b strings.Builder
	found := false
	tries := 0
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n') + 1
		if end == 0 {
			end = len(text) - at
		}
		l := text[at : at+end]
		start := valueStart(l)
		if start >= 0 && tries < 200 {
			tries++
			dec := json.NewDecoder(strings.NewReader(text[at+start:]))
			dec.UseNumber()
			var v any
			if dec.Decode(&v) == nil {
				n := int(dec.InputOffset())
				raw := text[at+start : at+start+n]
				if inside, failed, ok := statusIn(v); ok {
					found = true
					if header := strings.TrimSpace(l[:start]); failed == "" && saysFailed(header) {
						failed = header
					}
					writeAt(&b, raw, failed, inside)
					at += start + n
					continue
				}
			}
		}
		b.WriteString(l)
		at += end
	}
	return b.String(), found
}

// valueStart finds where a value may begin in a line, or -1.
func valueStart(l string) int {
	if _, after, found := strings.Cut(l, "=> "); found {
		if rest := strings.TrimLeft(after, " "); rest != "" && (rest[0] == '{' || rest[0] == '[') {
			return len(l) - len(rest)
		}
	}
	s := strings.TrimLeft(l, " \t")
	if s == "" || s[0] != '{' && s[0] != '[' && s[0] != '"' {
		return -1
	}
	if s[0] == '"' && !strings.Contains(s, `\n`) { // one line, see undoQuotedLines
		return -1
	}
	return len(l) - len(s)
}

// writeAt writes the status on the lines where it stood in the value, so that
// lines keep their numbers where there was one for each. Above it stands what
// says that its command failed.
func writeAt(b *strings.Builder, raw, failed, inside string) {
	first, _, _ := strings.Cut(strings.TrimLeft(inside, "\n"), "\n")
	if i := strings.IndexAny(first, "\\\"\t"); i >= 0 {
		first = first[:i]
	}
	above := 0
	if i := strings.Index(raw, first); i >= 0 {
		above = strings.Count(raw[:i], "\n")
	}
	b.WriteString(strings.Repeat("\n", max(0, above-1)))
	if failed != "" || above > 0 {
		b.WriteString(failed + "\n")
	}
	b.WriteString(inside)
	if below := strings.Count(raw, "\n") - above - strings.Count(inside, "\n"); below > 0 {
		b.WriteString(strings.Repeat("\n", below))
	}
}

// statusIn finds the text in a value that has most lines of a status, else one
// that says that the cluster does not run. Where the result that it is part of
// says that the command failed, it gives that as a header.
func statusIn(v any) (text, failed string, ok bool) {
	best := 0
	var try func(v any, result map[string]any, depth int)
	consider := func(s string, result map[string]any) {
		n := 0
		for l := range strings.Lines(s) {
			if ln := oneLine(l); ln.s != "" && likeStatus(ln) {
				n += 2
			} else if saysNotRunning(ln) != nil {
				n++
			}
		}
		if beginsXML(strings.TrimLeft(s, " \t\r\n")) {
			n = 1 << 20
		}
		if n > best {
			best, text, failed = n, s, failedResult(result)
		}
	}
	try = func(v any, result map[string]any, depth int) {
		if depth > maxDepth {
			return
		}
		switch v := v.(type) {
		case string:
			consider(v, result)
		case []any:
			var lines []string
			for _, e := range v {
				s, isString := e.(string)
				if !isString {
					lines = nil
					break
				}
				lines = append(lines, s)
			}
			if len(lines) > 1 {
				consider(strings.Join(lines, "\n")+"\n", result)
				return
			}
			for _, e := range v {
				try(e, result, depth+1)
			}
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				try(v[k], v, depth+1)
			}
		}
	}
	try(v, nil, 0)
	return text, failed, best > 0
}

// failedResult gives the header of an Ansible result that says failure, or "".
func failedResult(result map[string]any) string {
	const failed = "ansible | FAILED"
	if rc, ok := result["rc"]; ok {
		if code := fmt.Sprint(rc); code != "0" && digits(strings.TrimPrefix(code, "-")) {
			return failed + " | rc=" + code + " >>"
		}
	}
	if result["failed"] == true || result["unreachable"] == true {
		return failed
	}
	return ""
}

// undoQuotedLines takes the quotes off lines that have them one by one: JSON
// whose head or end was not pasted, a list in YAML.
func undoQuotedLines(text string) (string, bool) {
	all := strings.Split(text, "\n")
	quoted := 0
	for i, l := range all {
		s := strings.TrimSpace(l)
		item, listed := strings.CutPrefix(s, "- ")
		if listed {
			s = strings.TrimSpace(item)
		}
		body := strings.TrimRight(strings.TrimSuffix(s, ","), " ")
		var plain string
		switch {
		case len(body) >= 2 && body[0] == '"' && body[len(body)-1] == '"' && json.Unmarshal([]byte(body), &plain) == nil:
		case len(body) >= 2 && body[0] == '\'' && body[len(body)-1] == '\'':
			plain = strings.ReplaceAll(body[1:len(body)-1], "''", "'")
		case listed:
			plain = s
		case strings.Trim(s, "{}[],") == "", strings.HasPrefix(s, `"`) && (strings.HasSuffix(s, "[") || strings.HasSuffix(s, "{")):
			all[i] = ""
			continue
		default:
			continue
		}
		all[i] = plain
		quoted++
	}
	return strings.Join(all, "\n"), quoted >= 3
}

// breaks are how a line break and other signs are written inside a string.
var breaks = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\t`, "\t", `\"`, `"`, `\'`, "'", `\\`, `\`, `\/`, "/", `\u0027`, "'", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// undoEscapedBreaks is for a string whose quotes were not pasted, or that is
// not JSON: what a program or ansible -o prints on one line.
func undoEscapedBreaks(text string) (string, bool) {
	all, changed := strings.Split(text, "\n"), false
	for i, l := range all {
		if strings.Count(l, `\n`) < 3 {
			continue
		}
		changed = true
		s := breaks.Replace(strings.TrimRight(l, " \r"))
		first, rest, _ := strings.Cut(s, "\n")
		for _, t := range landmarks {
			if at := strings.Index(first, t); at > 0 && strings.ContainsAny(first[at-1:at], `"' `) {
				first = strings.TrimRight(first[:at-1], `"'`) + "\n" + first[at:]
				break
			}
		}
		all[i] = first + "\n" + strings.TrimRight(rest, `"',}] `)
	}
	return strings.Join(all, "\n"), changed
}
