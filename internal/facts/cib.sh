# The CIB: below the state of pacemaker.service, live where it runs, else what a
# start would read. A daemon that has just been started refuses connections for
# a moment.
the_cib() {
  state=$(bounded 20 systemctl show -p ActiveState -- pacemaker.service) || return 1
  printf '%s\n' "$state"
  case $state in
  *=active | *=reloading | *=activating | *=deactivating | *=refreshing) live_cib ;;
  *) one_file /var/lib/pacemaker/cib/cib.xml ;;
  esac
}
live_cib() {
  tries=0
  while :; do
    bounded 20 cibadmin --query
    code=$?
    tries=$((tries + 1))
    case $code in
    102 | 105 | 107 | 111) [ "$tries" -lt 30 ] || return $code ;;
    *) return $code ;;
    esac
    sleep 0.3
  done
}
cib_file() {
  if stat_of /var/lib/pacemaker/cib/cib.xml '%s'; then
    echo present
  elif [ "$absent" ]; then
    echo absent
  else
    return 1
  fi
}

if want cib; then
  frame cib-file 64 cib_file
  frame cib 16777216 the_cib
fi
