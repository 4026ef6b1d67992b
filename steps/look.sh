# What a node says of the running cluster, in one round trip. It changes
# nothing. $1 is a random word that frames the parts. $2 is text; or xml, which
# has the status as XML too (releases that have none print none, old ones have
# it from pcs); or brief, which starts no Python.
part() {
  part_name=$1
  shift
  printf '\n@%s begin %s\n' "$mark" "$part_name"
  "$@"
  printf '\n@%s end %s\n' "$mark" "$part_name"
}
mark=$1 how=$2
now() { date -u +%s; }
addresses() { ip -o addr show 2>/dev/null | head -c 262144; }
links() { corosync-cfgtool -s 2>/dev/null && corosync-cmapctl nodelist. 2>/dev/null; }
text() {
  if [ "$how" = brief ]; then crm_mon -1 -r; else pcs status; fi
  code=$?
}
# Pacemaker 1.1 knows no --output-as, and may answer with its help and exit
# status 0.
xml() {
  document=$(crm_mon -1 -r --output-as=xml 2>/dev/null) || document=
  case $document in
    '<'*) printf '%s\n' "$document" ;;
    *) pcs status xml 2>/dev/null ;;
  esac
}
cib() { timeout 10 cibadmin --query 2>/dev/null; }
scores() { timeout 20 crm_simulate -sL 2>/dev/null; }

part now now
part addresses addresses
part links links
code=0
part text text
part code echo "$code"
if [ "$code" = 0 ]; then
  [ "$how" = xml ] && part xml xml
  part cib cib
  part scores scores
fi
printf '\n@%s done\n' "$mark"
