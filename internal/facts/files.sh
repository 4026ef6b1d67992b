# The declared files: "NUMBER absent" or "NUMBER present" with type, mode,
# owner, size, time and SHA-256, between tabs; and what small ones hold.
file_facts() {
  number=0
  printf '%s' "$files" | while IFS= read -r path; do
    number=$((number + 1))
    if stat_of "$path" '%F\t%a\t%U:%G\t%s\t%Y'; then
      sum=-
      if [ -f "$path" ] && [ ! -L "$path" ]; then
        sum=$(sha256sum <"$path") || exit 1
      fi
      printf '%s\tpresent\t%s\t%s\n' "$number" "$said" "${sum%% *}"
    elif [ "$absent" ]; then
      printf '%s\tabsent\n' "$number"
    else
      exit 1
    fi
  done
}
file_contents() {
  number=0
  printf '%s' "$files" | while IFS= read -r path; do
    number=$((number + 1))
    if stat_of "$path" '%s' 2>/dev/null && [ -f "$path" ] && [ ! -L "$path" ] && [ "$said" -le 65536 ]; then
      frame "file:$number" 66000 one_file "$path"
    fi
  done
}

# What writes that were cut off have left: the number of the folder, and the names
# behind it, between tabs; no line where there is none; and whole. Nobody writes any
# more what is older than the node's first process, or than half an hour
# (internal/remote/file.go).
leftovers() {
  hz=$(getconf CLK_TCK) && read -r stat </proc/1/stat || return 1
  booted=
  while read -r key value; do
    [ "$key" != btime ] || booted=$value
  done </proc/stat
  set -- ${stat##*)}
  for value in "$hz" "$booted" "${20}"; do
    case $value in '' | 0 | *[!0-9]*) echo "no word of when the node started" >&2; return 1 ;; esac
  done
  began=$((booted + ${20} / hz))
  number=0
  printf '%s' "$folders" | while IFS= read -r folder; do
    number=$((number + 1))
    stat_of "$folder" '%F' -L || { [ "$absent" ] && continue; exit 1; }
    case $said in
    directory) ;;
    regular*' file' | *' special file' | fifo | socket) continue ;;
    *) echo "stat does not say what $folder is: $said" >&2; exit 1 ;;
    esac
    # It names the folder itself, to show that it looked.
    found=$(cd "$folder" && find . -maxdepth 1 \( -name . -o -name '.hadeploy-[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]' \
      -uid "$(id -u)" \( -mmin +30 -o ! -newermt "@$began" \) \) -printf '%f\t') || exit 1
    case $found in ".$tab"*) ;; *) echo "find does not find the folder itself" >&2; exit 1 ;; esac
    found=${found#".$tab"}
    [ ! "$found" ] || printf '%s\t%s\n' "$number" "${found%"$tab"}"
  done || return 1
  echo whole
}

if want files; then
  frame files 262144 file_facts
  file_contents
  frame leftovers 65536 leftovers
fi
