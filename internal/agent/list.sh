# The agents that a node has. It changes nothing.
# $1 is a random word that frames the answer.
#
# Pacemaker is asked where it answers at once. systemd's units are read from
# the folders that systemd names: Pacemaker lists the same, but makes systemd
# look at the state of each, which takes thirty times as long. Without
# Pacemaker all is read from the files that Pacemaker would look at.
mark=$1
LC_ALL=C
export LC_ALL

# frame NAME CAP COMMAND...: the command's output, at most CAP bytes and one
# more to show that there was more.
frame() {
  frame_name=$1 frame_cap=$2
  shift 2
  printf '\n@%s begin %s\n' "$mark" "$frame_name"
  "$@" 2>/dev/null | head -c "$((frame_cap + 1))"
  printf '\n@%s end %s\n' "$mark" "$frame_name"
}

# named PREFIX: each line of stdin behind the prefix.
named() {
  while IFS= read -r name; do
    [ -n "$name" ] && printf '%s%s\n' "$1" "$name"
  done
}
# programs FOLDER: the executable files in it; hidden ones are none of them.
programs() {
  for file in "$1"/*; do
    [ -f "$file" ] && [ -x "$file" ] && printf '%s\n' "${file##*/}"
  done
}
asked() { timeout 20 crm_resource --list-agents "$1" </dev/null | named "$1:"; }

units() {
  [ -d /run/systemd/system ] || return 0
  path=$(systemctl show -p UnitPath)
  path=${path#UnitPath=}
  [ -n "$path" ] || path="/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /lib/systemd/system /usr/lib/systemd/system"
  for folder in $path; do
    for file in "$folder"/*.service "$folder"/*.socket "$folder"/*.mount "$folder"/*.timer "$folder"/*.path; do
      if [ -L "$file" ] || [ -f "$file" ]; then
        file=${file##*/}
        printf 'systemd:%s\n' "${file%.service}"
      fi
    done
  done
}

from_pacemaker() {
  timeout 20 crm_resource --list-ocf-providers | while IFS= read -r provider; do
    [ -n "$provider" ] && asked "ocf:$provider"
  done
  asked lsb
  asked stonith
  asked nagios
}
from_files() {
  for folder in /usr/lib/ocf/resource.d/*/; do
    folder=${folder%/}
    [ -d "$folder" ] && programs "$folder" | named "ocf:${folder##*/}:"
  done
  programs /etc/init.d | named lsb:
  programs /usr/sbin | while IFS= read -r name; do
    case $name in fence_*) printf 'stonith:%s\n' "$name" ;; esac
  done
}

version=$(crm_resource --version 2>&1 | grep '^Pacemaker' | head -n 1) # releases before 2.1 say it on stderr
one_line() { printf '%s\n' "$version"; }
frame pacemaker 4096 one_line
if [ -n "$version" ]; then
  frame agents 4194304 from_pacemaker
else
  frame agents 4194304 from_files
fi
frame units 4194304 units
printf '\n@%s done\n' "$mark"
