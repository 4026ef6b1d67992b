#!/bin/sh
# make demo: three bare Debian nodes on this machine become a Pacemaker cluster
# with a floating address. make demo-down takes them away.
set -eu
cd "$(dirname "$0")/.."
hadeploy=$PWD/bin/hadeploy
dir=$PWD/demo

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }

case ${1:-up} in
down)
  [ -d "$dir" ] || { echo "There is no demo: $dir does not exist."; exit 0; }
  exec "$hadeploy" lab down --dir "$dir"
  ;;
up) ;;
*) echo "usage: $0 up|down" >&2; exit 64 ;;
esac

if [ "$(id -u)" != 0 ]; then
  echo "The demo boots real nodes (systemd, sshd, their own network), which needs root: sudo make demo" >&2
  exit 1
fi

say "hadeploy lab up --nodes 3 --image debian12 --dir demo"
"$hadeploy" lab up --nodes 3 --image debian12 --dir "$dir" --name demo --replace
vip=$(sed -n 's/.*"free_first": "\(.*\)".*/\1/p' "$dir/lab.json")

# The password of the hacluster account comes from the environment; the
# playbook only names the variable.
HACLUSTER_PASSWORD=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
export HACLUSTER_PASSWORD
run() {
  verb=$1
  shift
  say "hadeploy $verb examples/playbooks/quickstart.yaml -i demo/inventory.yaml -e vip=$vip $*"
  "$hadeploy" "$verb" examples/playbooks/quickstart.yaml -i "$dir/inventory.yaml" -e "vip=$vip" "$@"
}

run apply --yes
run plan
say "curl http://$vip:8080/"
if command -v curl >/dev/null; then
  curl -s --max-time 10 "http://$vip:8080/"
else
  echo "(curl is not installed here; apply has asked the address already)"
fi
say "hadeploy lab ssh --dir demo n1 -- pcs status"
"$hadeploy" lab ssh --dir "$dir" n1 -- pcs status

cat <<END

Three bare nodes are a cluster. Some things to try:
  bin/hadeploy lab ssh --dir demo n1                      look around on a node
  bin/hadeploy lab power off n1 --dir demo                power loss; the address moves
  bin/hadeploy lab ssh --dir demo n2 -- pcs status        ... as another node sees it
  bin/hadeploy plan examples/playbooks/quickstart.yaml -i demo/inventory.yaml -e vip=$vip
  make demo-down                                          nothing is left
END
