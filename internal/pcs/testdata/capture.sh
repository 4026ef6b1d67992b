#!/bin/bash
# Captures what real releases print in many states of a cluster, as fixtures
# for the readers: one txtar file for each state, with the text and the XML of
# the same moment.
#
#   hadeploy lab up --nodes 3 --image debian12 --preinstalled --dir /tmp/lab
#   LAB="hadeploy lab" testdata/capture.sh /tmp/lab testdata/states/debian12
#
# ONLY="blocked health" takes only these states. It takes some minutes and
# leaves the cluster running.
set -u
dir=$1 out=$2 lab=${LAB:-hadeploy lab}
mkdir -p "$out"

mapfile -t addr < <(sed -n 's/.*ansible_host: *//p' "$dir/inventory.yaml")
on() { # NODE COMMAND
  ssh -n -i "$dir/id_ed25519" -o UserKnownHostsFile="$dir/known_hosts" -o ConnectTimeout=5 \
    root@"${addr[${1#n} - 1]}" "LC_ALL=C; export LC_ALL; $2"
}
# awaiting OPERATION: until one of that resource is under way.
awaiting() {
  for i in $(seq 60); do
    on n1 "cibadmin -Q -o status" | grep -q "op-status=\"-1\".*_${1}_0\|_${1}_0.*op-status=\"-1\"" && return
    sleep 1
  done
}
# lose makes a Dummy stop by itself.
lose() { for n in $nodes; do on $n "rm -f /run/Dummy-$1.state /run/resource-agents/Dummy-$1.state"; done; }
settle() { on n1 "timeout 60 crm_resource --wait" || true; }

wanted() { [ -z "${ONLY:-}" ] || [[ " $ONLY " = *" $1 "* ]]; }

# take STATE: every output, once nothing happens any more.
take() {
  wanted "$1" || return 0
  {
    echo "$1 on $release: $pcs, $pacemaker"
    for cmd in "pcs status" "pcs status --full" "pcs status xml" "pcs cluster status" "pcs status nodes" "crm_mon -1"; do
      echo "-- $cmd --"
      on n1 "$cmd 2>&1"
    done
  } >"$out/$1.txtar"
  echo "$1"
}

# snapshot STATE: text and XML of one CIB, for states that pass quickly. What
# is not in the CIB (fencing, daemons) is not in it.
snapshot() {
  wanted "$1" || return 0
  {
    echo "$1 on $release, of one snapshot of the CIB: $pcs, $pacemaker"
    on n1 "f=\$(mktemp); cibadmin -Q >\$f; export CIB_file=\$f
      echo '-- crm_mon -1 -r --'; crm_mon -1 -r
      echo '-- crm_mon -1 -r --full --'; crm_mon -1 -r --show-detail --show-node-attributes --failcounts
      echo '-- crm_mon -1 -r --output-as=xml --'; crm_mon -1 -r --output-as=xml; rm \$f"
  } >"$out/$1.txtar"
  echo "$1"
}

