# Debian's apt and dpkg. See job.sh.
#
# The packages corosync and pacemaker start themselves when they are installed,
# with a default one-node cluster. While a job is at work their units are held
# by a condition in /run (gone with a reboot): starting them does nothing, and
# the packages' scripts can enable them as ever, which a mask would prevent.
# The unit's end takes that back however the job ended, by SIGKILL too. So are
# the units of resources (--hold=NAME): the cluster is to start them.
pm_stop=cleanup

# Nobody is there to answer a question, and nothing but what was asked for may
# be restarted: needrestart would restart a running corosync for a library.
export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical UCF_FORCE_CONFFOLD=1 \
  APT_LISTCHANGES_FRONTEND=none APT_LISTBUGS_FRONTEND=none NEEDRESTART_SUSPEND=1

# Packages that start a cluster daemon, each with a unit of its own name.
daemons='corosync pacemaker sbd'
conf=/etc/corosync/corosync.conf
locks='/var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock'

pm_holders() {
  lslocks -nuo PID,PATH 2>/dev/null | while read -r pid path; do
    case " $locks " in *" $path "*) echo "$pid" ;; esac
  done | who
}

# status PACKAGE: dpkg's two or three letters, nothing for one never installed.
status() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null; }
whole() { case $(status "$1") in ?i*) return 0 ;; esac; return 1; }
running() { systemctl is-active -q "$1.service"; }
# spared PACKAGE: does its daemon run, and must it not be restarted?
spared() { [ $mode = careful ] && running "$1"; }

# hold PACKAGE...: their units cannot be started until cleanup. One that runs
# is left alone.
hold() {
  for p; do
    running "$p" && continue
    drop=/run/systemd/system/$p.service.d
    echo "$drop" >>"$dir/held"
    [ ! -e "$drop/hadeploy.conf" ] || continue
    mkdir -p "$drop"
    printf '# While packages are being installed.\n[Unit]\nConditionPathExists=!%s\n' "$dir/held" >"$drop/hadeploy.conf"
    reload=yes
  done
  [ "${reload-}" != yes ] || systemctl daemon-reload
  reload=
}

# others: is there a process of the job beside this one? (The shell itself
# expands the pattern, so grep is not on its list.)
others() {
  grep -l "/$unit" /proc/[0-9]*/cgroup >"$dir/left" 2>/dev/null
  grep -qvxF "/proc/$$/cgroup" "$dir/left"
}

pm_cleanup() {
  if [ ! -f "$dir/result" ]; then
    # The job was killed, and what it had started may still be at work: a
    # package's script that is about to start its daemon, for one.
    i=0
    while [ $i -lt 800 ] && others; do
      sleep 1
      i=$((i + 1))
    done
  fi
  [ -f "$dir/held" ] || return 0
  while read -r drop; do
    rm -f "$drop/hadeploy.conf"
    rmdir "$drop" 2>/dev/null
  done <"$dir/held"
  rm -f "$dir/held"
  systemctl daemon-reload
}

apt() {
  apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o DPkg::Lock::Timeout=15 -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3 \
    -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
    --no-install-recommends --no-remove "$@" 3>>"$dir/progress"
}

# taken MARK: did apt or dpkg find a lock held? Then nothing was done.
taken() {
  logged "$1" 'Could not get lock|Unable to acquire the dpkg frontend lock|(frontend|status database).* (was|is) locked by another process'
}
# full MARK: did it run out of space?
full() { logged "$1" "No space left on device|don't have enough free space"; }

update() {
  say "step reading the package lists anew"
  at=$(mark)
  timeout -k 10 600 apt-get -q -o Acquire::Retries=3 -o Acquire::http::Timeout=30 \
    -o Acquire::https::Timeout=30 -o APT::Status-Fd=3 update 3>>"$dir/progress" && updated=yes
  # A source that does not answer is only a warning to apt-get.
  [ "$updated" = yes ] && ! logged "$at" '^(E|W): (Some index files failed|Failed to fetch)' && return 0
  taken "$at" && finish locked
  full "$at" && finish disk
  warned=yes
  say "step the package lists could not be read anew; going on with those that are there"
  return 1
}

