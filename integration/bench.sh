#!/bin/sh
# make bench: the figures, as ratios within one run on one machine.
set -eu
cd "$(dirname "$0")/.."
exec go run ./integration/bench -hadeploy bin/hadeploy "$@"