release=$(on n1 '. /etc/os-release; echo $ID$VERSION_ID')
pcs="pcs $(on n1 'pcs --version')"
pacemaker="$(on n1 'pacemakerd --version | head -1')"
nodes=$(seq -f n%g ${#addr[@]})
net=$(sed -n 's/.*links: \[\([0-9.]*\)\.[0-9]*,.*/\1/p' "$dir/inventory.yaml" | head -1)

for n in $nodes; do
  on $n "systemctl stop pacemaker corosync; pcs cluster destroy; echo hacluster:lab-only | chpasswd; systemctl start pcsd" >/dev/null 2>&1
done
take not-running
hosts=$(for n in $nodes; do sed -n "/ $n:/,/links/s/.*links: \[\([0-9.]*\),.*/$n addr=\1/p" "$dir/inventory.yaml"; done | tr '\n' ' ')
on n1 "pcs host auth $hosts -u hacluster -p lab-only && pcs cluster setup made $hosts && pcs cluster start --all" >/dev/null 2>&1
for i in 1 2 3 4; do take starting-$i; wanted starting-$i && sleep 4; done
until on n1 "crm_mon -1" | grep -q 'partition with quorum'; do sleep 1; done
sleep 3
take fresh

on n1 "pcs property set stonith-enabled=false
  pcs resource create vip ocf:heartbeat:IPaddr2 ip=$net.240 cidr_netmask=24
  pcs resource create web1 ocf:pacemaker:Dummy --group web
  pcs resource create web2 ocf:pacemaker:Dummy --group web
  pcs resource create ping ocf:pacemaker:Dummy clone
  pcs resource create db ocf:pacemaker:Stateful promotable
  pcs resource create num ocf:pacemaker:Dummy clone globally-unique=true clone-max=4 clone-node-max=2
  pcs resource create g1 ocf:pacemaker:Dummy --group g
  pcs resource create g2 ocf:pacemaker:Dummy --group g
  pcs resource clone g" >/dev/null 2>&1
settle; take running

on n1 "pcs node standby n2"; settle; take standby
on n1 "pcs node unstandby n2; pcs node maintenance n2"; settle; take node-maintenance
on n1 "pcs node unmaintenance n2; pcs property set maintenance-mode=true"; settle; take maintenance
on n1 "pcs property set maintenance-mode=false; pcs property set stop-all-resources=true"; settle; take stop-all
on n1 "pcs property set stop-all-resources=false"; settle
on n1 "pcs resource disable vip web ping-clone"; settle; take disabled
on n1 "pcs resource enable vip web ping-clone"; settle
on n1 "pcs resource unmanage vip web db-clone"; settle; take unmanaged
on n1 "pcs resource manage vip web db-clone db"; settle
on n1 "pcs resource ban vip n1; pcs resource ban db-clone n2" >/dev/null 2>&1; settle; take banned
on n1 "pcs resource clear vip; pcs resource clear db-clone" >/dev/null; settle

# A failed monitor: seen, recovered, kept in the history.
on n1 "crm_resource --fail --resource vip --node \$(crm_resource --locate -r vip 2>/dev/null | sed 's/.*: //;s/ .*//')" >/dev/null 2>&1
sleep 3; settle; take failed-recovered
on n1 "pcs resource cleanup" >/dev/null 2>&1; settle

# A failure that blocks.
on n1 "pcs resource create blk ocf:pacemaker:Dummy op monitor interval=2s on-fail=block" >/dev/null 2>&1; settle
lose blk
sleep 6; take blocked
on n1 "pcs resource delete --force blk" >/dev/null 2>&1; settle

# A start that fails everywhere, with a reason that is hard to read.
for n in $nodes; do
  on $n 'd=/usr/lib/ocf/resource.d/made; mkdir -p $d; cat >$d/Trouble <<"END"; chmod 755 $d/Trouble
#!/bin/sh
. ${OCF_ROOT:=/usr/lib/ocf}/lib/heartbeat/ocf-shellfuncs
case $1 in
meta-data) echo "<?xml version=\"1.0\"?><resource-agent name=\"Trouble\"><version>1</version><longdesc lang=\"en\">x</longdesc><shortdesc lang=\"en\">x</shortdesc><parameters/><actions><action name=\"start\" timeout=\"10\"/><action name=\"stop\" timeout=\"10\"/><action name=\"monitor\" timeout=\"10\" interval=\"10\"/><action name=\"meta-data\" timeout=\"5\"/></actions></resource-agent>" ;;
start) ocf_exit_reason "can'"'"'t open: '"'"'x'"'"' (no such file) at home, status=bad: a::b"; exit 1 ;;
monitor) exit 7 ;;
esac
END'
done
on n1 "pcs resource create fsx ocf:made:Trouble --force" >/dev/null 2>&1
sleep 6; settle; take start-failed
on n1 "pcs resource delete --force fsx" >/dev/null 2>&1; settle
on n1 "pcs resource cleanup" >/dev/null 2>&1

# A clone that fails on one node, for good.
on n1 "pcs resource meta ping-clone migration-threshold=1" >/dev/null 2>&1
on n1 "crm_resource --fail --resource ping --node n2" >/dev/null 2>&1
sleep 3; settle; take clone-failed
on n1 "pcs resource cleanup" >/dev/null 2>&1; settle

# A failure that puts its node on standby.
on n1 "pcs resource create sby ocf:pacemaker:Dummy op monitor interval=2s on-fail=standby" >/dev/null 2>&1; settle
lose sby
sleep 6; settle; take standby-onfail
on n1 "pcs resource delete --force sby; pcs resource cleanup" >/dev/null 2>&1; settle