# fresh: are there lists, not older than a day?
fresh() {
  ls /var/lib/apt/lists/ 2>/dev/null | grep -q '_Packages' &&
    [ -z "$(find /var/lib/apt/lists -maxdepth 0 -mmin +1440)" ]
}

interrupted() {
  ls /var/lib/dpkg/updates | grep -q '^[0-9][0-9]*$' && return 0
  dpkg --audit | grep -qE 'not yet configured|only half (configured|installed)|serious problems|awaiting processing|have been triggered'
}

# unfinished: the names of packages that are neither whole nor gone.
unfinished() {
  dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^.[HUFWt]..* //p' | head -n 20 | tr '\n' ' '
}

hold_unfinished() {
  set --
  for p in $daemons; do whole "$p" || set -- "$@" "$p"; done
  hold "$@"
}

# repair: makes dpkg whole again after it was killed in the middle.
repair() {
  for p in $daemons; do
    case $(status "$p") in
    '' | ?i* | ?n* | ?c*) ;;
    *) spared "$p" && finish restart "what $p" ;;
    esac
  done
  hold_unfinished
  say "step dpkg was interrupted earlier; completing that with dpkg --configure -a"
  at=$(mark)
  timeout -k 10 3600 dpkg --configure -a --force-confdef --force-confold && ! interrupted && return 0
  taken "$at" && finish locked
  full "$at" && finish disk
  # Packages that were unpacked before what they need: only apt can go on.
  fresh || update
  say "step dpkg alone cannot complete it; apt-get --fix-broken install"
  hold_unfinished
  # Those killed in the middle of unpacking (the R) apt does not unpack again
  # by itself. Naming them must not make them asked for by hand.
  torn=$(dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' | sed -n 's/^..R //p')
  auto=${torn:+$(apt-mark showauto $torn)}
  apt --fix-broken ${torn:+--reinstall} install -- $torn && fixed=yes
  [ -z "$auto" ] || apt-mark auto $auto
  [ $fixed = yes ] && ! interrupted && return 0
  taken "$at" && finish locked
  full "$at" && finish disk
  still_broken=$(unfinished)
}

# unknown NAME...: those that are no package's name. Asked so exactly because
# apt-get would take an unknown name for a pattern.
unknown() {
  apt-cache pkgnames | sort -u >"$dir/names"
  for name; do
    grep -qxF -e "$name" "$dir/names" || printf 'what %s\n' "$name"
  done
}

# near NAME: names that might have been meant, of those on standard input.
near() {
  awk -v n="$1" 'BEGIN { head = substr(n, 1, 2); tail = substr(n, length(n) - 3) }
    { d = length($0) - length(n) }
    d < 4 && d > -4 && (index($0, head) == 1 || substr($0, length($0) - 3) == tail) { print "near " $0 }' | head -n 3000
}

# pm_offers NAME...: those that no package list knows, see offers. What only
# other packages provide is none of them: apt-get may choose one of these.
pm_offers() {
  ls /var/lib/apt/lists/ 2>/dev/null | grep -q '_Packages' || { echo none; return; }
  stale=
  [ -z "$(find /var/lib/apt/lists -maxdepth 0 -mmin +1440)" ] || stale=yes
  [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer /var/lib/apt/lists 2>/dev/null)" ] || stale=yes
  [ -z "$stale" ] || echo stale
  policy=$(apt-cache policy -- "$@" 2>/dev/null) && names=$(apt-cache pkgnames) || return 1
  absent=$(for name; do printf '%s\n' "$name"; done | grep -vxF -e "$(printf '%s\n' "$policy" |
    sed -n '/^[^ ]/{N;N;s/^\([^:]*\):.*Candidate: \(.*\)/\1 \2/p;}' | sed -n '/(none)$/!s/ .*//p')")
  [ -n "$absent" ] || return 0
  provided=$(apt-cache showpkg -- $absent 2>/dev/null |
    awk '/^Package: / { name = $2; found = 0 } found { print name } /^Reverse Provides:/ { found = 1 }')
  for name in $absent; do
    printf '%s\n' "$provided" | grep -qxF -e "$name" && continue
    echo "what $name"
    printf '%s\n' "$names" | near "$name"
  done
}

