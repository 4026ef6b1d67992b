# Resource agents: are they installed, and what do they say of themselves?
has_agent() {
  case $1 in
  ocf:*) name=${1#ocf:}; agent_file "/usr/lib/ocf/resource.d/${name%%:*}/${name#*:}" ;;
  systemd:*) agent_unit "${1#systemd:}" ;;
  lsb:*) agent_file "/etc/init.d/${1#lsb:}" ;;
  service:*)
    answer=$(agent_unit "${1#service:}") || return 1
    case $answer in no) agent_file "/etc/init.d/${1#service:}" ;; *) echo "$answer" ;; esac
    ;;
  stonith:fence_watchdog) echo yes ;;
  stonith:*) agent_file "/usr/sbin/${1#stonith:}" ;;
  *) echo no ;;
  esac
}
agent_file() {
  if stat_of "$1" '%F'; then
    if [ -f "$1" ] && [ -x "$1" ]; then echo yes; else echo no; fi
  elif [ "$absent" ]; then
    echo no
  else
    return 1
  fi
}
agent_unit() {
  loaded=$(bounded 20 systemctl show -p LoadState -- "$1") || return 1
  case $loaded in
  LoadState=not-found) echo no ;;
  LoadState=?*) echo yes ;;
  *) echo "systemctl show says nothing of $1" >&2; return 1 ;;
  esac
}
agent_list() {
  printf '%s' "$agents" | while IFS= read -r agent; do
    answer=$(has_agent "$agent") || exit 1
    echo "$answer $agent"
  done
}
agent_metadata() {
  number=0
  printf '%s' "$metadata" | while IFS= read -r agent; do
    number=$((number + 1))
    if [ "$(has_agent "$agent" 2>/dev/null)" = yes ]; then
      frame "metadata:$number" 1048576 bounded 20 crm_resource --show-metadata "$agent"
    fi
  done
}

if want agents; then
  frame agents 262144 agent_list
  agent_metadata
fi