# Slow starts and stops.
on n1 "pcs resource create slow ocf:pacemaker:Dummy op_sleep=15 op start timeout=90s op stop timeout=90s op monitor interval=1h timeout=90s clone" >/dev/null 2>&1
awaiting start; snapshot pending-start; settle
on n1 "crm_resource --meta --resource slow-clone --set-parameter target-role --parameter-value Stopped" >/dev/null 2>&1
awaiting stop; snapshot pending-stop; settle
on n1 "pcs resource delete --force slow" >/dev/null 2>&1; settle

# Orphaned: deleted while unmanaged.
on n1 "pcs property set stop-orphan-resources=false; pcs resource create orph ocf:pacemaker:Dummy" >/dev/null 2>&1; settle
on n1 "cibadmin --delete --xml-text '<primitive id=\"orph\"/>'" >/dev/null 2>&1; sleep 3; take orphaned
on n1 "pcs property unset stop-orphan-resources" >/dev/null; sleep 2; settle

# Tickets.
on n1 "pcs constraint ticket add site-a vip loss-policy=stop; crm_ticket --ticket site-a --grant --force" >/dev/null 2>&1; settle; take ticket-granted
on n1 "crm_ticket --ticket site-a --revoke --force" >/dev/null 2>&1; settle; take ticket-revoked
on n1 "pcs constraint ticket remove site-a vip; crm_ticket --ticket site-a --cleanup --force" >/dev/null 2>&1; settle

# Descriptions that look like something else.
on n1 "cibadmin --modify --xml-text '<primitive id=\"vip\" description=\"the (blocked) one, on [ n1 n2 ]\"/>'" >/dev/null 2>&1; settle; take description

# Health and attributes.
on n1 "pcs node attribute n2 rack=b2; pcs property set node-health-strategy=only-green
  crm_attribute --type status --node n2 --name '#health-disk' --update red" >/dev/null 2>&1; settle; take health
on n1 "crm_attribute --type status --node n2 --name '#health-disk' --delete; pcs property unset node-health-strategy" >/dev/null 2>&1; settle

# One node leaves properly, one is lost.
last=$(echo $nodes | sed 's/.* //')
on $last "pcs cluster stop" >/dev/null 2>&1; settle; take one-stopped
on $last "pcs cluster start" >/dev/null 2>&1; sleep 5; settle
$lab power off $last --dir "$dir" >/dev/null 2>&1; sleep 12; take one-lost
$lab power on $last --dir "$dir" >/dev/null 2>&1; sleep 5
on $last "pcs cluster start" >/dev/null 2>&1; sleep 6; settle

# Fencing that cannot work: the lost node stays unclean.
on n1 "cibadmin --create -o resources --xml-text '<primitive id=\"fence\" class=\"stonith\" type=\"fence_ipmilan\"><instance_attributes id=\"fence-ia\"><nvpair id=\"fence-ip\" name=\"ip\" value=\"192.0.2.1\"/><nvpair id=\"fence-u\" name=\"username\" value=\"x\"/><nvpair id=\"fence-p\" name=\"password\" value=\"x\"/><nvpair id=\"fence-h\" name=\"pcmk_host_list\" value=\"$(echo $nodes)\"/></instance_attributes></primitive>'; pcs property set stonith-enabled=true stonith-timeout=4s" >/dev/null 2>&1
sleep 6; settle; take fencing-device
$lab power off $last --dir "$dir" >/dev/null 2>&1; sleep 25; take fencing-failed
on n1 "stonith_admin --confirm $last" >/dev/null 2>&1; sleep 4; take fencing-confirmed
on n1 "pcs property set stonith-enabled=false; pcs resource delete --force fence" >/dev/null 2>&1

# No quorum: two of three are gone.
if [ ${#addr[@]} -ge 3 ]; then
  $lab power off n2 --dir "$dir" >/dev/null 2>&1; sleep 12; take no-quorum
  $lab power on n2 --dir "$dir" >/dev/null 2>&1
fi
$lab power on $last --dir "$dir" >/dev/null 2>&1; sleep 5
for n in $nodes; do on $n "systemctl start pcsd; pcs cluster start" >/dev/null 2>&1; done
echo done
