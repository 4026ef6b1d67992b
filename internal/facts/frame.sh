# The head of every observation. $1 is a random word that frames the answers;
# standard input says what to ask, one line each: "section NAME",
# "package NAME", "unit NAME", "file PATH", "folder PATH",
# "name NODE", "agent STANDARD:PROVIDER:TYPE", "metadata AGENT", "status HOW".
mark=$1
sections=' ' packages='' units='' names='' agents='' metadata='' files='' folders='' how=''
nl='
'
tab='	'
while IFS= read -r line; do
  key=${line%% *} value=${line#* }
  case $key in
  section) sections="$sections$value " ;;
  package) packages="$packages $value" ;;
  unit) units="$units $value" ;;
  name) names="$names $value" ;;
  agent) agents="$agents$value$nl" ;;
  metadata) metadata="$metadata$value$nl" ;;
  file) files="$files$value$nl" ;;
  folder) folders="$folders$value$nl" ;;
  status) how=$value ;;
  esac
done
set -f
exec 5>&1

want() { case $sections in *" $1 "*) return 0 ;; esac; return 1; }

# frame NAME CAP COMMAND...: what the command writes, on standard output and,
# in a frame of its own, on standard error, and its exit status, which stays in
# $status. Of standard output at most CAP bytes and one more, to show that there
# was more.
frame() {
  frame_name=$1 frame_cap=$2
  shift 2
  printf '\n@%s begin %s %s\n' "$mark" "$frame_name" "$frame_cap"
  printf '\n@%s begin %s\n' "$mark" "$frame_name" >&2
  status=$({ { "$@" </dev/null 3>&- 5>&-; printf %s "$?" >&3; } | head -c "$((frame_cap + 1))" >&5; } 3>&1)
  printf '\n@%s end %s %s\n' "$mark" "$frame_name" "$status"
  printf '\n@%s end %s\n' "$mark" "$frame_name" >&2
}

# bounded SECONDS COMMAND...: exit status 124 says that it took longer.
bounded() { timeout -k 2 "$@"; }

# one_file PATH: "absent", or "SIZE MODIFIED SHA256" and the content of one and
# the same file, though it may be replaced meanwhile.
one_file() {
  if stat_of "$1" '%F' -L; then
    case $said in
    'regular file' | 'regular empty file') ;;
    *) echo "no file: $said" >&2; return 1 ;;
    esac
    {
      # shellcheck disable=SC2094
      said=$(sha256sum <&6) || return 1
      printf '%s %s\n' "$(stat -L --printf "%s %Y" /proc/self/fd/6)" "${said%% *}"
      cat /proc/self/fd/6
    } 6<"$1"
  elif [ "$absent" ]; then
    echo absent
  else
    return 1
  fi
}

# stat_of PATH FORMAT [-L]: $said is what stat says; $absent is set when it says that
# there is no such file. Its other troubles are told on standard error.
stat_of() {
  absent=''
  said=$(stat $3 --printf "$2" -- "$1" 2>&1) && return 0
  case $said in
  *': No such file or directory' | *': Not a directory') absent=yes ;;
  *) printf '%s\n' "$said" >&2 ;;
  esac
  return 1
}
