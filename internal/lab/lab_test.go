package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// These tests boot real nodes. They need root, and the first run makes the
// debian12 image. Other labs may run on the machine at the same time, so what
// is left is looked for by this lab's own names.

const childVar = "HADEPLOY_LAB_TEST_CHILD"

// TestMain lets the test binary play the process that makes a lab, so that it
// can be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childVar); dir != "" {
		o := Options{Dir: dir, Nodes: 2, Progress: func(l string) { fmt.Println(l) }}
		o.Owner, _ = strconv.Atoi(os.Getenv(childVar + "_OWNER"))
		if _, err := Up(context.Background(), o); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("child done")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func needRoot(t *testing.T) context.Context {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("booting nodes needs root")
	}
	if testing.Short() {
		t.Skip("booting nodes is left out with -short")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func bring(ctx context.Context, t *testing.T, o Options) *Lab {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "lab")
	}
	o.Owner = os.Getpid()
	o.Progress = func(l string) { t.Log(l) }
	l, err := Up(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	name := l.State().Name
	t.Cleanup(func() {
		if err := Down(context.Background(), name, nil); err != nil {
			t.Errorf("down: %v", err)
		}
		if left := traces(t, name, l.State().Slot); len(left) > 0 {
			t.Errorf("left behind by lab %s:\n%s", name, strings.Join(left, "\n"))
		}
	})
	return l
}

