package lab

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// writeIndex makes dir, which holds .deb files, a flat package repository:
// Packages, Packages.gz and Release. Format: Debian's repository format, and
// deb-control(5) for the fields.
func writeIndex(ctx context.Context, dir string, now time.Time) (int, error) {
	debs, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil {
		return 0, err
	}
	if len(debs) == 0 {
		return 0, fmt.Errorf("no package was downloaded to %s", dir)
	}
	slices.Sort(debs)
	entries := make([]string, len(debs))
	errs := make([]error, len(debs))
	sem := make(chan struct{}, runtime.NumCPU())
	var wg sync.WaitGroup
	for i, deb := range debs {
		sem <- struct{}{}
		wg.Go(func() {
			defer func() { <-sem }()
			entries[i], errs[i] = indexEntry(ctx, deb)
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	index := []byte(strings.Join(entries, "\n"))
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(index); err != nil {
		return 0, err
	}
	if err := zip.Close(); err != nil {
		return 0, err
	}
	files := []struct {
		name string
		data []byte
	}{{"Packages", index}, {"Packages.gz", packed.Bytes()}}
	release := "Origin: hadeploy lab\nLabel: hadeploy lab\nSuite: lab\nDate: " + now.UTC().Format(time.RFC1123) + "\nSHA256:\n"
	for _, f := range files {
		release += fmt.Sprintf(" %x %d %s\n", sha256.Sum256(f.data), len(f.data), f.name)
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			return 0, err
		}
	}
	return len(debs), os.WriteFile(filepath.Join(dir, "Release"), []byte(release), 0o644)
}

// indexEntry is one package's stanza: its own control file and where it lies.
func indexEntry(ctx context.Context, deb string) (string, error) {
	control, err := run(ctx, "dpkg-deb", "--field", deb)
	if err != nil {
		return "", err
	}
	f, err := os.Open(deb)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return "", err
	}
	if err := os.Chmod(deb, 0o644); err != nil {
		return "", err
	}
	return formatEntry(control, filepath.Base(deb), size, sum.Sum(nil)), nil
}

func formatEntry(control, name string, size int64, sum []byte) string {
	return fmt.Sprintf("%s\nFilename: ./%s\nSize: %d\nSHA256: %x\n", strings.TrimRight(control, "\n"), name, size, sum)
}
