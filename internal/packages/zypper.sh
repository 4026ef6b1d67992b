# zypper of SUSE Linux. See job.sh. Its packages start nothing when
# they are installed.
pm_stop=
export ZYPP_LOCK_TIMEOUT=15

pm_holders() {
  {
    # The file outlives its process, whose number may be another's by now.
    pid=$(cat /run/zypp.pid 2>/dev/null) && case $(cat "/proc/$pid/comm" 2>/dev/null) in
    zypper* | packagekitd | y2* | ruby*) echo "$pid" ;;
    esac
    lslocks -nuo PID,PATH 2>/dev/null | while read -r pid path; do
      case $path in */rpm/.rpm.lock) echo "$pid" ;; esac
    done
  } | grep -E '^[0-9]+$' | who
}
pm_cleanup() { :; }

# rpms VERB...: zypper's exit codes from 100 on, but 104 and 105, say that it
# worked and there is something to tell (a reboot is wanted, and so on).
rpms() {
  timeout -k 30 7200 zypper --non-interactive "$@"
  code=$?
  case $code in 0 | 100 | 101 | 102 | 103 | 106) return 0 ;; esac
  return $code
}

# classify CODE MARK
classify() {
  [ "$1" -eq 7 ] && finish locked
  logged "$2" 'No space left on device|not enough disk space|needs [0-9.]+ ?[KMG]i?B more disk space' && finish disk
  logged "$2" 'Could not resolve host|Curl error|Timeout exceeded|Download .* error|Failed to (download|cache)|Repository .* is invalid' && finish network
  names=$(since "$2" | sed -n "s/^No provider of '\([^']*\)' found.*/what \1/p; s/^Package '\([^']*\)' not found.*/what \1/p" | sort -u)
  [ "$1" -ne 104 ] || [ -z "$names" ] || finish unknown "$names"
  logged "$2" 'is locked' && finish held
  finish failed
}

# pm_offers NAME...: those that no repository has, see offers.
pm_offers() {
  found=$(timeout -k 5 60 zypper --non-interactive --no-refresh --quiet search --type package --match-exact -- "$@" 2>/dev/null)
  case $? in 0 | 104) ;; *) echo none; return ;; esac
  echo stale # how old it is cannot be told
  found=$(printf '%s\n' "$found" | column_two)
  for name; do
    printf '%s\n' "$found" | grep -qxF -e "$name" && continue
    echo "what $name"
    timeout -k 5 60 zypper --non-interactive --no-refresh --quiet search --type package -- "$(printf %.3s "$name")" 2>/dev/null | column_two | sed 's/^/near /' | head -n 1000
  done
}

# column_two: the names in zypper's table.
column_two() { awk -F'|' 'NF > 2 { gsub(/ /, "", $2); if ($2 != "Name") print $2 }'; }

pm_install() {
  mode=$1
  shift
  [ $# -gt 0 ] || return 0
  say "step reading the package lists"
  at=$(mark)
  # --name: only names of packages, not what packages provide.
  rpms install --name --no-recommends --auto-agree-with-licenses --dry-run -- "$@" || classify $? "$at"
  for p in corosync pacemaker; do
    [ $mode = careful ] && systemctl is-active -q $p.service && since "$at" | sed -n '/packages\{0,1\} \(is\|are\) going to be upgraded/,/^$/p' | grep -qwF "$p" && finish restart "what $p"
  done
  since "$at" | grep -q 'going to be REMOVED' &&
    finish remove "what $(since "$at" | sed -n '/going to be REMOVED/,/^$/s/^  *//p' | tr '\n' ' ')"
  say "count $#"
  say "step downloading"
  at=$(mark)
  rpms install --name --no-recommends --auto-agree-with-licenses --download-only -- "$@" || classify $? "$at"
  say "step installing"
  at=$(mark)
  rpms install --name --no-recommends --auto-agree-with-licenses -- "$@" || classify $? "$at"
}