// traces lists whatever on this machine bears the lab's name or slot.
func traces(t *testing.T, name string, slot int) []string {
	t.Helper()
	var out []string
	grep := func(what, text string, words ...string) {
		for line := range strings.Lines(text) {
			for _, w := range words {
				if strings.Contains(line, w) {
					out = append(out, what+": "+strings.TrimSpace(line))
				}
			}
		}
	}
	command := func(args ...string) string {
		text, err := exec.Command(args[0], args[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v: %s", args, err, text)
		}
		return string(text)
	}
	grep("link", command("ip", "-o", "link"), fmt.Sprintf(" hadlab%dm", slot), fmt.Sprintf(" hadlab%dl", slot))
	grep("route", command("ip", "route"), fmt.Sprintf(" hadlab%dm ", slot), fmt.Sprintf(" hadlab%dl", slot))
	grep("netns", command("ip", "netns"), "hadlab."+name+".")
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil {
		t.Fatal(err)
	}
	grep("mount", string(mounts), "/"+name+"/", "hadlab."+name+".", "hadlab-"+name+"-")
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range procs {
		pid, _ := strconv.Atoi(filepath.Base(p))
		if state, _, _, err := procStat(pid); err != nil || state == 'Z' {
			continue // ended; its parent has not looked yet
		}
		cmdline, _ := os.ReadFile(p + "/cmdline")
		cgroup, _ := os.ReadFile(p + "/cgroup")
		if strings.Contains(string(cmdline), "hadlab-"+name+"-") || strings.Contains(string(cgroup), "hadlab."+name+"/") {
			out = append(out, "process: "+p+" "+strings.ReplaceAll(string(cmdline), "\x00", " "))
		}
	}
	hs, err := hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	p := defaultPaths()
	files := []string{p.lab(name), filepath.Join(p.run, name+".lock"), filepath.Join(p.slotDir(), strconv.Itoa(slot)),
		"/run/systemd/nspawn/*/" + machineName(name, "*"), "/run/systemd/nspawn/locks/*" + name + "*"}
	for _, h := range hs {
		files = append(files, filepath.Join(h.path, cgroupName(name)))
	}
	for _, f := range files {
		found, err := filepath.Glob(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found {
			// Another lab may have been given the slot since.
			if data, err := os.ReadFile(x); err != nil || filepath.Dir(x) != p.slotDir() || strings.HasPrefix(string(data), name+"\n") {
				out = append(out, "file: "+x)
			}
		}
	}
	return out
}

func must(ctx context.Context, t *testing.T, l *Lab, node, script string) string {
	t.Helper()
	out, err := l.Run(ctx, node, script)
	if err != nil {
		t.Fatalf("%s: %q: %v", node, script, err)
	}
	return strings.TrimSpace(out)
}

func TestLabLife(t *testing.T) {
	ctx := needRoot(t)
	dir := filepath.Join(t.TempDir(), "life")
	l := bring(ctx, t, Options{Dir: dir, Nodes: 2})
	name, slot := l.State().Name, l.State().Slot
	if kinds := fmt.Sprint(traces(t, name, slot)); !strings.Contains(kinds, "link:") || !strings.Contains(kinds, "netns:") ||
		!strings.Contains(kinds, "mount:") || !strings.Contains(kinds, "process:") || !strings.Contains(kinds, "file:") {
		t.Errorf("the search for traces does not see a lab that is up: %s", kinds)
	}

	t.Run("bare nodes", func(t *testing.T) {
		if got := must(ctx, t, l, "n2", "hostname; cat /proc/1/comm; . /etc/os-release; echo $VERSION_ID"); got != "n2\nsystemd\n12" {
			t.Errorf("n2 says %q", got)
		}
		if got := must(ctx, t, l, "n1", "dpkg -l corosync pacemaker pcs 2>/dev/null | grep -c ^ii; ls /etc/corosync 2>/dev/null; systemctl is-system-running --wait"); got != "0\nrunning" {
			t.Errorf("a bare node has something of a cluster, or is not well: %q", got)
		}
		if got := must(ctx, t, l, "n1", "getent hosts n2 | cut -d' ' -f1; ping -c1 -W2 n2 >/dev/null && echo reached"); got != l.State().Nodes[1].LinkAddrs[0]+"\nreached" {
			t.Errorf("n2 from n1: %q", got)
		}
		if a, b := must(ctx, t, l, "n1", "cat /etc/machine-id"), must(ctx, t, l, "n2", "cat /etc/machine-id"); a == b || len(a) != 32 {
			t.Errorf("machine ids %q and %q", a, b)
		}
	})
	t.Run("offline installation", func(t *testing.T) {
		must(ctx, t, l, "n1", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install booth >/dev/null 2>&1 && booth --version")
	})
	t.Run("sudo users", func(t *testing.T) {
		if got := must(ctx, t, l, "n1", "su - deploy -c 'sudo -n id -un'; su - ops -c 'sudo -n id -un' 2>/dev/null; echo ops | su - ops -c 'sudo -S -p \"\" id -un'"); got != "root\nroot" {
			t.Errorf("deploy without, ops not without, ops with password: %q", got)
		}
	})
	t.Run("floating address", func(t *testing.T) {
		vip := l.State().FreeFirst
		must(ctx, t, l, "n1", "ip addr add "+vip+"/24 dev link0")
		if err := answers(vip); err != nil {
			t.Errorf("from the host: %v", err)
		}
	})
	t.Run("power cycle keeps the disk and nothing else", func(t *testing.T) {
		before := must(ctx, t, l, "n1", "echo kept >/root/kept; echo lost >/run/lost; cat /proc/sys/kernel/random/uuid >/dev/null; cat /etc/ssh/ssh_host_ed25519_key.pub")
		if err := l.PowerOff(ctx, "n1", nil); err != nil {
			t.Fatal(err)
		}
		if answers(l.State().FreeFirst) == nil || answers(l.State().Nodes[0].Address) == nil {
			t.Error("a node without power answers")
		}
		if st := l.Status(ctx); st.Nodes[0].Power != "off" || st.Nodes[1].Power != "on" || !st.Nodes[1].SSH {
			t.Errorf("status: %s", st)
		}
		if err := l.PowerOff(ctx, "n1", nil); err != nil {
			t.Errorf("off twice: %v", err)
		}
		start := time.Now()
		if err := l.PowerOn(ctx, "n1", nil); err != nil {
			t.Fatal(err)
		}
		t.Logf("power on took %s", time.Since(start).Round(10*time.Millisecond))
		after := must(ctx, t, l, "n1", "cat /root/kept; ls /run/lost 2>/dev/null; cat /etc/ssh/ssh_host_ed25519_key.pub")
		if after != "kept\n"+before {
			t.Errorf("after: %q, before: %q", after, before)
		}
		if err := l.PowerOn(ctx, "n1", nil); err == nil || !strings.Contains(err.Error(), "has power already") {
			t.Errorf("on twice: %v", err)
		}
	})
	t.Run("a reboot forgets added addresses", func(t *testing.T) {
		vip := l.State().FreeFirst
		boot := must(ctx, t, l, "n1", "ip addr add "+vip+"/24 dev link0; systemctl show -p UserspaceTimestampMonotonic")
		_, _ = l.Run(ctx, "n1", "systemctl reboot -ff") // its connection breaks
		limit, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if err := poll(limit, 200*time.Millisecond, func() (bool, error) {
			out, err := l.Run(limit, "n1", "systemctl show -p UserspaceTimestampMonotonic")
			return err == nil && strings.TrimSpace(out) != boot, nil
		}); err != nil {
			t.Fatalf("n1 did not come back: %v", err)
		}
		if got := must(ctx, t, l, "n1", "ip -o -4 addr show dev link0 | grep -c inet"); got != "1" {
			t.Errorf("%s addresses on link0 after a reboot, want 1", got)
		}
	})
	t.Run("cut and heal", func(t *testing.T) {
		n2 := l.State().Nodes[1].LinkAddrs
		reach := func(link int) string {
			return must(ctx, t, l, "n1", fmt.Sprintf("ping -c1 -W1 %s >/dev/null && echo yes || echo no", n2[link]))
		}
		steps := []struct {
			what  string
			do    func() error
			wants [2]string
		}{
			{"before", func() error { return nil }, [2]string{"yes", "yes"}},
			{"one link", func() error { return l.Cut(ctx, "n2", []int{1}, nil) }, [2]string{"yes", "no"}},
			{"all links", func() error { return l.Cut(ctx, "n2", nil, nil) }, [2]string{"no", "no"}},
			{"a power cycle mends no cable", func() error { return l.PowerCycle(ctx, "n2", nil) }, [2]string{"no", "no"}},
			{"healed", func() error { return l.Heal(ctx, "n2", nil, nil) }, [2]string{"yes", "yes"}},
		}
		for _, s := range steps {
			if err := s.do(); err != nil {
				t.Fatalf("%s: %v", s.what, err)
			}
			if got := [2]string{reach(0), reach(1)}; got != s.wants {
				t.Errorf("%s: links reach n2: %v, want %v", s.what, got, s.wants)
			}
			if got := must(ctx, t, l, "n2", "hostname"); got != "n2" {
				t.Errorf("%s: ssh does not reach n2: %q", s.what, got)
			}
		}
		if err := l.Cut(ctx, "n2", []int{2}, nil); err == nil || !strings.Contains(err.Error(), "0 to 1") {
			t.Errorf("a link that is not there: %v", err)
		}
		if err := l.Cut(ctx, "n9", nil, nil); err == nil || !strings.Contains(err.Error(), "n1 to n2") {
			t.Errorf("a node that is not there: %v", err)
		}
	})
	t.Run("the same name again is refused", func(t *testing.T) {
		if _, err := Up(ctx, Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "is up already") {
			t.Errorf("same lab again: %v", err)
		}
		if _, err := Up(ctx, Options{Dir: dir, Name: "lab-test-other"}); err == nil || !strings.Contains(err.Error(), "belongs to lab "+name) {
			t.Errorf("another lab in the same folder: %v", err)
		}
		if got := must(ctx, t, l, "n1", "hostname"); got != "n1" {
			t.Errorf("the lab that was there: %q", got)
		}
	})
	t.Run("open by folder and by name", func(t *testing.T) {
		for _, by := range [][2]string{{"", dir}, {name, ""}} {
			if o, err := Open(by[0], by[1]); err != nil || o.State().Slot != slot {
				t.Errorf("Open(%q, %q): %v", by[0], by[1], err)
			}
		}
		if _, err := Open("", t.TempDir()); err == nil {
			t.Error("a folder without a lab: no error")
		}
	})
	if err := l.Down(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the lab's folder is still there: %v", err)
	}
}

// answers dials sshd from the host, without patience.
func answers(addr string) error {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(addr, "22"), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(3 * time.Second)); err != nil {
		return err
	}
	banner := make([]byte, 4)
	if _, err := io.ReadFull(conn, banner); err != nil {
		return err
	}
	if string(banner) != "SSH-" {
		return fmt.Errorf("banner %q", banner)
	}
	return nil
}

func TestTwoLabsAtOnce(t *testing.T) {
	ctx := needRoot(t)
	labs := make([]*Lab, 2)
	var wg sync.WaitGroup
	for i := range labs {
		dir := filepath.Join(t.TempDir(), "lab")
		wg.Go(func() {
			l, err := Up(ctx, Options{Dir: dir, Nodes: 1, Links: 1 + i, Owner: os.Getpid()})
			if err != nil {
				t.Error(err)
				return
			}
			labs[i] = l
		})
	}
	wg.Wait()
	for _, l := range labs {
		if l == nil {
			continue
		}
		defer func() { //nolint:revive // all of them, when the test ends
			if err := l.Down(ctx, nil); err != nil {
				t.Error(err)
			}
			if left := traces(t, l.State().Name, l.State().Slot); len(left) > 0 {
				t.Errorf("left behind: %s", strings.Join(left, "\n"))
			}
		}()
	}
	if t.Failed() {
		return
	}
	if labs[0].State().Slot == labs[1].State().Slot {
		t.Fatalf("both labs have slot %d", labs[0].State().Slot)
	}
	for i, l := range labs {
		links := must(ctx, t, l, "n1", "ls /sys/class/net | grep -c '^link'")
		if links != fmt.Sprint(1+i) {
			t.Errorf("lab %d has %s links", i, links)
		}
	}
	// Ending one does not touch the other.
	if err := labs[0].Down(ctx, nil); err != nil {
		t.Error(err)
	}
	if got := must(ctx, t, labs[1], "n1", "hostname"); got != "n1" {
		t.Errorf("the other lab's n1: %q", got)
	}
}

func TestInterruptedUpTakesBack(t *testing.T) {
	ctx := needRoot(t)
	for _, after := range []string{"starting", "answers"} {
		short, cancel := context.WithCancel(ctx)
		dir := filepath.Join(t.TempDir(), "lab")
		l, err := Up(short, Options{Dir: dir, Nodes: 2, Progress: func(line string) {
			if strings.Contains(line, after) {
				cancel()
			}
		}})
		cancel()
		if after == "answers" && err == nil {
			// The last node may have been quicker than the interrupt.
			if err := l.Down(ctx, nil); err != nil {
				t.Error(err)
			}
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted at %q: %v", after, err)
		}
		if left := traces(t, NameFor(dir), -1); len(left) > 0 {
			t.Errorf("interrupted at %q, left behind: %s", after, strings.Join(left, "\n"))
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("interrupted at %q: the folder is still there", after)
		}
	}
}

// startChild makes a lab from another process.
func startChild(t *testing.T, dir string, owner int) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childVar+"="+dir, childVar+"_OWNER="+strconv.Itoa(owner))
	out, err := os.Create(filepath.Join(t.TempDir(), "child.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	t.Cleanup(func() {
		out.Close()
		if t.Failed() {
			text, _ := os.ReadFile(out.Name())
			t.Logf("the other process said:\n%s", text)
		}
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func TestKilledUpIsCleanedByTheNext(t *testing.T) {
	ctx := needRoot(t)
	dir := filepath.Join(t.TempDir(), "lab")
	name := NameFor(dir)
	halfMade := 0
	for _, delay := range []int{20, 60, 150, 300, 500, 700} {
		cmd := startChild(t, dir, 0)
		time.Sleep(time.Duration(delay) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		if len(traces(t, name, -1)) > 0 {
			halfMade++
		}
		if delay == 300 {
			// By name, without a new one.
			if err := Down(ctx, name, nil); err != nil {
				t.Fatal(err)
			}
			if left := traces(t, name, -1); len(left) > 0 {
				t.Errorf("down after a kill at %d ms left: %s", delay, strings.Join(left, "\n"))
			}
		}
	}
	if halfMade < 3 {
		t.Errorf("only %d of 6 kills left something to clean; the test proves too little", halfMade)
	}
	l := bring(ctx, t, Options{Dir: dir, Nodes: 1})
	if got := must(ctx, t, l, "n1", "hostname"); got != "n1" {
		t.Errorf("n1 says %q", got)
	}
}

func TestLabEndsWithItsOwner(t *testing.T) {
	ctx := needRoot(t)
	owner := exec.Command("sleep", "600")
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "owned")
	child := startChild(t, dir, owner.Process.Pid)
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	name := NameFor(dir)
	owned, err := Open("", dir)
	if err != nil {
		t.Fatal(err)
	}
	p := defaultPaths()
	if err := p.sweep(ctx, "", nil); err != nil {
		t.Error(err)
	}
	if got := must(ctx, t, owned, "n1", "hostname"); got != "n1" {
		t.Errorf("while its owner lives: %q", got)
	}
	owner.Process.Kill()
	owner.Wait()
	if st := owned.Status(ctx); !strings.Contains(st.State, "abandoned") {
		t.Errorf("status %q, want abandoned", st.State)
	}
	// Any other lab's start removes it.
	bring(ctx, t, Options{Nodes: 1})
	if left := traces(t, name, -1); len(left) > 0 {
		t.Errorf("left behind: %s", strings.Join(left, "\n"))
	}
}

func TestPreinstalled(t *testing.T) {
	ctx := needRoot(t)
	l := bring(ctx, t, Options{Nodes: 1, Preinstalled: true})
	got := must(ctx, t, l, "n1", "systemctl is-system-running --wait; systemctl is-active corosync pacemaker pcsd; systemctl is-enabled corosync pacemaker pcsd; grep -c 'cluster_name: debian' /etc/corosync/corosync.conf; ls /usr/sbin/policy-rc.d 2>/dev/null | wc -l")
	if want := "running\ninactive\ninactive\nactive\ndisabled\ndisabled\nenabled\n1\n0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
