#!/bin/sh
# make lint: no function that the program cannot reach. What only tests call is
# dead too, unless it stands here with its reason; an entry that is no longer
# needed is told as well.
set -eu
cd "$(dirname "$0")/../.."

kept='
internal/finding Tables: docs/findings.md is made of it, by a test
internal/lab Lab.Down: tests of other packages boot nodes
internal/lab Lab.Inventory: the same
internal/lab Lab.Run: the same
'

found=$(${GO:-go} tool -modfile=internal/tools/go.mod deadcode \
	-f '{{$p := .Path}}{{range .Funcs}}{{$p}} {{.Name}}: {{.Position}}{{println}}{{end}}' ./cmd/...)
echo "$found" | sed 's|^github.com/hadeploy/hadeploy/||' | awk -v kept="$kept" '
	BEGIN {
		n = split(kept, lines, "\n")
		for (i = 1; i <= n; i++) if (lines[i] != "") { split(lines[i], at, ": "); reason[at[1]] = 1 }
	}
	$0 != "" {
		split($0, at, ": ")
		if (at[1] in reason) { delete reason[at[1]]; next }
		print "nothing in the program calls " $0; bad = 1
	}
	END {
		for (name in reason) { print "internal/tools/deadcode.sh keeps " name ", which is called or gone"; bad = 1 }
		exit bad
	}'
