#!/bin/sh
# Makes the cluster of examples/playbooks/quickstart.yaml as an administrator
# does who knows pcs well and has no other tool: a plain script over ssh. The
# benchmark compares with it, so it takes no detour: one ssh connection per
# node, in parallel what pcs lets be done in parallel.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
playbooks=$here/../../examples/playbooks
name=quickstart

usage() {
	cat <<'USAGE'
usage: HACLUSTER_PASSWORD=... setup.sh -v ADDRESS [-i KEY] [-o SSHOPTION]... NODE...

  NODE          NAME=SSHADDRESS[,LINKADDRESS...]: how to reach the node as root,
                and its addresses on the cluster's links (else the first one)
  -v ADDRESS    the floating address
  -i KEY        ssh key
  -o SSHOPTION  an option for ssh, such as UserKnownHostsFile=FILE

The nodes are Debian 12 with pcs, pacemaker, corosync and the resource agents
installed. What is on them of an earlier cluster is destroyed.
USAGE
}

# shellcheck source=common.sh
. "$here/common.sh"

vip=''
while getopts v:i:o:h opt; do
	case $opt in
	v) vip=$OPTARG ;;
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
if [ $# -eq 0 ] || [ -z "$vip" ] || [ -z "${HACLUSTER_PASSWORD:-}" ]; then
	usage >&2
	exit 64
fi

# prepare NODE: what is each node's own.
prepare() {
	on "$1" 'command -v nginx >/dev/null || {
		export DEBIAN_FRONTEND=noninteractive
		apt-get -qq update && apt-get -qq -o Dpkg::Options::=--force-confold install nginx
	} </dev/null >/dev/null
	systemctl disable --quiet --now nginx'
	on "$1" 'cat >/etc/nginx/conf.d/quickstart.conf' <"$playbooks/files/quickstart.conf"
	on "$1" 'mkdir -p /usr/lib/ocf/resource.d/acme &&
		cat >/usr/lib/ocf/resource.d/acme/beacon && chmod 755 /usr/lib/ocf/resource.d/acme/beacon' <"$playbooks/agents/beacon"
	printf 'hacluster:%s\n' "$HACLUSTER_PASSWORD" | on "$1" chpasswd
	on "$1" 'pcs cluster destroy' >/dev/null
}

auth='' members=''
for node; do
	auth="$auth $(name_of "$node") addr=$(ssh_of "$node")"
	members="$members $(name_of "$node")"
	for link in $(links_of "$node"); do
		members="$members addr=$link"
	done
done

open_masters "$@"

say 'packages, files, password, old cluster'
everywhere prepare "$@"

say 'authenticating the nodes'
printf '%s\n' "$HACLUSTER_PASSWORD" | on "$1" "pcs host auth $auth -u hacluster" >&2

say 'making and starting the cluster'
on "$1" "pcs cluster setup $name $members --enable --start --wait=120" >&2

say 'making the resources'
on "$1" 'sh -e' >&2 <<EOF
pcs property set stonith-enabled=false
pcs resource defaults update resource-stickiness=100
pcs resource create web-ip ocf:heartbeat:IPaddr2 ip=$vip cidr_netmask=24 op monitor interval=10s --group web
pcs resource create web-server systemd:nginx --group web
pcs resource create beacon ocf:acme:beacon message=lit clone interleave=true
pcs resource create db ocf:pacemaker:Stateful promotable
pcs constraint location web prefers $(name_of "$1")=50
pcs constraint colocation add Started web with Promoted db-clone INFINITY
pcs constraint order promote db-clone then start web
EOF

say 'waiting for the resources'
on "$1" 'crm_resource --wait --timeout=120'
on "$1" 'pcs status'
say 'done'
