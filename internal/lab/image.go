package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// buildLimit bounds the making of one image: it takes one to three minutes on
// a good connection.
const buildLimit = 40 * time.Minute

// image is a finished image: read-only trees, top first, and its packages.
type image struct {
	layers []string
	repo   string
}

// ensureImage returns the image of r, made now if the cache lacks it. Two
// callers at once make it once.
func (p paths) ensureImage(ctx context.Context, r recipe, preinstalled bool, mirror string, say Progress) (image, error) {
	base := filepath.Join(p.cache, fmt.Sprintf("%s-%s-%s", r.name, runtime.GOARCH, r.digest()))
	img := image{layers: []string{filepath.Join(base, "root")}, repo: filepath.Join(base, "repo")}
	if err := p.ensureDir(ctx, base, "image "+r.name, say, func(ctx context.Context, tmp string) error {
		return buildBase(ctx, r, mirror, tmp, say)
	}); err != nil {
		return image{}, err
	}
	if !preinstalled {
		return img, nil
	}
	layer := filepath.Join(p.cache, fmt.Sprintf("%s-%s-%s-preinstalled", r.name, runtime.GOARCH, r.preinstalledDigest()))
	if err := p.ensureDir(ctx, layer, "image "+r.name+" with the cluster's packages", say, func(ctx context.Context, tmp string) error {
		return buildLayer(ctx, r, img, tmp, say)
	}); err != nil {
		return image{}, err
	}
	img.layers = append([]string{filepath.Join(layer, "upper")}, img.layers...)
	return img, nil
}

// ensureDir makes dir by build, in a folder beside it that is renamed when
// whole. What a killed build left behind is removed by the next.
func (p paths) ensureDir(ctx context.Context, dir, what string, say Progress, build func(ctx context.Context, tmp string) error) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	lock, err := acquire(ctx, dir+".lock", buildLimit, func(holder string) {
		say.say("waiting for process %s, which is making %s", holder, what)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer lock.remove()
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	start := time.Now()
	tmp := dir + ".part"
	if err := os.RemoveAll(tmp); err != nil {
		return fmt.Errorf("%s: remove what a broken run left: %w", what, err)
	}
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return err
	}
	say.say("making %s, once (one to three minutes)", what)
	ctx, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	if err := build(ctx, tmp); err != nil {
		return errors.Join(fmt.Errorf("making %s: %w", what, err), os.RemoveAll(tmp))
	}
	if err := os.Rename(tmp, dir); err != nil {
		return err
	}
	say.say("%s is ready (%.0f s)", what, time.Since(start).Seconds())
	return nil
}

// buildBase makes tmp/root and tmp/repo.
func buildBase(ctx context.Context, r recipe, mirror, tmp string, say Progress) error {
	sources, err := imageSources(ctx, "/etc/apt", mirror, r.codename, tmp, say)
	if err != nil {
		return err
	}
	for {
		err := runMmdebstrap(ctx, r, sources, tmp, say)
		if err == nil {
			break
		}
		rest, lost := withoutBroken(sources, err)
		if len(lost) == 0 {
			return err
		}
		say.say("warning: %s names packages that it does not have; beginning again without it", strings.Join(lost, " and "))
		sources = rest
		for _, d := range []string{"root", "repo"} {
			if err := os.RemoveAll(filepath.Join(tmp, d)); err != nil {
				return err
			}
		}
	}
	say.say("writing the package index")
	n, err := writeIndex(ctx, filepath.Join(tmp, "repo"), time.Now())
	if err != nil {
		return err
	}
	say.say("%d packages for offline installation", n)
	return nil
}

// withoutBroken leaves out the suites besides the release's own (the first)
// from which a package could not be fetched. Mirrors of a release that is past
// its support often keep the index of its security suite without the packages.
func withoutBroken(sources []aptSource, err error) (rest []aptSource, lost []string) {
	for i, s := range sources {
		// The address of another suite may begin with this one's.
		if i > 0 && strings.Contains(err.Error(), "Failed to fetch "+s.URI+"/pool/") && s.URI != sources[0].URI {
			lost = append(lost, s.URI+" "+s.Suite)
			continue
		}
		rest = append(rest, s)
	}
	return rest, lost
}

