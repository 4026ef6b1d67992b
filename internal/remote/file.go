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

	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// walkScript goes to the folder of $1 and stays in it. Folders on the way may
// belong to others, who can exchange what is in them at any moment, so no path is
// used twice: it goes down one folder at a time. A symbolic link on the way is
// followed only where root made it and others cannot replace it. What missing
// says is done about a folder that is not there.
const walkScript = `
p=$1 me=$(id -u) at=
refuse() {
	echo "$1" >&2
	exit 1
}
place() { stat -c %d:%i "$1"; }
enter() {
	at=$at/$1
	if [ -L "./$1" ]; then
		[ -n "$(find . -maxdepth 0 -uid "$me" \( -perm -1000 -o ! -perm -2 \))" ] && [ -n "$(find "./$1" -maxdepth 0 -type l -uid "$me")" ] ||
			refuse "$at is a symbolic link that somebody else than root made or can replace: it is not followed"
		cd -P "./$1" 2>/dev/null || refuse "$at is a symbolic link that leads to no folder"
		return
	fi
	[ -d "./$1" ] || [ ! -e "./$1" ] || refuse "$at is not a folder"
	[ -d "./$1" ] || missing "./$1" || [ -d "./$1" ] || exit 1
	above=$(place .)
	cd -P "./$1" || exit 1
	[ "$(place ..)" = "$above" ] || refuse "$at was exchanged for a symbolic link just now"
}
walk() {
	cd /
	set -f
	IFS=/
	for part in ${p%/*}; do
		[ -z "$part" ] || enter "$part"
	done
	unset IFS
	set +f
}
`

// writeScript replaces $1, owned by $2, with mode $3 and $4 bytes of content
// from standard input. A connection that dies ends standard input too, so the
// size is checked before the rename: half a file must never take the place of
// a whole one. It writes in a folder of its own that nobody else can enter. What
// a power loss left there is removed when it is old; the facts of the node tell
// it, too (facts.Leftover), and [RemoveLeftovers] takes it away.
const writeScript = walkScript + `
owner=$2 mode=$3 size=$4 t= inside=
clean() {
	[ -n "$t" ] || return
	[ -z "$inside" ] || cd -P .. || return
	rm -rf "$t"
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
missing() { mkdir "$1"; }
walk
name=./${p##*/}
[ ! -d "$name" ] || [ -L "$name" ] || refuse "$p is a directory"
find . -maxdepth 1 -name '.hadeploy-??????' -uid "$me" -mmin +30 -exec rm -rf {} + 2>/dev/null
here=$(place .)
umask 077
t=$(mktemp -d ./.hadeploy-XXXXXX) || exit 1
cd -P "$t" || exit 1
inside=yes
case $(place ..)/$(stat -c %u:%a .) in "$here/$me:700" | "$here/$me:2700") ;; *) refuse "a folder in $at was exchanged just now" ;; esac
cat >f || exit 1
n=$(wc -c <f)
[ "$n" -eq "$size" ] || refuse "only $n of $size bytes arrived"
chown "$owner" f && chmod "$mode" f && sync f || exit 1
[ "$(place ..)" = "$here" ] || refuse "a folder in $at was exchanged just now"
mv -fT f "../$name" || exit 1
cd -P .. || exit 1
inside=
rmdir "$t" && t=
if command -v restorecon >/dev/null 2>&1; then restorecon "$name" || :; fi
sync . || :
`

// leftoversScript removes $2 and what follows from the folder $1.
const leftoversScript = walkScript + `
p=$p/
missing() { exit 0; }
walk
shift
for name; do
	case $name in .hadeploy-*) ;; *) refuse "$name is not of hadeploy" ;; esac
	find . -maxdepth 1 -name "$name" -uid "$me" -exec rm -rf {} + || exit 1
done
sync . || :
`

// RemoveLeftovers removes from a folder what writes that were cut off have left
// there: the facts of the node name it. Nothing else has such a name a second
// time, so it does not matter what is being written there meanwhile.
func RemoveLeftovers(folder string, names []string) Cmd {
	return Cmd{Script: leftoversScript, Args: append([]string{folder}, names...), Timeout: DefaultTimeout, Limit: 64 << 10, Label: "remove what a write that was cut off left in " + folder}
}

var (
	ownerForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?(:[A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?$`)
	modeForm  = regexp.MustCompile(`^[0-7]{3,4}$`)
)

// WriteFile implements Conn. A failure on the node is a *CommandError, and
// leaves the old file as it was and no temporary file. A symbolic link at the
// path is replaced, not followed; one on the way to it is followed when root
// made it.
func (c *conn) WriteFile(ctx context.Context, f File) error {
	if err := f.fill(); err != nil {
		return fmt.Errorf("%s: write %s: %w", c.node, excerpt.Printable(f.Path, 200), err)
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
