#!/bin/sh
# Makes the fixtures of internal/pcs again: what the nodes of each release print
# in every state that TestStates leads them through. It needs root, and takes
# some minutes. One release can be named: integration/capture.sh debian12
set -eu
cd "$(dirname "$0")/.."
exec go test ./integration -count=1 -v -timeout 60m -parallel 3 -run "TestStates/${1:-.}" -capture
