package remote

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSudo runs a script in sudo's place.
func TestSudo(t *testing.T) {
	checkLeaks(t)
	// A sudo that works: it asks with the given prompt, and takes "right".
	const asks = `
case $1 in -n) echo "sudo: a password is required" >&2; exit 1;; esac
[ "$1 $2" = "-S -p" ] || exit 99
prompt=$3; shift 4
echo "We trust you have received the usual lecture" >&2
for try in 1 2 3; do
	printf PROMPT >&2
	IFS= read -r pw || { echo "sudo: no password was provided" >&2; exit 1; }
	echo "$pw" >>"$SHOWN"
	if [ "$pw" = right ]; then exec "$@"; fi
	echo "Sorry, try again." >&2
done
exit 1
`
	for name, c := range map[string]struct {
		sudo     string
		password string
		want     string // "" works, else part of an *AuthError
		shown    string // what sudo read
	}{
		"asks nothing":        {`[ "$1 $2" = "-n --" ] || exit 99; shift 2; exec "$@"`, "right", "", ""},
		"asks":                {strings.ReplaceAll(asks, "PROMPT", `'%s' "$prompt"`), "right", "", "right\nright\n"},
		"asks as sudo-rs":     {strings.ReplaceAll(asks, "PROMPT", `'[sudo: %s] Password: ' "$prompt"`), "right", "", "right\nright\n"},
		"asks, in two writes": {strings.ReplaceAll(asks, "printf PROMPT >&2", `printf '%.20s' "$prompt" >&2; sleep 0.1; printf '%s' "${prompt#????????????????????}" >&2`), "right", "", "right\nright\n"},
		"wrong password":      {strings.ReplaceAll(asks, "PROMPT", `'%s' "$prompt"`), "wrong", "refused the password", "wrong\n"},
		"no password is set":  {strings.ReplaceAll(asks, "PROMPT", `'%s' "$prompt"`), "", "sudo wants a password", ""},
		"echoes its command": {`case $1 in -n) echo "sudo: a password is required" >&2; exit 1;; esac
			echo "$@" >&2; echo "$3 " >&2; timeout 1 sh -c 'IFS= read -r pw && echo "$pw" >>"$0"' "$SHOWN"; exit 1`, "right", "neither the login shell nor sudo", ""},
		"asks another question": {`case $1 in -n) echo "sudo: a password is required" >&2; exit 1;; esac
			printf 'One-time code: ' >&2; IFS= read -r pw && echo "$pw" >>"$SHOWN"; exit 1`, "right", "more than a password", ""},
		"requiretty":         {`echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1`, "right", "requiretty", ""},
		"not in sudoers":     {`echo "ops is not in the sudoers file." >&2; exit 1`, "right", "does not let this user", ""},
		"not in sudoers, rs": {`echo "sudo: I'm sorry ops. I'm afraid I can't do that" >&2; exit 1`, "right", "does not let this user", ""},
		"not installed":      {`echo "/usr/bin/env: 'sudo': No such file or directory" >&2; exit 127`, "right", "not installed", ""},
		"something new":      {`printf 'sudo: \033[31mbroken\033[m\n' >&2; exit 3`, "right", `exit status 3, it said: sudo: \x1b[31mbroken`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			shown := filepath.Join(dir, "shown")
			sudo := filepath.Join(dir, "sudo")
			if err := os.WriteFile(sudo, []byte("#!/bin/sh\nSHOWN="+shown+"\n"+c.sudo), 0o755); err != nil {
				t.Fatal(err)
			}
			set := startServer(t, shellHandler(sudo), nil).settings()
			set.User = "ops"
			set.ConnectTimeout = 3 * time.Second
			if c.password != "" {
				set.BecomePassword = secretOf(c.password)
			}
			conn, err := tryDial(t, set)
			var auth *AuthError
			switch {
			case c.want == "" && err != nil:
				t.Fatal(err)
			case c.want != "" && (!errors.As(err, &auth) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.want == "" {
				res, err := conn.Run(t.Context(), Cmd{Argv: []string{"cat"}, Stdin: strings.NewReader("the input")})
				if err != nil || string(res.Stdout) != "the input" || len(res.Stderr) != 0 {
					t.Errorf("got %q, %q, %v", res.Stdout, res.Stderr, err)
				}
			}
			if got, _ := os.ReadFile(shown); string(got) != c.shown {
				t.Errorf("sudo read %q, want %q", got, c.shown)
			}
		})
	}
	// sudoers is changed while the connection is there: sudo let us in, and
	// then does what rules say.
	for name, c := range map[string]struct {
		after    string // sudo, once the rules are others
		password string
		want     string
		shown    string
	}{
		"asks, and refuses":       {strings.ReplaceAll(asks, "PROMPT", `'%s' "$prompt"`), "wrong", "sudo refused the password", "wrong\n"},
		"asks, and none is known": {strings.ReplaceAll(asks, "PROMPT", `'%s' "$prompt"`), "", "sudo wants a password", ""},
		"asks in its own words": {`case $1 in -n) echo "sudo: a password is required" >&2; exit 1;; esac
			printf '[sudo] password for ops: ' >&2; IFS= read -r pw && echo "$pw" >>"$SHOWN"; exit 1`, "right", "did not run it within", ""},
		"lets nobody in":    {`echo "ops is not in the sudoers file." >&2; exit 1`, "right", "does not let this user", ""},
		"wants a terminal":  {`echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1`, "right", "requiretty", ""},
		"account is locked": {`echo "sudo: account validation failure, is your account locked?" >&2; exit 1`, "right", "expired", ""},
	} {
		t.Run("rules that change: "+name, func(t *testing.T) {
			dir := t.TempDir()
			sudo := filepath.Join(dir, "sudo")
			body := "#!/bin/sh\nSHOWN=" + dir + "/shown\nif [ ! -e " + dir + "/changed ]; then shift 2; exec \"$@\"; fi\n" + c.after
			if err := os.WriteFile(sudo, []byte(body), 0o755); err != nil {
				t.Fatal(err)
			}
			set := startServer(t, shellHandler(sudo), nil).settings()
			set.User = "ops"
			if c.password != "" {
				set.BecomePassword = secretOf(c.password)
			}
			conn := dial(t, set)
			conn.(interface{ wait(time.Duration) }).wait(time.Second)
			if res, err := conn.Run(t.Context(), Cmd{Argv: []string{"cat"}, Stdin: strings.NewReader("before")}); err != nil || string(res.Stdout) != "before" {
				t.Fatalf("before the change: %q, %v", res.Stdout, err)
			}
			if err := os.WriteFile(dir+"/changed", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			mark := filepath.Join(dir, "ran")
			for range 2 { // a second command fares no better
				_ = os.Remove(dir + "/shown")
				_, err := conn.Run(t.Context(), Cmd{Script: "cat >" + mark, Stdin: strings.NewReader("canary-stdin"), Label: "change it"})
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "change it") || strings.Contains(err.Error(), "took effect") {
					t.Errorf("got %v, want %q", err, c.want)
				}
				var auth *AuthError
				if errors.As(err, &auth) && !strings.Contains(err.Error(), "sudo was ours when the run began") {
					t.Errorf("it does not say that this is new: %v", err)
				}
				if got, _ := os.ReadFile(dir + "/shown"); string(got) != c.shown {
					t.Errorf("sudo read %q, want %q", got, c.shown)
				}
			}
			if _, err := conn.Lock(t.Context(), "me"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("lock: got %v, want %q", err, c.want)
			}
			if _, err := os.Stat(mark); err == nil {
				t.Error("the command was run")
			}
		})
	}
	t.Run("a remembered login that ends", func(t *testing.T) {
		dir := t.TempDir()
		sudo := filepath.Join(dir, "sudo")
		body := "#!/bin/sh\nSHOWN=" + dir + "/shown\nif [ \"$1\" = -n ] && [ ! -e " + dir + "/over ]; then shift 2; exec \"$@\"; fi\n" + strings.ReplaceAll(asks, "PROMPT", `'%s' "$prompt"`)
		if err := os.WriteFile(sudo, []byte(body), 0o755); err != nil {
			t.Fatal(err)
		}
		set := startServer(t, shellHandler(sudo), nil).settings()
		set.User, set.BecomePassword = "ops", secretOf("right")
		conn := dial(t, set)
		if err := os.WriteFile(dir+"/over", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		res, err := conn.Run(t.Context(), Cmd{Argv: []string{"cat"}, Stdin: strings.NewReader("the input")})
		if err != nil || string(res.Stdout) != "the input" {
			t.Errorf("got %q, %v", res.Stdout, err)
		}
	})
}
