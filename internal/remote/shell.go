package remote

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// How a command reaches its shell.
//
// What sshd gives to the user's login shell is one line without newline,
// backslash, exclamation mark or nested quote, which sh, bash, zsh, csh, tcsh
// and fish all read in the same way. It clears the environment (proxies,
// locale, PATH, ENV), bounds the time, prints a marker on both streams, and
// then reads the real program as one encoded line from standard input. So a
// program has no length limit, is not seen in the node's process list, and
// whatever a profile prints comes before the marker and is dropped.

const nodePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// The stages, each an argument of the one before. None may hold ' \ ! or a
// newline: see loginLine.
const (
	// $1 $2 halves of the marker, $3 seconds, $4 label, $5 the next stage.
	stageBound = `cd /; umask 022; if command -v timeout >/dev/null 2>&1; then exec timeout -k 5 "$3" /bin/sh -c "$5" "$4" "$1" "$2"; fi; exec /bin/sh -c "$5" "$4" "$1" "$2"`
	// $1 $2 halves of the marker. The program is printf-encoded on line one
	// of standard input; a line that was cut off is not run, and the marker
	// said again.
	stageRead = `echo; echo "$1$2"; { echo; echo "$1$2"; } >&2; IFS= read -r l || { echo "$1$2" >&2; exit 125; }; l=$(printf %b "$l"); eval "$l"`
	// $1 $2 halves of the prompt, then the command.
	stageSudo = `p=$1$2; shift 2; exec sudo -S -p "$p" -- "$@"`
)

// token is a random word that the command line carries in two halves, so that
// a shell that echoes its command line does not print it.
type token struct{ left, right string }

func (t token) String() string { return t.left + t.right }

func newToken() token {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails, crypto/rand
	h := hex.EncodeToString(b)
	return token{"hadeploy-" + h[:16], h[16:]}
}

type sudoMode int

const (
	sudoNone     sudoMode = iota // the login user is root
	sudoFree                     // sudo asks for nothing
	sudoPassword                 // sudo asks for the password
)

// loginLine is the command line given to sshd. The label shows in the node's
// process list and in sudo's log.
func loginLine(mode sudoMode, marker, prompt token, limit time.Duration, label string) string {
	env := " /usr/bin/env -i PATH=" + nodePath + " HOME=/root USER=root LOGNAME=root SHELL=/bin/sh LC_ALL=C LANG=C /bin/sh -c '" +
		stageBound + "' sh " + marker.left + " " + marker.right + " " + strconv.Itoa(remoteSeconds(limit)) +
		" '" + plainLabel(label) + "' '" + stageRead + "'"
	sudoEnv := "exec /usr/bin/env LC_ALL=C PATH=" + nodePath
	switch mode {
	case sudoFree:
		return sudoEnv + " sudo -n --" + env
	case sudoPassword:
		return sudoEnv + " /bin/sh -c '" + stageSudo + "' sh " + prompt.left + " " + prompt.right + env
	case sudoNone:
	}
	return "exec" + env
}

// remoteSeconds is the bound on the node: later than ours, which gives the
// better error, and 0 (none) where we have none.
func remoteSeconds(limit time.Duration) int {
	if limit <= 0 {
		return 0
	}
	return int((limit+time.Second-1)/time.Second) + 3
}

func plainLabel(label string) string {
	out := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ._/:=@,+-", r)) {
			return r
		}
		return '_'
	}, label)
	return strings.TrimLeft(out[:min(len(out), 60)], "-")
}

// program turns a Cmd into shell text.
func program(cmd Cmd) (string, error) {
	switch {
	case len(cmd.Argv) > 0 && cmd.Script != "":
		return "", errors.New("both Argv and Script are set")
	case len(cmd.Argv) == 0 && cmd.Script == "":
		return "", errors.New("neither Argv nor Script is set")
	case len(cmd.Argv) > 0 && len(cmd.Args) > 0:
		return "", errors.New("there are Args, which belong to Script, not to Argv")
	case len(cmd.Argv) > 0 && (cmd.Argv[0] == "" || cmd.Argv[0][0] == '-'):
		return "", fmt.Errorf("%q is not the name of a command", cmd.Argv[0])
	}
	words := cmd.Argv
	if cmd.Script != "" {
		words = cmd.Args
	}
	for _, w := range append([]string{cmd.Script}, words...) {
		if strings.ContainsRune(w, 0) {
			return "", errors.New("a command cannot hold a NUL byte")
		}
	}
	if len(cmd.Argv) > 0 {
		return "unset l; exec " + Quote(words...), nil
	}
	return "unset l; set -- " + Quote(words...) + "\n" + cmd.Script, nil
}

// Quote makes one line of POSIX shell words that are read back as exactly
// words, whatever they hold but NUL.
func Quote(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}

// encode makes one line that printf %b turns back into text.
func encode(text string) []byte {
	out := make([]byte, 0, len(text)+len(text)/8+1)
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '\\' {
			out = append(out, '\\', '0', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		} else {
			out = append(out, c)
		}
	}
	return append(out, '\n')
}
