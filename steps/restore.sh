# Prints a backup of this node, a frame for each file; nothing where it has none
# of that id. It changes nothing. $1: a random word that frames the answer, $2:
# the id.
mark=$1
LC_ALL=C
export LC_ALL
for file in cib.xml corosync.conf; do
  path=/var/lib/hadeploy/backups/$2/$file
  [ -e "$path" ] || continue
  printf '\n@%s begin %s\n' "$mark" "$file"
  cat "$path"
  printf '\n@%s end %s %s\n' "$mark" "$file" "$?"
done
printf '\n@%s done\n' "$mark"
