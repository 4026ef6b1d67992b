#!/bin/sh
# Adds Dummy resources to a running cluster, one pcs command each, and waits
# until they run.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

usage() {
	cat <<'USAGE'
usage: add100.sh [-n COUNT] [-p PREFIX] [-i KEY] [-o SSHOPTION]... NODE

  NODE          NAME=SSHADDRESS of one member, reached as root
  -n COUNT      how many resources (100)
  -p PREFIX     their ids are PREFIX1, PREFIX2 and so on (dummy)
  -i KEY        ssh key
  -o SSHOPTION  an option for ssh, such as UserKnownHostsFile=FILE
USAGE
}

# shellcheck source=common.sh
. "$here/common.sh"

count=100 prefix=dummy
while getopts n:p:i:o:h opt; do
	case $opt in
	n) count=$OPTARG ;;
	p) prefix=$OPTARG ;;
	i) ssh_opts="$ssh_opts -i $OPTARG" ;;
	o) ssh_opts="$ssh_opts -o $OPTARG" ;;
	h)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 64
		;;
	esac
done
shift $((OPTIND - 1))
case $count in
'' | *[!0-9]*) set -- ;;
esac
if [ $# -ne 1 ]; then
	usage >&2
	exit 64
fi

open_masters "$@"
say "making $count resources"
on "$1" "sh -e" <<EOF
i=1
while [ \$i -le $count ]; do
	pcs resource create $prefix\$i ocf:pacemaker:Dummy
	i=\$((i + 1))
done
EOF
say 'waiting for the resources'
on "$1" 'crm_resource --wait --timeout=300'
say 'done'
