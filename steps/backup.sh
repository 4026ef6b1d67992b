# Keeps the CIB and corosync.conf as they are, before a change. $1: the id, $2:
# how many are kept; stdin: what is to be known of it, one line of JSON.
set -u
umask 077
dir=/var/lib/hadeploy/backups
mkdir -p "$dir" && chmod 700 "$dir" || exit 1
new=$(mktemp -d "$dir/.new.XXXXXX") || exit 1
trap 'rm -rf "$new"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$new/about.json" || exit 1
# A cluster that does not run has its CIB on the disk; a new one has none.
if ! cibadmin --query >"$new/cib.xml" 2>/dev/null; then
  rm -f "$new/cib.xml"
  if [ -f /var/lib/pacemaker/cib/cib.xml ]; then
    cp /var/lib/pacemaker/cib/cib.xml "$new/cib.xml" || exit 1
  fi
fi
if [ -f /etc/corosync/corosync.conf ]; then
  cp /etc/corosync/corosync.conf "$new/corosync.conf" || exit 1
fi
[ -f "$new/cib.xml" ] || [ -f "$new/corosync.conf" ] || exit 0
chmod 600 "$new"/* || exit 1
sync "$new"/* 2>/dev/null || sync
mv "$new" "$dir/$1" || exit 1
# The names begin with the time. Those that a killed run left are of nobody.
ls -1 "$dir" | sort -r | tail -n +$(($2 + 1)) | while read -r old; do rm -rf "${dir:?}/$old"; done
find "$dir" -maxdepth 1 -name '.new.*' -mmin +60 -exec rm -rf {} +
exit 0
