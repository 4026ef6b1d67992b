package corosync

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/oracle"
)

// TestOracleRuntime lets the real corosync of a node run with every option that
// a playbook may declare, in a network and file systems of its own, and reads
// its map: at a start with the option nothing may differ from the file; and
// what needs calls a reload has to come by a reload, and go by the next.
func TestOracleRuntime(t *testing.T) {
	for _, node := range oracle.Nodes(t) {
		j := judge{node}
		t.Run("pcs-"+node.Version, j.runs)
	}
}

// trial is a file that corosync starts with and one that replaces it.
type trial struct{ name, from, to string }

// runsPrologue works in a private /run, so that every path is always the same.
const runsPrologue = `
d=/run/t
mkdir $d
head -c 256 /dev/zero >$d/key
await() { i=0; until corosync-cmapctl totem.version >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 200 ] || return 1; sleep 0.02; done; }
start() { rm -f "$d/log"; corosync -f -c "$d/c.conf" >"$d/log" 2>&1 & p=$!; await; }
kill9() { kill -9 $p; wait $p 2>/dev/null; rm -rf /dev/shm/qb-*; }
map() { printf '\n--%s\n' "$1"; corosync-cmapctl QUESTION; }
reload() { timeout 10 corosync-cfgtool -R >/dev/null 2>&1; printf '%s ' $?; corosync-cmapctl -g config.reload_status; }
try() { # the two files are $d/from and $d/to
  cp "$d/to" "$d/c.conf"
  printf '\n--test\n'; corosync -t -c "$d/c.conf" 2>&1 && echo taken || { tail -2 "$d/log" 2>/dev/null; return; }
  start || { printf '\n--dead\n'; tail -3 "$d/log"; kill9; return; }
  map started; kill9
  cp "$d/from" "$d/c.conf"; start; map before
  cp "$d/to" "$d/c.conf"; printf '\n--reload\n'; reload; map after
  cp "$d/from" "$d/c.conf"; printf '\n--reload\n'; reload; map back; kill9
}
`

func (o judge) runs(t *testing.T) {
	trials := trials()
	var b strings.Builder
	b.WriteString("script=$(mktemp)\ncat >\"$script\" <<'EOF'\n" + strings.Replace(runsPrologue, "QUESTION", strings.Join(RuntimeQuestion, " "), 1))
	for _, c := range trials {
		fmt.Fprintf(&b, "printf '\\n==%s\\n'\ncat >\"$d/from\" <<END\n%sEND\ncat >\"$d/to\" <<END\n%sEND\ntry\n", c.name, c.from, c.to)
	}
	b.WriteString("EOF\nunshare -nm sh -c 'ip link set lo up; mount -t tmpfs none /run; mount -t tmpfs none /dev/shm; mount -t tmpfs none /var/lib/corosync; exec sh \"$1\"' sh \"$script\" </dev/null 2>&1; rm \"$script\"\n")
	parts := strings.Split(o.Run(t, b.String()), "\n==")
	if len(parts) != len(trials)+1 {
		t.Fatalf("%d answers to %d trials", len(parts)-1, len(trials))
	}
	for i, c := range trials {
		t.Run(c.name, func(t *testing.T) { c.judge(t, parts[i+1]) })
	}
}

func (c trial) judge(t *testing.T, answer string) {
	if strings.Contains(answer, "too small (Invalid argument)") || strings.Contains(answer, "knet_link_set_ping_timers") || strings.Contains(answer, "Protocol not supported") {
		t.Skip("this knet does not start with it (checkPings warns), or this kernel has no sctp")
	}
	from, to := parsed(t, []byte(c.from)), parsed(t, []byte(c.to))
	need, err := Compare(from, to)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, part := range strings.Split(answer, "\n--")[1:] {
		what, text, _ := strings.Cut(part, "\n")
		seen[what] = true
		text = strings.TrimRight(text, "\n") + "\n"
		file, strict := to, Worst(need) != Outage
		switch what {
		case "test":
			if !strings.Contains(text, "taken") {
				t.Logf("refused: %s", text)
			}
			continue
		case "reload", "dead":
			if what == "dead" || strict && !strings.HasPrefix(text, "0 ") {
				t.Errorf("%s: %s", what, text)
			}
			continue
		case "before":
			file, strict = from, true
		case "started":
			strict = true
		case "back":
			file = from
		}
		running, err := ParseRuntime([]byte(text))
		if err != nil {
			t.Errorf("%s: %v\n%s", what, err, text)
			continue
		}
		left := running.NotRead(file)
		switch {
		case len(left) > 0 && strict:
			t.Errorf("%s: %v\n%s", what, left, text)
		case !strict:
			t.Logf("%s: %v", what, left)
		}
	}
}

