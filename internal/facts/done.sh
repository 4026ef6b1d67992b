printf '\n@%s done\n' "$mark"
