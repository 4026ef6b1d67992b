# What an agent says of itself. It changes nothing.
# $1 is a random word that frames the answer, $2 the agent:
# STANDARD:[PROVIDER:]TYPE. Errors go to stderr.
mark=$1 agent=$2
LC_ALL=C
export LC_ALL

metadata() {
  if command -v crm_resource >/dev/null; then
    timeout 60 crm_resource --show-metadata "$agent"
    return
  fi
  # As Pacemaker would ask.
  case $agent in
  ocf:*)
    name=${agent#ocf:}
    OCF_ROOT=/usr/lib/ocf OCF_RA_VERSION_MAJOR=1 OCF_RA_VERSION_MINOR=1 OCF_RESOURCE_TYPE=${name#*:} \
      OCF_RESOURCE_PROVIDER=${name%%:*} OCF_RESOURCE_INSTANCE=${name#*:} \
      timeout 60 "/usr/lib/ocf/resource.d/${name%%:*}/${name#*:}" meta-data </dev/null
    ;;
  stonith:fence_*) echo action=metadata | timeout 60 "/usr/sbin/${agent#stonith:}" ;;
  *) echo "Pacemaker is not installed, and only it describes agents of this standard" >&2 && return 1 ;;
  esac
}
printf '\n@%s begin metadata\n' "$mark"
metadata | head -c 1048577
printf '\n@%s end metadata\n\n@%s done\n' "$mark" "$mark"
