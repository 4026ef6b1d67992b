package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// reading measures how long the readers take for 10 MB of a status, by the
// benchmark of their package, in the same run as all else. No cluster prints as
// much: it says how far away the cost of reading is from all other costs.
func reading(add func(what, script, ours, ratio, goal string)) error {
	const package10MB, rounds = "./internal/pcs", "7"
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkRead10MB$", "-benchtime", "1x", "-count", rounds, package10MB).CombinedOutput()
	if err != nil {
		return fmt.Errorf("the benchmark of %s: %w\n%s", package10MB, err, out)
	}
	for _, kind := range []string{"text", "XML"} {
		took, err := benchmarked(string(out), "BenchmarkRead10MB/"+kind)
		if err != nil {
			return err
		}
		m := median(took)
		add("read 10 MB of pcs status "+kind, "-", secs(m), fmt.Sprintf("%.0f MB/s", 10/m.Seconds()), "at most 1 s")
	}
	return nil
}

// benchmarked finds the times in what go test printed:
//
//	BenchmarkRead10MB/text-2   1   380000000 ns/op   27.59 MB/s
func benchmarked(out, name string) (took []time.Duration, err error) {
	for _, line := range strings.Split(out, "\n") {
		words := strings.Fields(line)
		if len(words) < 4 || words[3] != "ns/op" {
			continue
		}
		if words[0] != name && !strings.HasPrefix(words[0], name+"-") {
			continue
		}
		ns, err := strconv.ParseFloat(words[2], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		took = append(took, time.Duration(ns))
	}
	if took == nil {
		return nil, fmt.Errorf("%s is not in what the benchmark printed:\n%s", name, out)
	}
	return took, nil
}
