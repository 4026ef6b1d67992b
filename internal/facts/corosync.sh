# corosync.conf and the keys, of which only the sums leave the node.
key_sum() {
  if stat_of "$1" '%s %Y'; then
    sum=$(sha256sum <"$1") || return 1
    printf '%s %s\n' "$said" "${sum%% *}"
  elif [ "$absent" ]; then
    echo absent
  else
    return 1
  fi
}
# Whether it may be Debian's packaged file: then dpkg is asked for its sum.
looks_packaged() {
  while IFS= read -r line; do
    case $line in *cluster_name:*debian*) return 0 ;; esac
  done </etc/corosync/corosync.conf 2>/dev/null
  return 1
}

if want corosync; then
  frame corosync.conf 262144 one_file /etc/corosync/corosync.conf
  if looks_packaged; then
    frame conffiles 65536 bounded 20 dpkg-query -W -f '${Conffiles}\n' corosync
  fi
  frame corosync-key 1024 key_sum /etc/corosync/authkey
  frame pacemaker-key 1024 key_sum /etc/pacemaker/authkey
fi
