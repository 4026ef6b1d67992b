# How packages are installed on a node, whatever its package manager: as a
# transient systemd unit, so that neither the end of the connection nor that of
# the controller breaks a package manager off in the middle. The manager's own
# script defines pm_holders, pm_offers, pm_install and pm_cleanup, and pm_stop, the verb
# that the unit runs at its end.
#
# Files in $dir, readable by root alone, gone with the next boot:
#   job.sh    this script    log       all that the package manager said
#   progress  one line each  result    the class of the end, then its details
dir=/run/hadeploy/packages
unit=hadeploy-packages.service
export LC_ALL=C HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
nl='
'

# property NAME: of the unit, as systemctl has it.
property() { systemctl show -p "$1" "$unit" 2>/dev/null | sed -n "s/^$1=//p"; }

at_work() {
  case $(property ActiveState) in
  active | activating | deactivating | reloading) return 0 ;;
  esac
  return 1
}

# who: reads process ids, writes "PID COMMAND LINE" of those that live.
who() {
  sort -un | while read -r pid; do
    words=$(tr '\000' ' ' 2>/dev/null <"/proc/$pid/cmdline" | cut -c1-120)
    [ -n "$words" ] || words=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
    printf '%s %s\n' "$pid" "$words"
  done
}

# look: is a job at work, and who else keeps the package manager busy?
look() {
  if at_work; then
    echo job
  else
    pm_holders | sed 's/^/holder /'
  fi
}

# offers NAME...: which of these packages does no list of the node know? Lines of
# "none" (there are no lists), "stale" (they may be out of date), "what NAME", one
# that is in none, "near NAME", what could have been meant by it, and "done".
offers() { pm_offers "$@" && echo done; }

# start MODE NAME...: starts the job for these packages; stdin is this script.
# MODE is careful where running daemons of a cluster must not be restarted, and
# free where they belong to nobody.
start() {
  umask 077
  mkdir -p "$dir" || exit 1
  if at_work; then
    echo running
    return
  fi
  new=$(mktemp "$dir/job.XXXXXX") && cat >"$new" && mv -f "$new" "$dir/job.sh" || exit 1
  rm -f "$dir/result" "$dir/log"
  : >"$dir/progress"
  systemctl reset-failed "$unit" 2>/dev/null
  # KillMode: stopping the unit must not kill dpkg or rpm at work.
  systemd-run --quiet --unit="${unit%.service}" --description="hadeploy: installing packages" \
    -p KillMode=process ${pm_stop:+-p TimeoutStopSec=900 -p "ExecStopPost=/bin/sh $dir/job.sh $pm_stop"} \
    /bin/sh "$dir/job.sh" job "$@" >&2 || exit 1
  echo started
}

# job MODE NAME...: the unit's main process.
job() {
  exec </dev/null >>"$dir/log" 2>&1
  pm_install "$@"
  finish ok
}

# say WORDS: one line of progress.
say() { printf '%s\n' "$*" >>"$dir/progress"; }

# finish CLASS [DETAILS]: writes the result, whole, and ends the job. DETAILS
# are lines of "KEY TEXT".
finish() {
  { printf '%s\n' "$1"; [ -z "${2-}" ] || printf '%s\n' "$2"; } >"$dir/result.new"
  mv -f "$dir/result.new" "$dir/result"
  exit 0
}

# since MARK: what was logged after line MARK; logged MARK PATTERN: is it there?
mark() { wc -l <"$dir/log"; }
since() { tail -n "+$(($1 + 1))" "$dir/log"; }
logged() { since "$1" | grep -qE "$2"; }

# follow: prints the progress until no job is at work any more, then the
# result and the end of the log.
follow() {
  seen=0 turn=0
  main=$(property MainPID)
  while :; do
    alive=no
    if [ "${main:-0}" -gt 0 ] && [ -d "/proc/$main" ] && [ $((turn % 25)) -ne 24 ]; then
      alive=yes
    elif at_work; then
      alive=yes
    fi
    turn=$((turn + 1))
    total=$(wc -l 2>/dev/null <"$dir/progress") || total=0
    if [ "$total" -gt "$seen" ]; then
      # Of the many lines of a status, the newest is enough.
      sed -n "$((seen + 1)),${total}p" "$dir/progress" |
        awk '/^[a-z]+status:/ { last = $0; next } { print } END { if (last != "") print last }'
      seen=$total
    fi
    [ $alive = yes ] || break
    sleep 0.2
  done
  if [ -f "$dir/result" ]; then
    sed '1s/^/end /' "$dir/result"
  else
    echo end vanished
  fi
  tail -n 30 "$dir/log" 2>/dev/null | cut -c1-400 | sed 's/^/log /'
}

# cleanup: what must be done however the job ended.
cleanup() { pm_cleanup; }

main() {
  verb=$1
  shift
  "$verb" "$@"
}