check_names() {
  missing=$(unknown "$@")
  if [ -n "$missing" ] && [ "$updated" = no ]; then
    update
    missing=$(unknown "$@")
  fi
  [ -n "$missing" ] || return 0
  [ $warned = no ] || missing="stale yes$nl$missing"
  finish unknown "$missing$nl$(printf '%s\n' "$missing" | sed -n 's/^what //p' | while read -r name; do near "$name" <"$dir/names"; done)"
}

# simulate NAME...: what would apt do? Ends the job if it cannot be done, or
# would restart a running cluster.
simulate() {
  at=$(mark)
  apt-get -q -y -s --no-install-recommends --no-remove install -- "$@"
  case $? in
  0) ;;
  *)
    since "$at" | sed -n 's/^E: Package .\([^ ]*\). has no installation candidate.*/what \1/p' >"$dir/none"
    [ ! -s "$dir/none" ] || finish unknown "$(cat "$dir/none")"
    logged "$at" 'Packages need to be removed' &&
      finish remove "$(since "$at" | sed -n '/will be REMOVED/,/^[^ ]/s/^  \(.*\)/what \1/p')"
    held=$(apt-mark showhold | tr '\n' ' ')
    [ -n "$held" ] && logged "$at" '[Hh]eld' && finish held "what $held"
    finish failed
    ;;
  esac
  since "$at" | sed -n 's/^Inst \([^ ]*\) .*/\1/p' >"$dir/inst"
  set --
  for p in $daemons; do
    grep -qxF "$p" "$dir/inst" || continue
    spared "$p" && finish restart "what $p"
    set -- "$@" "$p"
  done
  hold "$@"
  say "count $(wc -l <"$dir/inst")"
}

pm_install() {
  mode=$1
  shift
  units=
  while :; do
    case ${1-} in --hold=*) units="$units ${1#--hold=}" ;; *) break ;; esac
    shift
  done
  updated=no warned=no fixed=no still_broken= had_conf=no
  [ -e "$conf" ] || [ -L "$conf" ] && had_conf=yes
  had_corosync=no
  whole corosync && had_corosync=yes
  interrupted && repair
  if [ $# -gt 0 ]; then
    fresh || update
    check_names "$@"
    simulate "$@"
    hold $units
    download "$@"
    unpack "$@"
  fi
  [ -z "$still_broken" ] || ! interrupted || finish broken "what $still_broken"
  drop_default
}

download() {
  say "step downloading"
  at=$(mark)
  fetch "$@" && return 0
  # Lists that are older than the archive name files that are gone.
  taken "$at" && finish locked
  full "$at" && finish disk
  [ "$updated" = yes ] || { update; simulate "$@"; fetch "$@" && return 0; }
  full "$at" && finish disk
  finish network
}
fetch() { apt --download-only install -- "$@"; }

unpack() {
  say "step installing"
  at=$(mark)
  apt install -- "$@" && return 0
  taken "$at" && finish locked
  full "$at" && finish disk
  logged "$at" 'Failed to fetch|Unable to fetch some archives' && finish network
  [ -z "$still_broken" ] || finish broken "what $still_broken"
  finish failed "what $(unfinished)"
}

# drop_default: the default cluster's configuration goes again, if this very
# job brought it and nobody has touched it since.
drop_default() {
  [ $had_conf = no ] && [ $had_corosync = no ] && whole corosync && [ -f "$conf" ] || return 0
  running corosync || running pacemaker || [ -e /var/lib/pacemaker/cib/cib.xml ] && return 0
  grep -q '^[[:space:]]*cluster_name:[[:space:]]*debian[[:space:]]*$' "$conf" || return 0
  dpkg --verify corosync | grep -qF "$conf" && return 0
  rm -f "$conf"
}
