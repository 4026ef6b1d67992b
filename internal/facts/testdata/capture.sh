#!/bin/sh
# Captures what a node of a lab answers to a whole observation, for TestBroken:
#
#   hadeploy lab up --preinstalled --dir /tmp/lab
#   (apply examples/playbooks/quickstart.yaml)
#   LAB="hadeploy lab" testdata/capture.sh /tmp/lab n1 testdata/running
set -eu
here=$(dirname "$0")/..
lab=${LAB:-hadeploy lab} dir=$1 node=$2 out=$3
script=$(
  echo 'LC_ALL=C; export LC_ALL; set -- MARK'
  cat "$here/frame.sh" "$here/host.sh" "$here/packages.sh" "$here/files.sh" "$here/units.sh" "$here/account.sh" \
    "$here/tokens.sh" "$here/corosync.sh" "$here/cib.sh" "$here/agents.sh" "$here/status.sh"
  echo 'printf "\n@MARK done\n"'
)
$lab ssh --dir "$dir" "$node" -- "$script" <"$here/testdata/ask" >"$out.out" 2>"$out.err"
