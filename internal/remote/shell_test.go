package remote

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var awkward = []string{
	"", " ", "'", "''", `"`, `\`, `\\`, `\n`, "\n", "\n\n", "\r\n", "\t", "!", "!!", "$HOME", "$(id)", "`id`", "*", "~", "-n", "--", "%s", "%%", `\0101`, `\c`,
	";", "&&", "|", "a'b\"c$d`e\\f!g", "ü€𐍈", "\x80\xff", "\x01\x1b[31m\x7f", "\u202e", "\x81\x82\x88", "#", "=", "{}", "[a]", "(", ")", "<", ">", "^", "a b", strings.Repeat("x", 100_000),
}

// runLine gives a command to a login shell, as sshd does; sh is what the node
// has as /bin/sh.
func runLine(t testing.TB, shell, sh, text string, input []byte) []byte {
	t.Helper()
	marker := newToken()
	line := loginLine(sudoNone, marker, newToken(), time.Minute, "a label")
	cmd := exec.Command(shell, "-c", strings.ReplaceAll(line, "/bin/sh -c", sh+" -c"))
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	cmd.Stdin = bytes.NewReader(append(encode(text), input...))
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", shell, err, stderr.String())
	}
	_, after, found := bytes.Cut(out.Bytes(), []byte("\n"+marker.String()+"\n"))
	if !found {
		t.Fatalf("%s: no marker in %q, %q", shell, out.String(), stderr.String())
	}
	if _, rest, found := strings.Cut(stderr.String(), "\n"+marker.String()+"\n"); !found || rest != "" {
		t.Fatalf("%s: stderr %q", shell, stderr.String())
	}
	return after
}

// TestLoginShells runs the line by every login shell that this machine has.
// A shell's own way with quotes must make no difference.
func TestLoginShells(t *testing.T) {
	for _, shell := range []string{"sh", "bash", "dash", "ksh93", "mksh", "zsh", "csh", "tcsh", "bsd-csh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("this machine has no %s", shell)
			}
			text, err := program(Cmd{Script: `printf '%s\n' "$@"; cat`, Args: awkward})
			if err != nil {
				t.Fatal(err)
			}
			got := runLine(t, path, "/bin/sh", text, []byte("input\x00"))
			if want := strings.Join(awkward, "\n") + "\ninput\x00"; string(got) != want {
				t.Errorf("got %.300q", got)
			}
		})
	}
}

// TestNodeShells has other shells as the node's /bin/sh: bash on Red Hat and
// SUSE, busybox on Alpine.
func TestNodeShells(t *testing.T) {
	for _, shell := range []string{"bash", "dash", "busybox", "ksh93", "mksh"} {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("this machine has no %s", shell)
			}
			sh := filepath.Join(t.TempDir(), "sh")
			if err := os.Symlink(path, sh); err != nil {
				t.Fatal(err)
			}
			text, err := program(Cmd{Script: `printf '%s\n' "$@"; cat`, Args: awkward})
			if err != nil {
				t.Fatal(err)
			}
			if got := runLine(t, "/bin/sh", sh, text, []byte("input\x00")); string(got) != strings.Join(awkward, "\n")+"\ninput\x00" {
				t.Errorf("got %.300q", got)
			}
		})
	}
}

func TestLoginLineIsPlain(t *testing.T) {
	for _, mode := range []sudoMode{sudoNone, sudoFree, sudoPassword} {
		marker, prompt := newToken(), newToken()
		line := loginLine(mode, marker, prompt, 90*time.Second, "write /etc/x'; rm -rf / #\n$(id)\\!é")
		if strings.ContainsAny(line, "\\!\n\r`") {
			t.Errorf("mode %d: a character that shells disagree about is in %q", mode, line)
		}
		if strings.Count(line, "'")%2 != 0 || !strings.Contains(line, "'write /etc/x__ rm -rf / ____id____'") {
			t.Errorf("mode %d: quotes in %q", mode, line)
		}
		// Who echoes the line must not seem to be the command, or sudo.
		for _, tok := range []token{marker, prompt} {
			if strings.Contains(line, tok.String()) {
				t.Errorf("mode %d: the token is in %q", mode, line)
			}
		}
		if len(line) > 1000 {
			t.Errorf("mode %d: %d bytes, which is too long a word for old shells", mode, len(line))
		}
	}
}

func TestRemoteSeconds(t *testing.T) {
	for limit, want := range map[time.Duration]int{0: 0, time.Millisecond: 4, time.Second: 4, 90 * time.Second: 93} {
		if got := remoteSeconds(limit); got != want {
			t.Errorf("%s: %d, want %d", limit, got, want)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range awkward {
		f.Add(s, "x"+s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.ContainsRune(a+b, 0) || len(a)+len(b) > 100_000 {
			t.Skip()
		}
		out, err := exec.Command("/bin/sh", "-c", "printf '%s|%s' "+Quote(a, b)).Output()
		if err != nil || string(out) != a+"|"+b {
			t.Errorf("%q, %q came back as %q, %v", a, b, out, err)
		}
	})
}

func FuzzProgram(f *testing.F) {
	for _, s := range awkward {
		f.Add(s, "input "+s)
	}
	f.Fuzz(func(t *testing.T, arg, input string) {
		text, err := program(Cmd{Script: `printf '%s|' "$1"; cat`, Args: []string{arg}})
		if err != nil {
			if !strings.ContainsRune(arg, 0) {
				t.Fatal(err)
			}
			t.Skip()
		}
		if got := runLine(t, "/bin/sh", "/bin/sh", text, []byte(input)); string(got) != arg+"|"+input {
			t.Errorf("%q, %q came back as %q", arg, input, got)
		}
	})
}

// TestCutProgram has the program's line cut off: nothing of it may run.
func TestCutProgram(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	whole := encode("echo >" + out + "; echo >" + out)
	for n := range len(whole) {
		if n%5 != 0 && n != len(whole)-1 {
			continue
		}
		cmd := exec.Command("/bin/sh", "-c", loginLine(sudoNone, newToken(), newToken(), time.Minute, "x"))
		cmd.Stdin = bytes.NewReader(whole[:n])
		err := cmd.Run()
		var status *exec.ExitError
		if !errors.As(err, &status) || status.ExitCode() != 125 {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("it ran")
	}
}
