#!/bin/sh
# make integration: the program against real clusters. Without root every test
# is skipped and says so. One test can be named: integration/run.sh TestTenCycles
set -eu
cd "$(dirname "$0")/.."
exec go test ./integration -count=1 -v -parallel 3 -timeout 60m -run "${1:-.}"
