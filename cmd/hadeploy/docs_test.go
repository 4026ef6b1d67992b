package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

const root = "../.."

// pages are README, CONTRIBUTING, CHANGELOG and everything in docs, by path
// from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	found, err := filepath.Glob(root + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(found, root+"/README.md", root+"/CONTRIBUTING.md", root+"/CHANGELOG.md") {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(root, p)
		out[filepath.ToSlash(rel)] = string(text)
	}
	if len(out) < 12 {
		t.Fatalf("only %d pages found", len(out))
	}
	return out
}

// block is a fenced block of a page.
type block struct {
	kind string // the word after the fence
	text string
	line int
}

func blocks(text string) (out []block) {
	var open *block
	for i, line := range strings.Split(text, "\n") {
		switch fence, is := strings.CutPrefix(line, "```"); {
		case is && open == nil:
			open = &block{kind: fence, line: i + 1}
		case is:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return out
}

var (
	topKey     = regexp.MustCompile(`(?m)^([a-z_]+):`)
	hostsKey   = regexp.MustCompile(`(?m)^  (hosts|children|vars):`)
	sourceLine = regexp.MustCompile(`source: ([A-Za-z0-9/._-]+)`)
)

// TestExamples: every yaml block is a valid inventory or playbook. A block
// that shows only some sections of a playbook is completed: it gets the two
// required sections, a word about fencing where it has resources, and the
// files that it names.
func TestExamples(t *testing.T) {
	seen := 0
	for page, text := range pages(t) {
		for _, b := range blocks(text) {
			if b.kind != "yaml" {
				continue
			}
			seen++
			dir := t.TempDir()
			if hostsKey.MatchString(b.text) && !strings.Contains(b.text, "hacluster:") && !strings.Contains(b.text, "resources:") {
				path := filepath.Join(dir, "inventory.yaml")
				write(t, path, b.text)
				inv, list := inventory.Load([]string{path}, "")
				if len(list) > 0 {
					t.Errorf("%s:%d: %v", page, b.line, list)
				} else if nodes, err := inv.Select("all"); err != nil || len(inv.Warnings(nodes)) > 0 {
					t.Errorf("%s:%d: %v %v", page, b.line, err, inv.Warnings(nodes))
				}
				continue
			}
			keys := topKey.FindAllString(b.text, -1)
			src := b.text
			complete := func(key, line string) {
				if !slices.Contains(keys, key) {
					src += line + "\n"
				}
			}
			complete("name:", "name: x")
			complete("hacluster:", "hacluster: {password: {env: PW}}")
			if !slices.Contains(keys, "stonith:") {
				complete("properties:", "properties: {stonith-enabled: false}")
			}
			for _, m := range sourceLine.FindAllStringSubmatch(src, -1) {
				write(t, filepath.Join(dir, m[1]), "#!/bin/sh\n")
			}
			path := filepath.Join(dir, "cluster.yaml")
			write(t, path, src)
			if _, list := playbook.Load(path, playbook.LoadOptions{}); list.Err() != nil {
				t.Errorf("%s:%d: %v", page, b.line, list)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d examples found", seen)
	}
}

// TestExamplePlaybooks: what a user copies from is valid, with the inventory
// beside it.
func TestExamplePlaybooks(t *testing.T) {
	found, err := filepath.Glob(root + "/examples/playbooks/*.yaml")
	if err != nil || len(found) < 2 {
		t.Fatalf("%v %v", found, err)
	}
	for _, path := range found {
		if filepath.Base(path) == "inventory.yaml" {
			continue
		}
		var out, errs strings.Builder
		if code := run([]string{"validate", path}, strings.NewReader(""), &out, &errs); code != 0 {
			t.Errorf("%s: exit status %d: %s", path, code, errs.String())
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// inline is a command in running text.
var inline = regexp.MustCompile("`(hadeploy [^`]+)`")

// TestCommands: every command line of ours, in sh, console and indented blocks
// and in running text, names a command and flags that exist.
func TestCommands(t *testing.T) {
	seen := 0
	for page, text := range pages(t) {
		check := func(line int, command string) {
			seen++
			if err := parses(command); err != "" {
				t.Errorf("%s:%d: %s: %s", page, line, command, err)
			}
		}
		for _, b := range blocks(text) {
			if b.kind != "sh" && b.kind != "console" {
				continue
			}
			for i, line := range strings.Split(b.text, "\n") {
				prompt, has := strings.CutPrefix(line, "$ ")
				if b.kind == "console" && !has {
					continue // what the program said
				}
				prompt = strings.TrimPrefix(prompt, "sudo ")
				if at := strings.Index(prompt, "hadeploy "); at == 0 || at > 0 && (strings.HasSuffix(prompt[:at], "bin/") || strings.Contains(prompt[:at], "=")) {
					check(b.line+i+1, prompt[at:])
				}
			}
		}
		for i, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "    hadeploy ") { // an indented block
				check(i+1, strings.TrimSpace(line))
			}
			for _, m := range inline.FindAllStringSubmatch(line, -1) {
				check(i+1, m[1])
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d commands found", seen)
	}
}

// parses says what is wrong with a command line of ours, "" when nothing is.
// Words in capitals stand for what the reader fills in.
func parses(line string) string {
	words := strings.Fields(line)[1:]
	for i, w := range words { // up to a comment, a pipe, a redirection
		if strings.HasPrefix(w, "#") || w == "|" || strings.HasPrefix(w, ">") || w == "&&" || w == "..." {
			words = words[:i]
			break
		}
	}
	if len(words) > 0 && words[0] == "COMMAND" {
		words[0] = "plan"
	}
	a := &app{}
	c, rest, err := newRoot(a).Find(words)
	if err != nil {
		return err.Error()
	}
	if len(words) > 0 && !strings.HasPrefix(words[0], "-") && !c.HasParent() {
		return "no such command"
	}
	c.InitDefaultHelpFlag()
	if err := c.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return err.Error()
	}
	if c.HasSubCommands() && c.HasParent() && !strings.Contains(c.Use, " ") && len(c.Flags().Args()) > 0 {
		return "no such command of " + c.Name()
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil && len(c.Flags().Args()) > 0 {
		return err.Error()
	}
	return ""
}

// TestParsesFindsMistakes: the check above would see a slip.
func TestParsesFindsMistakes(t *testing.T) {
	for line, ok := range map[string]bool{
		"hadeploy plan cluster.yaml --detailed-exitcode -o json > plan.json": true,
		"hadeploy --help":                       true,
		"hadeploy lab power off n2 --dir lab":   true,
		"hadeploy plam cluster.yaml":            false,
		"hadeploy plan --detailed-exit":         false,
		"hadeploy lab boot":                     false,
		"hadeploy plan a.yaml b.yaml":           false,
		"hadeploy apply --confirm x":            false,
		"hadeploy lab ssh --dir d n1 -- pcs -h": true,
	} {
		if got := parses(line); (got == "") != ok {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// TestEveryCommandIsExplained: docs/commands.md has a heading for each.
func TestEveryCommandIsExplained(t *testing.T) {
	text := pages(t)["docs/commands.md"]
	headings := strings.Join(regexp.MustCompile(`(?m)^## .*$`).FindAllString(text, -1), " ")
	for _, c := range newRoot(&app{}).Commands() {
		if c.Name() != "help" && !strings.Contains(headings, c.Name()) {
			t.Errorf("docs/commands.md has nothing about %s", c.Name())
		}
	}
	for _, c := range newRoot(&app{}).Commands() {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && !strings.Contains(text, "--"+f.Name) && !strings.Contains(text, "-"+f.Shorthand+" ") {
				t.Errorf("docs/commands.md has nothing about %s --%s", c.Name(), f.Name)
			}
		})
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestLinks: links between pages lead somewhere, to the heading too.
func TestLinks(t *testing.T) {
	all := pages(t)
	for page, text := range all {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				t.Errorf("%s: %s leads out of the project", page, m[1])
				continue
			}
			path := page
			if target != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(all[path]), anchor) {
				t.Errorf("%s: %s: there is no such heading", page, m[1])
			}
		}
		if page != "README.md" && strings.HasPrefix(page, "docs/") && page != "docs/README.md" && !strings.Contains(all["docs/README.md"], "("+filepath.Base(page)+")") {
			t.Errorf("docs/README.md does not list %s", page)
		}
	}
}

// anchors are the headings' names as links write them.
func anchors(text string) (out []string) {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		plain := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out = append(out, strings.ReplaceAll(plain, " ", "-"))
	}
	return out
}

// TestWords: no page speaks of a machine or a place that is not
// the reader's.
func TestWords(t *testing.T) {
	for page, text := range pages(t) {
		for _, word := range []string{"/tmp/", "localhost:", "TODO", "FIXME"} {
			if strings.Contains(text, word) {
				t.Errorf("%s says %q", page, word)
			}
		}
	}
}
