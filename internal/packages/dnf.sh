# dnf of Red Hat Enterprise Linux and its relatives, and yum before it. See
# job.sh. Their packages start nothing when they are installed.
pm_stop=
tool=dnf
command -v dnf >/dev/null 2>&1 || tool=yum

pm_holders() {
  {
    # The pid files are dnf 4's and yum's, the rpm lock everybody's.
    for file in /var/run/yum.pid /var/cache/dnf/metadata_lock.pid /var/cache/dnf/download_lock.pid /var/lib/dnf/rpmdb_lock.pid; do
      pid=$(cat "$file" 2>/dev/null) && case $(cat "/proc/$pid/comm" 2>/dev/null) in
      dnf* | yum* | packagekitd | *python*) echo "$pid" ;;
      esac
    done
    lslocks -nuo PID,PATH 2>/dev/null | while read -r pid path; do
      case $path in */rpm/.rpm.lock) echo "$pid" ;; esac
    done
  } | grep -E '^[0-9]+$' | who
}
pm_cleanup() { :; }

rpms() {
  if [ $tool = dnf ]; then
    timeout -k 30 7200 dnf -y --setopt=install_weak_deps=False "$@"
  else
    timeout -k 30 7200 yum -y "$@"
  fi
}

classify() {
  logged "$1" 'No space left on device|At least [0-9]+ ?[KMG]i?B (more space )?needed' && finish disk
  logged "$1" 'Cannot download|Failed to download|Could not resolve host|Curl error|Cannot retrieve repository metadata|Cannot find a valid baseurl|No more mirrors to try' && finish network
  logged "$1" 'rpmdb open failed|Rpmdb .* needs recovery|unfinished transactions' && finish broken
}

# exists NAME: is it the name of a package, installed or in a repository?
exists() {
  rpm -q -- "$1" >/dev/null 2>&1 && return 0
  timeout -k 10 600 $tool -q list "$1" >"$dir/list" 2>&1 && awk -v name="$1." 'index($0, name) == 1 { found = 1 } END { exit !found }' "$dir/list"
}

# listed: the names in a list of packages.
listed() { sed -n 's/^\([A-Za-z0-9][^ ]*\)\.[a-z0-9_]* .*/\1/p'; }

# pm_offers NAME...: those that no repository has, by what was last read of them
# (-C: nothing is downloaded), see offers.
pm_offers() {
  found=$(timeout -k 5 60 $tool -q -C list "$@" 2>&1)
  code=$?
  if [ $code -ne 0 ] && ! printf '%s\n' "$found" | grep -q '^Error: No matching Packages to list'; then
    echo none
    return
  fi
  echo stale # how old it is cannot be told
  found=$(printf '%s\n' "$found" | listed)
  for name; do
    printf '%s\n' "$found" | grep -qxF -e "$name" && continue
    echo "what $name"
    timeout -k 5 60 $tool -q -C list "$(printf %.3s "$name")*" 2>/dev/null | listed | sed 's/^/near /' | head -n 1000
  done
}

pm_install() {
  mode=$1
  shift
  [ $# -gt 0 ] || return 0
  say "step reading the package lists"
  at=$(mark)
  missing=
  for name; do
    exists "$name" || missing="$missing${missing:+$nl}what $name"
    cat "$dir/list" 2>/dev/null >&2
  done
  if [ -n "$missing" ]; then
    classify "$at"
    finish unknown "$missing$nl$(printf '%s\n' "$missing" | sed -n 's/^what //p' | while read -r name; do
      timeout -k 10 600 $tool -q list "$(printf %.3s "$name")*" 2>/dev/null | sed -n 's/^\([A-Za-z0-9][^ ]*\)\.[a-z0-9_]* .*/near \1/p' | head -n 1000
    done)"
  fi
  say "count $#"
  say "step downloading"
  at=$(mark)
  if ! rpms --downloadonly install "$@"; then
    classify "$at"
    logged "$at" 'exclude|versionlock' && finish held
    finish failed
  fi
  # A running cluster is not to be restarted by a package that comes along.
  for p in corosync pacemaker; do
    [ $mode = careful ] && systemctl is-active -q $p.service && since "$at" | sed -n '/^Up[gd]/,/^$/p' | grep -q "^ $p " && finish restart "what $p"
  done
  say "step installing"
  at=$(mark)
  rpms install "$@" && return 0
  classify "$at"
  finish failed
}
