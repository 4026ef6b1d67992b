package remote

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// writeScript replaces $1, owned by $2, with mode $3 and $4 bytes of content
// from standard input. A connection that dies ends standard input too, so the
// size is checked before the rename: half a file must never take the place of
// a whole one. Temporary files that a power loss left are removed when old.
const writeScript = `
p=$1 d=${1%/*} t=
[ -n "$d" ] || d=/
trap '[ -z "$t" ] || rm -f "$t"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
if [ -d "$p" ] && [ ! -L "$p" ]; then
	echo "$p is a directory" >&2
	exit 1
fi
mkdir -p "$d" || exit 1
find "$d" -maxdepth 1 -type f -name '.hadeploy-??????' -mmin +30 -exec rm -f {} + 2>/dev/null
umask 077
t=$(mktemp "$d/.hadeploy-XXXXXX") || exit 1
cat >"$t" || exit 1
n=$(wc -c <"$t")
if [ "$n" -ne "$4" ]; then
	echo "only $n of $4 bytes arrived" >&2
	exit 1
fi
chown "$2" "$t" && chmod "$3" "$t" && sync "$t" && mv -fT "$t" "$p" || exit 1
t=
if command -v restorecon >/dev/null 2>&1; then restorecon "$p" || :; fi
sync "$d" || :
`

var (
	ownerForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?(:[A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?$`)
	modeForm  = regexp.MustCompile(`^[0-7]{3,4}$`)
)

// WriteFile implements Conn. A failure on the node is a *CommandError, and
// leaves the old file as it was and no temporary file. A symbolic link is
// replaced, not followed.
func (c *conn) WriteFile(ctx context.Context, f File) error {
	if err := f.fill(); err != nil {
		return fmt.Errorf("%s: write %s: %w", c.node, printable(f.Path, 200), err)
	}
	label := "write " + f.Path
	res, err := c.Run(ctx, Cmd{
		Script:  writeScript,
		Args:    []string{f.Path, f.Owner, f.Mode, strconv.Itoa(len(f.Content))},
		Stdin:   bytes.NewReader(f.Content),
		Timeout: DefaultTimeout + time.Duration(len(f.Content)>>20)*time.Second,
		Limit:   64 << 10,
		Label:   label,
	})
	if err != nil {
		return err
	}
	return res.Err(label)
}

// fill sets what is not said and checks the rest.
func (f *File) fill() error {
	if f.Mode == "" {
		f.Mode = "0644"
	}
	if f.Owner == "" {
		f.Owner = "root:root"
	}
	switch {
	case !path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path || f.Path == "/":
		return fmt.Errorf("the path must be absolute, without . or .. or // and without / at its end")
	case len(f.Path) > 4000 || !utf8.ValidString(f.Path) || strings.ContainsFunc(f.Path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("the path is too long or holds control characters")
	case !modeForm.MatchString(f.Mode):
		return fmt.Errorf("mode %q is not octal (0644)", f.Mode)
	case !ownerForm.MatchString(f.Owner):
		return fmt.Errorf("owner %q is not user or user:group", f.Owner)
	}
	return nil
}
