# corosync.conf and the keys, of which only the sums leave the node.
key_sum() {
  if stat_of "$1" '%s %Y' -L; then
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
# When the daemons became active, in words of the node's clock.
daemons() {
  TZ=UTC bounded 20 systemctl show -p Id,ActiveState,ActiveEnterTimestamp -- corosync.service pacemaker.service pcsd.service
}
# When what the daemons read was last changed, and now.
ages() {
  printf '%s now\n' "$(date +%s)"
  for path in /var/lib/pcsd/pcsd.crt /var/lib/pcsd/pcsd.key /run/hadeploy.corosync-reloaded; do
    if stat_of "$path" %Y -L; then
      printf '%s %s\n' "$said" "$path"
    elif [ "$absent" ]; then
      printf 'absent %s\n' "$path"
    else
      return 1
    fi
  done
}

if want corosync; then
  frame corosync.conf 262144 one_file /etc/corosync/corosync.conf
  if looks_packaged; then
    frame conffiles 65536 bounded 20 dpkg-query -W -f '${Conffiles}\n' corosync
  fi
  frame corosync-key 1024 key_sum /etc/corosync/authkey
  frame pacemaker-key 1024 key_sum /etc/pacemaker/authkey
  frame corosync-record 262144 one_file /var/lib/hadeploy/corosync.json
  frame ages 4096 ages
  frame daemons 4096 daemons
  # The last one a second time: so the answer shows that it is whole.
  frame cmap 262144 bounded 20 corosync-cmapctl config. logging. nodelist. quorum. system. totem. totem.version
fi
