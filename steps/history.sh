# Lists the backups of this node, a frame for each, named by its id. It changes
# nothing. $1 is a random word that frames the answer.
mark=$1
LC_ALL=C
export LC_ALL
dir=/var/lib/hadeploy/backups
if [ -e "$dir" ]; then
  ls "$dir" >/dev/null || exit 1
  for backup in "$dir"/[0-9]*; do
    [ -d "$backup" ] || continue
    printf '\n@%s begin %s 4096\n' "$mark" "${backup##*/}"
    head -c 4097 "$backup/about.json"
    printf '\n@%s end %s %s\n' "$mark" "${backup##*/}" "$?"
  done
fi
printf '\n@%s done\n' "$mark"
