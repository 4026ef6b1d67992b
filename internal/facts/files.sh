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
# behind it, between tabs; no line where there is none; and whole. Nobody writes any more what is older than the node's
# first process, or than half an hour (internal/remote/file.go).
leftovers() {
  stat=$(cat /proc/1/stat) && hz=$(getconf CLK_TCK) && booted=$(sed -n 's/^btime //p' /proc/stat) || return 1
  set -- ${stat##*)}
  began=$((booted + ${20} / hz))
  number=0
  printf '%s' "$folders" | while IFS= read -r folder; do
    number=$((number + 1))
    found=
    if ! stat_of "$folder" '%F' -L; then
      [ "$absent" ] || exit 1
    elif [ "$said" = directory ]; then
      found=$(cd "$folder" && find . -maxdepth 1 -name '.hadeploy-[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]' \
        -uid "$(id -u)" \( -mmin +30 -o ! -newermt "@$began" \) -printf '\t%f') || exit 1
    fi
    [ ! "$found" ] || printf '%s%s\n' "$number" "$found"
  done || return 1
  echo whole
}

if want files; then
  frame files 262144 file_facts
  file_contents
  frame leftovers 65536 leftovers
fi
