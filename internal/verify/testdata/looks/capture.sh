#!/bin/bash
# Captures what the nodes of a lab answer to internal/facts/status.sh, for TestVerify:
#
#   hadeploy lab up --preinstalled --dir /tmp/lab
#   (apply examples/playbooks/quickstart.yaml, bring it into a state)
#   LAB="hadeploy lab" testdata/looks/capture.sh /tmp/lab testdata/looks/STATE
#
# The CIB and the XML are kept of n1 only, and without the history of
# operations: the rest of the nodes' words is enough for them.
set -eu
dir=$1 out=$2 lab=${LAB:-hadeploy lab} facts=$(dirname "$0")/../../../facts
mkdir -p "$out"
for n in n1 n2 n3; do
  how=text drop='status-cib scores xml'
  [ $n = n1 ] && how=xml drop=''
  { echo 'LC_ALL=C; export LC_ALL; set -- MARK'; cat "$facts/frame.sh" "$facts/host.sh" "$facts/status.sh"; echo 'printf "\n@MARK done\n"'; } >"$out/script"
  printf 'section status\nstatus %s\n' $how | $lab ssh --dir "$dir" $n -- "$(cat "$out/script")" 2>/dev/null | awk -v drop=" $drop " '
    /^@MARK begin / && index(drop, " " $3 " ") { skip = 1; next }
    /^@MARK end / && skip { skip = 0; next }
    !skip' | sed '/<lrm_rsc_op /d; /<\/*lrm_/d' >"$out/$n.txt" || echo "$n does not answer" >&2
done
rm "$out/script"
