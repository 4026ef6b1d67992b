#!/bin/sh
# make fuzz: gives the readers inputs that nobody thought of, for a minute.
#
#   FUZZTIME=600 make fuzz    ten minutes in all (seconds, 60 by default)
#   FUZZ=Mixed make fuzz      only the targets with this in their names
#
# Half of the time goes to the readers of internal/pcs, the rest to all other
# targets that the tree has. It fails on a wrong result, a panic, an input that
# takes too long (the bound is in the targets, see bounded in
# internal/pcs/fuzz_test.go) and on memory without bound (below).
#
# go writes the input that failed to testdata/fuzz/TARGET/ in the package, and
# says so. Keep that file: mend the reader, run `go test` there, which runs the
# file from then on, and commit both. What is only interesting stays in go's
# cache, outside of the tree (`go clean -fuzzcache` empties it).
set -eu
cd "$(dirname "$0")/.."

total=${FUZZTIME:-60}
total=${total%s}
case $total in '' | *[!0-9]*) echo "FUZZTIME=$FUZZTIME: give a number of seconds" >&2; exit 2 ;; esac

# A reader holds half a GiB at most; what takes ten times as much has no bound.
ulimit -d 6000000 2>/dev/null || echo "fuzz.sh: this shell cannot bound memory, only the targets do"

targets=$(grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' cmd internal inventory playbook schema steps |
	sed 's|/[^/]*:func | |' | sort -u | grep "${FUZZ:-.}") || { echo "no target has ${FUZZ:-a name}" >&2; exit 2; }
pcs=$(echo "$targets" | grep -c '^internal/pcs ') || true
others=$(echo "$targets" | grep -vc '^internal/pcs ') || true

share() { # SECONDS TARGETS
	if [ "$2" -gt 0 ] && [ $(($1 / $2)) -gt 1 ]; then echo $(($1 / $2)); else echo 1; fi
}
if [ "$others" -eq 0 ]; then half=$total; else half=$((total / 2)); fi
if [ "$pcs" -eq 0 ]; then rest=$total; else rest=$((total - half)); fi
mine=$(share "$half" "$pcs") theirs=$(share "$rest" "$others")

said=$(mktemp)
trap 'rm -f "$said"' EXIT

try() { # FOLDER TARGET SECONDS
	# Shrinking an input that is only interesting takes long and finds nothing.
	{
		timeout -k 10 $(($3 + 600)) "${GO:-go}" test "./$1" -run '^$' -fuzz "^$2\$" \
			-fuzztime "$3s" -fuzzminimizetime 2s 2>&1 && echo "$2 ended well"
	} | tee "$said"
	grep -q "^$2 ended well\$" "$said"
}

# A status whose lines were indented, dropped, doubled or wrapped: 100,000 of them.
failed=
if echo Structure | grep -q "${FUZZ:-.}"; then
	echo "== internal/pcs TestStructure, 100000 broken texts"
	"${GO:-go}" test ./internal/pcs -count=1 -v -run '^TestStructure$' -mutations 100000 || failed=" internal/pcs:TestStructure"
fi
# shellcheck disable=SC2086
set -- $targets
while [ $# -gt 0 ]; do
	dir=$1 name=$2
	shift 2
	if [ "$dir" = internal/pcs ]; then time=$mine; else time=$theirs; fi
	echo "== $dir $name, ${time}s"
	try "$dir" "$name" "$time" && continue
	# Until Go 1.27 the end of -fuzztime itself can be taken for a failure (Go
	# issue 75804): no input is told then, and once more settles it.
	if grep -q '^    context deadline exceeded$' "$said" && ! grep -q 'Failing input\|panic' "$said"; then
		echo "== $dir $name: go's end of time came as a failure, without an input; again"
		try "$dir" "$name" "$time" && continue
	fi
	failed="$failed $dir:$name"
done

kept=$(git status --short -- '*/testdata/fuzz/' 2>/dev/null || true)
if [ -n "$kept" ]; then
	echo "inputs to keep:"
	echo "$kept"
fi
if [ -n "$failed" ]; then
	echo "failed:$failed" >&2
	exit 1
fi
echo "no target failed"
