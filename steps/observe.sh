# What hadeploy reads of a node, in one round trip. It changes nothing.
# $1 is a random word that frames the sections; stdin says what to read, one
# line each: "section NAME", "package NAME", "unit NAME", "file PATH",
# "name NODE", "agent STANDARD:PROVIDER:TYPE", "metadata AGENT".
mark=$1
sections=' ' packages='' units='' names='' agents='' metadata=''
nl='
'
files=''
while IFS=' ' read -r key value; do
  case $key in
  section) sections="$sections$value " ;;
  package) packages="$packages $value" ;;
  unit) units="$units $value" ;;
  name) names="$names $value" ;;
  agent) agents="$agents$value$nl" ;;
  metadata) metadata="$metadata$value$nl" ;;
  file) files="$files$value$nl" ;;
  esac
done
set -f

want() { case $sections in *" $1 "*) return 0 ;; esac; return 1; }
# frame NAME CAP COMMAND...: the command's output, at most CAP bytes and one
# more to show that there was more.
frame() {
  frame_name=$1 frame_cap=$2
  shift 2
  printf '\n@%s begin %s\n' "$mark" "$frame_name"
  "$@" 2>/dev/null | head -c "$((frame_cap + 1))"
  printf '\n@%s end %s\n' "$mark" "$frame_name"
}

host() {
  printf 'uname=%s\nuid=%s\narch=%s\n' "$(uname -n)" "$(id -u)" "$(uname -m)"
  printf 'machine_id=%s\n' "$(cat /etc/machine-id 2>/dev/null)"
  printf 'boot_id=%s\n' "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
  [ -c /dev/watchdog ] && echo watchdog=yes
  date '+clock=%s.%N'
  sed 's/^/os_/' /etc/os-release
}
disk() { df -Pk / /etc /var /var/lib /run 2>/dev/null | sed 1d; }
resolve() {
  for name in $names; do
    getent ahosts "$name" | awk -v n="$name" '$2 == "STREAM" { print n, $1 }'
  done
}
dpkg_list() { dpkg-query -W -f '${Package}\t${db:Status-Abbrev}\t${Version}\n' $packages; }
rpm_list() { rpm -q --qf '%{NAME}\tii \t%{VERSION}-%{RELEASE}\n' $packages | grep -v 'is not installed'; }
unit_list() { systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState $units; }
one_file() { [ -f "$1" ] && cat -- "$1"; }
file_facts() {
  printf '%s\n' "$files" | while IFS= read -r path; do
    [ -n "$path" ] || continue
    if [ -e "$path" ] || [ -L "$path" ]; then
      printf '%s\t%s\t%s\n' "$(stat --printf '%F\t%a\t%U:%G' -- "$path")" \
        "$(if [ -f "$path" ]; then sha256sum <"$path" | cut -d' ' -f1; else echo -; fi)" "$path"
    fi
  done
}
file_contents() {
  number=0
  printf '%s\n' "$files" | while IFS= read -r path; do
    [ -n "$path" ] || continue
    number=$((number + 1))
    [ -f "$path" ] && [ "$(stat -c %s -- "$path")" -le 65536 ] && frame "file:$number" 65536 one_file "$path"
  done
}
modified() { stat -c '%Y %n' -- "$@"; }
files_modified() {
  printf '%s\n' "$files" | while IFS= read -r path; do
    [ -n "$path" ] && [ -e "$path" ] && modified "$path"
  done
}
sums() {
  for path in /etc/corosync/authkey /etc/pacemaker/authkey; do
    [ -f "$path" ] && sha256sum "$path"
  done
  [ -f /var/lib/pacemaker/cib/cib.xml ] && echo "present cib.xml"
  if grep -q '^[[:space:]]*cluster_name:[[:space:]]*debian[[:space:]]*$' /etc/corosync/corosync.conf; then
    dpkg --verify corosync | grep -q '/etc/corosync/corosync.conf' || echo "packaged corosync.conf"
  fi
}
has_agent() {
  case $1 in
  ocf:*) p=${1#ocf:}; [ -x "/usr/lib/ocf/resource.d/${p%%:*}/${p#*:}" ] ;;
  systemd:*) systemctl cat -- "${1#systemd:}" >/dev/null ;;
  lsb:*) [ -x "/etc/init.d/${1#lsb:}" ] ;;
  service:*) systemctl cat -- "${1#service:}" >/dev/null || [ -x "/etc/init.d/${1#service:}" ] ;;
  stonith:*) [ -x "/usr/sbin/${1#stonith:}" ] || case $1 in stonith:fence_watchdog) true ;; *) false ;; esac ;;
  *) return 1 ;;
  esac
}
agent_list() {
  printf '%s' "$agents" | while IFS= read -r agent; do
    if has_agent "$agent"; then echo "yes $agent"; else echo "no $agent"; fi
  done
}
agent_metadata() {
  number=0
  printf '%s' "$metadata" | while IFS= read -r agent; do
    number=$((number + 1))
    has_agent "$agent" && frame "metadata:$number" 262144 timeout 20 crm_resource --show-metadata "$agent"
  done
}
live_cib() { systemctl is-active -q pacemaker.service && timeout 10 cibadmin --query; }

if want host; then
  frame host 16384 host
  frame disk 16384 disk
  frame addresses 65536 ip -o addr show
  frame names 65536 resolve
fi
if want packages; then
  if command -v dpkg-query >/dev/null; then
    frame packages 262144 dpkg_list
    frame dpkg-audit 16384 dpkg --audit
  elif command -v rpm >/dev/null; then
    frame packages 262144 rpm_list
  fi
fi
if want files; then
  frame files 262144 file_facts
  frame files-modified 262144 files_modified
  file_contents
fi
want units && frame units 65536 unit_list
if want account; then
  frame passwd 4096 getent passwd hacluster
  frame shadow 4096 getent shadow hacluster
fi
if want tokens; then
  frame known-hosts 262144 one_file /var/lib/pcsd/known-hosts
  frame pcs-users 1048576 one_file /var/lib/pcsd/pcs_users.conf
fi
if want corosync; then
  frame corosync.conf 65536 one_file /etc/corosync/corosync.conf
  frame sums 4096 sums
  frame corosync-modified 4096 modified /etc/corosync/corosync.conf /etc/corosync/authkey /etc/pacemaker/authkey
fi
if want cib; then
  frame cib 16777216 live_cib
  frame cib-disk 16777216 one_file /var/lib/pacemaker/cib/cib.xml
fi
if want agents; then
  frame agents 65536 agent_list
  agent_metadata
fi
printf '\n@%s done\n' "$mark"
