# Stops and removes Debian's packaged default cluster. $1 is the sha256 of the
# corosync.conf that was recognised as such, $2 the seconds that each daemon
# has to stop. corosync.conf goes last: by it a next run, should this one be
# cut off, knows the default cluster again.
conf=/etc/corosync/corosync.conf
cib=/var/lib/pacemaker/cib

[ "$(sha256sum <"$conf" | cut -d' ' -f1)" = "$1" ] || { echo "corosync.conf differs" >&2; exit 3; }

for unit in pacemaker.service corosync.service; do
  timeout "$2" systemctl stop "$unit" || { echo "$unit still runs after $2 s" >&2; exit 4; }
done
# Somebody may have begun to use it in this very moment.
if [ -e "$cib/cib.xml" ]; then
  grep -qE '<(primitive|rsc_location|rsc_colocation|rsc_order|rsc_ticket)[ />]' "$cib/cib.xml"
  case $? in
  0)
    systemctl start pacemaker.service
    echo "it holds resources now" >&2
    exit 3
    ;;
  1) ;;
  *)
    systemctl start pacemaker.service
    echo "$cib/cib.xml cannot be read" >&2
    exit 1
    ;;
  esac
fi
rm -f "$cib"/cib.* "$cib"/cib-* /var/lib/pacemaker/pengine/pe-*.bz2 /var/lib/corosync/ringid_* || exit 1
systemctl reset-failed pacemaker.service corosync.service 2>/dev/null
rm -f "$conf"
