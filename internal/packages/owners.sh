# Which packages have brought what, and which files stand beside a unit that no
# package may have brought. Standard input has "file PATH", "unit NAME" and
# "package NAME", of which to tell what it needs, one a line. The answer is lines of words between tabs: "unit NAME FRAGMENT PROGRAM",
# "beside NAME PATH", "owner PACKAGES: PATH", "needs PACKAGE DEPENDENCIES", "fault
# WORDS", and "done" at the end.
tab='	'
paths=$(
  while IFS= read -r line; do
    key=${line%% *} value=${line#* }
    case $key in
    file) printf 'path\t%s\n' "$value" ;;
    package) printf 'package\t%s\n' "$value" ;;
    unit)
      said=$(timeout -k 2 20 systemctl show -p FragmentPath -p ExecStart -- "$value") || { printf 'fault\tsystemctl show %s\n' "$value"; continue; }
      fragment=$(printf '%s\n' "$said" | sed -n 's/^FragmentPath=//p' | head -n 1)
      program=$(printf '%s\n' "$said" | sed -n 's/^ExecStart={ path=\([^ ;]*\) .*/\1/p' | head -n 1)
      printf 'unit\t%s\t%s\t%s\n' "$value" "$fragment" "$program"
      name=${value%.*}
      case $name in
      '' | *[!A-Za-z0-9_.@-]* | .*) continue ;;
      esac
      for place in "/etc/$name" "/etc/$name.conf" "/etc/default/$name" "/etc/sysconfig/$name" "/etc/systemd/system/$value" "/etc/systemd/system/$value.d"; do
        [ -e "$place" ] && timeout -k 2 20 find "$place" -xdev -maxdepth 4 -type f
      done 2>/dev/null | head -n 200 | while IFS= read -r path; do printf 'beside\t%s\t%s\n' "$value" "$path"; done
      ;;
    esac
  done
)
printf '%s\n' "$paths" | grep -v -e "^path$tab" -e "^package$tab"
asked=$(printf '%s\n' "$paths" | sed -n "s/^package$tab//p")
list=$(printf '%s\n' "$paths" | while IFS="$tab" read -r key one two three; do
  case $key in
  path) printf '%s\n' "$one" ;;
  unit) printf '%s\n%s\n' "$two" "$three" ;;
  beside) printf '%s\n' "$two" ;;
  esac
done | grep '^/' | grep -v '[][*?\\]' | sort -u)
# One file may have two names, where /bin is /usr/bin.
list=$(printf '%s\n' "$list" | sed -n -e p -e 's,^/\(bin\|sbin\|lib[0-9]*\)/,/usr/\1/,p' -e 's,^/usr/\(\(bin\|sbin\|lib[0-9]*\)/\),/\1,p' | sort -u)
set -f
IFS='
'
# shellcheck disable=SC2086
set -- $list
unset IFS
if command -v dpkg-query >/dev/null; then
  said=$(LC_ALL=C timeout -k 2 120 dpkg-query -S -- / "$@" 2>/dev/null)
  case $? in
  0 | 1) ;; # 1: no package has some of them
  *) printf 'fault\tdpkg-query -S\n' ;;
  esac
  said=$(printf '%s\n' "$said" | grep -v '^diversion by ' | grep .)
  printf '%s\n' "$said" | sed -n 's/^\([^/]*\): \//owner\t\1: \//p'
  names=$(printf '%s\n' "$said" | sed 's/: \/.*//; s/, /\n/g' | sort -u)
  # shellcheck disable=SC2086
  LC_ALL=C timeout -k 2 60 dpkg-query -W -f 'needs\t${Package}\t${Pre-Depends}, ${Depends}\n' -- dpkg $names $asked 2>/dev/null
  case $? in
  0 | 1) ;; # 1: it does not know some
  *) printf 'fault\tdpkg-query -W\n' ;;
  esac
elif command -v rpm >/dev/null; then
  for path; do
    said=$(LC_ALL=C timeout -k 2 60 rpm -qf --qf '%{NAME}\n' -- "$path" 2>&1)
    case $?,$said in
    0,*) printf 'owner\t%s: %s\n' "$(printf '%s\n' "$said" | head -n 1)" "$path" ;;
    *'not owned by any package' | *'No such file or directory') ;;
    *) printf 'fault\trpm -qf %s\n' "$path" ;;
    esac
  done
else
  printf 'fault\tneither dpkg nor rpm is there\n'
fi
printf 'done\n'
