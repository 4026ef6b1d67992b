# What both scripts share: options, one ssh connection per node, clean-up.
# shellcheck shell=sh

ssh_opts='-o BatchMode=yes -o ConnectTimeout=10'
control=''

# say TEXT... tells on stderr what begins, and how many seconds have passed.
say() { printf '%4d s  %s\n' "$(($(date +%s) - began))" "$*" >&2; }

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# name_of, ssh_of and links_of take a node apart: NAME=SSHADDR[,LINKADDR...]
name_of() { printf '%s\n' "${1%%=*}"; }
ssh_of() {
	set -- "${1#*=}"
	printf '%s\n' "${1%%,*}"
}
links_of() {
	case $1 in
	*,*) printf '%s\n' "${1#*,}" | tr , ' ' ;;
	*) ssh_of "$1" ;;
	esac
}

# on NODE COMMAND... runs a command there.
on() {
	_host=$(ssh_of "$1")
	shift
	# shellcheck disable=SC2086,SC2029 # options are words; the node's shell gets the command
	ssh $ssh_opts -S "$control/%h" "root@$_host" "$@"
}

# open_masters NODE... makes one ssh connection per node, all at once.
open_masters() {
	began=$(date +%s)
	control=$(mktemp -d)
	trap close_masters EXIT
	trap 'exit 130' INT TERM
	for _node; do
		# shellcheck disable=SC2086
		ssh $ssh_opts -S "$control/%h" -o ControlMaster=yes -o ControlPersist=300 \
			-fN "root@$(ssh_of "$_node")" &
	done
	wait
	for _node; do
		on "$_node" true || die "cannot log in to $_node"
	done
}

close_masters() {
	for _socket in "$control"/*; do
		[ -S "$_socket" ] && ssh -S "$_socket" -O exit root@node 2>/dev/null
	done
	rm -rf "$control"
}

# everywhere FUNCTION NODE... runs a function for every node, all at once, and
# fails when it fails on one of them.
everywhere() {
	_do=$1
	shift
	_pids=''
	for _node; do
		"$_do" "$_node" >&2 &
		_pids="$_pids $!"
	done
	for _pid in $_pids; do
		wait "$_pid" || die "$_do failed on a node"
	done
}
