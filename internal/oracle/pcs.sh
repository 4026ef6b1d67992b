# Importing pcs is nine tenths of what a call of it costs: one process imports
# it, and each call is a fork of that one.
d=${d:-$(mktemp -d)} || exit 1
mkfifo "$d/call" "$d/done"
cat >"$d/server.py" <<'END-OF-SERVER'
import importlib.metadata, os, sys

d = sys.argv[1]
entry = next(e for e in importlib.metadata.distribution("pcs").entry_points if e.name == "pcs")
main = entry.load()
while True:
    with open(d + "/call", "rb") as call:
        words = call.read().split(b"\0")[:-1]
    if not words:
        sys.exit(0)
    pid = os.fork()
    if pid == 0:
        for name, fd, flags in (("/dev/null", 0, os.O_RDONLY), (d + "/pcs.out", 1, os.O_WRONLY), (d + "/pcs.err", 2, os.O_WRONLY)):
            os.dup2(os.open(name, flags | os.O_CREAT | os.O_TRUNC if fd else flags), fd)
        sys.argv = [w.decode() for w in words]
        status = 0
        try:
            status = main()
        except SystemExit as e:
            status = e.code
        except BaseException as e:
            print(repr(e), file=sys.stderr)
            status = 70
        if status is not None and not isinstance(status, int):
            print(status, file=sys.stderr)
            status = 1
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status or 0)
    _, status = os.waitpid(pid, 0)
    with open(d + "/done", "w") as done:
        done.write("%d\n" % os.waitstatus_to_exitcode(status))
END-OF-SERVER
python3 -Es "$d/server.py" "$d" </dev/null >"$d/server" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$d"' EXIT

pcs() { fork_pcs "$@"; }
fork_pcs() {
  kill -0 "$server" 2>/dev/null || { cat "$d/server" >&2; return 70; }
  printf '%s\0' pcs "$@" >"$d/call"
  read -r status <"$d/done"
  cat "$d/pcs.out"
  cat "$d/pcs.err" >&2
  return "$status"
}
