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

if want files; then
  frame files 262144 file_facts
  file_contents
fi
