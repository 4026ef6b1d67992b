package secret

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const canary = "hunter2-canary"

// TestNothingPrintsIt: no printer of Go shows a Value, alone or inside others.
func TestNothingPrintsIt(t *testing.T) {
	v := New(canary)
	type wrap struct {
		V Value
		P *Value
		R Ref
	}
	w := wrap{v, &v, Ref{Plain: v, Command: nil}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", v, w, w.R)
	}
	for _, x := range []any{v, w, map[string]Value{"a": v}, []Ref{w.R}, Ref{Command: []string{"echo", canary}}} {
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v, "w", w)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v, "w", w)
	if strings.Contains(out.String(), canary) || strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
		t.Errorf("it is shown:\n%s", out.String())
	}
	if v.Reveal() != canary {
		t.Error("lost")
	}
}

func TestEqual(t *testing.T) {
	unset := Value{}
	if unset.IsSet() || !New("").IsSet() || unset.Equal(New("")) || !New("a").Equal(New("a")) || New("a").Equal(New("b")) {
		t.Error("set, unset and empty are mixed up")
	}
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	program := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return "./" + name
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HADEPLOY_SET", canary)
	t.Setenv("HADEPLOY_EMPTY", "")
	for _, tc := range []struct {
		name string
		ref  Ref
		want string // the secret
		err  string // part of the error
	}{
		{"env", Ref{Env: "HADEPLOY_SET"}, canary, ""},
		{"env unset", Ref{Env: "HADEPLOY_UNSET"}, "", "environment variable HADEPLOY_UNSET is not set"},
		{"env empty", Ref{Env: "HADEPLOY_EMPTY"}, "", "the secret from environment variable HADEPLOY_EMPTY is empty"},
		{"file", Ref{File: file("a", canary+"\n")}, canary, ""},
		{"file, Windows line end", Ref{File: file("b", canary+"\r\n")}, canary, ""},
		{"file, blanks belong to it", Ref{File: file("c", " x \n")}, " x ", ""},
		{"file of two lines", Ref{File: file("d", canary+"\nx\n")}, "", "has a line break or a NUL inside"},
		{"file with NUL", Ref{File: file("e", canary+"\x00")}, "", "has a line break or a NUL inside"},
		{"file, not UTF-8", Ref{File: file("f", canary+"\xff")}, "", "is not UTF-8"},
		{"file, large", Ref{File: file("g", strings.Repeat(canary, MaxSize))}, "", "is larger than 64 KiB"},
		{"file missing", Ref{File: "nowhere"}, "", "no such file"},
		{"folder", Ref{File: "."}, "", "is a directory"},
		{"pipe", Ref{File: "pipe"}, "", "is not a regular file"},
		{"command", Ref{Command: []string{"cat", "a"}}, canary, ""},
		{"command fails", Ref{Command: []string{"sh", "-c", "echo " + canary + "; echo " + canary + " >&2; exit 3"}}, "", "secret command sh failed (exit status 3)"},
		{"command missing", Ref{Command: []string{"hadeploy-no-such-command", canary}}, "", "secret command hadeploy-no-such-command cannot be run: there is no such program in $PATH"},
		{"command, no such path", Ref{Command: []string{"./nowhere", canary}}, "", "cannot be run: there is no such file"},
		{"command that is a folder", Ref{Command: []string{"/", canary}}, "", "cannot be run: it is a folder"},
		{"command that is not executable", Ref{Command: []string{"./a", canary}}, "", "cannot be run: it may not be executed"},
		{"command that is no program", Ref{Command: []string{program("noprogram", "nothing")}}, "", "cannot be run: it is no program"},
		{"command, no such interpreter", Ref{Command: []string{program("noshell", "#!/no/such/shell\n")}}, "", "the program that its first line names"},
		{"command whose child holds its output", Ref{Command: []string{"sh", "-c", "echo " + canary + "; sleep 20 & exit 0"}}, canary, ""},
		{"command that fails, and its child holds its output", Ref{Command: []string{"sh", "-c", "echo " + canary + "; sleep 20 & exit 4"}}, "", "failed (exit status 4)"},
		{"command, interrupted", Ref{Command: []string{"sh", "-c", "kill -INT $$; sleep 20"}}, "", "secret command sh was interrupted"},
		{"command, interrupted, by its exit status", Ref{Command: []string{"sh", "-c", "exit 130"}}, "", "secret command sh was interrupted"},
		{"command, endless", Ref{Command: []string{"sh", "-c", "yes " + canary}}, "", "printed more than 64 KiB, and was stopped"},
		{"command, endless, that ignores the end of its output", Ref{Command: []string{"sh", "-c", "trap '' PIPE; while :; do echo " + canary + "; done 2>/dev/null"}}, "", "printed more than 64 KiB, and was stopped"},
		{"command, silent", Ref{Command: []string{"true"}}, "", "is empty"},
		{"plain", Ref{Plain: New(canary)}, canary, ""},
		{"plain, empty", Ref{Plain: New("")}, "", "the secret from plain text is empty"},
		{"nothing", Ref{}, "", "no secret is given"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := tc.ref.Resolve(context.Background(), dir)
			if tc.err == "" {
				if err != nil || v.Reveal() != tc.want {
					t.Fatalf("got a value of %d bytes, %v", len(v.Reveal()), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Fatalf("error: %v", err)
			}
			if strings.Contains(err.Error(), "fork/exec") || strings.Contains(err.Error(), "WaitDelay") || strings.Contains(err.Error(), "executable file") {
				t.Errorf("Go's own words: %v", err)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the error holds the secret: %v", err)
			}
			if v.IsSet() {
				t.Error("a value beside an error")
			}
		})
	}
}

// TestCancel: a command that hangs, with a child that keeps its output open,
// ends with the run.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := Ref{Command: []string{"sh", "-c", "sleep 20 & sleep 20"}}.Resolve(ctx, ".")
	if err == nil || time.Since(start) > 10*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

func TestTooOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o644: true} {
		_ = os.Remove(path)
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, got := TooOpen(path); got != want {
			t.Errorf("%04o: %v", mode, got)
		}
	}
	if _, open := TooOpen(path + "-missing"); open {
		t.Error("a missing file is not open")
	}
}

func TestPath(t *testing.T) {
	t.Setenv("HOME", "/home/ops")
	for in, want := range map[string]string{"a/b": "/dir/a/b", "/a": "/a", "~/a": "/home/ops/a", "~x": "/dir/~x", "../a": "/a"} {
		if got := Path("/dir", in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
