# What the node says of the running cluster. $how is text; or xml, which has the
# status as XML too (releases that have none print none, old ones have it from
# pcs); or brief, which starts no Python.
# Pacemaker 1.1 knows no --output-as, and may answer with its help and exit
# status 0.
status_xml() {
  document=$(bounded 30 crm_mon -1 -r --output-as=xml)
  code=$?
  case $document in
  '<'*) printf '%s\n' "$document"; return $code ;;
  esac
  bounded 45 pcs status xml
}

if want status; then
  frame now 64 date -u +%s
  frame links 262144 bounded 20 corosync-cfgtool -s
  frame nodelist 262144 bounded 20 corosync-cmapctl nodelist.
  if [ "$how" = brief ]; then
    frame text 2097152 bounded 30 crm_mon -1 -r
  else
    frame text 2097152 bounded 45 pcs status
  fi
  if [ "$status" = 0 ]; then
    [ "$how" = xml ] && frame xml 8388608 status_xml
    frame status-cib 16777216 bounded 20 cibadmin --query
    frame scores 8388608 bounded 30 crm_simulate -sL
  fi
fi