// runMmdebstrap makes tmp/root and fills tmp/repo with packages.
func runMmdebstrap(ctx context.Context, r recipe, sources []aptSource, tmp string, say Progress) error {
	script := filepath.Join(tmp, "customize.sh")
	if err := os.WriteFile(script, []byte(r.customize(filepath.Join(tmp, "repo"))), 0o755); err != nil {
		return err
	}
	args := []string{"mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory",
		"--include=" + strings.Join(r.base, ","), "--customize-hook=" + script,
		// The archive of an old release may be past the date that its files name.
		`--aptopt=Acquire::Check-Valid-Until "false"`, `--aptopt=Acquire::Retries "3"`}
	for _, o := range dpkgOptions {
		args = append(args, "--dpkgopt="+o)
	}
	for _, o := range aptProxies(ctx) {
		args = append(args, "--aptopt="+o)
	}
	args = append(args, r.codename, filepath.Join(tmp, "root"))
	for _, s := range sources {
		args = append(args, s.line())
	}
	if err := runConfined(ctx, say, args...); err != nil {
		return err
	}
	return os.Remove(script)
}

// buildLayer makes tmp/upper: what installing the cluster's packages changes.
// Every mount lives in the confined namespace and ends with it.
func buildLayer(ctx context.Context, r recipe, base image, tmp string, say Progress) error {
	for _, d := range []string{"upper", "work", "root"} {
		if err := os.MkdirAll(filepath.Join(tmp, d), 0o755); err != nil {
			return err
		}
	}
	const script = `set -eu
lower=$1 tmp=$2 repo=$3 inside=$4
root=$tmp/root
mount -t overlay -o "lowerdir=$lower,upperdir=$tmp/upper,workdir=$tmp/work" overlay "$root"
mount --bind "$repo" "$root` + nodeRepo + `"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
echo "I: installing the cluster's packages..."
exec chroot "$root" /bin/sh -c "$inside"`
	err := runConfined(ctx, say, "sh", "-c", script, "sh",
		strings.Join(base.layers, ":"), tmp, base.repo, r.preinstall())
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(filepath.Join(tmp, "work")), os.Remove(filepath.Join(tmp, "root")))
}

// runConfined runs a long program in mount and process namespaces of its own:
// whatever ends it, us included, leaves neither a mount nor a process. Its
// lines that begin with "I: " are reported, each with the time it takes.
func runConfined(ctx context.Context, say Progress, args ...string) error {
	// Pdeathsig is sent when the thread that started the child ends, so the
	// thread must be ours until then.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	reader, writer := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() { reportSteps(reader, say) })
	defer wg.Wait()
	defer writer.Close()
	_, err := command{
		args:      append([]string{"unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"}, args...),
		stdout:    writer,
		stderr:    writer,
		timeout:   buildLimit,
		env:       append(os.Environ(), "LC_ALL=C.UTF-8", "TMPDIR="),
		deathSign: syscall.SIGKILL,
	}.run(ctx)
	return err
}

// reportSteps turns a program's output into progress, and repeats what is
// being waited for when nothing new came for a while.
func reportSteps(r io.Reader, say Progress) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		sc := bufio.NewScanner(r)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			lines <- sc.Text()
		}
		_, _ = io.Copy(io.Discard, r) // a line that is too long: the program must not stand still for it
	}()
	start := time.Now()
	step, since := "", time.Now()
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return
			}
			if text, ok := strings.CutPrefix(line, "I: "); ok {
				step, since = strings.TrimSuffix(text, "..."), time.Now()
				say.say("  %3.0f s  %s", time.Since(start).Seconds(), step)
			}
		case <-tick.C:
			if step != "" {
				say.say("  %3.0f s  still %s (%.0f s)", time.Since(start).Seconds(), step, time.Since(since).Seconds())
			}
		}
	}
}
