package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const reasonWantsPassword = "sudo wants a password" //nolint:gosec // words of a message

// becomeRoot finds out, once per connection, how sudo is to be used.
func (c *conn) becomeRoot(ctx context.Context) error {
	if c.user == "root" {
		return nil
	}
	probe := spec{label: "sudo probe", program: "exec true", timeout: c.patience, limit: 4096, mode: sudoFree}
	_, err := c.execute(ctx, probe, false)
	var auth *AuthError
	switch {
	case err == nil:
		c.sudo.Store(int32(sudoFree))
		return nil
	case !errors.As(err, &auth) || auth.Reason != reasonWantsPassword:
		return err
	case !c.becomePassword.IsSet():
		return err
	}
	probe.mode = sudoPassword
	if _, err := c.execute(ctx, probe, false); err != nil {
		var slow *UnreachableError // the shell was quick a moment ago
		if errors.As(err, &slow) && slow.begun {
			return c.sudoError("sudo did not come to an end within "+c.patience.String(), "it may ask for more than a password (a one-time code, a new password): try sudo on the node by hand")
		}
		return err
	}
	c.sudo.Store(int32(sudoPassword))
	return nil
}

func (c *conn) sudoMode() sudoMode { return sudoMode(c.sudo.Load()) }

// sudoNowAsks tells that sudo let us in without a password before, by a
// remembered login, and now wants it.
func (c *conn) sudoNowAsks(used sudoMode, err error) bool {
	var auth *AuthError
	if used != sudoFree || !c.becomePassword.IsSet() || !errors.As(err, &auth) || auth.Reason != reasonWantsPassword {
		return false
	}
	c.sudo.Store(int32(sudoPassword))
	return true
}

// sudoChanged tells of a command that sudo refused in the middle of a run: it
// had let us become root when the connection was made.
func sudoChanged(label string, err error) error {
	var auth *AuthError
	if !errors.As(err, &auth) {
		return err
	}
	e := *auth
	e.Reason = label + " was not run: " + e.Reason
	e.Hint = "sudo was ours when the run began: did somebody change sudoers, the account or its password meanwhile; " + e.Hint
	return &e
}

// explainSudo says why sudo did not run the command. The texts are sudo's
// (1.8 to 1.9) and sudo-rs's, in the C locale; anything else is quoted.
func (c *conn) explainSudo(mode sudoMode, status int, stderr []byte, said string) error {
	text := strings.ToLower(string(stderr))
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("must have a tty"):
		return c.sudoError("sudo wants a terminal (requiretty)", fmt.Sprintf("put \"Defaults:%s !requiretty\" into the node's sudoers (visudo)", c.user))
	case has("not in the sudoers", "not allowed to execute", "may not run sudo", "i'm afraid i can't do that"):
		return c.sudoError("sudo does not let this user become root", fmt.Sprintf("allow it in the node's sudoers (visudo): %s ALL=(ALL) ALL", c.user))
	case has("incorrect password", "incorrect authentication", "authentication failed", "maximum") && mode == sudoPassword:
		return c.sudoError("sudo refused the password", "check ansible_become_password")
	case has("password is required", "interactive authentication is required", "no password was provided"):
		return c.sudoError(reasonWantsPassword, fmt.Sprintf("set ansible_become_password, or allow it without (visudo): %s ALL=(ALL) NOPASSWD: ALL", c.user))
	case has("sudo: no such file", "sudo: not found", "‘sudo’: no such file", "'sudo': no such file"):
		return c.sudoError("sudo is not installed", "install sudo, or log in as root")
	case has("account validation failure", "account or password is expired", "password expired"):
		return c.sudoError("sudo says that the account or its password is expired", "renew it on the node (chage, passwd)")
	}
	return c.sudoError(fmt.Sprintf("neither the login shell nor sudo ran the command: exit status %d, it said: %s", status, said), "does the user have an ordinary shell, and does sudo work by hand on the node")
}

func (c *conn) sudoError(reason, hint string) error {
	return &AuthError{Node: c.node, User: c.user, Addr: c.addr, Reason: reason, Hint: hint}
}