// trials are all options with values of every kind that they take.
func trials() (all []trial) {
	const a, other = " node {\n  ring0_addr: 127.0.0.1\n  name: a\n  nodeid: 1\n }\n", " node {\n  ring0_addr: 127.0.0.2\n  name: b\n  nodeid: 2\n }\n"
	file := func(transport, totem, quorum, rest string) string {
		nodes := a // udp and udpu would hear themselves at the other address
		if transport == "knet" {
			nodes += other
		}
		return "totem {\n version: 2\n cluster_name: t\n transport: " + transport + "\n keyfile: /run/t/key\n" + totem + "}\nnodelist {\n" + nodes +
			"}\nquorum {\n provider: corosync_votequorum\n" + quorum + "}\n" + rest
	}
	// A netmtu of 7 is taken by corosync -t, and ends the start.
	values := strings.Fields("07 120 1400 0 1 4000 yes no ipv4 ipv6 ipv4-6 ipv6-4 active rr passive aes128 none md5 sha512 openssl nss sctp udp 239.255.1.1 127.0.0.0")
	add := func(name, from, to string) { all = append(all, trial{name, from, to}) }
	each := func(transport string, options []option, place func(line string) (totem, quorum string)) {
		for _, o := range options {
			tried := 0
			for _, v := range values {
				if !o.ok(v) || o.name == "linknumber" || tried == 2 && o.integer || o.name == "netmtu" && v != "1400" {
					continue
				}
				tried++
				conf := v
				if o.name == "broadcast" {
					conf = map[string]string{"1": "yes", "0": "no"}[v]
				}
				totem, quorum := place(" " + o.inConf() + ": " + conf + "\n")
				none, _ := place("")
				base := file(transport, none, "", "")
				add(transport+" "+o.inConf()+" "+v, base, file(transport, totem, quorum, ""))
			}
		}
	}
	inTotem := func(line string) (string, string) { return line, "" }
	inQuorum := func(line string) (string, string) { return "", line }
	each("knet", slices.Concat(totemOptions, knetOptions), inTotem)
	each("knet", quorumOptions, inQuorum)
	each("knet", cryptoOptions, func(line string) (string, string) {
		return " crypto_hash: sha256\n" + line, ""
	})
	each("knet", knetLinkOptions, func(line string) (string, string) {
		if line == "" {
			return "", ""
		}
		return " interface {\n  linknumber: 0\n " + line + " }\n", ""
	})
	for _, transport := range []string{"udp", "udpu"} {
		each(transport, udpOptions, inTotem)
		each(transport, udpLinkOptions, func(line string) (string, string) {
			if line == "" {
				return "", ""
			}
			return " interface {\n  linknumber: 0\n " + line + " }\n", ""
		})
	}
	const crypto = " crypto_cipher: aes256\n crypto_hash: sha256\n"
	add("encryption", file("knet", "", "", ""), file("knet", crypto, "", ""))
	add("logging", file("knet", "", "", ""), file("knet", "", "", "logging {\n to_logfile: yes\n logfile: /run/t/x.log\n timestamp: on\n logger_subsys {\n  subsys: QUORUM\n  debug: off\n }\n"+
		" logging_daemon {\n  name: pacemaker\n  to_syslog: yes\n }\n logging_daemon {\n  name: corosync\n  subsys: CONFDB\n  debug: off\n }\n logging_daemon {\n  name: corosync\n  fileline: on\n }\n}\n"))
	add("unknown words", file("knet", "", "", ""), file("knet", " cluster_uuid: 12ab\n token_warning: 05\n knet_mtu: 0\n interface {\n  ringnumber: 0\n  word: x\n }\n", " votes: 1\n", "uidgid {\n uid: root\n}\n"))
	add("device", file("knet", "", "", ""), file("knet", "", " device {\n  model: net\n  votes: 1\n  timeout: 5000\n  net {\n   host: q\n   algorithm: ffsplit\n  }\n  heuristics {\n   mode: off\n   exec_ping: /bin/true a b\n  }\n }\n", ""))
	add("no name", file("knet", "", "", ""), strings.ReplaceAll(file("knet", "", "", ""), "  name: b\n", ""))
	add("votes", file("knet", "", "", ""), strings.ReplaceAll(file("knet", "", "", ""), "  name: b\n", "  name: b\n  quorum_votes: 02\n"))
	add("system", file("knet", "", "", ""), file("knet", "", "", "system {\n sched_rr: yes\n}\n"))
	add("compression", file("knet", "", "", ""), file("knet", " knet_compression_model: zlib\n knet_compression_level: 3\n knet_compression_threshold: 100\n", "", ""))
	add("expected votes", file("knet", "", "", ""), file("knet", "", " expected_votes: 2\n two_node: 1\n", ""))
	return all
}
