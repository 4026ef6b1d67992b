# Judges a new CIB and patches it in. stdin: the old CIB, the line $1, the new
# one, the line $1, the changes that put its large sections in whole, and the
# line $1 as the end. Exit status 75: the live CIB is no longer the old one.
set -u
umask 077
dir=$(mktemp -d /run/hadeploy.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' HUP INT TERM
awk -v mark="$1" -v dir="$dir" 'BEGIN { n = 1; split("old new sections", name) }
  $0 == mark { n++; next } n < 4 { print > dir "/" name[n] ".xml" } END { exit n != 4 }' || {
  echo 'the new configuration did not arrive whole; nothing was changed' >&2
  exit 1
}

# What the live configuration is already blamed for is not the patch's fault.
# That nothing would be started without fencing is no fault where there is
# nothing to start.
grep -q '<primitive ' "$dir/new.xml" && idle='^$' || idle='start-up disabled\|configure some or disable\|Clusters with shared data'
crm_verify -V --xml-file "$dir/old.xml" >"$dir/old.verify" 2>&1
crm_verify -V --xml-file "$dir/new.xml" >"$dir/new.verify" 2>&1
code=$?
if [ "$code" != 0 ] && ! grep -qi 'error\|warning' "$dir/new.verify"; then
  echo "crm_verify did not judge the new configuration: exit status $code" >&2
  exit 1
fi
if grep -F 'error:' "$dir/new.verify" | grep -vxF -f "$dir/old.verify" | grep -v 'CIB did not pass\|Configuration invalid' | grep -v "$idle" >"$dir/blame" && [ -s "$dir/blame" ]; then
  echo 'crm_verify refuses the new configuration:' >&2
  grep -v '<' "$dir/blame" >&2
  exit 1
fi

# The patch names the version that it was made for and the one that it makes,
# and the CIB takes it only at that version: this is the guard.
version() { sed -n '/<cib /{p;q;}' "$1" | grep -o '\(admin_epoch\|epoch\|num_updates\)="[0-9]*"'; }
epoch=$(sed -n '/<cib /{s/.* epoch="\([0-9]*\)".*/\1/p;q;}' "$dir/old.xml")
sed "/<cib /{s/ epoch=\"[0-9]*\"/ epoch=\"$((epoch + 1))\"/;s/ num_updates=\"[0-9]*\"/ num_updates=\"0\"/;}" \
  "$dir/new.xml" >"$dir/next.xml"

crm_diff --original "$dir/old.xml" --new "$dir/next.xml" >"$dir/patch.xml"
case $? in
0) exit 0 ;;
1) ;;
*) echo 'crm_diff failed' >&2; exit 1 ;;
esac

# The CIB's daemon looks for the place of each change in the whole CIB and answers
# nobody meanwhile: 3,800 changes took 30 s (2.1.5), two whole sections 0.3 s.
section='<change operation="[a-z]*" path="/cib/configuration/(resources|constraints)[/"]'
if [ "$(grep -cE "$section" "$dir/patch.xml")" -gt 200 ] && [ "$(grep -c '^<change operation="create"' "$dir/sections.xml")" = 2 ]; then
  awk -v section="^  $section" -v sections="$dir/sections.xml" '
    inside { inside = !/^  <\/change>/; next }
    $0 ~ section { inside = !/\/>$/; next }
    /^<\/diff>/ { while ((getline line < sections) > 0) print line }
    { print }
    /^  <\/version>/ {
      print "  <change operation=\"delete\" path=\"/cib/configuration/resources\"/>"
      print "  <change operation=\"delete\" path=\"/cib/configuration/constraints\"/>"
    }' "$dir/patch.xml" >"$dir/large.xml" && mv "$dir/large.xml" "$dir/patch.xml" || {
    echo 'the patch could not be put together; nothing was changed' >&2
    exit 1
  }
fi
if cibadmin --patch --xml-file "$dir/patch.xml" 2>"$dir/error"; then
  exit 0
fi
[ "$(version "$dir/old.xml")" = "$(cibadmin --query >"$dir/now.xml" && version "$dir/now.xml")" ] || exit 75
grep -v '<' "$dir/error" >&2 # no XML: it may hold a password
exit 1
