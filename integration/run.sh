#!/bin/sh
# make integration: the program against real clusters, then some of the faults.
# Without root every test is skipped and says so. One test can be named:
# integration/run.sh TestKilledController
#
# One package after the other: the faults have three nodes of their own, and
# clusters that share a small machine miss their own timeouts.
set -eu
cd "$(dirname "$0")/.."
exec go test ./integration ./integration/faults -p 1 -count=1 -v -parallel 3 -timeout 180m -run "${1:-.}"
